"""The transport of the embedded database: SQL functions over a direct connection."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner_cli.errors import ConfigurationError, StoreUnreachable
from planner_cli.settings import PostgresAddress
from planner_cli.store.faults import CHECK_KEY, TRY_AGAIN, fault

if TYPE_CHECKING:
    import psycopg

#: For one transaction only, so that nothing stays behind on a connection of a pool.
_TIME_LIMIT = "select set_config('statement_timeout', %s, false)"
#: What a server says before there is a session, where no SQLSTATE arrives.
_REFUSALS = ("authentication failed", "does not exist", "no pg_hba.conf entry", "not permitted")


class PostgresTransport:
    """Calls SQL functions, each over a connection of its own.

    A run makes fewer than ten calls besides its heartbeats, so nothing is kept open that could
    go stale, and the threads of a runner never wait for each other.

    Parameters
    ----------
    address
        The connection string.
    """

    def __init__(self, address: PostgresAddress) -> None:
        try:
            import psycopg  # noqa: F401, PLC0415  (only in the extra `local`)
        except ImportError:
            raise ConfigurationError(
                "DATABASE_URL needs psycopg, which is not installed.",
                "Run: pip install 'planner-cli[local]'",
            ) from None
        self._dsn = address.dsn

    def call(
        self, function: str, arguments: Mapping[str, object], *, timeout_seconds: float
    ) -> object:
        """Call `public.<function>` with named arguments and return its single value."""
        import psycopg  # noqa: PLC0415
        from psycopg import sql  # noqa: PLC0415
        from psycopg.types.json import Jsonb  # noqa: PLC0415

        query = sql.SQL("select public.{}({})").format(
            sql.Identifier(function),
            sql.SQL(", ").join(sql.SQL(f"{name} => %s") for name in arguments),
        )
        values = [Jsonb(v) if isinstance(v, Mapping | list) else v for v in arguments.values()]
        try:
            with self._connect(timeout_seconds) as connection:
                connection.execute(_TIME_LIMIT, (f"{int(timeout_seconds * 1_000)}ms",))
                row = connection.execute(query, values).fetchone()
        except psycopg.Error as error:
            if error.sqlstate is None:
                raise StoreUnreachable(f"The connection broke: {error}", TRY_AGAIN) from error
            diagnosis = error.diag
            raise fault(
                error.sqlstate,
                diagnosis.message_primary or str(error),
                diagnosis.message_hint or "",
            ) from None
        return row[0] if row else None

    def close(self) -> None:
        """Nothing is held open."""

    def _connect(self, timeout_seconds: float) -> "psycopg.Connection":
        """Open a connection that does not wait for a silent network for ever."""
        import psycopg  # noqa: PLC0415

        try:
            return psycopg.connect(
                self._dsn.get_secret_value(),
                # The server commits with the statement: a client paused here holds no lock.
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=max(2, int(min(timeout_seconds, 10))),
                tcp_user_timeout=int(timeout_seconds * 1_000),
                application_name="planner",
            )
        except psycopg.ProgrammingError:
            # The driver's own sentence quotes the part at fault, which may be the password.
            raise ConfigurationError(
                "DATABASE_URL cannot be read.",
                "Write it as postgresql://user:password@host:5432/database, with % as %25,"
                " @ as %40 and / as %2F inside the password.",
            ) from None
        except psycopg.OperationalError as error:
            said = str(error).strip()
            if any(refusal in said for refusal in _REFUSALS):
                raise ConfigurationError(f"The database refused: {said}", CHECK_KEY) from None
            raise StoreUnreachable(f"The database did not answer: {said}", TRY_AGAIN) from error
