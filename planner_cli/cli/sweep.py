"""`planner sweep`: end lost runs, launch lost launches again, apply retention."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
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
    """End what crashed: lost runs, lost launches, old records; safe to run every minute."""
    from planner_cli.cli import console
    from planner_cli.settings import Settings
    from planner_cli.store import open_store

    store = open_store(Settings.read())
    try:
        swept = store.sweep(dry_run=dry_run)
    finally:
        store.close()
    if as_json:
        console.show_json({"dry_run": dry_run, **swept.model_dump(mode="json")})
    else:
        _show(swept, dry_run=dry_run)


def _show(swept: "Swept", *, dry_run: bool) -> None:
    from rich.text import Text

    from planner_cli.cli import console

    if dry_run:
        console.show(Text("Dry run: nothing was changed.", style="yellow"))
    for field, label in _LABELS.items():
        rows: tuple[Any, ...] = getattr(swept, field)
        console.show(Text.assemble((f"{len(rows):>4}", "bold" if rows else "dim"), f"  {label}"))
        for row in rows:
            console.show(Text(f"      {row['run']}  {row.get('reason', '')}".rstrip()))
    purged: Any = swept.purged
    if purged:
        kept = ", ".join(f"{count} of {kind}" for kind, count in purged.items())
        console.show(Text.assemble(("    ", ""), f"  old records removed: {kept}"))
