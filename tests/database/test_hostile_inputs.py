"""Poison: whatever a row holds, its own run ends with the reason, and the queue behind it moves."""

# ruff: noqa: S608 - the statements are made of this file's own words

import contextlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner_cli.embedded import Hospital
from tests.database.house import CONTRACT, House, call

DEEP = "[" * 900 + "]" * 900
HUGE = json.dumps({"Medicine": {str(n): "x" for n in range(1_500)}}).replace('"x"', "1e131071")
LONG_NUMBER = '{"seed": ' + "7" * 5_000 + "}"
MOST_BYTES = {"constraints": 65536, "options": 16384, "affinity": 1048576, "pathways": 262144}
CHECKS = {
    column: "affinity_is_readable" if column == "affinity" else f"{column}_are_readable"
    for column in MOST_BYTES
}


def poisoned(house: House, column: str, content: str) -> UUID:
    """A waiting run of a round that holds this, as an older database or a host's table may."""
    hospital = house.add_hospital("Poison")
    with house.connection.transaction():
        house.run(f"alter table allocation_runs drop constraint {CHECKS[column]}")
        house.run(
            f"update allocation_runs set {column} = %s::jsonb where id = %s",
            content,
            hospital.allocation_run,
        )
    run = house.request(hospital)
    house.age(run, 60)
    return run


@pytest.fixture(autouse=True)
def checks_come_back(house: House) -> Any:
    """Put back the constraints a test took away."""
    yield
    house.run("truncate orgs, system_logs, auth.users cascade")
    for column, most in MOST_BYTES.items():
        name = CHECKS[column]
        house.run(
            f"alter table allocation_runs drop constraint if exists {name}, add constraint {name}"
            f" check (planner_private.objection_to({column}, {most}) is null) not valid"
        )


@pytest.mark.parametrize(
    ("column", "content", "sentence"),
    [
        ("constraints", DEEP, "constraints is nested more than 12 levels deep."),
        ("pathways", DEEP, "pathways is nested more than 12 levels deep."),
        ("affinity", HUGE, "affinity holds a number nobody means"),
        ("options", LONG_NUMBER, "options holds a number nobody means"),
        ("options", json.dumps({"note": "x" * 20_000}), "options holds more than 16 kB."),
        ("constraints", json.dumps(["x" * 70_000]), "constraints holds more than 64 kB."),
    ],
    ids=["deep list", "deep pathways", "huge numbers", "5,000 digits", "long text", "long list"],
)
def test_h3_poison_ends_its_own_run_with_the_field_and_the_queue_behind_it_moves(
    house: House, column: str, content: str, sentence: str
) -> None:
    run = poisoned(house, column, content)
    behind = house.request()
    answer = house.claim_next()
    assert UUID(answer["run"]) == behind
    row = house.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "input.too_large")
    assert sentence in row["message"]


def test_h3_a_run_that_is_asked_for_by_its_id_ends_the_same_way(house: House) -> None:
    run = poisoned(house, "affinity", HUGE)
    answer = house.claim(run)
    assert (answer["outcome"], answer["reason"]) == ("FINAL", "input.too_large")


def test_h3_a_host_s_function_that_cannot_read_its_tables_fails_that_run_alone(
    house: House,
) -> None:
    bad = house.add_hospital("Bad")
    first, second = house.request(bad), house.request()
    house.age(first, 60)
    body = house.value(
        "select pg_get_functiondef('planner_private.planner_problem(uuid, boolean)'::regprocedure)"
    )
    try:
        house.run(
            "create or replace function planner_private.planner_problem("
            " p_run uuid, p_hold boolean default false) returns jsonb language plpgsql"
            " security definer set search_path = pg_catalog, pg_temp as $$ begin"
            f" if p_run = '{first}' then return ('x' || p_run)::uuid; end if;"
            " return '{\"n_job_lines\": 4}'; end $$"
        )
        assert UUID(house.claim_next()["run"]) == second
    finally:
        house.connection.execute(body.encode())
    row = house.row(first)
    assert (row["status"], row["reason"]) == ("FAILED", "input.unreadable")
    assert "22P02" in row["message"]


def test_h3_a_passing_trouble_fails_no_run(house: House) -> None:
    run = house.request()
    with house.another() as holder, house.another() as runner:
        holder.execute("lock table public.positions in access exclusive mode")
        runner.execute("set local lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            call(runner, "planner_claim_next", "runner-1", CONTRACT)
    assert house.status(run) == "PENDING"


def test_h3_an_organisation_whose_runs_cannot_be_read_has_had_its_turn(house: House) -> None:
    poisoned_org = poisoned(house, "affinity", HUGE)
    house.claim(poisoned_org)
    hospital = Hospital(
        org=house.value("select org from allocation_planner_runs where id = %s", poisoned_org),
        allocation_run=house.value(
            "select allocation_run from allocation_planner_runs where id = %s", poisoned_org
        ),
        n_job_lines=4,
    )
    again = house.request(hospital)
    house.age(again, 60)
    other = house.request()
    order = house.run("select run from planner_private.queue() order by place").fetchall()
    assert [row[0] for row in order] == [other, again]


def test_h3_a_planner_hears_at_once_that_a_request_is_poison(house: House) -> None:
    with house.acting(house.add_user("planner")) as planner:
        for column, content in (("constraints", DEEP), ("options", LONG_NUMBER)):
            with pytest.raises(psycopg.errors.CheckViolation):
                planner.run(
                    f"insert into allocation_planner_runs (allocation_run, n_job_lines, {column})"
                    " values (%s, 4, %s::jsonb)",
                    house.hospital.allocation_run,
                    content,
                )
        with pytest.raises(psycopg.errors.CheckViolation):
            planner.run("update allocation_runs set affinity = %s::jsonb", HUGE)


@pytest.mark.parametrize("name", ["a\x07b", "\u202eetep", "x" * 201, "line\nbreak"])
def test_h3_a_name_that_hides_what_it_says_is_refused(house: House, name: str) -> None:
    with house.acting(house.add_user("planner")) as planner:
        for statement in (
            "update positions set name = %s where code = 'ED'",
            "update allocation_runs set name = %s",
        ):
            with pytest.raises(psycopg.errors.CheckViolation):
                planner.run(statement, name)


def _numbers() -> st.SearchStrategy[str]:
    digits = st.integers(1, 6_000).map(lambda n: "9" * n)
    powers = st.integers(-16_000, 131_000).map(lambda n: f"1e{n}")
    return digits | powers


def _documents() -> st.SearchStrategy[str]:
    """JSON text: deep, long, with absurd numbers, of wrong types, with unknown fields."""
    leaves = (
        _numbers()
        | st.text(max_size=200).map(json.dumps)
        | st.sampled_from(["null", "true", '"VIC_PGY1"', "[]", "{}"])
    )
    lists = st.lists(leaves, max_size=30).map(lambda items: f"[{','.join(items)}]")
    keys = st.sampled_from(["name", "max", "seed", "categories", "x" * 50])
    fields = st.dictionaries(keys, leaves | lists, max_size=5).map(
        lambda found: "{" + ",".join(f"{json.dumps(k)}:{v}" for k, v in found.items()) + "}"
    )
    wide = st.tuples(st.integers(1, 3_000), leaves).map(lambda p: f"[{','.join([p[1]] * p[0])}]")
    deep = st.tuples(st.integers(1, 3_000), leaves).map(lambda p: "[" * p[0] + p[1] + "]" * p[0])
    return leaves | lists | fields | wide | deep


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(column=st.sampled_from(sorted(MOST_BYTES)), content=_documents())
def test_h3_no_content_of_a_row_takes_much_memory_or_stops_the_queue(
    house: House, column: str, content: str
) -> None:
    for name in CHECKS.values():  # as on a host whose table has none of them
        house.run(f"alter table allocation_runs drop constraint if exists {name}")
    house.run("delete from public.allocation_planner_runs where org <> %s", house.hospital.org)
    bad = house.add_hospital("Fuzzed")
    # Not JSON at all, or of the wrong kind for its column: refused at the door.
    with contextlib.suppress(psycopg.errors.CheckViolation, psycopg.DataError):
        house.run(
            f"update allocation_runs set {column} = %s::jsonb where id = %s",
            content,
            bad.allocation_run,
        )
    run = house.request(bad)
    house.age(run, 60)
    own = house.request()
    claimed: list[UUID] = []
    with psycopg.connect(house.dsn, autocommit=True) as backend:
        for n in range(2):
            answer = call(backend, "planner_claim_next", f"runner-{n}", CONTRACT)
            if answer["outcome"] == "CLAIMED":
                claimed.append(UUID(answer["run"]))
                house.cancel(claimed[-1])
        status = Path(f"/proc/{backend.info.backend_pid}/status").read_text()
    peak = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM"))
    assert peak < 200_000, f"{peak} kB"
    assert own in claimed
    assert house.status(run) in {"FAILED", "CANCELLED"}
