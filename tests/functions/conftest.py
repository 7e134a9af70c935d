"""One project for all tests of the functions, and a hospital with its people for each."""

import time
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project, open_project

Wait = Callable[..., str]


@pytest.fixture(scope="session")
def project() -> Iterator[Project]:
    """The project."""
    with open_project() as found:
        yield found


@pytest.fixture
def hospital(project: Project) -> Iterator[Hospital]:
    """A tiny hospital of this test's own; its runs leave the lane at the end."""
    found = project.hospital()
    yield found
    found.end()
    if project.stack is not None:
        project.forget_waiting_executions()
        project.fault("none")


@pytest.fixture
def planner(project: Project, hospital: Hospital) -> Person:
    """A planner of the hospital."""
    return project.person("planner", hospital)


@pytest.fixture
def viewer(project: Project, hospital: Hospital) -> Person:
    """Somebody who may look at the hospital, and no more."""
    return project.person("viewer", hospital)


@pytest.fixture
def outsider(project: Project) -> Iterator[Person]:
    """A planner of another hospital."""
    other = project.hospital()
    yield project.person("planner", other)
    other.end()


@pytest.fixture
def held(project: Project, hospital: Hospital) -> None:  # the hospital ends it
    """No runner is started while the test lasts: runs stay PENDING."""
    project.fault("hold")


@pytest.fixture
def no_caps(project: Project) -> Iterator[None]:
    """An organisation may ask as often as it likes while the test lasts."""
    change = "update public.planner_settings set max_waiting_per_org = %s, max_hourly_per_org = %s"
    project.database.rows(change, 10_000, 10_000)
    yield
    project.database.rows(change, 5, 30)


@pytest.fixture
def wait_for(hospital: Hospital) -> Wait:
    """A function that waits until a run has one of some statuses, and returns it."""

    def wait(run: UUID | str, *statuses: str, timeout: float = 90) -> str:
        until = time.monotonic() + timeout
        while (status := str(hospital.row(run)["status"])) not in statuses:
            assert time.monotonic() < until, f"{run} is still {status}"
            time.sleep(0.05)
        row = hospital.row(run)
        print(run, status, row["reason"], row["message"])  # noqa: T201 - shown when a test fails
        return status

    return wait
