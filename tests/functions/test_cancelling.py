"""Cancelling through the function: waiting, solving, ended, and at once again."""

import time

import pytest

from tests.contract.hospital import Hospital
from tests.functions.conftest import Wait
from tests.functions.project import Person, Project
from tests.functions.slow import slow_problem


def test_a_waiting_run_is_cancelled_and_its_late_container_finds_it_final(
    project: Project, planner: Person, hospital: Hospital
) -> None:
    project.fault("hold")
    run = planner.ask(hospital).json()["planner_run_id"]

    answer = planner.cancel(run)
    project.fault("none")

    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    (execution,) = project.ended(run)
    assert execution["exit_code"] == 0
    assert hospital.row(run)["status"] == "CANCELLED"
    assert hospital.lines() == {}


def test_a_solving_run_stops_within_ten_seconds_and_the_old_lines_stay(
    project: Project, wait_for: Wait, planner: Person, hospital: Hospital, slow: Hospital
) -> None:
    old = slow.write_old_lines()
    project.join(planner.id, slow, "planner")
    asked = planner.ask(slow, n_job_lines=slow.problem["n_job_lines"])
    run = asked.json()["planner_run_id"]
    wait_for(run, "GENERATING")

    answer = planner.cancel(run)
    begun = time.monotonic()

    assert answer.json()["status"] == "CANCELLED"
    (execution,) = project.ended(run)
    assert time.monotonic() - begun < 10
    assert execution["exit_code"] == 0
    assert slow.lines() == old


def test_a_new_run_right_after_a_cancel_gets_its_own_lines(
    project: Project, wait_for: Wait, planner: Person, hospital: Hospital
) -> None:
    first = planner.ask(hospital).json()["planner_run_id"]
    planner.cancel(first)
    second = planner.ask(hospital).json()["planner_run_id"]

    assert first != second
    assert wait_for(second, "COMPLETED", "FAILED") == "COMPLETED"
    assert hospital.row(first)["status"] in {"CANCELLED", "COMPLETED"}
    assert len(hospital.lines()) == 3


def test_cancelling_twice_is_one_cancel(planner: Person, hospital: Hospital, held: None) -> None:
    run = planner.ask(hospital).json()["planner_run_id"]

    assert [planner.cancel(run).status_code for _ in range(2)] == [200, 200]


def test_an_ended_run_is_a_409(planner: Person, hospital: Hospital, wait_for: Wait) -> None:
    run = planner.ask(hospital).json()["planner_run_id"]
    wait_for(run, "COMPLETED")

    answer = planner.cancel(run)

    assert (answer.status_code, answer.json()["code"]) == (409, "run.ended")


def test_a_viewer_may_not_cancel_and_an_outsider_finds_nothing_to_cancel(
    planner: Person, viewer: Person, outsider: Person, hospital: Hospital, held: None
) -> None:
    run = planner.ask(hospital).json()["planner_run_id"]

    assert viewer.cancel(run).status_code == 403
    assert outsider.cancel(run).status_code == 404
    assert hospital.row(run)["status"] == "PENDING"


@pytest.fixture
def slow(project: Project) -> Hospital:
    """A hospital that keeps the solver busy: a proof that nothing better exists takes long."""
    return project.database.hospital(slow_problem())
