"""A launch can fail in every way, and the run is never left in doubt."""

import threading
import time
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from planner_cli.launch import LaunchSettings, launch_again, open_launcher
from planner_cli.settings import Settings
from planner_cli.store import RunStore, open_store
from tests.contract.hospital import Hospital
from tests.functions.conftest import Wait
from tests.functions.project import LAUNCH_TIMEOUT_SECONDS, Person, Project


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "status", "status": 500}, "launch.failed"),
        ({"kind": "status", "status": 403}, "launch.denied"),
        ({"kind": "status", "status": 404}, "launch.no_such_job"),
        ({"kind": "status", "status": 429}, "launch.busy"),
        ({"kind": "hang"}, "launch.timeout"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failed_launch_ends_the_run_at_once_and_one_may_ask_again(
    project: Project, planner: Person, hospital: Hospital, fault: dict[str, object], reason: str
) -> None:
    project.fault(**fault)  # type: ignore[arg-type]
    begun = time.monotonic()

    answer = planner.ask(hospital)

    assert time.monotonic() - begun < LAUNCH_TIMEOUT_SECONDS + 2
    assert (answer.status_code, answer.json()["code"]) == (503, "launch.failed")
    assert answer.headers["retry-after"] == "30"
    row = hospital.row(answer.json()["planner_run_id"])
    assert (row["status"], row["reason"]) == ("FAILED", reason)
    project.fault("hold")
    assert planner.ask(hospital).status_code == 202


def test_a_busy_platform_is_asked_again_before_giving_up(
    project: Project, planner: Person, hospital: Hospital, wait_for: Wait
) -> None:
    project.fault("status", status=429, times=2)

    answer = planner.ask(hospital)

    assert answer.status_code == 202
    wait_for(answer.json()["planner_run_id"], "COMPLETED")


def test_a_container_that_started_although_its_launch_timed_out_does_no_harm(
    project: Project, planner: Person, hospital: Hospital, wait_for: Wait
) -> None:
    project.fault("started but hang", times=1)

    answer = planner.ask(hospital)

    # Either the runner had claimed the run by then, or it finds it FAILED; both end cleanly.
    assert answer.status_code in {202, 503}
    run = answer.json()["planner_run_id"]
    expected = "COMPLETED" if answer.status_code == 202 else "FAILED"
    assert wait_for(run, "COMPLETED", "FAILED") == expected
    (execution,) = project.ended(run)
    assert execution["exit_code"] == 0


def test_a_function_killed_between_insert_and_launch_is_made_up_for_by_the_sweep(
    project: Project, planner: Person, hospital: Hospital, wait_for: Wait, store: RunStore
) -> None:
    stack = project.local()
    project.fault("hang")
    part = stack.parts["function planner-orchestration"]
    run = ask_and_kill(project, planner, hospital)
    stack.restart(part.name)
    project.fault("none")
    assert hospital.row(run)["status"] == "PENDING"
    assert project.executions(run) == []

    long_ago(hospital, run)
    named = [UUID(entry["run"]) for entry in store.sweep().relaunch]  # type: ignore[index,call-overload,arg-type]
    launcher = open_launcher(launch_settings(project))
    assert launcher is not None
    again = launch_again(launcher, named)

    assert run in {str(one.run) for one in again if one.execution}
    assert wait_for(run, "COMPLETED", "FAILED") == "COMPLETED"
    assert hospital.row(run)["launches"] == 2


def test_a_run_launched_too_often_in_vain_is_given_up(
    project: Project, planner: Person, hospital: Hospital, store: RunStore
) -> None:
    project.fault("lost")
    run = planner.ask(hospital).json()["planner_run_id"]
    for _ in range(3):
        long_ago(hospital, run)
        store.sweep()

    row = hospital.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "launch.lost")


def test_two_containers_for_one_run_are_one_answer(
    project: Project, planner: Person, hospital: Hospital, wait_for: Wait
) -> None:
    project.fault("hold")
    run = planner.ask(hospital).json()["planner_run_id"]
    launcher = open_launcher(launch_settings(project))
    assert launcher is not None
    launcher.launch(UUID(run))
    project.fault("none")

    assert wait_for(run, "COMPLETED", "FAILED") == "COMPLETED"
    executions = project.ended(run)
    assert [execution["exit_code"] for execution in executions] == [0, 0]
    assert hospital.row(run)["attempt"] == 1
    assert len(hospital.lines()) == 3


def ask_and_kill(project: Project, planner: Person, hospital: Hospital) -> str:
    """Ask for a run, and kill the function as soon as the row is there."""

    def ask() -> None:
        with pytest.raises((httpx.HTTPError, AssertionError)):
            assert planner.ask(hospital).status_code == 202

    asking = threading.Thread(target=ask)
    asking.start()
    until = time.monotonic() + 10
    while not (rows := hospital.database.rows(
        "select id from public.allocation_planner_runs where org = %s", hospital.org
    )):  # fmt: skip
        assert time.monotonic() < until
        time.sleep(0.01)
    project.local().parts["function planner-orchestration"].kill()
    asking.join()
    return str(rows[0]["id"])


def long_ago(hospital: Hospital, run: str) -> None:
    """Let the last launch of a run be an hour ago."""
    hospital.database.rows(
        "update public.allocation_planner_runs set launched_at = launched_at - interval '1 hour'"
        " where id = %s",
        run,
    )


def launch_settings(project: Project) -> LaunchSettings:
    """Return what `planner sweep` would read beside this stack."""
    variables = project.local().launch_environment()
    return LaunchSettings.model_validate(
        {name.removeprefix("PLANNER_").lower(): value for name, value in variables.items()}
    )


@pytest.fixture
def store(project: Project) -> Iterator[RunStore]:
    """The runs, as `planner sweep` sees them."""
    settings = {"SUPABASE_URL": project.url, "SUPABASE_SERVICE_ROLE_KEY": project.secret}
    opened = open_store(Settings.model_validate(settings))
    yield opened
    opened.close()
