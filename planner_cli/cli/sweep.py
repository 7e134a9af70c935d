"""`planner sweep`: end lost runs, launch lost launches again, apply retention."""

import logging
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from planner_cli.launch import LaunchedAgain
    from planner_cli.store import Swept

_LABELS = {
    "lost": "runs ended because their runner was lost or their deadline over",
    "expired": "waiting runs ended because they could not be started in time",
    "relaunch": "waiting runs to be launched again",
}


def sweep(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
) -> None:
    """End what crashed: lost runs, lost launches, old records; safe to run every minute.

    With PLANNER_LAUNCHER set, runs that nobody came for are launched again; else they are named.
    """
    from planner_cli import logs
    from planner_cli.cli import console
    from planner_cli.launch import LaunchSettings, launch_again, open_launcher
    from planner_cli.settings import Settings
    from planner_cli.store import open_store

    settings = Settings.read()
    logs.configure(settings.log_level, sys.stderr)
    _warn()
    launcher = open_launcher(LaunchSettings.read())
    store = open_store(settings)
    try:
        swept = store.sweep(dry_run=dry_run)
    finally:
        store.close()
    launched: tuple[LaunchedAgain, ...] = ()
    if launcher is not None and not dry_run:
        runs: Any = swept.relaunch
        launched = launch_again(launcher, [UUID(row["run"]) for row in runs])
    if as_json:
        again = [{**asdict(one), "run": str(one.run)} for one in launched]
        document = {"dry_run": dry_run, **swept.model_dump(mode="json"), "launched": again}
        console.show_json(document)
    else:
        _show(swept, launched, dry_run=dry_run)


def _warn() -> None:
    """Log what `planner doctor` finds doubtful in the environment; nothing is asked of a server."""
    from planner_cli.cli.doctor_settings import look_at

    for remark in look_at():
        if remark.state == "warning" and remark.what != "launcher":
            said = f"{remark.found}. {remark.remedy}"
            logging.getLogger("planner_cli.doctor").warning("%s", said)


def _show(swept: "Swept", launched: "tuple[LaunchedAgain, ...]", *, dry_run: bool) -> None:
    from rich.text import Text

    from planner_cli.cli import console

    if dry_run:
        console.show(Text("Dry run: nothing was changed.", style="yellow"))
    for field, label in _LABELS.items():
        rows: tuple[Any, ...] = getattr(swept, field)
        console.show(Text.assemble((f"{len(rows):>4}", "bold" if rows else "dim"), f"  {label}"))
        for row in rows:
            console.show(Text(f"      {row['run']}  {row.get('reason', '')}".rstrip()))
    for one in launched:
        console.show(Text(f"      {one.run}  {one.execution or one.reason}"))
    purged: Any = swept.purged
    if purged:
        kept = ", ".join(f"{count} of {kind}" for kind, count in purged.items())
        console.show(Text.assemble(("    ", ""), f"  old records removed: {kept}"))
