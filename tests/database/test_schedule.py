"""The schedule inside the database: on Debian's Postgres 15 with pg_cron it really fires."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles
from tests.database.house import House

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/pg_cron.control")
SETTINGS = {
    "shared_preload_libraries": "pg_cron",
    "cron.database_name": "postgres",
    # No password and no TCP connection of pg_cron's own.
    "cron.use_background_workers": "on",
}
#: pg_cron fires at full minutes; then a background worker has to start.
LONGEST_WAIT_SECONDS = 75.0


@pytest.fixture(scope="module")
def scheduled() -> Iterator[House]:
    """A hospital in a database whose Postgres has pg_cron."""
    if not (PROGRAMS / "postgres").exists() or not EXTENSION.exists():
        pytest.skip("postgresql-15 and postgresql-15-cron are not installed (.ci/debian-packages)")
    with EmbeddedPostgres(binaries=PROGRAMS, settings=SETTINGS) as server:
        prepare_supabase_roles(server.dsn)
        apply_migrations(server.dsn)
        house = House(server.dsn)
        yield house
        house.close()


def test_the_migration_schedules_one_sweep_a_minute(scheduled: House) -> None:
    assert scheduled.run("select jobname, schedule, database, active from cron.job").fetchall() == [
        ("planner-sweep", "* * * * *", "postgres", True)
    ]


@pytest.mark.slow
def test_the_schedule_ends_a_lost_run_with_nobody_else_about(scheduled: House) -> None:
    lost, _ = scheduled.claimed()
    scheduled.age(lost, 60)
    waiting = scheduled.request(scheduled.add_hospital("Beta"))
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while scheduled.status(lost) == "GENERATING" and time.monotonic() < until:
        time.sleep(0.5)
    assert scheduled.row(lost)["reason"] == "runner.lost"
    assert scheduled.value("select last_swept_at from planner_settings") is not None
    assert scheduled.row(waiting)["launches"] == 1, "launches are left to those who can launch"
    said = scheduled.value("select string_agg(distinct status, ' ') from cron.job_run_details")
    assert said in {"succeeded", "running succeeded", "running"}
