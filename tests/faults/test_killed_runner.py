"""Runners that are killed: the old lines stay whole, and the run can be answered again."""

import os
import signal

import psycopg
import pytest

from tests.contract.hospital import Database, Hospital
from tests.faults.conftest import Planner, finished, kill, wait_until

BEFORE_THE_COMMIT = ["claimed", "problem.read", "solved", "refereed", "committing"]
NEW_LINES = {"Line 1": ["EME", "MED"], "Line 2": ["MED", "SUR"], "Line 3": ["SUR", "EME"]}


@pytest.mark.parametrize("step", BEFORE_THE_COMMIT)
def test_a_kill_before_the_commit_leaves_the_old_lines_whole(
    planner_over_supabase: Planner, hospital: Hospital, step: str
) -> None:
    """Faults 9 and 26."""
    old = hospital.write_old_lines()
    run = hospital.ask()
    kill(planner_over_supabase.start_paused(run, step))
    assert hospital.lines() == old
    assert hospital.row(run)["status"] == "GENERATING"


def test_a_run_whose_runner_was_killed_is_answered_by_the_next_one(
    planner: Planner, hospital: Hospital
) -> None:
    """Faults 4 and 9."""
    run = hospital.ask()
    kill(planner.start_paused(run, "committing"))
    hospital.silence(run)
    assert planner.run(run).returncode == 0
    row = hospital.row(run)
    assert (row["status"], row["attempt"]) == ("COMPLETED", 2)
    assert hospital.lines() == NEW_LINES


def test_a_kill_after_the_commit_leaves_the_new_lines_whole(
    planner_over_supabase: Planner, hospital: Hospital
) -> None:
    """Faults 4 and 26."""
    hospital.write_old_lines()
    run = hospital.ask()
    kill(planner_over_supabase.start_paused(run, "committed"))
    row = hospital.row(run)
    assert row["status"] == "COMPLETED"
    assert planner_over_supabase.run(run).returncode == 0
    assert hospital.row(run) == row
    assert hospital.lines() == NEW_LINES


def test_a_runner_killed_while_solving_is_found_by_the_sweep(
    planner: Planner, hospital: Hospital, database: Database
) -> None:
    """Faults 9 and 18."""
    old = hospital.write_old_lines()
    run = hospital.ask()
    process = planner.start(run, solver="stuck", PLANNER_HEARTBEAT_SECONDS="0.2")
    wait_until(lambda: (hospital.row(run)["progress"] or {}).get("phase") == "integer", process)
    kill(process)
    hospital.silence(run)
    database.value("select public.planner_sweep()")
    row = hospital.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "runner.lost")
    assert "integer" in row["message"]
    assert hospital.lines() == old


def test_an_input_that_kills_every_runner_is_given_up_after_two_attempts(
    planner: Planner, hospital: Hospital
) -> None:
    """Fault 20."""
    run = hospital.ask()
    for _ in range(2):
        kill(planner.start_paused(run, "problem.read"))
        hospital.silence(run)
    assert planner.run(run).returncode == 0
    row = hospital.row(run)
    assert (row["status"], row["reason"], row["attempt"]) == ("FAILED", "runner.lost", 2)


def test_a_solver_killed_for_want_of_memory_fails_the_run_at_once(
    planner: Planner, hospital: Hospital
) -> None:
    """Faults 9 and 20: the runner lives to say it."""
    run = hospital.ask()
    ended = planner.run(run, solver="killed")
    row = hospital.row(run)
    assert ended.returncode == 1
    assert (row["status"], row["reason"]) == ("FAILED", "solver.died")
    assert "phase patterns" in row["message"]
    assert "MiB" in row["message"]


def test_a_backend_killed_in_the_middle_of_the_commit_is_repeated(
    planner: Planner, hospital: Hospital, database: Database
) -> None:
    """Faults 26 and 29: the connection is gone while the transaction waits for a lock."""
    hospital.write_old_lines()
    run = hospital.ask()
    waiting = (
        "select pid from pg_stat_activity where application_name = 'planner'"
        " and wait_event_type = 'Lock' and query like '%planner_commit_lines%'"
    )
    process = planner.start_paused(run, "committing")
    with psycopg.connect(database.dsn) as holder:
        holder.execute("lock table public.job_lines in access exclusive mode")
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: bool(database.rows(waiting)), process)
        database.rows(waiting.replace("select pid", "select pg_terminate_backend(pid)"))
    assert finished(process).returncode == 0
    assert hospital.row(run)["status"] == "COMPLETED"
    assert hospital.lines() == NEW_LINES
    assert hospital.history() == [("snapshot", 2)]


def test_a_database_that_restarts_while_the_solver_works_harms_no_run(
    planner: Planner, hospital: Hospital, database: Database
) -> None:
    """Fault 29: a backend dies, so the server drops every connection and recovers from its log."""
    hospital.write_old_lines()
    run = hospital.ask()
    process = planner.start(run, solver="slow", PLANNER_HEARTBEAT_SECONDS="0.2")
    wait_until(lambda: hospital.row(run)["heartbeat_at"] is not None, process)
    started_at = database.value("select pg_postmaster_start_time()")
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    wait_until(lambda: _answers(database), process)
    assert database.value("select pg_postmaster_start_time()") == started_at
    ended = finished(process)
    assert ended.returncode == 0, ended.stderr
    assert hospital.row(run)["status"] == "COMPLETED"
    assert hospital.lines() == NEW_LINES
    assert len(hospital.history()) == 1


def _answers(database: Database) -> bool:
    try:
        return bool(database.value("select true"))
    except psycopg.OperationalError:
        return False
