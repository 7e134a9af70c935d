"""Hospitals in a test database, written and read by plain SQL beside the store under test."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

#: What a position is when the problem does not say.
POSITION: dict[str, Any] = {
    "name": None, "site": None, "team": None, "specialty": None, "subspecialty": None,
    "categories": [], "service": None, "rural": False, "community": False, "clinical_team": True,
    "non_clinical": False, "excludable": False, "span_terms": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Database:
    """A test database, as its owner sees it."""

    dsn: str

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Run one statement in a transaction of its own and return its rows."""
        with psycopg.connect(self.dsn, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *values: Any) -> Any:
        """Return the first value of the first row."""
        return next(iter(self.rows(query, *values)[0].values()))

    def hospital(self, problem: dict[str, Any]) -> "Hospital":
        """Add an organisation with one allocation run that asks this problem."""
        hospital = Hospital(self, uuid4(), uuid4(), problem)
        with psycopg.connect(self.dsn) as connection:
            _insert(connection, hospital)
        return hospital


@dataclass(frozen=True)
class Hospital:
    """One organisation with one allocation run."""

    database: Database
    org: UUID
    allocation_run: UUID
    problem: dict[str, Any]

    def ask(self, **changes: Any) -> UUID:
        """Ask for a run: a new PENDING row, two hours old."""
        run: UUID = self.database.value(
            "insert into public.allocation_planner_runs"
            " (org, allocation_run, n_job_lines, options, created_at)"
            " values (%s, %s, %s, %s, clock_timestamp() - interval '2 hours') returning id",
            self.org,
            self.allocation_run,
            changes.get("n_job_lines", self.problem["n_job_lines"]),
            Jsonb(changes.get("options", {})),
        )
        return run

    def row(self, run: UUID | str) -> dict[str, Any]:
        """Return the row of a run."""
        (row,) = self.database.rows(
            "select * from public.allocation_planner_runs where id = %s", run
        )
        return row

    def lines(self) -> dict[str, list[str]]:
        """Return the lines there are: the codes of their positions by name, in order of terms."""
        rows = self.database.rows(
            "select l.name, array_agg(p.code order by t.number) as codes"
            " from public.job_lines l join public.rotations r on r.job_line = l.id"
            " join public.terms t on t.id = r.term join public.positions p on p.id = r.position"
            " where l.allocation_run = %s group by l.name",
            self.allocation_run,
        )
        return {row["name"]: row["codes"] for row in rows}

    def history(self) -> list[tuple[str, int]]:
        """Return kind and number of lines of every kept set, oldest first."""
        rows = self.database.rows(
            "select kind, n_lines from public.job_lines_history where allocation_run = %s"
            " order by created_at",
            self.allocation_run,
        )
        return [(row["kind"], row["n_lines"]) for row in rows]

    def logs(self, run: UUID) -> list[dict[str, Any]]:
        """Return the log rows of a run."""
        return self.database.rows("select * from public.system_logs where run = %s", run)

    def write_old_lines(self) -> dict[str, list[str]]:
        """Write lines as an earlier run would have left them, and return them."""
        codes = [position["id"] for position in self.problem["positions"]]
        for number in range(2):
            line = self.database.value(
                "insert into public.job_lines (org, allocation_run, name) values (%s, %s, %s)"
                " returning id",
                self.org,
                self.allocation_run,
                f"Old line {number + 1}",
            )
            self.database.rows(
                "insert into public.rotations (org, allocation_run, job_line, term, position)"
                " select t.org, t.allocation_run, %s, t.id, p.id from public.terms t"
                " join public.positions p on p.org = t.org and p.code = %s"
                " where t.allocation_run = %s",
                line,
                codes[number],
                self.allocation_run,
            )
        return self.lines()

    def silence(self, run: UUID) -> None:
        """Let the last heartbeat of a run be an hour ago, as if its runner had died."""
        self.database.rows(
            "update public.allocation_planner_runs set claimed_at = claimed_at - interval '1 hour',"
            " heartbeat_at = heartbeat_at - interval '1 hour' where id = %s",
            run,
        )

    def end(self) -> None:
        """Cancel what is still alive, so that the lane is free for others."""
        self.database.rows(
            "select public.planner_cancel_run(id) from public.allocation_planner_runs"
            " where org = %s and status in ('PENDING', 'GENERATING')",
            self.org,
        )


def _insert(connection: "psycopg.Connection[Any]", hospital: Hospital) -> None:
    """Write the organisation, its positions, terms and posts, and the allocation run."""
    problem, org, year = hospital.problem, hospital.org, hospital.allocation_run
    connection.execute("insert into public.orgs (id, name) values (%s, %s)", (org, problem["name"]))
    affinity = problem.get("affinity")
    connection.execute(
        "insert into public.allocation_runs"
        " (id, org, name, constraints, annual_leave_weeks, affinity, options)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (
            year,
            org,
            problem["name"],
            Jsonb(problem["constraints"]),
            problem.get("annual_leave_weeks"),
            None if affinity is None else Jsonb(affinity),
            Jsonb(problem.get("options", {})),
        ),
    )
    terms = [
        (uuid4(), org, year, number, term["weeks"], term.get("starts_on"))
        for number, term in enumerate(problem["terms"], 1)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into public.terms (id, org, allocation_run, number, weeks, starts_on)"
            " values (%s, %s, %s, %s, %s, %s)",
            terms,
        )
        _insert_positions(cursor, hospital, [term[0] for term in terms])


def _insert_positions(cursor: "psycopg.Cursor[Any]", hospital: Hospital, terms: list[UUID]) -> None:
    """Write the positions of a hospital and their posts in each term."""
    positions = [(uuid4(), position) for position in hospital.problem["positions"]]
    columns = ["id", "org", "code", *POSITION]
    cursor.executemany(
        f"insert into public.positions ({', '.join(columns)})"  # noqa: S608  (names of ours)
        f" values ({', '.join(['%s'] * len(columns))})",
        [
            (key, hospital.org, given["id"], *(given.get(k, v) for k, v in POSITION.items()))
            for key, given in positions
        ],
    )
    cursor.executemany(
        "insert into public.posts (org, allocation_run, term, position, posts_min, posts_max)"
        " values (%s, %s, %s, %s, %s, %s)",
        [
            (hospital.org, hospital.allocation_run, term, key, low, high)
            for key, given in positions
            for term, low, high in zip(terms, given["posts_min"], given["posts_max"], strict=True)
        ],
    )
