"""The servers both suites run against: our own, or a project named in the environment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles
from tests.contract.hospital import Database


@contextmanager
def database() -> Iterator[Database]:
    """Yield a database with the planner's schema.

    Started for the tests, unless SUPABASE_URL names a project: then DATABASE_URL has to be the
    owner's connection to the same database, and what the tests add there is named after them.
    """
    if os.environ.get("SUPABASE_URL"):
        yield Database(os.environ["DATABASE_URL"])
        return
    with EmbeddedPostgres() as server:
        prepare_supabase_roles(server.dsn)
        apply_migrations(server.dsn)
        yield Database(server.dsn)
