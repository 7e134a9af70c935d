"""A small hospital in a real database, and short words for what the tests do to it."""

# ruff: noqa: S608 - the statements are made of this file's own words

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from planner_cli.embedded import Hospital, load_problem, request_run

CONTRACT = 1
RESULT = {"schema": "planner.result/1", "reason": "optimal", "message": "Four legal lines."}


def problem(**changes: Any) -> dict[str, Any]:
    """Four lines, two terms, two positions with two posts each."""
    position = {"site": "Main", "specialty": "Medicine", "categories": ["A", "B"]}
    posts = {"posts_min": [1, 1], "posts_max": [2, 2]}
    return {
        "schema": "planner.problem/1",
        "name": "Year",
        "n_job_lines": 4,
        "terms": [{"weeks": 10, "starts_on": "2026-01-12"}, {"weeks": 12, "starts_on": None}],
        "positions": [
            {"id": "ED", "name": "Emergency", **position, **posts},
            {"id": "MED", "name": "Medicine", **position, **posts},
        ],
        "constraints": ["UNRESTRICTED"],
        **changes,
    }


def line(name: str, *positions: str, leave: list[dict[str, int]] | None = None) -> dict[str, Any]:
    rotations = [{"term": n, "position": p} for n, p in enumerate(positions, start=1)]
    return {"name": name, "score": 1, "rotations": rotations, "leave": leave or []}


def lines() -> list[dict[str, Any]]:
    """Four legal lines."""
    return [
        line("1", "ED", "MED", leave=[{"start_week": 3, "weeks": 2}]),
        line("2", "ED", "MED"),
        line("3", "MED", "ED"),
        line("4", "MED", "ED"),
    ]


def other_lines() -> list[dict[str, Any]]:
    """Four other legal lines of the same names."""
    return [
        line("1", "MED", "ED"),
        line("2", "MED", "ED"),
        line("3", "ED", "MED"),
        line("4", "ED", "MED"),
    ]


class House:
    """One database, seen through its owner's connection, with a hospital in it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.connection = psycopg.connect(dsn, autocommit=True)
        self.hospital = self.add_hospital("Alpha")

    def close(self) -> None:
        self.connection.close()

    def add_hospital(self, org_name: str, **changes: Any) -> Hospital:
        return load_problem(self.dsn, problem(**changes), org_name=org_name)

    def add_user(self, role: str | None, org: UUID | None = None) -> UUID:
        user = uuid4()
        self.run("insert into auth.users (id) values (%s)", user)
        if role is not None:
            org = org or self.hospital.org
            self.run("insert into org_members values (%s, %s, %s)", org, user, role)
        return user

    # Plain SQL

    def run(self, sql: str, *values: object) -> psycopg.Cursor[Any]:
        return self.connection.execute(sql.encode(), values or None)

    def value(self, sql: str, *values: object) -> Any:
        row = self.run(sql, *values).fetchone()
        return row[0] if row else None

    def call(self, function: str, *values: object) -> Any:
        return call(self.connection, function, *values)

    def row(self, run: UUID) -> dict[str, Any]:
        document: dict[str, Any] = self.value(
            "select to_jsonb(r) from allocation_planner_runs r where id = %s", run
        )
        return document

    def status(self, run: UUID) -> str:
        return str(self.row(run)["status"])

    def grid(self, hospital: Hospital | None = None) -> dict[str, list[str]]:
        """The lines as they are: name -> position of each term."""
        rows = self.run(
            """select l.name, array_agg(p.code order by t.number)
                 from job_lines l join rotations r on r.job_line = l.id
                 join terms t on t.id = r.term join positions p on p.id = r.position
                where l.allocation_run = %s group by l.name""",
            (hospital or self.hospital).allocation_run,
        ).fetchall()
        return dict(rows)

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.run(f"update planner_settings set {name} = %s", value)

    def age(self, run: UUID, seconds: float) -> None:
        """Let the run be older in every respect, as if time had passed."""
        columns = ["created_at", "launched_at", "claimed_at", "heartbeat_at", "deadline_at"]
        columns += ["finished_at"]
        moved = ", ".join(f"{c} = {c} - make_interval(secs => {seconds})" for c in columns)
        with self.connection.transaction():
            self.run("set local session_replication_role = replica")
            self.run(f"update allocation_planner_runs set {moved} where id = %s", run)

    # The life of a run

    def request(self, hospital: Hospital | None = None, n: int = 4, **more: Any) -> UUID:
        return request_run(self.dsn, (hospital or self.hospital).allocation_run, n, **more)

    def claim(self, run: UUID, runner: str = "runner-1") -> dict[str, Any]:
        answer: dict[str, Any] = self.call("planner_claim_run", run, runner, CONTRACT)
        return answer

    def claim_next(self, runner: str = "runner-1") -> dict[str, Any]:
        answer: dict[str, Any] = self.call("planner_claim_next", runner, CONTRACT)
        return answer

    def claimed(self, hospital: Hospital | None = None, **more: Any) -> tuple[UUID, UUID]:
        """A run that generates, and its token."""
        run = self.request(hospital, **more)
        answer = self.claim(run)
        assert answer["outcome"] == "CLAIMED", answer
        return run, UUID(answer["token"])

    def beat(self, run: UUID, token: UUID, **progress: Any) -> str:
        return str(self.call("planner_heartbeat", run, token, progress))

    def commit(self, run: UUID, token: UUID, given: list[Any] | None = None) -> str:
        answer = self.call(
            "planner_commit_lines", run, token, lines() if given is None else given, RESULT
        )
        return str(answer)

    def finish(self, run: UUID, token: UUID, status: str = "FAILED") -> str:
        return str(self.call("planner_finish_run", run, token, status, "why", "Because.", {}))

    def cancel(self, run: UUID) -> str:
        return str(self.call("planner_cancel_run", run))

    def sweep(self, *, dry_run: bool = False) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("planner_sweep", dry_run)
        return answer

    def completed(self, given: list[Any] | None = None) -> UUID:
        """A whole run, from the request to its lines."""
        run, token = self.claimed()
        assert self.commit(run, token, given) == "COMPLETED"
        return run

    def history(self, kind: str) -> list[UUID]:
        """The sets of lines kept, newest first."""
        rows = self.run(
            "select id from job_lines_history where kind = %s order by created_at desc", kind
        )
        return [row[0] for row in rows]

    # Others at the same time

    @contextlib.contextmanager
    def another(self) -> Iterator[psycopg.Connection[Any]]:
        """A second connection, in a transaction of its own until committed or left."""
        connection = psycopg.connect(self.dsn)
        try:
            yield connection
        finally:
            with contextlib.suppress(psycopg.OperationalError):
                connection.rollback()
            connection.close()

    @contextlib.contextmanager
    def acting(self, user: UUID | None, role: str = "authenticated") -> Iterator["Actor"]:
        """Act as somebody through the API would; undone at the end."""
        with self.another() as connection:
            claims = {"role": role} | ({"sub": str(user)} if user else {})
            connection.execute(
                "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)",
                (json.dumps(claims), role),
            )
            yield Actor(connection)

    def wait_until_blocked(self, connection: psycopg.Connection[Any]) -> None:
        """Wait until the other connection waits for a lock."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if self.value(
                "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s",
                connection.info.backend_pid,
            ):
                return
            time.sleep(0.01)
        raise AssertionError("it did not wait for a lock")


class Actor:
    """Somebody with rights of their own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def run(self, sql: str, *values: object) -> psycopg.Cursor[Any]:
        with self.connection.transaction():
            return self.connection.execute(sql.encode(), values or None)

    def count(self, table: str, columns: str = "1") -> int:
        return len(self.run(f"select {columns} from public.{table}").fetchall())

    def value(self, sql: str, *values: object) -> Any:
        row = self.run(sql, *values).fetchone()
        return row[0] if row else None

    def may(self, sql: str, *values: object) -> bool:
        """Whether a statement touches at least one row, and is allowed."""
        try:
            return self.run(sql, *values).rowcount > 0
        except psycopg.errors.InsufficientPrivilege:
            return False

    def request(self, allocation_run: UUID) -> UUID:
        run: UUID = self.value(
            "insert into allocation_planner_runs (allocation_run, n_job_lines) "
            "values (%s, 4) returning id",
            allocation_run,
        )
        return run


def call(connection: psycopg.Connection[Any], function: str, *values: object) -> Any:
    """Call a function of the contract, as the store does."""
    given = [Jsonb(v) if isinstance(v, dict | list) else v for v in values]
    marks = ", ".join(["%s"] * len(values))
    row = connection.execute(f"select public.{function}({marks})".encode(), given).fetchone()
    assert row is not None
    return row[0]
