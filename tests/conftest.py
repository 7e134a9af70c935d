"""A real Postgres for the tests: one server per session, an empty planner database per test."""

import logging
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest

from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles

#: Skips that say what the machine is, not what it lacks.
_HONEST_SKIPS = ("only root", "the project of the environment")

_EMPTY = """
truncate public.orgs, public.system_logs, auth.users cascade;
delete from public.planner_settings;
insert into public.planner_settings default values;
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """The embedded server; PLANNER_TEST_POSTGRES_BIN names the programs of another version."""
    folder = os.environ.get("PLANNER_TEST_POSTGRES_BIN")
    with EmbeddedPostgres(binaries=Path(folder) if folder else None) as server:
        prepare_supabase_roles(server.dsn)
        apply_migrations(server.dsn)
        yield server


@pytest.fixture
def database_dsn(postgres_server: EmbeddedPostgres) -> str:
    """The migrated database, emptied for this test."""
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute(_EMPTY)
    return postgres_server.dsn


class _Loud(logging.Handler):
    """Makes a fault the solver only logs for its users the failure of the test that met it."""

    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(f"the solver's own fault: {record.getMessage()}")


@pytest.fixture(autouse=True)
def the_solver_s_own_faults_are_loud() -> Iterator[None]:
    """A bound below the score, for instance, is reported as "no bound" outside the tests."""
    logger, loud = logging.getLogger("planner_cli.solver"), _Loud(logging.ERROR)
    logger.addHandler(loud)
    yield
    logger.removeHandler(loud)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip for want of a tool is a failure: CI installs every tool."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        reason = str(report.longrepr)
        if not any(words in reason for words in _HONEST_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"skipped, although CI should have what it needs: {reason}"
    return report
