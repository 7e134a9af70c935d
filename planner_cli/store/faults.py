"""What a refused or lost call means: from SQLSTATE and HTTP status to an error with a name."""

from planner_cli.errors import (
    ConfigurationError,
    ContractMismatch,
    PlannerError,
    StoreUnreachable,
    WriteRejected,
)

APPLY_MIGRATIONS = "Apply the migrations of this version of the planner to the database."
CHECK_KEY = "Check the key and its role: the planner needs the rights of the service role."
TRY_AGAIN = "Try again: nothing is lost, the same run can be started any number of times."

#: SQLSTATE classes after which the same call may succeed: connection, resources, operator.
_PASSING_CLASSES = ("08", "53", "57", "58")
#: Serialisation failure, deadlock, lock not available; read-only, as a database is for some seconds
#: while another one takes over.
_PASSING_STATES = {"40001", "40P01", "55P03", "25006"}
_PASSING_HTTP = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
#: Function, table, schema or column missing; PostgREST's own codes for the same.
_MISSING_STATES = {"42883", "42P01", "3F000", "42703", "PGRST202", "PGRST205", "PGRST106"}
_DENIED_STATES = {"42501", "28000", "28P01", "PGRST301", "PGRST302", "PGRST303"}
#: Data, integrity, and what a function raises by itself.
_REJECTED_CLASSES = ("22", "23", "P0")


def fault(code: str | None, message: str, hint: str = "", status: int | None = None) -> Exception:
    """Name what went wrong with a call.

    Parameters
    ----------
    code
        SQLSTATE, or PostgREST's own code.
    message, hint
        What the database said.
    status
        The HTTP status, over HTTP.

    Returns
    -------
    Exception
        `StoreUnreachable` when the same call may succeed later, else the error to report.
    """
    code = code or ""
    return (
        _ours(code, message, hint)
        or _theirs(code, message)
        or _over_http(status, message)
        or PlannerError(f"The database answered: {message} ({code or 'no code'}).")
    )


def _ours(code: str, message: str, hint: str) -> PlannerError | None:
    """Recognise the states our own functions raise."""
    if code == "PLN01":
        return ContractMismatch(message, hint or APPLY_MIGRATIONS)
    if code == "PLN02":
        return WriteRejected(message, hint)
    return None


def _theirs(code: str, message: str) -> PlannerError | None:
    """Recognise the states of Postgres and PostgREST."""
    if code in _PASSING_STATES or code.startswith(_PASSING_CLASSES):
        return StoreUnreachable(f"The database could not answer: {message}", TRY_AGAIN)
    if code in _MISSING_STATES:
        return ConfigurationError(f"The database lacks a part: {message}", APPLY_MIGRATIONS)
    if code in _DENIED_STATES:
        return ConfigurationError(f"The database refused the key: {message}", CHECK_KEY)
    if code.startswith(_REJECTED_CLASSES):
        return WriteRejected(message)
    return None


def _over_http(status: int | None, message: str) -> PlannerError | None:
    """Fall back to the HTTP status, which a gateway may answer without any code."""
    if status in _PASSING_HTTP:
        return StoreUnreachable(f"The store answered HTTP {status}: {message}", TRY_AGAIN)
    if status in {401, 403}:
        return ConfigurationError(f"The store refused the key (HTTP {status}).", CHECK_KEY)
    if status == 404:
        return ConfigurationError(
            f"The store does not know the function (HTTP 404): {message}",
            f"Check SUPABASE_URL. {APPLY_MIGRATIONS}",
        )
    return None
