"""Apply the migrations, recorded where the Supabase CLI records its own."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner_cli.embedded.binaries import INSTALL_HINT
from planner_cli.errors import ConfigurationError

if TYPE_CHECKING:
    import psycopg

_log = logging.getLogger(__name__)
#: A migration waits this often for others to let go of a table (5 s each), then gives up.
LOCK_ATTEMPTS = 6
_ROLES = Path(__file__).with_name("supabase_project.sql")
_RECORD = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text primary key, statements text[], name text
);
"""


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """One file of `migrations/`: `<version>_<name>.sql`."""

    version: str
    name: str
    path: Path


def migrations_folder() -> Path:
    """Return the folder of the migrations: inside the wheel, or beside the package in a checkout.

    Raises
    ------
    ConfigurationError
        Neither exists.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "_resources" / "migrations", package.parent / "migrations"):
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        "The migrations are missing from this installation.", "Install the package again."
    )


def migrations(folder: Path | None = None) -> Iterator[Migration]:
    """Yield the migrations of a folder in order."""
    for path in sorted((folder or migrations_folder()).glob("*.sql")):
        version, _, name = path.stem.partition("_")
        yield Migration(version, name, path)


def apply_migrations(dsn: str, folder: Path | None = None) -> list[str]:
    """Bring a database up to date, each migration in one transaction; a second call does nothing.

    Parameters
    ----------
    dsn
        Connection string of the owner of the schema.
    folder
        Where the files are; default is the planner's own.

    Returns
    -------
    list of str
        The versions applied by this call, in order.

    Raises
    ------
    ConfigurationError
        The extra `local` is not installed.
    psycopg.Error
        A migration failed: its own changes are rolled back, earlier ones stay. One that meets a
        lock (55P03) is tried again a few times first.
    """
    applied = []
    with connect(dsn) as connection:
        connection.execute("select pg_advisory_lock(hashtext('planner migrations'))")
        connection.execute(_RECORD)
        rows = connection.execute(
            "select version from supabase_migrations.schema_migrations"
        ).fetchall()
        known = {version for (version,) in rows}
        for migration in migrations(folder):
            if migration.version not in known:
                _apply(connection, migration)
                applied.append(migration.version)
    return applied


def prepare_supabase_roles(dsn: str) -> None:
    """Create what every Supabase project already has; a second call does nothing.

    The roles anon, authenticated, service_role and authenticator, the schema `auth` with its users
    and `auth.uid()`, `auth.jwt()`, `auth.role()`, the publication `supabase_realtime` and the
    default privileges of the schema `public`.
    """
    with connect(dsn) as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('planner roles'))")
        connection.execute(_ROLES.read_bytes())


def connect(dsn: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """Open a connection in autocommit mode, or say what to install."""
    try:
        import psycopg  # noqa: PLC0415 - only the extra `local` has it
    except ImportError as error:
        raise ConfigurationError("The Postgres driver is not installed.", INSTALL_HINT) from error
    return psycopg.connect(dsn, autocommit=True)


def _apply(connection: "psycopg.Connection[tuple[Any, ...]]", migration: Migration) -> None:
    import psycopg  # noqa: PLC0415 - only the extra `local` has it
    from tenacity import (  # noqa: PLC0415
        Retrying,
        before_sleep_log,
        retry_if_exception_type,
        stop_after_attempt,
        wait_random,
    )

    trying = Retrying(
        retry=retry_if_exception_type(psycopg.errors.LockNotAvailable),
        stop=stop_after_attempt(LOCK_ATTEMPTS),
        wait=wait_random(0.1, 1.0),
        before_sleep=before_sleep_log(_log, logging.INFO),
        reraise=True,
    )
    for attempt in trying:
        with attempt, connection.transaction():
            connection.execute(migration.path.read_bytes())
            connection.execute(
                "insert into supabase_migrations.schema_migrations (version, name) values (%s, %s)",
                (migration.version, migration.name),
            )
