"""Claim: PENDING becomes GENERATING for exactly one runner."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.database.house import House, call, line, problem


def test_a_claim_brings_a_token_a_lease_and_the_problem(house: House) -> None:
    run = house.request()
    answer = house.claim(run)
    assert answer["outcome"] == "CLAIMED"
    assert UUID(answer["run"]) == run
    assert UUID(answer["token"])
    assert answer["attempt"] == 1
    assert 0 < answer["lease_seconds"] <= 40
    assert answer["deadline_seconds"] == 3600
    assert UUID(answer["allocation_run"]) == house.hospital.allocation_run
    assert UUID(answer["org"]) == house.hospital.org
    assert house.status(run) == "GENERATING"


def test_the_problem_comes_back_as_it_was_put_in(house: House) -> None:
    given = problem(
        annual_leave_weeks=5,
        affinity={"Medicine": {"Surgery": 50}},
        pathways=[{"name": "Rural", "n_lines": 1, "positions": ["ED"]}],
        allow_partial=True,
        options={"seed": 7},
        constraints=["VIC_PGY1", {"name": "MAX_RURAL_TERMS", "max": None}],
        provenance="assumed",
    )
    hospital = house.add_hospital("Beta", **given)
    claimed = house.claim(house.request(hospital))["problem"]
    assert [p["id"] for p in claimed["positions"]] == ["ED", "MED"]
    assert claimed["positions"][0]["posts_max"] == [2, 2]
    assert claimed["locked_lines"] == []
    for field in given.keys() - {"positions"}:
        assert claimed[field] == given[field], field


def test_absent_affinity_and_empty_affinity_stay_different(house: House) -> None:
    assert "affinity" not in house.claim(house.request())["problem"]
    house.set(lane_scope="organisation")
    none = house.add_hospital("Beta", affinity={})
    assert house.claim(house.request(none), "runner-2")["problem"]["affinity"] == {}


def test_the_run_s_own_constraints_and_options_go_first(house: House) -> None:
    hospital = house.add_hospital("Beta", options={"seed": 7, "workers": 2})
    run = house.request(hospital, constraints=["NZ_PGY1"], options={"seed": 8})
    claimed = house.claim(run)["problem"]
    assert claimed["constraints"] == ["NZ_PGY1"]
    assert claimed["options"] == {"seed": 8, "workers": 2}


def test_the_inputs_are_recorded_at_the_claim(house: House) -> None:
    run = house.request()
    answer = house.claim(run)
    recorded = house.run("select problem, input_version from planner_run_inputs").fetchone()
    assert recorded == (answer["problem"], answer["input_version"])


def test_one_of_eight_concurrent_claims_wins(house: House) -> None:
    run = house.request()

    def claim(runner: str) -> str:
        with psycopg.connect(house.dsn, autocommit=True) as connection:
            return str(call(connection, "planner_claim_run", run, runner, 1)["outcome"])

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(claim, [f"runner-{n}" for n in range(8)]))
    assert sorted(outcomes) == ["BUSY"] * 7 + ["CLAIMED"]


def test_one_of_eight_runs_claimed_at_once_gets_the_lane(house: House) -> None:
    runs = [house.request(house.add_hospital(f"H{n}")) for n in range(8)]

    def claim(run: UUID) -> str:
        with psycopg.connect(house.dsn, autocommit=True) as connection:
            return str(call(connection, "planner_claim_run", run, str(run), 1)["outcome"])

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(claim, runs))
    assert sorted(outcomes) == ["BUSY"] * 7 + ["CLAIMED"]


def test_the_same_runner_asking_again_gets_the_same_claim(house: House) -> None:
    run = house.request()
    first = house.claim(run)
    assert house.claim(run) == first
    assert house.claim_next() == first


def test_another_runner_is_told_the_run_is_busy(house: House) -> None:
    run, _ = house.claimed()
    answer = house.claim(run, "runner-2")
    assert answer["outcome"] == "BUSY"
    assert UUID(answer["behind"]) == run


def test_a_run_behind_another_stays_pending_and_knows_its_place(house: House) -> None:
    first, _ = house.claimed()
    second = house.request(house.add_hospital("Beta"))
    answer = house.claim(second, "runner-2")
    assert {k: answer[k] for k in ("outcome", "behind", "position", "status", "runner")} == {
        "outcome": "BUSY",
        "behind": str(first),
        "position": 1,
        "status": "GENERATING",
        "runner": "runner-1",
    }
    assert 0 <= answer["heard_seconds_ago"] < 5
    assert house.status(second) == "PENDING"


def test_an_unknown_run_is_missing(house: House) -> None:
    assert house.claim(uuid4()) == {"outcome": "MISSING"}


def test_a_finished_run_is_final(house: House) -> None:
    run = house.completed()
    answer = house.claim(run, "runner-2")
    assert (answer["outcome"], answer["status"]) == ("FINAL", "COMPLETED")
    assert answer["message"] == "Four legal lines."


def test_another_contract_is_refused_before_anything_happens(house: House) -> None:
    run = house.request()
    for call_it in (("planner_claim_run", run, "r", 2), ("planner_claim_next", "r", None)):
        with pytest.raises(psycopg.Error) as caught:
            house.call(*call_it)
        assert caught.value.sqlstate == "PLN01"
        assert caught.value.diag.message_hint
    assert house.status(run) == "PENDING"
    assert house.call("planner_contract_version") == 1


def test_a_run_that_waited_too_long_is_not_started(house: House) -> None:
    run = house.request()
    house.age(run, 5 * 3600)
    answer = house.claim(run)
    assert (answer["outcome"], answer["status"]) == ("FINAL", "FAILED")
    assert answer["reason"] == "start.too_late"


@pytest.mark.parametrize("status", ["open", "closed"])
def test_lines_are_generated_only_for_drafts(house: House, status: str) -> None:
    run = house.request()
    house.run("update allocation_runs set status = %s", status)
    answer = house.claim(run)
    assert (answer["status"], answer["reason"]) == ("FAILED", "target.not_draft")
    assert status in answer["message"]


def test_a_lost_run_is_taken_over_by_the_next_claim_with_a_new_token(house: House) -> None:
    run, token = house.claimed()
    house.age(run, 60)
    answer = house.claim(run, "runner-2")
    assert (answer["outcome"], answer["attempt"]) == ("CLAIMED", 2)
    assert UUID(answer["token"]) != token
    assert house.beat(run, token) == "LOST"
    assert house.commit(run, token) == "LOST"
    assert house.commit(run, UUID(answer["token"])) == "COMPLETED"


def test_a_run_is_not_attempted_a_third_time(house: House) -> None:
    run, _ = house.claimed()
    house.age(run, 60)
    token = UUID(house.claim(run, "runner-2")["token"])
    house.beat(run, token, phase="pricing")
    house.age(run, 60)
    answer = house.claim(run, "runner-3")
    assert (answer["outcome"], answer["status"]) == ("FINAL", "FAILED")
    assert answer["reason"] == "runner.lost"
    assert "pricing" in answer["message"]
    assert house.row(run)["result_metadata"]["last_progress"] == {"phase": "pricing"}


def test_a_claim_frees_the_lane_of_a_lost_runner(house: House) -> None:
    lost, _ = house.claimed()
    house.age(lost, 60)
    waiting = house.request(house.add_hospital("Beta"))
    assert house.claim(waiting, "runner-2")["outcome"] == "CLAIMED"
    assert house.row(lost)["reason"] == "runner.lost"


def test_positions_without_a_code_go_by_their_id(house: House) -> None:
    house.run("update positions set code = null where code = 'ED'")
    ed = str(house.value("select id from positions where code is null"))
    run, token = house.claimed()
    inputs = house.value("select problem from planner_run_inputs")
    assert {p["id"] for p in inputs["positions"]} == {ed, "MED"}
    given = [line("1", ed, "MED"), line("2", ed, "MED"), line("3", "MED", ed), line("4", "MED", ed)]
    assert house.commit(run, token, given) == "COMPLETED"
