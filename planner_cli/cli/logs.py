"""`planner logs RUN_ID`: what was logged about a run."""

from typing import Annotated, Any
from uuid import UUID

import typer

_STYLES = {"WARNING": "yellow", "ERROR": "bold red", "CRITICAL": "bold red", "DEBUG": "dim"}


def logs(
    run_id: Annotated[UUID, typer.Argument(help="Id of the planner run.", metavar="RUN_ID")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
) -> None:
    """Show what was logged about a run, tracebacks included."""
    from planner_cli.cli import console
    from planner_cli.errors import RunNotFound
    from planner_cli.settings import Settings
    from planner_cli.store import open_store

    store = open_store(Settings.read())
    try:
        rows = store.logs_of(run_id)
        known = bool(rows) or store.recording(run_id).get("outcome") == "FOUND"
    finally:
        store.close()
    if not known:
        raise RunNotFound(f"No run has the id {run_id}.", "Check the id.")
    if as_json:
        console.show_json({"run": str(run_id), "logs": list(rows)})
        return
    if not rows:
        console.show("Nothing was logged about this run, or its retention is over.")
    for row in rows:
        _show(dict(row))


def _show(row: dict[str, Any]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from planner_cli.cli import console

    level, context = str(row["level"]), dict(row["context"])
    trace = context.pop("traceback", None)
    moment = str(row["created_at"])[:23].replace("T", " ")
    console.show(
        Text.assemble(
            (f"{moment}  ", "dim"),
            (f"{level:<8}", _STYLES.get(level, "")),
            f" {row['message']}",
            (f"  {context}" if context else "", "dim"),
        )
    )
    if trace:
        console.show(Padding(Text(str(trace).rstrip(), style="dim"), (0, 0, 0, 4)))
