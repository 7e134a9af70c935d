"""`planner doctor`: configuration, connection, contract, clock, last sweep: what is wrong."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from planner_cli.errors import ExitCode, PlannerError

if TYPE_CHECKING:
    from planner_cli.settings import Settings
    from planner_cli.store import RunStore

#: A clock further off than this makes logs hard to read; leases do not depend on it.
_CLOCK_SECONDS = 5.0
#: The sweep should run every minute; three missed ones are worth a word.
_SWEEP_SECONDS = 300.0
_SLOW_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, and what to do when it is not well."""

    what: str
    state: Literal["ok", "warning", "error"]
    found: str
    remedy: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    host: Annotated[
        bool,
        typer.Option(
            "--host", help="Ask instead whether the planner fits the database of DATABASE_URL."
        ),
    ] = False,
) -> None:
    """Say what is misconfigured and what to do about it; exits 3 when something is."""
    from planner_cli.cli import console

    findings = list(_of_host() if host else _findings())
    worst = max((("ok", "warning", "error").index(f.state) for f in findings), default=0)
    if as_json:
        console.show_json({"well": worst < 2, "findings": [asdict(f) for f in findings]})
    else:
        _show(findings)
    if worst == 2:
        raise typer.Exit(ExitCode.CONFIGURATION)


def _findings() -> Iterator[Finding]:
    from planner_cli.cli.doctor_settings import look_at
    from planner_cli.settings import Settings, SupabaseAddress
    from planner_cli.store import open_store

    for remark in look_at():
        yield Finding(*remark)
    try:
        settings = Settings.read()
        address = settings.address()
    except PlannerError as error:
        yield Finding("configuration", "error", error.message, error.hint)
        return
    kind = "Supabase" if isinstance(address, SupabaseAddress) else "Postgres, directly"
    yield Finding("configuration", "ok", kind)
    brief = settings.model_copy(update={"request_attempts": 1})
    try:
        store = open_store(brief)
    except PlannerError as error:
        yield Finding("connection", "error", error.message, error.hint)
        return
    try:
        yield from _of_store(store, settings)
    finally:
        store.close()


def _of_host() -> Iterator[Finding]:
    """Look at the database itself, before or after the migrations; nothing is changed."""
    from planner_cli.embedded.host_check import check_host
    from planner_cli.settings import PostgresAddress, Settings

    address = Settings.read().model_copy(update={"supabase_url": None}).address()
    assert isinstance(address, PostgresAddress)  # noqa: S101
    for fit in check_host(address.dsn.get_secret_value()):
        yield Finding(fit.what, fit.state, fit.found, fit.remedy)


def _of_store(store: "RunStore", settings: "Settings") -> Iterator[Finding]:
    from planner_cli.cli.doctor_settings import look_at_lease
    from planner_cli.errors import StoreUnreachable
    from planner_cli.settings import SupabaseAddress
    from planner_cli.store import CONTRACT_VERSION

    asked_at = monotonic()
    try:
        health = dict(store.health())
    except StoreUnreachable as error:
        name = "SUPABASE_URL" if isinstance(settings.address(), SupabaseAddress) else "DATABASE_URL"
        remedy = f"Check {name}, that the project is not paused, and the network from here."
        yield Finding("connection", "error", error.message, remedy)
        return
    except PlannerError as error:
        yield Finding("connection", "error", error.message, error.hint)
        return
    seconds = monotonic() - asked_at
    state: Literal["ok", "warning"] = "warning" if seconds > _SLOW_SECONDS else "ok"
    remedy = "Run the planner in the region of the database, or look at the database's load."
    yield Finding("connection", state, f"answered in {seconds * 1000:.0f} ms", remedy)
    ours, theirs = CONTRACT_VERSION, health["contract"]
    if theirs == ours:
        yield Finding("contract", "ok", f"version {ours}")
    else:
        newer = isinstance(theirs, int) and theirs > ours
        remedy = "Take the newer image." if newer else "Apply the migrations of this version."
        yield Finding("contract", "error", f"the schema speaks {theirs}, we speak {ours}", remedy)
    of_database = health.get("settings")
    lease = of_database.get("lease_seconds") if isinstance(of_database, dict) else None
    if isinstance(lease, int | float):
        for remark in look_at_lease(settings, lease):
            yield Finding(*remark)
    yield _clock(health, seconds)
    yield _last_sweep(health)
    yield Finding("runs", "ok", f"{health['generating']} generating, {health['waiting']} waiting")


def _clock(health: dict[str, Any], seconds: float) -> Finding:
    off = (datetime.now(UTC) - datetime.fromisoformat(health["now"])).total_seconds()
    off = abs(off) - seconds
    if off <= _CLOCK_SECONDS:
        return Finding("clock", "ok", "agrees with the database")
    remedy = "Set this machine's clock; leases go by the database's and are safe."
    return Finding("clock", "warning", f"{off:.0f} s off the database's", remedy)


def _last_sweep(health: dict[str, Any]) -> Finding:
    remedy = "Let cron run `planner sweep` every minute, see docs/operations.md."
    if health["last_swept_at"] is None:
        return Finding("sweep", "warning", "never ran", remedy)
    now, last = (datetime.fromisoformat(health[name]) for name in ("now", "last_swept_at"))
    ago = (now - last).total_seconds()
    if ago > _SWEEP_SECONDS:
        return Finding("sweep", "warning", f"last ran {ago / 60:.0f} minutes ago", remedy)
    return Finding("sweep", "ok", f"ran {ago:.0f} s ago")


def _show(findings: list[Finding]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from planner_cli.cli import console

    marks = {"ok": ("✓", "bold green"), "warning": ("!", "bold yellow"), "error": ("✗", "bold red")}
    for finding in findings:
        console.show(Text.assemble(marks[finding.state], f"  {finding.what:<14} {finding.found}"))
        if finding.remedy and finding.state != "ok":
            console.show(Padding(Text(finding.remedy, style="dim"), (0, 0, 0, 18)))
