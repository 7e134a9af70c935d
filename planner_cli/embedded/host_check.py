"""What an integrator asks first: does the planner fit this database, and what is adapted."""

import json
import re
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from planner_cli.embedded.migrate import connect, migrations_folder

if TYPE_CHECKING:
    import psycopg

#: The migration whose first block says what does not fit.
FIRST_MIGRATION = "20261123200000_host_tables.sql"
_BLOCK = re.compile(r"-- check: begin\n(.*?)-- check: end\n", re.DOTALL)
_HOST_TABLES = (
    "orgs", "org_members", "positions", "allocation_runs", "terms", "posts", "job_lines",
    "rotations", "leave_blocks",
)  # fmt: skip
#: Functions an integrator replaces, and how to tell whether somebody has.
_REPLACEABLE = (
    "may(uuid, text)",
    "planner_problem(uuid, boolean)",
    "planner_write_lines(uuid, jsonb)",
)
_TABLES = """
select t.name, c.relrowsecurity, c.relname is not null and planner_private.is_ours(t.name),
       (select count(*) from pg_catalog.pg_policy as p where p.polrelid = c.oid)
  from unnest(%s::text[]) with ordinality as t(name, n)
  left join pg_catalog.pg_class as c on c.oid = to_regclass('public.' || t.name) order by t.n
"""


@dataclass(frozen=True, slots=True)
class Fit:
    """One thing looked at: what was found, and what to do where it is not well."""

    what: str
    state: Literal["ok", "warning", "error"]
    found: str
    remedy: str = ""


def check_host(dsn: str) -> list[Fit]:
    """Look at a database without changing anything.

    Parameters
    ----------
    dsn
        Connection string of whoever is going to apply the migrations.

    Returns
    -------
    list of Fit
        Before the first migration: everything that does not fit, or that all does. After it:
        whose the host's tables and the three replaceable functions are, and whether row security
        is on.

    Raises
    ------
    ConfigurationError
        The extra `local` is not installed.
    psycopg.Error
        The database cannot be reached.
    """
    with connect(dsn) as connection, connection.transaction(force_rollback=True):
        connection.execute("set transaction read only")
        row = connection.execute(
            "select to_regclass('public.planner_settings') is not null"
            " and to_regprocedure('public.planner_contract_version()') is not null"
        ).fetchone()
        if row == (True,):
            return _after(connection)
        return _before(connection)


def _before(connection: "psycopg.Connection[tuple[Any, ...]]") -> list[Fit]:
    """Run the block with which the first migration begins."""
    import psycopg  # noqa: PLC0415 - only the extra `local` has it

    try:
        with connection.transaction():
            connection.execute(_check_block().encode())
    except psycopg.Error as error:
        if error.sqlstate != "PLN06":
            raise
        misfits = json.loads(error.diag.message_detail or "[]")
        return [Fit("host", "error", item["what"], item["remedy"]) for item in misfits]
    fits = [Fit("host", "ok", "the migrations fit: nothing of theirs is there yet")]
    for name in _HOST_TABLES:
        row = connection.execute(
            "select relrowsecurity from pg_catalog.pg_class where oid = to_regclass(%s)",
            (f"public.{name}",),
        ).fetchone()
        if row is None:
            fits.append(Fit(name, "ok", "will be made, with row security"))
        elif row[0]:
            fits.append(Fit(name, "ok", "is yours and stays as it is"))
        else:
            fits.append(_without_row_security(name))
    if any("is yours" in fit.found for fit in fits):
        fits.append(
            Fit(
                "functions",
                "warning",
                "some tables are yours: the planner cannot know their columns",
                "Replace the three functions after the migrations, see docs/adapting.md.",
            )
        )
    return fits


def _after(connection: "psycopg.Connection[tuple[Any, ...]]") -> list[Fit]:
    """Say whose everything is in a database that has the migrations."""
    row = connection.execute("select to_regnamespace('planner_private') is not null").fetchone()
    if row != (True,):
        remedy = "Apply the migrations of this version; lines and history stay."
        return [Fit("host", "warning", "a planner of the first edition is here", remedy)]
    fits = [Fit("host", "ok", "the migrations are applied")]
    own_tables = False
    for name, secured, ours, n_policies in connection.execute(_TABLES, (list(_HOST_TABLES),)):
        if secured is None:
            fits.append(Fit(name, "warning", "is not there", "Replace the functions that read it."))
        elif ours:
            fits.append(Fit(name, "ok", "was made by the migrations"))
        elif secured:
            own_tables = True
            fits.append(Fit(name, "ok", f"is yours, with {n_policies} policies"))
        else:
            own_tables = True
            fits.append(_without_row_security(name))
    originals = _original_bodies()
    for signature in _REPLACEABLE:
        name = signature.partition("(")[0]
        row = connection.execute(
            "select prosrc from pg_catalog.pg_proc where oid = to_regprocedure(%s)",
            (f"planner_private.{signature}",),
        ).fetchone()
        if row is None:
            fits.append(Fit(name, "error", "is missing", "Apply the migrations again."))
        elif md5(row[0].encode(), usedforsecurity=False).hexdigest() not in originals[name]:
            fits.append(Fit(name, "ok", "is your own"))
        elif own_tables:
            remedy = "Replace it if your columns differ, see docs/adapting.md."
            fits.append(Fit(name, "warning", "is ours, but some tables are yours", remedy))
        else:
            fits.append(Fit(name, "ok", "is ours, as are the tables"))
    return fits


def _without_row_security(name: str) -> Fit:
    return Fit(
        name,
        "warning",
        "is yours, without row security: everybody signed in may read it",
        f"alter table public.{name} enable row level security; and write its policies.",
    )


def _check_block() -> str:
    found = _BLOCK.search((migrations_folder() / FIRST_MIGRATION).read_text(encoding="utf-8"))
    assert found is not None, f"{FIRST_MIGRATION} has no check block"  # noqa: S101
    return found[1]


def _original_bodies() -> dict[str, set[str]]:
    """Return the fingerprints of every body the migrations themselves gave each function."""
    bodies: dict[str, set[str]] = {s.partition("(")[0]: set() for s in _REPLACEABLE}
    for path in sorted(Path(migrations_folder()).glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for name, known in bodies.items():
            pattern = rf"function planner_private\.{name}\(.*?\nas (\$\w*\$)(.*?)\1"
            for found in re.finditer(pattern, text, re.DOTALL):
                known.add(md5(found[2].encode(), usedforsecurity=False).hexdigest())
    return bodies
