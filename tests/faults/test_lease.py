"""The runner and its lease, with a store that answers as told: when to go on, when to let go."""

import json
import logging
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Never, cast
from uuid import uuid4

import pytest

from planner_cli import logs
from planner_cli.domain.outcomes import Outcome, Stopped
from planner_cli.errors import (
    ConfigurationError,
    ExitCode,
    PlannerError,
    StoreUnreachable,
    WriteRejected,
)
from planner_cli.runs.answer import Runner
from planner_cli.runs.apart import Solve
from planner_cli.runs.signals import Interruption
from planner_cli.settings import Settings
from planner_cli.store import Beat, Claimed, Committed, Final, Finished, RunStore
from tests.faults import solvers
from tests.faults.fakes import FakeStore, claimed


def unreachable() -> Never:
    raise StoreUnreachable("The store did not answer.")


def answer(
    store: FakeStore,
    solve: Any = solvers.quick,
    rows: logs.RowsForStore | None = None,
    **settings: Any,
) -> Any:
    """Answer the one run of a fake store."""
    runner = Runner(
        store=cast("RunStore", store),
        solve=solve,
        settings=Settings(**settings),
        interruption=Interruption(),
        rows=rows,
    )
    claim = store.claim_answer()
    store.claim_answer = lambda: claim
    answered = runner.answer(claim.run)
    if answered.frees_the_lane:
        runner.drain()
    return answered


def result_of(store: FakeStore) -> dict[str, Any]:
    """Return the result the run ended with."""
    return dict(store.endings[0].result)


def until_stopped(
    problem: Any, options: Any, on_progress: Any, stop: Callable[[], bool]
) -> Outcome:
    """Solve for as long as nobody says stop, ten seconds at most."""
    started_at = time.monotonic()
    while not stop() and time.monotonic() < started_at + 10:
        time.sleep(0.01)
    return Stopped({"total": time.monotonic() - started_at})


def test_the_first_beat_follows_the_claim_at_once() -> None:
    store = FakeStore()
    claim_to_beat: list[float] = []
    started_at = time.monotonic()

    def beat() -> Beat:
        claim_to_beat.append(time.monotonic() - started_at)
        return Beat.OK

    store.beat_answer = beat
    answer(store)
    assert claim_to_beat[0] < 1


def test_failing_heartbeats_are_outlived_while_the_lease_holds() -> None:
    """Fault 13."""
    store = FakeStore(claimed(lease_seconds=3))
    n_beats = count(1)

    def beat() -> Beat:
        return Beat.OK if next(n_beats) > 3 else unreachable()

    store.beat_answer = beat

    def solve(problem: Any, options: Any, on_progress: Any, stop: Any) -> Outcome:
        time.sleep(1.2)
        assert not stop()
        return solvers.quick(problem, options, on_progress, stop)

    answered = answer(store, solve, heartbeat_seconds=0.5, lease_margin_seconds=1)
    assert answered.status == "COMPLETED"


def test_without_a_good_beat_the_solver_stops_before_the_lease_ends() -> None:
    """Fault 13."""
    store = FakeStore(claimed(lease_seconds=2))
    store.beat_answer = unreachable
    started_at = time.monotonic()
    answered = answer(store, until_stopped, heartbeat_seconds=0.2, lease_margin_seconds=1)
    assert 0.9 < time.monotonic() - started_at < 1.9
    assert isinstance(answered.error, StoreUnreachable)
    assert answered.error.exit_code == ExitCode.STORE_UNREACHABLE
    assert store.commits == []
    assert store.endings == []


def test_the_lease_counts_from_the_start_of_the_last_good_beat() -> None:
    """Fault 13: a beat that took long to be answered proves nothing about the time since."""
    store = FakeStore(claimed(lease_seconds=2))

    def slow_beat() -> Beat:
        time.sleep(1.5)
        return Beat.OK

    store.beat_answer = slow_beat
    started_at = time.monotonic()
    answered = answer(store, until_stopped, heartbeat_seconds=0.1, lease_margin_seconds=1)
    assert time.monotonic() - started_at < 2
    assert isinstance(answered.error, StoreUnreachable)


@pytest.mark.parametrize(("beat", "status"), [("LOST", "LOST"), ("CANCELLED", "CANCELLED")])
def test_a_run_that_is_no_longer_ours_is_let_go_without_a_word(beat: str, status: str) -> None:
    """Faults 15, 17 and 23."""
    store = FakeStore()
    store.beat_answer = lambda: Beat(beat)
    started_at = time.monotonic()
    answered = answer(store, until_stopped)
    assert time.monotonic() - started_at < 1
    assert (answered.status, answered.error) == (status, None)
    assert store.commits == []
    assert store.endings == []


def test_a_commit_that_comes_too_late_is_let_go() -> None:
    """Faults 15 and 17."""
    store = FakeStore()
    store.commit_answer = lambda: Committed.LOST
    answered = answer(store)
    assert (answered.status, answered.error) == ("LOST", None)
    assert store.endings == []


def test_a_commit_whose_answer_was_lost_is_read_back_from_the_row() -> None:
    """Faults 27 and 28."""
    store = FakeStore()
    claim = store.claim_answer()
    asked = iter([claim, claim])
    final = Final(outcome="FINAL", status="COMPLETED", reason="stale", message="Kept.")
    store.commit_answer = lambda: Committed.ALREADY
    runner = Runner(
        store=cast("RunStore", store),
        solve=cast("Solve", solvers.quick),
        settings=Settings(),
        interruption=Interruption(),
    )
    store.claim_answer = lambda: next(asked, final)
    next(asked)
    answered = runner.answer(claim.run)
    assert (answered.status, answered.reason) == ("COMPLETED", "stale")


def test_a_solver_that_hangs_meets_the_deadline() -> None:
    """Fault 12."""
    store = FakeStore(claimed(deadline_seconds=1.0))
    answered = answer(store, until_stopped, deadline_margin_seconds=0.5)
    assert store.endings[0].reason == answered.reason == "solver.deadline"
    assert answered.error.exit_code == ExitCode.UNDECIDED


def test_the_solvers_own_limit_ends_before_the_deadline() -> None:
    """Fault 12."""
    seen: list[float] = []

    def solve(problem: Any, options: Any, on_progress: Any, stop: Any) -> Outcome:
        seen.append(options.time_limit_seconds)
        return solvers.quick(problem, options, on_progress, stop)

    answer(FakeStore(claimed(deadline_seconds=70)), solve, deadline_margin_seconds=30)
    assert 30 < seen[0] <= 40


def test_neither_lines_nor_proof_is_never_called_infeasible() -> None:
    """Fault 46."""
    store = FakeStore()
    answered = answer(store, solvers.undecided)
    assert [(e.status, e.reason) for e in store.endings] == [("FAILED", "solver.undecided")]
    assert answered.error.exit_code == ExitCode.UNDECIDED


def test_a_proof_ends_the_run_with_its_explanation() -> None:
    store = FakeStore()
    store.finish_answer = lambda: Finished.INFEASIBLE
    answered = answer(store, solvers.proof)
    assert (answered.status, answered.error) == ("INFEASIBLE", None)
    assert result_of(store)["explanation"]["conflict"] == ["FILL_POSTS"]


def test_lines_the_referee_objects_to_are_never_sent() -> None:
    """Fault 31."""
    store = FakeStore()
    answered = answer(store, solvers.illegal)
    assert store.commits == []
    assert store.endings[0].reason == "solver.illegal_lines"
    assert answered.error.exit_code == ExitCode.UNFORESEEN


def test_lines_the_database_refuses_fail_the_run() -> None:
    """Faults 30 and 31."""
    store = FakeStore()

    def refuse() -> Never:
        raise WriteRejected("2 lines have the same name.")

    store.commit_answer = refuse
    answered = answer(store)
    assert store.endings[0].reason == "store.rejected"
    assert "same name" in store.endings[0].message
    assert answered.error.exit_code == ExitCode.UNFORESEEN


def test_lines_that_cannot_be_stored_are_saved_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Fault 39."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    store = FakeStore()

    def refuse() -> Never:
        raise ConfigurationError("The store refused the key (HTTP 401).")

    store.commit_answer = refuse
    logging.getLogger("planner_cli").propagate = True
    with caplog.at_level(logging.ERROR, "planner_cli"):
        answered = answer(store)
    assert answered.error.exit_code == ExitCode.CONFIGURATION
    assert store.endings == []
    saved = json.loads(next(tmp_path.glob("planner-runs-*/run-*.json")).read_text())
    assert len(saved["lines"]) == 3
    assert any(getattr(r, "context", {}).get("result") == saved for r in caplog.records)


def test_a_surprise_ends_in_the_row_with_its_traceback_in_the_logs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = FakeStore()

    def explode(*_: Any, **__: Any) -> Never:
        raise ZeroDivisionError

    rows = logs.RowsForStore()
    logger = logging.getLogger("planner_cli")
    logger.addHandler(rows)
    try:
        answered = answer(store, explode, rows=rows)
    finally:
        logger.removeHandler(rows)
    assert store.endings[0].reason == "unforeseen"
    assert answered.error.exit_code == ExitCode.UNFORESEEN
    assert any("ZeroDivisionError" in row["context"].get("traceback", "") for row in store.logged)


def test_a_surprise_before_the_claim_is_logged_where_the_store_can_be_reached() -> None:
    store = FakeStore()
    rows = logs.RowsForStore()
    runner = Runner(
        store=cast("RunStore", store),
        solve=cast("Solve", solvers.quick),
        settings=Settings(),
        interruption=Interruption(),
        rows=rows,
    )

    def explode() -> Never:
        raise ZeroDivisionError

    store.claim_answer = explode
    logger = logging.getLogger("planner_cli")
    logger.addHandler(rows)
    try:
        with pytest.raises(PlannerError, match="ZeroDivisionError"):
            runner.answer(uuid4())
    finally:
        logger.removeHandler(rows)
    assert "ZeroDivisionError" in store.logged[0]["context"]["traceback"]


def test_a_key_refused_while_solving_is_named_when_the_lease_runs_out() -> None:
    """Fault 39."""
    store = FakeStore(claimed(lease_seconds=1))

    def refuse() -> Never:
        raise ConfigurationError("The store refused the key (HTTP 401).")

    store.beat_answer = refuse
    answered = answer(store, until_stopped, heartbeat_seconds=0.1)
    assert answered.error.exit_code == ExitCode.CONFIGURATION
    assert store.endings == []


def test_a_log_that_cannot_be_written_fails_no_run() -> None:
    """Fault 43."""
    store = FakeStore()
    store.log_answer = unreachable
    rows = logs.RowsForStore()
    logger = logging.getLogger("planner_cli")
    logger.addHandler(rows)
    try:
        assert answer(store, rows=rows).status == "COMPLETED"
    finally:
        logger.removeHandler(rows)


def test_a_bad_problem_fails_with_every_field_at_fault_named() -> None:
    """Fault 47."""
    problem = dict(claimed().problem)
    problem["positions"] = []
    problem["n_job_lines"] = 0
    store = FakeStore(claimed(problem=problem))
    answered = answer(store)
    assert store.endings[0].reason == "input.invalid"
    assert answered.error.exit_code == ExitCode.BAD_INPUT
    notes = " ".join(result_of(store)["notes"])
    assert "positions" in notes
    assert "n_job_lines" in notes


def test_waiting_runs_are_answered_after_ones_own() -> None:
    store = FakeStore()
    waiting: list[Claimed] = [claimed(), claimed()]
    nothing = store.next_answer
    store.next_answer = lambda: waiting.pop() if waiting else nothing()
    answer(store)
    assert len(store.commits) == 3


def test_an_old_process_leaves_the_waiting_runs_to_others() -> None:
    store = FakeStore()
    store.next_answer = claimed
    answer(store, drain_seconds=0)
    assert len(store.commits) == 1


def test_progress_travels_with_the_heartbeat() -> None:
    """Fault 20: the row knows the last phase and the memory used."""
    store = FakeStore()

    def solve(problem: Any, options: Any, on_progress: Any, stop: Any) -> Outcome:
        time.sleep(0.5)
        return solvers.quick(problem, options, on_progress, stop)

    answer(store, solve, heartbeat_seconds=0.1)
    assert {"phase": "reading"} in store.beats
