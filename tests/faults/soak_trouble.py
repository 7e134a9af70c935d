"""What the soak does beside runs and kills: poison, deleted rounds, a database that cannot write.

Poison rows belong to hospitals of their own, so that the rounds beside them show whether the queue
behind a poisoned run moves.
"""

# ruff: noqa: S608 - the statements are made of this file's own words

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg

from tests.contract.hospital import Database
from tests.contract.tiny import tiny_problem

_HUGE = {str(n): "1e131071" for n in range(1_500)}
#: Columns of a round and what somebody hostile, or a broken script, puts into them. None of these
#: can be answered with lines.
POISON: dict[str, tuple[str, str]] = {
    "deep list": ("constraints", "[" * 900 + "]" * 900),
    "deep pathways": ("pathways", "[" * 900 + "]" * 900),
    "long whole number": ("options", '{"seed": ' + "7" * 5_000 + "}"),
    "huge numbers": ("affinity", json.dumps({"a": _HUGE}).replace('"1e131071"', "1e131071")),
    "unknown field": ("constraints", '[{"name": "MAX_RURAL_TERMS", "maximum": 1}]'),
    "unknown rule": ("constraints", '["VIC_PGY9"]'),
    "wrong type": ("affinity", '{"Medicine": 5}'),
    "control characters": ("constraints", '["VIC_PGY1\\u0007\\u202e"]'),
    "text for a number": ("options", '{"time_limit_seconds": "ten"}'),
}
_CLEAN = (
    "update public.allocation_runs set constraints = '[\"UNRESTRICTED\"]', affinity = '{}',"
    " options = '{}', pathways = null where id = %s"
)


@dataclass(frozen=True)
class Planner:
    """Somebody signed in, with the planner role in one hospital."""

    user: UUID
    org: UUID
    allocation_run: UUID

    def claims(self) -> str:
        """Return the claims of the session, as the gateway sets them."""
        return json.dumps({"sub": str(self.user), "role": "authenticated"})


def add_planner(database: Database) -> Planner:
    """Add a hospital and somebody who plans for it."""
    hospital = database.hospital(tiny_problem())
    user = uuid4()
    database.rows("insert into auth.users (id) values (%s)", user)
    database.rows("insert into public.org_members values (%s, %s, 'planner')", hospital.org, user)
    return Planner(user, hospital.org, hospital.allocation_run)


@contextmanager
def signed_in(connection: "psycopg.Connection[Any]", planner: Planner) -> Iterator[None]:
    """Act as a planner for one transaction: row security holds."""
    with connection.transaction():
        connection.execute("set local role authenticated")
        connection.execute("select set_config('request.jwt.claims', %s, true)", (planner.claims(),))
        yield


def poison(connection: "psycopg.Connection[Any]", planner: Planner, chance: Random) -> str:
    """Spoil one column of the planner's round, as the planner; return what with.

    Raises
    ------
    psycopg.Error
        The database refuses the content: the best that can happen.
    """
    what = chance.choice(sorted(POISON))
    column, content = POISON[what]
    connection.execute(_CLEAN, (planner.allocation_run,))
    with signed_in(connection, planner):
        connection.execute(
            f"update public.allocation_runs set {column} = %s::jsonb where id = %s".encode(),
            (content, planner.allocation_run),
        )
    return what


def delete_round(connection: "psycopg.Connection[Any]", planner: Planner) -> int:
    """Try to delete a round that has runs, as the planner; return how many rows went.

    Raises
    ------
    psycopg.Error
        The database refuses, as it should.
    """
    with signed_in(connection, planner):
        return connection.execute(
            "delete from public.allocation_runs where id = %s", (planner.allocation_run,)
        ).rowcount


def set_read_only(connection: "psycopg.Connection[Any]", *, on: bool) -> None:
    """Let every new transaction refuse to write, as after a failover; or end that."""
    connection.execute(
        "alter system set default_transaction_read_only = on"
        if on
        else "alter system reset default_transaction_read_only"
    )
    connection.execute("select pg_reload_conf()")
