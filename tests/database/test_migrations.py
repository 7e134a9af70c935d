"""Migrations: in order, once each, whole or not at all, and gentle with a host's own tables."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from planner_cli.domain.reading import read_problem
from planner_cli.embedded import (
    EmbeddedPostgres,
    apply_migrations,
    load_problem,
    prepare_supabase_roles,
    request_run,
)
from planner_cli.embedded.binaries import find_binaries
from planner_cli.embedded.migrate import migrations, migrations_folder
from tests.database.house import House, call

#: The first migration of the second edition: those before it stay as they were applied.
SECOND_EDITION = "20261126200000"
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def empty_dsn(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A Supabase project of its own, before its first migration."""
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("create database host")
        prepare_supabase_roles(postgres_server.dsn_of("host"))
        yield postgres_server.dsn_of("host")
        connection.execute("drop database host with (force)")


def test_each_migration_has_a_time_and_a_theme() -> None:
    names = [migration.path.name for migration in migrations()]
    assert names
    assert all(re.fullmatch(r"\d{14}_[a-z_]+\.sql", name) for name in names)
    assert len({name[:14] for name in names}) == len(names)


def test_migrations_are_applied_once_and_recorded(empty_dsn: str) -> None:
    assert apply_migrations(empty_dsn) == [m.version for m in migrations()]
    assert apply_migrations(empty_dsn) == []
    prepare_supabase_roles(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        rows = connection.execute(
            "select version, name from supabase_migrations.schema_migrations order by version"
        ).fetchall()
    assert rows == [(m.version, m.name) for m in migrations()]


def test_a_migration_that_fails_leaves_nothing_of_itself(empty_dsn: str, tmp_path: Path) -> None:
    (tmp_path / "20260101000000_good.sql").write_text("create table good ();")
    (tmp_path / "20260101000001_bad.sql").write_text("create table half (); select 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        apply_migrations(empty_dsn, tmp_path)
    with psycopg.connect(empty_dsn) as connection:
        row = connection.execute("select to_regclass('good'), to_regclass('half')").fetchone()
    assert row == ("good", None)


def test_a_host_s_own_tables_and_rights_are_left_alone(empty_dsn: str) -> None:
    with psycopg.connect(empty_dsn) as connection:
        connection.execute(
            """
            create table orgs (id uuid primary key, title text);
            create table allocation_runs (
              id uuid primary key, org uuid not null references orgs (id), label text,
              unique (org, id));
            alter table allocation_runs enable row level security;
            create policy mine on allocation_runs for select to authenticated using (true);
            """
        )
    apply_migrations(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        policies = connection.execute(
            "select policyname from pg_policies where tablename = 'allocation_runs'"
        ).fetchall()
        columns = connection.execute(
            "select string_agg(attname, ' ' order by attnum) from pg_attribute"
            " where attrelid = 'allocation_runs'::regclass and attnum > 0"
        ).fetchone()
    assert policies == [("mine",)]
    assert columns == ("id org label",)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_an_example_comes_back_from_the_database_as_it_is_in_its_file(
    house: House, path: Path
) -> None:
    document = json.loads(path.read_text())
    hospital = load_problem(house.dsn, document, org_name=path.stem)
    run = request_run(house.dsn, hospital.allocation_run, hospital.n_job_lines)
    answer = call(house.connection, "planner_claim_run", run, "r", 1)
    given, back = read_problem(document), read_problem(answer["problem"])
    assert sorted(given.positions, key=lambda p: p.id) == list(back.positions)
    assert given.model_copy(update={"positions": ()}) == back.model_copy(update={"positions": ()})


def test_locked_lines_of_a_document_are_locked_in_the_database(house: House) -> None:
    locked = {
        "name": "mine",
        "score": 3,
        "rotations": [{"term": 1, "position": "ED"}, {"term": 2, "position": "MED"}],
        "leave": [{"start_week": 3, "weeks": 2}],
    }
    hospital = house.add_hospital("Beta", locked_lines=[locked])
    assert house.grid(hospital) == {"mine": ["ED", "MED"]}
    assert house.claim(house.request(hospital))["problem"]["locked_lines"] == [locked]


def test_the_migrations_apply_to_every_postgres_there_is() -> None:
    versions = [find_binaries(16)]
    if (debian := Path("/usr/lib/postgresql/15/bin")).exists() and os.access(debian, os.X_OK):
        versions.append(debian)
    for programs in versions:
        with EmbeddedPostgres(binaries=programs) as server:
            prepare_supabase_roles(server.dsn)
            assert len(apply_migrations(server.dsn)) == len(list(migrations()))


def test_the_folder_of_the_migrations_is_found_in_the_checkout() -> None:
    assert migrations_folder().name == "migrations"


def test_every_migration_is_named_after_a_time_of_the_clock() -> None:
    """What `supabase migration list` could not read it shows beside the others without a time."""
    for path in migrations_folder().glob("*.sql"):
        assert datetime.strptime(path.name[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def test_l9_every_migration_of_the_second_edition_has_time_limits() -> None:
    for path in sorted(migrations_folder().glob("*.sql")):
        if path.name >= SECOND_EDITION:
            text = path.read_text()
            assert "set local lock_timeout = '5s';" in text, path.name
            assert "set local statement_timeout = " in text, path.name
