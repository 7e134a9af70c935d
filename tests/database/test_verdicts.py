"""A set keeps the rules it was made under, and what the referee said of it."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.database.house import RESULT, House, lines, other_lines

VERDICT: dict[str, Any] = {"rules": [{"name": "MAX_RURAL_TERMS"}], "n_objections": 0}


def completed_under(house: House, rule: str, given: list[dict[str, Any]]) -> UUID:
    """Complete a run that was asked for under one rule."""
    run = house.request(constraints=[rule])
    token = UUID(house.claim(run)["token"])
    result = {**RESULT, "verdict": {"rules": [{"name": rule}], "n_objections": 0}}
    assert house.call("planner_commit_lines", run, token, given, result) == "COMPLETED"
    return run


def current(house: House) -> tuple[Any, ...]:
    row = house.run(
        "select constraints, verdict -> 'rules' -> 0 ->> 'name', run from job_line_sets"
    ).fetchone()
    assert row is not None
    return tuple(row)


def test_a_set_is_stored_with_the_rules_it_was_made_under(house: House) -> None:
    run = completed_under(house, "MAX_RURAL_TERMS", lines())
    assert current(house) == (["MAX_RURAL_TERMS"], "MAX_RURAL_TERMS", run)


def test_what_a_later_run_replaces_keeps_its_own_rules(house: House) -> None:
    completed_under(house, "MAX_RURAL_TERMS", lines())
    completed_under(house, "NO_NIGHTS", other_lines())
    assert current(house)[0] == ["NO_NIGHTS"]
    kept = house.run(
        "select constraints, verdict -> 'rules' -> 0 ->> 'name' from job_lines_history"
        " order by created_at desc limit 1"
    ).fetchone()
    assert kept == (["MAX_RURAL_TERMS"], "MAX_RURAL_TERMS")


def test_a_restored_set_is_judged_by_its_own_rules_again(house: House) -> None:
    completed_under(house, "MAX_RURAL_TERMS", lines())
    completed_under(house, "NO_NIGHTS", other_lines())
    snapshot = house.history("snapshot")[0]
    assert house.call("planner_restore_lines", snapshot)["outcome"] == "RESTORED"
    assert current(house)[:2] == (["MAX_RURAL_TERMS"], "MAX_RURAL_TERMS")
    replaced = house.history("snapshot")[0]
    assert (
        house.value("select constraints ->> 0 from job_lines_history where id = %s", replaced)
        == "NO_NIGHTS"
    )


def test_a_proposal_carries_its_rules_until_it_is_taken(house: House) -> None:
    house.completed()
    run = house.request(constraints=["NO_RELIEF"])
    token = UUID(house.claim(run)["token"])
    house.run("update job_lines set locked = true where name = '1'")
    result = {**RESULT, "verdict": VERDICT}
    assert house.call("planner_commit_lines", run, token, other_lines(), result) == "PROPOSED"
    row = house.run(
        "select constraints ->> 0, verdict ->> 'n_objections' from job_lines_history"
        " where kind = 'proposal'"
    ).fetchone()
    assert row == ("NO_RELIEF", "0")


def test_members_read_the_verdict_and_nobody_else(house: House) -> None:
    completed_under(house, "MAX_RURAL_TERMS", lines())
    with house.acting(house.add_user("viewer")) as viewer:
        assert viewer.count("job_line_sets") == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            viewer.run("update job_line_sets set verdict = null")
    other = house.add_hospital("Beta")
    with house.acting(house.add_user("planner", other.org)) as stranger:
        assert stranger.count("job_line_sets") == 0
