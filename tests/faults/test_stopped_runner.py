"""Signals, cancels and pauses: the solver stops at once and the row tells the truth."""

import json
import signal
import time
from itertools import pairwise

import pytest

from tests.contract.hospital import Database, Hospital
from tests.faults.conftest import Planner, finished, wait_until
from tests.faults.test_killed_runner import NEW_LINES


def is_solving(hospital: Hospital, run: object) -> bool:
    progress = hospital.row(run)["progress"]  # type: ignore[arg-type]
    return bool(progress) and progress["phase"] == "integer"


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"]
)
def test_a_signal_stops_the_solver_and_ends_the_row_within_five_seconds(
    planner_over_supabase: Planner, hospital: Hospital, number: signal.Signals, exit_code: int
) -> None:
    """Fault 10."""
    old = hospital.write_old_lines()
    run = hospital.ask()
    process = planner_over_supabase.start(run, solver="stuck", PLANNER_HEARTBEAT_SECONDS="0.2")
    wait_until(lambda: is_solving(hospital, run), process)
    sent_at = time.monotonic()
    process.send_signal(number)
    ended = finished(process)
    assert time.monotonic() - sent_at < 5
    row = hospital.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "runner.terminated")
    assert ended.returncode == exit_code
    assert hospital.lines() == old


def test_a_signal_while_waiting_for_the_lane_leaves_the_run_waiting(
    planner: Planner, hospital: Hospital, neighbour: Hospital
) -> None:
    """Fault 10."""
    first, run = neighbour.ask(), hospital.ask()
    busy = planner.start(first, solver="stuck")
    wait_until(lambda: neighbour.row(first)["status"] == "GENERATING", busy)
    process = planner.start(run, "--wait", PLANNER_WAIT_POLL_SECONDS="0.1")
    assert process.stderr is not None
    assert str(first) in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert finished(process).returncode == 143
    assert hospital.row(run)["status"] == "PENDING"


def test_a_cancel_stops_the_solver_within_ten_seconds(
    planner_over_supabase: Planner, hospital: Hospital
) -> None:
    """Fault 23, with the settings as they come."""
    old = hospital.write_old_lines()
    run = hospital.ask()
    process = planner_over_supabase.start(run, "--json", solver="stuck")
    wait_until(lambda: hospital.row(run)["status"] == "GENERATING", process)
    cancelled_at = time.monotonic()
    hospital.end()
    ended = finished(process)
    assert time.monotonic() - cancelled_at < 10
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["status"] == "CANCELLED"
    assert hospital.lines() == old


def test_a_new_run_right_after_a_cancel_is_not_mixed_with_the_old_one(
    planner: Planner, hospital: Hospital
) -> None:
    """Fault 25."""
    cancelled = hospital.ask()
    late = planner.start_paused(cancelled, "committing")
    hospital.end()
    again = hospital.ask()
    assert planner.run(again).returncode == 0
    late.send_signal(signal.SIGCONT)
    assert finished(late).returncode == 0
    assert hospital.row(cancelled)["status"] == "CANCELLED"
    assert hospital.row(again)["status"] == "COMPLETED"
    assert len(hospital.history()) == 1


@pytest.mark.parametrize("step", ["solved", "committing"])
def test_a_machine_that_sleeps_through_the_sweep_writes_nothing_on_waking(
    planner_over_supabase: Planner, hospital: Hospital, database: Database, step: str
) -> None:
    """Fault 15."""
    old = hospital.write_old_lines()
    run = hospital.ask()
    process = planner_over_supabase.start_paused(run, step)
    hospital.silence(run)
    database.value("select public.planner_sweep()")
    process.send_signal(signal.SIGCONT)
    ended = finished(process)
    assert ended.returncode == 0
    assert "LOST" in ended.stdout
    assert hospital.row(run)["reason"] == "runner.lost"
    assert hospital.lines() == old
    assert hospital.history() == []


def test_an_attempt_that_was_overtaken_cannot_finish_the_newer_one(
    planner: Planner, hospital: Hospital
) -> None:
    """Fault 17."""
    run = hospital.ask()
    late = planner.start_paused(run, "committing")
    hospital.silence(run)
    newer = planner.start_paused(run, "committing")
    late.send_signal(signal.SIGCONT)
    assert finished(late).returncode == 0
    assert hospital.row(run)["status"] == "GENERATING"
    newer.send_signal(signal.SIGCONT)
    assert finished(newer).returncode == 0
    assert hospital.row(run)["status"] == "COMPLETED"
    assert hospital.lines() == NEW_LINES
    assert len(hospital.history()) == 1


def test_the_heart_beats_while_the_solver_holds_every_core_and_the_interpreter(
    planner: Planner, hospital: Hospital
) -> None:
    """Fault 11."""
    run = hospital.ask()
    process = planner.start(run, solver="greedy", PLANNER_HEARTBEAT_SECONDS="0.2")
    wait_until(lambda: is_solving(hospital, run), process)
    beats = set()
    until = time.monotonic() + 4
    while time.monotonic() < until:
        beats.add(hospital.row(run)["heartbeat_at"])
        time.sleep(0.05)
    ordered = sorted(beats)
    silences = [(after - before).total_seconds() for before, after in pairwise(ordered)]
    assert len(ordered) > 4
    assert max(silences) < 2.5
    process.send_signal(signal.SIGTERM)
    assert finished(process).returncode == 143
