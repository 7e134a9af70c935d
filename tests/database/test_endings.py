"""Heartbeat, finish, cancel and failed launches: every way a run goes on or ends without lines."""

from uuid import uuid4

import psycopg
import pytest

from tests.database.house import House


def test_a_heartbeat_renews_the_lease_and_shows_progress(house: House) -> None:
    run, token = house.claimed()
    house.age(run, 20)
    before = house.row(run)["heartbeat_at"]
    assert house.beat(run, token, phase="pricing", gap=0.1) == "OK"
    after = house.row(run)
    assert after["heartbeat_at"] > before
    assert after["progress"] == {"phase": "pricing", "gap": 0.1}


def test_a_heartbeat_with_too_much_to_say_still_beats(house: House) -> None:
    run, token = house.claimed()
    house.beat(run, token, phase="pricing")
    assert house.beat(run, token, phase="x" * 20_000) == "OK"
    assert house.row(run)["progress"] == {"phase": "pricing"}


def test_a_heartbeat_without_the_token_is_lost(house: House) -> None:
    run, _ = house.claimed()
    assert house.beat(run, uuid4()) == "LOST"
    assert house.beat(uuid4(), uuid4()) == "LOST"


def test_a_late_heartbeat_before_the_sweep_keeps_the_run(house: House) -> None:
    run, token = house.claimed()
    house.age(run, 60)
    assert house.beat(run, token) == "OK"
    assert house.sweep()["lost"] == []


@pytest.mark.parametrize("status", ["INFEASIBLE", "FAILED", "CANCELLED"])
def test_a_run_finishes_with_its_reason(house: House, status: str) -> None:
    run, token = house.claimed()
    assert house.finish(run, token, status) == status
    row = house.row(run)
    assert (row["status"], row["reason"], row["message"]) == (status, "why", "Because.")
    assert row["finished_at"] is not None
    assert house.finish(run, token, status) == "ALREADY"


def test_a_finish_after_another_end_is_lost(house: House) -> None:
    run, token = house.claimed()
    house.commit(run, token)
    assert house.finish(run, token, "FAILED") == "LOST"
    assert house.finish(run, uuid4(), "FAILED") == "LOST"
    assert house.status(run) == "COMPLETED"


@pytest.mark.parametrize("status", ["COMPLETED", "PENDING", "", None])
def test_a_run_does_not_finish_as_anything_else(house: House, status: str | None) -> None:
    run, token = house.claimed()
    with pytest.raises(psycopg.Error) as caught:
        house.call("planner_finish_run", run, token, status, "why", "Because.", {})
    assert caught.value.sqlstate == "PLN02"


def test_a_waiting_run_is_cancelled_at_once_and_a_late_launch_finds_it_final(house: House) -> None:
    run = house.request()
    assert house.cancel(run) == "CANCELLED"
    assert house.claim(run)["status"] == "CANCELLED"
    assert house.cancel(run) == "ALREADY"


def test_a_generating_run_is_cancelled_and_its_runner_hears_of_it(house: House) -> None:
    house.completed()
    before = house.grid()
    run, token = house.claimed()
    assert house.cancel(run) == "CANCELLED"
    assert house.beat(run, token) == "CANCELLED"
    assert house.commit(run, token) == "LOST"
    assert house.finish(run, token, "FAILED") == "LOST"
    assert house.finish(run, token, "CANCELLED") == "ALREADY"
    assert house.grid() == before


@pytest.mark.parametrize("status", ["INFEASIBLE", "FAILED"])
def test_a_finished_run_is_not_cancelled(house: House, status: str) -> None:
    run, token = house.claimed()
    house.finish(run, token, status)
    assert house.cancel(run) == "FINAL"
    assert house.status(run) == status


def test_a_completed_run_is_not_cancelled(house: House) -> None:
    run = house.completed()
    assert house.cancel(run) == "FINAL"


def test_an_unknown_run_is_not_cancelled(house: House) -> None:
    assert house.cancel(uuid4()) == "MISSING"


def test_after_a_cancel_a_new_run_starts_clean(house: House) -> None:
    first, old_token = house.claimed()
    house.cancel(first)
    second, token = house.claimed()
    assert house.commit(first, old_token) == "LOST"
    assert house.commit(second, old_token) == "LOST"
    assert house.commit(second, token) == "COMPLETED"


def test_a_launch_that_failed_ends_the_run(house: House) -> None:
    run = house.request()
    assert house.call("planner_fail_launch", run, "launch.failed") == "FAILED"
    assert house.call("planner_fail_launch", run, "launch.failed") == "ALREADY"
    assert house.row(run)["reason"] == "launch.failed"
    assert house.claim(run)["outcome"] == "FINAL"


def test_a_failed_launch_does_not_end_a_run_that_somebody_started(house: House) -> None:
    run, _ = house.claimed()
    assert house.call("planner_fail_launch", run, "launch.failed") == "LOST"
    assert house.status(run) == "GENERATING"
    assert house.call("planner_fail_launch", uuid4(), "launch.failed") == "MISSING"


def test_log_lines_are_kept_with_their_run_and_organisation(house: House) -> None:
    run = house.request()
    rows = [
        {"level": "warning", "source": "runner", "run": str(run), "message": "Slow."},
        {"message": "No run.", "context": {"phase": "start"}},
        {"run": str(uuid4()), "level": "strange", "message": "Gone."},
    ]
    assert house.call("planner_log", rows) == 3
    kept = house.run("select level, source, run, org, message from system_logs order by id")
    assert kept.fetchall() == [
        ("WARNING", "runner", run, house.hospital.org, "Slow."),
        ("INFO", "planner", None, None, "No run."),
        ("INFO", "planner", None, None, "Gone."),
    ]
