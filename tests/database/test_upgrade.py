"""Databases of the first edition: upgraded in place, nothing lost, and the same as new ones."""

# ruff: noqa: S608 - the statements are made of this file's own words

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from planner_cli.embedded import (
    EmbeddedPostgres,
    apply_migrations,
    load_problem,
    migrate,
    prepare_supabase_roles,
    request_run,
)
from planner_cli.embedded.migrate import migrations
from tests.database.house import RESULT, call, line, lines, other_lines, problem

FIRST_EDITION = Path(__file__).with_name("first_edition")
#: 3,000 lines of five terms.
N_LINES = 3_000


@pytest.fixture
def old_dsn(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database as the first edition left it."""
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("create database old")
        dsn = postgres_server.dsn_of("old")
        prepare_supabase_roles(dsn)
        apply_migrations(dsn, FIRST_EDITION)
        yield dsn
        connection.execute("drop database old with (force)")


def counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of every table there is."""
    tables = [
        "orgs", "org_members", "positions", "allocation_runs", "terms", "posts", "job_lines",
        "rotations", "leave_blocks", "allocation_planner_runs", "planner_run_inputs",
        "job_lines_history", "system_logs",
    ]  # fmt: skip
    return {
        table: connection.execute(f"select count(*) from public.{table}".encode()).fetchone()[0]  # type: ignore[index]
        for table in tables
    }


def used(dsn: str) -> UUID:
    """Complete two runs, let a third wait, log; return the round."""
    hospital = load_problem(dsn, problem(), org_name="Alpha")
    with psycopg.connect(dsn, autocommit=True) as connection:
        for given in (lines(), other_lines()):
            run = request_run(dsn, hospital.allocation_run, 4)
            token = call(connection, "planner_claim_run", run, "r", 1)["token"]
            call(connection, "planner_log", [{"message": "said", "run": str(run)}])
            assert (
                call(connection, "planner_commit_lines", run, token, given, RESULT) == "COMPLETED"
            )
        request_run(dsn, hospital.allocation_run, 4)
    return hospital.allocation_run


def test_an_old_database_keeps_every_row_and_goes_on(old_dsn: str) -> None:
    used(old_dsn)
    with psycopg.connect(old_dsn, autocommit=True) as connection:
        before = counts(connection)
        apply_migrations(old_dsn)
        assert counts(connection) == before
        assert before["job_lines_history"] == 2
        answer = call(connection, "planner_claim_next", "r2", 1)
        assert answer["outcome"] == "CLAIMED"
        committed = call(
            connection, "planner_commit_lines", answer["run"], answer["token"], lines(), RESULT
        )
        assert committed == "COMPLETED"
        row = connection.execute(
            "select id from job_lines_history where kind = 'snapshot'"
            " order by created_at desc limit 1"
        ).fetchone()
        assert row is not None
        assert call(connection, "planner_restore_lines", row[0])["outcome"] == "RESTORED"


def test_an_old_database_of_15_000_rotations_is_upgraded_in_seconds(old_dsn: str) -> None:
    """Measured at under 2 s; the bound here only catches what grows out of hand."""
    terms = [{"weeks": 10, "starts_on": None}] * 4 + [{"weeks": 12, "starts_on": None}]
    position = {
        "id": "ED", "name": "Emergency", "site": "Main", "specialty": "Medicine",
        "categories": ["A"], "posts_min": [0] * 5, "posts_max": [N_LINES] * 5,
    }  # fmt: skip
    year = problem(terms=terms, positions=[position], n_job_lines=N_LINES)
    hospital = load_problem(old_dsn, year, org_name="State")
    run = request_run(old_dsn, hospital.allocation_run, N_LINES)
    given = [line(f"Line {n}", *["ED"] * 5) for n in range(N_LINES)]
    with psycopg.connect(old_dsn, autocommit=True) as connection:
        token = call(connection, "planner_claim_run", run, "r", 1)["token"]
        assert call(connection, "planner_commit_lines", run, token, given, RESULT) == "COMPLETED"
        before = counts(connection)
        assert before["rotations"] == 5 * N_LINES
        started_at = time.monotonic()
        apply_migrations(old_dsn)
        print(f"upgraded in {time.monotonic() - started_at:.2f} s")  # noqa: T201
        assert counts(connection) == before


def test_an_upgraded_database_is_the_same_as_a_new_one(
    old_dsn: str, postgres_server: EmbeddedPostgres
) -> None:
    used(old_dsn)
    apply_migrations(old_dsn)
    with psycopg.connect(old_dsn) as old, psycopg.connect(postgres_server.dsn) as new:
        for what, query in CATALOGUE.items():
            found, wanted = (c.execute(query.encode()).fetchall() for c in (old, new))
            assert found == wanted, what


def test_h2_an_integrator_s_own_function_is_moved_with_its_body_and_his_helpers_stay(
    old_dsn: str,
) -> None:
    with psycopg.connect(old_dsn, autocommit=True) as connection:
        connection.execute(
            """
            create function private.is_staff(p_org uuid) returns boolean language sql stable
              security definer set search_path = '' as $$ select p_org is not null $$;
            revoke all on function private.is_staff from public;
            grant execute on function private.is_staff to authenticated;
            create or replace function private.may(p_org uuid, p_action text) returns boolean
              language sql stable security definer set search_path = ''
              as $$ select private.is_staff(p_org) and p_action = 'read' $$;
            create function public.mine(p_org uuid) returns boolean language sql stable
              as $$ select private.may(p_org, 'read') $$;
            """
        )
        helper = (
            "select pg_get_functiondef(oid), proacl::text from pg_proc where proname = 'is_staff'"
        )
        before = connection.execute(helper.encode()).fetchone()
        apply_migrations(old_dsn)
        assert connection.execute(helper.encode()).fetchone() == before
        row = connection.execute(
            "select prosrc from pg_proc where oid = 'planner_private.may(uuid, text)'::regprocedure"
        ).fetchone()
        assert row is not None
        assert "private.is_staff(p_org) and p_action = 'read'" in row[0]
        asked = connection.execute("select public.mine(gen_random_uuid())").fetchone()
        assert asked == (True,)


def test_m6_a_migration_that_meets_a_lock_changes_nothing_and_is_tried_again(
    old_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_ATTEMPTS", 1)
    used(old_dsn)
    with psycopg.connect(old_dsn) as holder:
        holder.execute("lock table public.allocation_planner_runs in access share mode")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            apply_migrations(old_dsn)
        monkeypatch.setattr(migrate, "LOCK_ATTEMPTS", 20)
        with ThreadPoolExecutor(1) as pool:
            upgrading = pool.submit(apply_migrations, old_dsn)
            time.sleep(1)
            holder.rollback()
            assert upgrading.result(60)[-1] == list(migrations())[-1].version


_OURS = "('public'::regnamespace, 'planner_private'::regnamespace)"
CATALOGUE = {
    "functions": f"""
      select pg_get_functiondef(p.oid), p.proacl::text, obj_description(p.oid, 'pg_proc')
        from pg_proc p where p.pronamespace in {_OURS} order by p.oid::regprocedure::text""",
    "tables": """
      select c.relname, c.relrowsecurity, c.relacl::text, obj_description(c.oid, 'pg_class')
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
       order by 1""",
    "columns": """
      select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
             a.attacl::text, col_description(c.oid, a.attnum), pg_get_expr(d.adbin, d.adrelid)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not a.attisdropped
       order by 1, 2""",
    "constraints": """
      select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
        from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2""",
    "indexes": "select indexdef from pg_indexes where schemaname = 'public' order by 1",
    "policies": """
      select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies
       where schemaname = 'public' order by 1, 2""",
    "triggers": """
      select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger
       where not tgisinternal order by 1, 2""",
    "schema": "select nspacl::text, obj_description(oid) from pg_namespace"
    " where nspname = 'planner_private'",
}
