"""The state machine: every move tried, allowed or refused, also for the owner of the database."""

# ruff: noqa: S608 - the statements are made of this file's own words

from uuid import UUID

import psycopg
import pytest

from tests.database.house import House

FINAL = ("COMPLETED", "INFEASIBLE", "FAILED", "CANCELLED")
STATES = ("PENDING", "GENERATING", *FINAL)
MOVES = {
    *(("PENDING", to) for to in ("GENERATING", "FAILED", "CANCELLED")),
    *(("GENERATING", to) for to in FINAL),
}
#: What a row needs beside its status to satisfy the checks.
_BESIDE = {
    "PENDING": "token = null, claimed_at = null, heartbeat_at = null, deadline_at = null,"
    " attempt = 0, finished_at = null",
    "GENERATING": "token = coalesce(token, gen_random_uuid()), runner = 'r', lane = 'all',"
    " attempt = 1, claimed_at = clock_timestamp(), heartbeat_at = clock_timestamp(),"
    " deadline_at = clock_timestamp() + interval '1 hour', finished_at = null",
    **dict.fromkeys(FINAL, "reason = 'why', finished_at = clock_timestamp()"),
}


def bring_to(house: House, status: str) -> UUID:
    if status == "PENDING":
        return house.request()
    run, token = house.claimed()
    if status == "COMPLETED":
        house.commit(run, token)
    elif status != "GENERATING":
        house.finish(run, token, status)
    return run


@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("before", STATES)
def test_only_the_moves_of_the_picture_are_possible(house: House, before: str, after: str) -> None:
    run = bring_to(house, before)
    move = f"update allocation_planner_runs set status = '{after}', {_BESIDE[after]} where id = %s"
    if (before, after) in MOVES:
        house.run(move, run)
        assert house.status(run) == after
    elif before == after and before not in FINAL:
        house.run(move, run)  # it stays where it is: a beat, or a launch
    else:
        with pytest.raises(psycopg.Error) as caught:
            house.run(move, run)
        assert caught.value.sqlstate == "PLN04"
        assert house.status(run) == before


@pytest.mark.parametrize("status", [s for s in STATES if s != "PENDING"])
def test_a_run_begins_as_pending(house: House, status: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        house.run(
            "insert into allocation_planner_runs (allocation_run, n_job_lines, status)"
            " values (%s, 4, %s)",
            house.hospital.allocation_run,
            status,
        )
    assert caught.value.sqlstate == "PLN04"


@pytest.mark.parametrize("status", FINAL)
def test_a_finished_run_does_not_change_any_more(house: House, status: str) -> None:
    run = bring_to(house, status)
    with pytest.raises(psycopg.Error) as caught:
        house.run("update allocation_planner_runs set message = 'edited' where id = %s", run)
    assert caught.value.sqlstate == "PLN04"


@pytest.mark.parametrize(
    "edit",
    ["n_job_lines = 5", "constraints = '[]'", "options = '{\"seed\": 2}'", "created_at = now()"],
)
def test_what_was_asked_for_does_not_change(house: House, edit: str) -> None:
    run = house.request()
    with pytest.raises(psycopg.Error) as caught:
        house.run(f"update allocation_planner_runs set {edit} where id = %s", run)
    assert caught.value.sqlstate == "PLN04"


@pytest.mark.parametrize("edit", ["token = gen_random_uuid()", "attempt = 2", "attempt = 3"])
def test_a_token_belongs_to_one_attempt(house: House, edit: str) -> None:
    run, _ = house.claimed()
    with pytest.raises(psycopg.Error) as caught:
        house.run(f"update allocation_planner_runs set {edit} where id = %s", run)
    assert caught.value.sqlstate == "PLN04"


@pytest.mark.parametrize(
    "half",
    [
        "status = 'GENERATING'",
        "status = 'FAILED', finished_at = clock_timestamp()",
        "status = 'FAILED', reason = 'why'",
        "token = gen_random_uuid(), attempt = 1",
        "finished_at = clock_timestamp()",
    ],
)
def test_a_status_and_its_times_come_together(house: House, half: str) -> None:
    run = house.request()
    with pytest.raises(psycopg.errors.CheckViolation):
        house.run(f"update allocation_planner_runs set {half} where id = %s", run)


def test_m3_a_round_that_has_runs_cannot_be_deleted_and_nothing_of_it_goes(house: House) -> None:
    house.completed()
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="closed_not_deleted"):
        house.run("delete from allocation_runs")
    assert len(house.grid()) == 4
    assert house.value("select count(*) from allocation_planner_runs") == 1


def test_l1_deleting_an_organisation_takes_everything_of_it_along(house: House) -> None:
    house.completed()
    house.completed()
    house.call("planner_log", [{"message": "kept", "run": str(house.request())}])
    house.run("delete from orgs")
    for table in (
        "terms",
        "posts",
        "job_lines",
        "rotations",
        "allocation_planner_runs",
        "planner_run_inputs",
        "job_lines_history",
        "system_logs",
    ):
        assert house.value(f"select count(*) from {table}") == 0, table
