"""The embedded Postgres of `planner demo` and of the tests, made up like a Supabase project."""

from planner_cli.embedded.example import Hospital, load_problem, request_run
from planner_cli.embedded.migrate import apply_migrations, prepare_supabase_roles
from planner_cli.embedded.server import EmbeddedPostgres

__all__ = [
    "EmbeddedPostgres",
    "Hospital",
    "apply_migrations",
    "load_problem",
    "prepare_supabase_roles",
    "request_run",
]
