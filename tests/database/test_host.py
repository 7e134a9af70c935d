"""Hosts with tables and helpers of their own; docs/adapting.md is tried to the letter."""

# ruff: noqa: S608 - the statements are made of this file's own words

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from planner_cli.domain.reading import read_problem
from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles
from planner_cli.embedded.host_check import check_host
from tests.database.house import RESULT, call, line

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adapting.md").read_text()

OTHER_SHAPES = """
create table public.orgs (id uuid primary key, title text not null);
create table public.allocation_runs (
  id uuid primary key, org uuid not null references public.orgs, label text, unique (org, id));
create table public.positions (nr integer primary key, colour text);
create table public.terms (nr integer primary key);
create table public.posts (nr integer primary key);
create table public.job_lines (nr integer primary key, label text);
create table public.rotations (nr integer primary key);
create table public.leave_blocks (nr integer primary key);
create table public.org_members (nr integer primary key);
create table public.wards (
  org uuid not null, code text, specialty text not null, beds integer, primary key (org, code));
create table public.doctor_lines (
  year uuid not null, name text, term integer, ward text, primary key (year, name, term));
insert into public.positions values (1, 'green');
"""

HELPERS = """
create schema private;
create table private.members (org uuid, person uuid, manager boolean);
create function private.is_member(p_org uuid) returns boolean language sql stable security definer
  set search_path = '' as $$ select exists (select from private.members
  where org = p_org and person = (select auth.uid())) $$;
create function private.is_manager(p_org uuid) returns boolean language sql stable security definer
  set search_path = '' as $$ select exists (select from private.members
  where org = p_org and person = (select auth.uid()) and manager) $$;
create function private.may(p_org uuid, p_action text) returns boolean language sql stable
  as $$ select true $$;
create function private.settings() returns integer language sql as $$ select 1 $$;
grant usage on schema private to anon, authenticated;
create table public.notes (org uuid, note text);
alter table public.notes enable row level security;
create policy theirs on public.notes for select to anon, authenticated
  using (private.is_member(org));
"""

SNAPSHOT = {
    "functions": "select pg_get_functiondef(oid), proacl::text from pg_proc"
    " where pronamespace = to_regnamespace('private') order by 1",
    "schema": "select nspname, nspacl::text, obj_description(oid) from pg_namespace"
    " where nspname = 'private'",
    "tables": "select c.oid::regclass::text, relrowsecurity, relacl::text,"
    " (select array_agg(a.attname::text || ' ' || format_type(a.atttypid, null) order by attnum)"
    "    from pg_attribute a where a.attrelid = c.oid and attnum > 0),"
    " (select array_agg(pg_get_constraintdef(k.oid) order by conname) from pg_constraint k"
    "   where k.conrelid = c.oid), obj_description(c.oid)"
    " from pg_class c where c.oid = any (%s::regclass[]) order by 1",
    "policies": "select schemaname, tablename, policyname, roles::text, qual from pg_policies"
    " where (schemaname || '.' || tablename)::regclass = any (%s::regclass[]) order by 1, 2, 3",
}


@pytest.fixture
def host_dsn(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A Supabase project before its first migration."""
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("create database hospital")
        dsn = postgres_server.dsn_of("hospital")
        prepare_supabase_roles(dsn)
        yield dsn
        connection.execute("drop database hospital with (force)")


def run(dsn: str, sql: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.encode())


def seen(dsn: str, tables: list[str]) -> dict[str, list[Any]]:
    """What a host had before, as it is now."""
    with psycopg.connect(dsn) as connection:
        return {
            what: connection.execute(
                query.encode(), (tables,) if "%s" in query else None
            ).fetchall()
            for what, query in SNAPSHOT.items()
        }


def tables_of(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [
            row[0]
            for row in connection.execute(
                "select oid::regclass::text from pg_class where relkind = 'r'"
                " and relnamespace in ('public'::regnamespace, to_regnamespace('private'))"
            )
        ]


def blocks(title: str, language: str = "sql") -> list[str]:
    """The code blocks of a section of the page."""
    section = PAGE.partition(f"{title}\n")[2]
    section = re.split(r"\n##+ ", section)[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def psql(dsn: str, script: str, **variables: str) -> str:
    ended = subprocess.run(
        ["psql", dsn, "-qXAt", "-v", "ON_ERROR_STOP=1"]
        + [word for name, value in variables.items() for word in ("-v", f"{name}={value}")],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def doctor(dsn: str) -> dict[str, Any]:
    """The page's own command, with one object on stdout."""
    (command,) = blocks("## 1. Ask first", "sh")
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": dsn, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "planner_cli", *command.split()[1:], "--json"]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    answer: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == (0 if answer["well"] else 3), ended.stderr
    return answer


def test_an_empty_host_fits_and_is_made_whole(host_dsn: str) -> None:
    assert doctor(host_dsn)["well"]
    apply_migrations(host_dsn)
    findings = doctor(host_dsn)["findings"]
    assert {f["state"] for f in findings} == {"ok"}
    assert "is ours, as are the tables" in {f["found"] for f in findings}


def test_a_host_with_tables_of_the_same_names_and_other_shapes_keeps_them(host_dsn: str) -> None:
    run(host_dsn, OTHER_SHAPES)
    theirs = tables_of(host_dsn)
    before = seen(host_dsn, theirs)
    assert any("Replace the three functions" in f["remedy"] for f in doctor(host_dsn)["findings"])
    apply_migrations(host_dsn)
    assert seen(host_dsn, theirs) == before

    for title in (
        "### `planner_private.planner_problem`",
        "### `planner_private.planner_write_lines`",
    ):
        for block in blocks(title):
            psql(host_dsn, block)
    psql(host_dsn, blocks("### `planner_private.may`")[0])
    org, year = uuid4(), uuid4()
    run(
        host_dsn,
        f"insert into orgs values ('{org}', 'Alpha');"
        f"insert into allocation_runs values ('{year}', '{org}', '2027');"
        f"insert into wards values ('{org}', 'ED', 'Emergency', 2);"
        f"insert into wards values ('{org}', 'MED', 'Medicine', 2);"
        f"insert into doctor_lines values ('{year}', 'A', 1, 'ED'), ('{year}', 'A', 2, 'MED'),"
        f" ('{year}', 'B', 1, 'MED'), ('{year}', 'B', 2, 'ED')",
    )
    (trial,) = blocks("## 4. See whether it fits")
    problem, n_lines = psql(host_dsn, trial, allocation_run=str(year)).rsplit("}", 1)
    assert len(read_problem(json.loads(problem + "}")).positions) == 2
    assert n_lines.strip() == "2"

    findings = {f["what"]: f["found"] for f in doctor(host_dsn)["findings"]}
    assert findings["may"] == findings["planner_problem"] == "is your own"
    with psycopg.connect(host_dsn, autocommit=True) as connection:
        row = connection.execute(
            "insert into allocation_planner_runs (allocation_run, n_job_lines)"
            " values (%s, 2) returning id",
            (year,),
        ).fetchone()
        assert row is not None
        token = call(connection, "planner_claim_run", row[0], "r", 1)["token"]
        given = [line("1", "ED", "MED"), line("2", "MED", "ED")]
        done = call(connection, "planner_commit_lines", row[0], token, given, RESULT)
        assert done == "COMPLETED"
        rows = connection.execute(
            "select name, array_agg(ward order by term) from doctor_lines group by 1 order by 1"
        ).fetchall()
    assert rows == [("1", ["ED", "MED"]), ("2", ["MED", "ED"])]


def test_h2_a_host_with_helpers_of_row_security_in_private_keeps_them_to_the_letter(
    host_dsn: str,
) -> None:
    run(host_dsn, HELPERS)
    theirs = tables_of(host_dsn)
    before = seen(host_dsn, theirs)
    assert doctor(host_dsn)["well"]
    apply_migrations(host_dsn)
    assert seen(host_dsn, theirs) == before
    psql(host_dsn, blocks("### `planner_private.may`")[1])
    assert seen(host_dsn, theirs) == before

    org, person, manager = uuid4(), uuid4(), uuid4()
    run(
        host_dsn,
        f"insert into orgs (id, name) values ('{org}', 'Alpha');"
        f"insert into private.members values ('{org}', '{person}', false),"
        f" ('{org}', '{manager}', true)",
    )
    with psycopg.connect(host_dsn) as connection:
        for who, action, allowed in (
            (person, "read", True), (person, "plan", False), (manager, "plan", True),
            (uuid4(), "read", False), (manager, "delete", False),
        ):  # fmt: skip
            connection.execute(
                "select set_config('request.jwt.claims', %s, true)",
                (json.dumps({"sub": str(who)}),),
            )
            row = connection.execute("select planner_private.may(%s, %s)", (org, action)).fetchone()
            assert row == (allowed,), (action, allowed)


@pytest.mark.parametrize(
    ("there", "said", "remedy"),
    [
        ("create table public.system_logs (id integer)", "system_logs is there", "Rename"),
        ("create table public.orgs (id integer primary key)", "no column id of type uuid", "Add"),
        ("create table public.allocation_runs (id uuid primary key, org uuid)",
         "public.allocation_runs has no unique key on (id, org)", "add unique (id, org);"),
        ("create table public.job_lines (id uuid primary key)", "no column org of", "Add"),
        ("create function public.planner_sweep() returns void language sql as 'select null'",
         "planner_sweep() is there already", "Rename it"),
        ("create schema planner_private create table t ()", "schema planner_private", "Rename it"),
        ("drop function auth.uid()", "auth.uid() is missing", "Set up Supabase Auth"),
    ],
)  # fmt: skip
def test_m6_what_does_not_fit_is_said_before_anything_is_changed(
    host_dsn: str, there: str, said: str, remedy: str
) -> None:
    run(host_dsn, there)
    before = tables_of(host_dsn)
    answer = doctor(host_dsn)
    assert not answer["well"]
    assert any(said in f["found"] and remedy in f["remedy"] for f in answer["findings"]), answer
    with pytest.raises(psycopg.Error, match=re.escape("nothing was changed")) as caught:
        apply_migrations(host_dsn)
    assert caught.value.sqlstate == "PLN06"
    assert tables_of(host_dsn) == before


def test_m6_a_host_s_table_without_row_security_is_not_taken_over(host_dsn: str) -> None:
    run(
        host_dsn,
        "create table public.positions (id uuid primary key, org uuid not null, name text,"
        " unique (org, id)); grant select on public.positions to anon",
    )
    before = seen(host_dsn, ["positions"])
    assert any("without row security" in f["found"] for f in doctor(host_dsn)["findings"])
    apply_migrations(host_dsn)
    assert seen(host_dsn, ["positions"]) == before


def test_asking_changes_nothing(host_dsn: str) -> None:
    check_host(host_dsn)
    assert tables_of(host_dsn) == []
