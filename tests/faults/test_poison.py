"""Row H3, the runner's side: inputs no reader can take in end their own run, and no other."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner_cli.domain.issues import InputIssue, ProblemInvalid
from planner_cli.domain.reading import read_problem
from tests.contract.hospital import Database, Hospital
from tests.contract.tiny import tiny_problem
from tests.faults.conftest import ROOT, Planner

DEEP = "[" * 3_000 + "]" * 3_000
DIGITS = "7" * 5_000
OBJECTION = "planner_private.objection_to_inputs(jsonb)"


@pytest.fixture
def gullible(database: Database) -> Iterator[Database]:
    """A database whose own check lets everything pass, as one of another version may."""
    body = database.value(f"select pg_get_functiondef('{OBJECTION}'::regprocedure)")
    database.rows(
        "create or replace function planner_private.objection_to_inputs(p_inputs jsonb)"
        " returns text language sql stable set search_path = pg_catalog, pg_temp"
        " as 'select null::text'"
    )
    database.rows("alter table allocation_runs drop constraint affinity_is_readable")
    yield database
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute(body.encode())
    database.rows(
        "alter table allocation_runs add constraint affinity_is_readable"
        " check (planner_private.objection_to(affinity, 1048576) is null) not valid"
    )


def poisoned(hospital: Hospital, content: str) -> UUID:
    hospital.database.rows(
        "update allocation_runs set affinity = %s::jsonb where id = %s",
        content,
        hospital.allocation_run,
    )
    return hospital.ask()


@pytest.mark.parametrize(
    "content",
    ['{"a": ' + DEEP + "}", '{"a": {"b": ' + DIGITS + "}}"],
    ids=["3,000 levels", "5,000 digits"],
)
def test_h3_inputs_a_runner_cannot_take_in_fail_that_run_and_the_next_is_answered(
    each_planner: Planner, gullible: Database, hospital: Hospital, neighbour: Hospital, content: str
) -> None:
    bad, good = poisoned(hospital, content), neighbour.ask()
    ended = each_planner.run(bad)
    assert ended.returncode == 5, ended.stderr
    assert "Traceback" not in ended.stderr
    row = hospital.row(bad)
    assert row["status"] == "FAILED"
    assert row["reason"] in {"input.unreadable", "input.invalid"}
    assert neighbour.row(good)["status"] == "COMPLETED"


def test_h3_a_waiting_run_that_cannot_be_taken_in_does_not_end_the_drain(
    planner: Planner, gullible: Database, hospital: Hospital, neighbour: Hospital
) -> None:
    first, bad = neighbour.ask(), poisoned(hospital, '{"a": ' + DEEP + "}")
    third = gullible.hospital(tiny_problem())
    last = third.ask()
    ended = planner.run(first)
    assert ended.returncode == 0, ended.stderr
    assert hospital.row(bad)["status"] == "FAILED"
    assert third.row(last)["status"] == "COMPLETED"
    third.end()


def _json() -> st.SearchStrategy[Any]:
    """Anything JSON can say, deep and wide, with numbers of any size."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers(-(10**400), 10**400)
        | st.floats()
        | st.text(max_size=50)
        | st.sampled_from(["VIC_PGY1", "MAX_RURAL_TERMS", "\u202e", "\x00", "x" * 10_000])
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=6)
            | st.dictionaries(st.text(max_size=10) | st.just("name"), inner, max_size=6)
        ),
        max_leaves=30,
    )


FIELDS = [*tiny_problem(), "options", "pathways", "locked_lines"]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(field=st.sampled_from(FIELDS), value=_json())
def test_h3_whatever_stands_in_a_field_reading_takes_it_or_names_what_is_wrong(
    field: str, value: Any
) -> None:
    issues = issues_of({**tiny_problem(), field: value})
    assert all(len(str(issue)) < 2_000 for issue in issues)


def issues_of(document: Any) -> tuple[InputIssue, ...]:
    """What reading objects to; anything but a list of issues is a fault of ours."""
    try:
        read_problem(document)
    except ProblemInvalid as error:
        return error.issues
    return ()


READS = """
import json, sys
from planner_cli.domain.issues import ProblemInvalid
from planner_cli.domain.reading import read_problem
document = json.load(sys.stdin)
try:
    read_problem(document)
except ProblemInvalid as error:
    print(len(error.issues))
# What the system counts for a child begins with the memory of whoever started it; this does not.
print(*(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("affinity", {f"S{n}": {f"S{m}": 1 for m in range(150)} for n in range(150)}),
        ("affinity", {f"S{n}": [[]] * 20 for n in range(5_000)}),
        ("constraints", [{"name": "X", "max": {}}] * 1_900),
        ("pathways", [{"name": "P", "n_lines": 1}] * 6_000),
    ],
    ids=["a large matrix", "lists for rows", "unknown rules", "empty pathways"],
)
def test_h3_reading_what_a_column_can_hold_at_most_stays_under_200_mb(
    field: str, content: Any
) -> None:
    """Sizes at the limits of `planner_private.objection_to_inputs`."""
    ended = subprocess.run(
        [sys.executable, "-c", READS],
        input=json.dumps({**tiny_problem(), field: content}),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""
    peak = int(ended.stdout.split()[-2])
    assert peak < 200_000, f"{peak} kB"
