"""Guards: an answer that is neither yes nor no lets nobody pass; a clock set back stops nobody."""

import re
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from tests.database.house import House, other_lines

MAY = "planner_private.may(uuid, text)"


@pytest.fixture
def undecided(house: House) -> Iterator[House]:
    """A host whose own `may` answers NULL, as one without a default does."""
    body = house.value(f"select pg_get_functiondef('{MAY}'::regprocedure)")
    house.run(
        "create or replace function planner_private.may(p_org uuid, p_action text)"
        " returns boolean language sql stable security definer"
        " set search_path = pg_catalog, pg_temp as 'select null::boolean'"
    )
    yield house
    house.connection.execute(body.encode())


def test_h1_a_may_that_answers_null_lets_nobody_cancel_restore_or_compare(
    house: House, undecided: House
) -> None:
    house.completed()
    house.completed(other_lines())
    before, snapshot, run = house.grid(), house.history("snapshot")[0], house.request()
    with house.acting(house.add_user("planner")) as anybody:
        assert anybody.value("select planner_cancel_run(%s)", run) == "MISSING"
        restored = anybody.value("select planner_restore_lines(%s)", snapshot)
        assert restored == {"outcome": "MISSING"}
        compared = anybody.value("select planner_diff_lines(%s)", snapshot)
        assert compared == {"outcome": "MISSING"}
        assert anybody.value("select planner_queue_position(%s)", run) is None
        listed = anybody.value("select planner_list_history(%s)", house.hospital.allocation_run)
        assert listed == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            anybody.request(house.hospital.allocation_run)
        for table in ("allocation_planner_runs", "job_lines_history", "planner_run_inputs"):
            assert anybody.count(table) == 0
    assert (house.grid(), house.status(run)) == (before, "PENDING")


def test_h1_the_service_is_not_bound_by_what_may_answers(undecided: House) -> None:
    run = undecided.request()
    assert undecided.cancel(run) == "CANCELLED"


def test_h1_no_function_asks_may_or_acts_as_service_in_a_way_null_can_pass(house: House) -> None:
    """In every body: either `is_allowed`, or a comparison with true, or a coalesce."""
    open_to_null = []
    for name, source in house.run(
        "select oid::regprocedure::text, prosrc from pg_proc"
        " where pronamespace = 'planner_private'::regnamespace"
        "   or pronamespace = 'public'::regnamespace and proname like 'planner\\_%'"
    ).fetchall():
        for asked in re.finditer(
            r"(\w+\(\s*)?planner_private\.(may|acts_as_service)\([^)]*\)(.{0,12})",
            source,
            re.DOTALL,
        ):
            safe = (asked[1] or "").startswith("coalesce") or re.match(
                r"\s*(is (not )?true|,\s*false\))", asked[3]
            )
            if not safe:
                open_to_null.append(f"{name}: {asked[0].strip()}")
        if re.search(r"\bnot\s+\(?\s*planner_private\.is_allowed", source):
            open_to_null.append(f"{name}: not is_allowed(...)")
    assert open_to_null == []


def in_the_future(house: House, run: UUID, seconds: float = 3_600) -> None:
    """Let all that happened to a run lie ahead: the database's clock was set back."""
    house.age(run, -seconds)


def test_l3_a_clock_set_back_stops_no_heartbeat_and_no_commit(house: House) -> None:
    run, token = house.claimed()
    in_the_future(house, run)
    assert house.beat(run, token) == "OK"
    assert house.commit(run, token) == "COMPLETED"


@pytest.mark.parametrize("end", ["cancel", "finish", "fail_launch", "sweep"])
def test_l3_a_clock_set_back_stops_no_ending(house: House, end: str) -> None:
    if end == "fail_launch":
        run = house.request()
        in_the_future(house, run)
        assert house.call("planner_fail_launch", run, "launch.failed") == "FAILED"
        return
    run, token = house.claimed()
    in_the_future(house, run)
    if end == "cancel":
        assert house.cancel(run) == "CANCELLED"
    elif end == "finish":
        assert house.finish(run, token) == "FAILED"
    else:
        house.run("update allocation_planner_runs set deadline_at = claimed_at + interval '1 s'")
        house.age(run, 3_600 + 60)
        in_the_future(house, run, 0)
        assert [row["run"] for row in house.sweep()["lost"]] == [str(run)]


def test_l3_a_run_asked_for_in_the_future_can_be_claimed(house: House) -> None:
    run = house.request()
    in_the_future(house, run)
    assert house.claim(run)["outcome"] == "CLAIMED"
