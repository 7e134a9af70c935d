"""What every transport promises: the same answers, the same errors, the same effects."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import JsonValue

from planner_cli.errors import ContractMismatch, WriteRejected
from planner_cli.store import (
    CONTRACT_VERSION,
    Beat,
    Busy,
    Claimed,
    Committed,
    Ending,
    Final,
    Finished,
    Missing,
    Nothing,
    RunStore,
)
from tests.contract.conftest import FoundHospital, OpenStore
from tests.contract.hospital import Hospital
from tests.contract.tiny import tiny_problem

RESULT: dict[str, JsonValue] = {
    "schema": "planner.result/1",
    "reason": "solved",
    "message": "3 lines.",
    "score": 12,
}
FAILURE = Ending("FAILED", "solver.undecided", "Neither.", {"notes": ["é"]})


def line(name: str, *codes: str) -> dict[str, Any]:
    rotations = [{"term": term, "position": code} for term, code in enumerate(codes, 1)]
    return {"name": name, "score": 4, "rotations": rotations, "leave": []}


LINES = [line("Line 1", "MED", "SUR"), line("Line 2", "SUR", "EME"), line("Line 3", "EME", "MED")]
AS_CODES = {"Line 1": ["MED", "SUR"], "Line 2": ["SUR", "EME"], "Line 3": ["EME", "MED"]}


def claim(store: RunStore, hospital: Hospital) -> Claimed:
    claimed = store.claim(hospital.ask())
    assert isinstance(claimed, Claimed)
    return claimed


def test_the_schema_speaks_our_contract(store: RunStore) -> None:
    assert store.contract_version() == CONTRACT_VERSION


def test_a_claim_brings_the_problem_and_a_token(store: RunStore, hospital: Hospital) -> None:
    claimed = claim(store, hospital)
    assert claimed.attempt == 1
    assert claimed.org == hospital.org
    assert claimed.problem["n_job_lines"] == 3
    assert len(claimed.problem["positions"]) == 3  # type: ignore[arg-type]
    assert hospital.row(claimed.run)["status"] == "GENERATING"
    assert str(claimed.token) not in repr(claimed)


def test_the_same_runner_asking_again_gets_the_same_claim(
    store: RunStore, hospital: Hospital
) -> None:
    """Fault 27, at the claim."""
    claimed = claim(store, hospital)
    assert store.claim(claimed.run) == claimed
    assert store.claim_next() == claimed


def test_another_runner_is_told_that_the_run_is_busy(
    open_store: OpenStore, hospital: Hospital
) -> None:
    """Faults 2 and 3."""
    claimed = claim(open_store("runner 1"), hospital)
    answer = open_store("runner 2").claim(claimed.run)
    assert isinstance(answer, Busy)
    assert answer.behind == claimed.run


def test_a_run_waits_behind_the_one_that_holds_the_lane(
    open_store: OpenStore, hospital: Hospital, neighbour: Hospital
) -> None:
    first = claim(open_store("runner 1"), hospital)
    second = neighbour.ask()
    answer = open_store("runner 2").claim(second)
    assert (type(answer), answer.behind) == (Busy, first.run)  # type: ignore[union-attr]
    assert neighbour.row(second)["status"] == "PENDING"
    open_store("runner 1").finish(first.run, first.token, FAILURE)
    following = open_store("runner 1").claim_next()
    assert isinstance(following, Claimed)
    assert following.run == second


def test_an_unknown_id_is_missing(store: RunStore) -> None:
    """Fault 6."""
    assert isinstance(store.claim(uuid4()), Missing)


def test_with_nothing_waiting_there_is_nothing_to_claim(store: RunStore) -> None:
    assert isinstance(store.claim_next(), Nothing)


def test_another_contract_is_refused_at_the_claim(
    store: RunStore, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 7."""
    monkeypatch.setattr("planner_cli.store.calls.CONTRACT_VERSION", 99)
    run = hospital.ask()
    with pytest.raises(ContractMismatch) as caught:
        store.claim(run)
    assert "99" in caught.value.message
    assert caught.value.hint
    assert hospital.row(run)["status"] == "PENDING"


def test_a_heartbeat_renews_the_lease_and_shows_progress(
    store: RunStore, hospital: Hospital
) -> None:
    claimed = claim(store, hospital)
    before = hospital.row(claimed.run)["heartbeat_at"]
    assert store.heartbeat(claimed.run, claimed.token, {"phase": "leave"}) is Beat.OK
    row = hospital.row(claimed.run)
    assert row["heartbeat_at"] > before
    assert row["progress"] == {"phase": "leave"}


def test_a_heartbeat_with_a_foreign_token_is_lost(store: RunStore, hospital: Hospital) -> None:
    """Fault 17."""
    claimed = claim(store, hospital)
    assert store.heartbeat(claimed.run, uuid4(), {}) is Beat.LOST


def test_a_cancelled_run_says_so_at_the_next_beat_and_takes_no_lines(
    store: RunStore, hospital: Hospital
) -> None:
    """Fault 23."""
    old = hospital.write_old_lines()
    claimed = claim(store, hospital)
    hospital.end()
    assert store.heartbeat(claimed.run, claimed.token, {}) is Beat.CANCELLED
    assert store.commit(claimed.run, claimed.token, LINES, RESULT) is Committed.LOST
    assert store.finish(claimed.run, claimed.token, FAILURE) is Finished.LOST
    assert hospital.lines() == old
    answer = store.claim(claimed.run)
    assert isinstance(answer, Final)
    assert answer.status == "CANCELLED"


def test_a_commit_replaces_the_lines_and_completes_the_run(
    store: RunStore, hospital: Hospital
) -> None:
    hospital.write_old_lines()
    claimed = claim(store, hospital)
    assert store.commit(claimed.run, claimed.token, LINES, RESULT) is Committed.COMPLETED
    assert hospital.lines() == AS_CODES
    assert hospital.history() == [("snapshot", 2)]
    row = hospital.row(claimed.run)
    assert (row["status"], row["reason"], row["message"]) == ("COMPLETED", "solved", "3 lines.")
    assert row["result_metadata"]["score"] == 12


def test_a_repeated_commit_answers_already_and_changes_nothing(
    store: RunStore, hospital: Hospital
) -> None:
    """Fault 27."""
    claimed = claim(store, hospital)
    store.commit(claimed.run, claimed.token, LINES, RESULT)
    before = hospital.row(claimed.run)
    assert store.commit(claimed.run, claimed.token, LINES, RESULT) is Committed.ALREADY
    assert hospital.row(claimed.run) == before
    assert hospital.history() == [("snapshot", 0)]


def test_lines_edited_meanwhile_are_kept_and_the_answer_becomes_a_proposal(
    store: RunStore, hospital: Hospital
) -> None:
    """Faults 33 and 34."""
    claimed = claim(store, hospital)
    edited = hospital.write_old_lines()
    assert store.commit(claimed.run, claimed.token, LINES, RESULT) is Committed.PROPOSED
    assert hospital.lines() == edited
    assert hospital.history() == [("proposal", 3)]
    assert hospital.row(claimed.run)["reason"] == "stale"


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (LINES[:2], "2 lines"),
        ([*LINES[:2], LINES[0]], "Line 1"),
        ([*LINES[:2], line("Line 3", "EME", "FOREIGN")], "FOREIGN"),
        ([*LINES[:2], line("Line 3", "EME")], "Line 3"),
        ([line(f"Line {n}", "MED", "MED") for n in range(3)], "2 posts"),
    ],
    ids=["too few", "twice", "foreign position", "incomplete", "over capacity"],
)
def test_lines_that_break_the_inputs_are_refused_whole(
    store: RunStore, hospital: Hospital, lines: list[dict[str, Any]], named: str
) -> None:
    """Faults 30 and 31."""
    old = hospital.write_old_lines()
    claimed = claim(store, hospital)
    with pytest.raises(WriteRejected, match=named):
        store.commit(claimed.run, claimed.token, lines, RESULT)
    assert hospital.lines() == old
    assert hospital.row(claimed.run)["status"] == "GENERATING"


@pytest.mark.parametrize("status", ["INFEASIBLE", "FAILED", "CANCELLED"])
def test_a_finish_ends_the_run_once(store: RunStore, hospital: Hospital, status: Any) -> None:
    claimed = claim(store, hospital)
    ending = Ending(status, "a.reason", "A sentence with ünïcode.", {"notes": ["…"]})
    assert store.finish(claimed.run, claimed.token, ending) is Finished(status)
    assert store.finish(claimed.run, claimed.token, ending) is Finished.ALREADY
    row = hospital.row(claimed.run)
    assert (row["status"], row["reason"], row["message"]) == (
        status,
        "a.reason",
        "A sentence with ünïcode.",
    )
    assert row["result_metadata"] == {"notes": ["…"]}


def test_an_attempt_that_was_swept_can_write_nothing(
    open_store: OpenStore, hospital: Hospital
) -> None:
    """Faults 15 and 17."""
    late, other = open_store("runner 1"), open_store("runner 2")
    old = hospital.write_old_lines()
    claimed = claim(late, hospital)
    hospital.silence(claimed.run)
    again = other.claim(claimed.run)
    assert isinstance(again, Claimed)
    assert again.attempt == 2
    assert late.heartbeat(claimed.run, claimed.token, {}) is Beat.LOST
    assert late.commit(claimed.run, claimed.token, LINES, RESULT) is Committed.LOST
    assert late.finish(claimed.run, claimed.token, FAILURE) is Finished.LOST
    assert hospital.lines() == old
    assert other.commit(again.run, again.token, LINES, RESULT) is Committed.COMPLETED


def test_a_launch_that_failed_ends_a_waiting_run(store: RunStore, hospital: Hospital) -> None:
    """Fault 1."""
    run = hospital.ask()
    assert store.fail_launch(run, "launch.failed") == "FAILED"
    assert hospital.row(run)["reason"] == "launch.failed"


def test_a_dry_sweep_names_lost_runs_and_a_real_one_ends_them(
    store: RunStore, hospital: Hospital
) -> None:
    """Faults 9 and 18."""
    claimed = claim(store, hospital)
    hospital.silence(claimed.run)

    def named(lost: Any) -> list[str]:
        return [entry["run"] for entry in lost]

    assert str(claimed.run) in named(store.sweep(dry_run=True).lost)
    assert hospital.row(claimed.run)["status"] == "GENERATING"
    swept = store.sweep()
    assert str(claimed.run) in named(swept.lost)
    assert swept.swept_at
    assert hospital.row(claimed.run)["reason"] == "runner.lost"
    assert str(claimed.run) not in named(store.sweep().lost)


def test_log_rows_arrive_with_their_run(store: RunStore, hospital: Hospital) -> None:
    run = hospital.ask()
    rows = [
        {"level": "WARNING", "source": "tests", "run": str(run), "message": f"line {n}"}
        for n in range(3)
    ]
    store.log([{**row, "context": {"phase": "leave"}} for row in rows])
    logged = hospital.logs(run)
    assert [row["message"] for row in logged] == ["line 0", "line 1", "line 2"]
    assert {row["org"] for row in logged} == {hospital.org}
    assert logged[0]["context"] == {"phase": "leave"}


def test_a_problem_of_more_rows_than_the_rest_limit_arrives_whole(
    store: RunStore, found_hospital: FoundHospital
) -> None:
    """Fault 37."""
    positions = tiny_problem()["positions"]
    many = [{**positions[0], "id": f"P{n:04}"} for n in range(1_001)]
    large = found_hospital(tiny_problem(positions=many))
    assert len(claim(store, large).problem["positions"]) == 1_001  # type: ignore[arg-type]


def test_all_20_000_posts_of_a_large_problem_arrive(
    store: RunStore, found_hospital: FoundHospital
) -> None:
    """Fault 37: 4,000 positions in five terms."""
    (position, *_) = tiny_problem()["positions"]
    seats = {"posts_min": [0] * 5, "posts_max": [2] * 5}
    many = [{**position, **seats, "id": f"P{n:04}"} for n in range(4_000)]
    found = claim(store, found_hospital(tiny_problem(positions=many, terms=[{"weeks": 10}] * 5)))
    positions: Any = found.problem["positions"]
    assert sum(len(one["posts_max"]) for one in positions) == 20_000
