"""The Supabase CLI works on our folders as it is, without Docker."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local_stack.generate import supabase
from local_stack.relay import Relay
from local_stack.stack import ROOT, function_entrypoints, socket_folder
from planner_cli.embedded import EmbeddedPostgres, prepare_supabase_roles
from planner_cli.embedded.migrate import migrations

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/lib/plpgsql_check.so"))


@pytest.fixture(scope="module")
def pushed() -> Iterator[str]:
    """An empty project's database after `supabase db push`, at a port."""
    binaries = DEBIAN[-1].parents[1] / "bin" if DEBIAN else None
    with EmbeddedPostgres(binaries=binaries) as server:
        prepare_supabase_roles(server.dsn)
        relay = Relay(f"{socket_folder(server.dsn)}/.s.PGSQL.5432")
        relay.start()
        url = f"postgresql://postgres:any@127.0.0.1:{relay.port}/postgres?sslmode=disable"
        try:
            run_cli("db", "push", "--yes", url=url)
            yield url
        finally:
            relay.stop()


def test_push_applies_every_migration_and_list_agrees(pushed: str) -> None:
    listed = run_cli("migration", "list", url=pushed).stdout
    versions = [migration.version for migration in migrations()]
    assert all(listed.count(version) == 2 for version in versions), listed
    with psycopg.connect(pushed) as connection:
        rows = connection.execute("select version from supabase_migrations.schema_migrations")
        assert sorted(version for (version,) in rows) == versions


def test_a_second_push_finds_nothing_to_do(pushed: str) -> None:
    done = run_cli("db", "push", "--yes", url=pushed)
    assert "up to date" in done.stdout + done.stderr


def test_the_advisors_find_nothing_to_correct(pushed: str) -> None:
    done = run_cli("db", "advisors", url=pushed)
    assert "No issues found" in done.stdout + done.stderr


def test_lint_finds_nothing_to_correct(pushed: str) -> None:
    if not DEBIAN:
        pytest.skip("plpgsql_check is not installed (Debian: postgresql-15-plpgsql-check)")
    done = run_cli("db", "lint", "--level", "warning", "--fail-on", "warning", url=pushed)
    assert "No schema errors found" in done.stdout + done.stderr, done.stdout


def test_the_functions_lie_where_functions_deploy_looks_for_them() -> None:
    for name in function_entrypoints():
        folder = ROOT / "supabase" / "functions" / name
        assert (folder / "index.ts").is_file()
        assert (folder / "deno.json").is_file()
        assert f"[functions.{name}]" in (ROOT / "supabase" / "config.toml").read_text()


def run_cli(*arguments: str, url: str) -> "subprocess.CompletedProcess[str]":
    """Run the Supabase CLI on a database."""
    try:
        return supabase([*arguments, "--db-url", url])
    except subprocess.CalledProcessError as error:
        pytest.fail(f"{error.stdout}\n{error.stderr}")
