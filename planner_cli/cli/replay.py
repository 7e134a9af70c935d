"""`planner replay RUN_ID|FILE`: repeat a recorded run, write nothing, say what differs."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from planner_cli.errors import ExitCode

if TYPE_CHECKING:
    from planner_cli.runs.replay import Recording, Replayed

#: Differences shown before the rest is only counted.
_SHOWN = 20


def replay(
    what: Annotated[str, typer.Argument(metavar="RUN_ID|FILE", help="A run, or a saved bundle.")],
    save: Annotated[
        str | None, typer.Option(help="Write the recording as a bundle, and solve nothing.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
    exit_status: Annotated[
        bool, typer.Option("--exit-status", help="Exit 1 when the answers differ.")
    ] = False,
) -> None:
    """Solve the recorded inputs again, writing nothing, and say what differs."""
    from planner_cli.cli import console
    from planner_cli.cli.documents import json_bytes
    from planner_cli.cli.progress import interruptible, shown_progress
    from planner_cli.cli.target import Target
    from planner_cli.runs.replay import replay as repeat
    from planner_cli.solver import solve

    target = None if save is None else Target(save)
    if target is not None:
        target.check()
    recording = _recording(what)
    if target is not None:
        target.write(json_bytes(recording.to_bundle()))
        if not target.is_stdout:
            console.remark(f"The recording of {recording.source} is in {target}.")
            if as_json:
                console.show_json({"source": recording.source, "file": str(target.path)})
        return
    with interruptible() as interruption, shown_progress(recording.problem.name) as on_progress:
        found = repeat(recording, solve, on_progress, lambda: interruption.wanted)
    if interruption.wanted:
        # Half a repetition compares with nothing.
        raise typer.Exit(interruption.exit_code)
    if as_json:
        console.show_json(_document(recording, found))
    else:
        _show(recording, found)
    if exit_status and found.verdict == "different":
        raise typer.Exit(ExitCode.UNFORESEEN)


def _recording(what: str) -> "Recording":
    """Read a bundle or a problem file, or ask the database for the run."""
    from planner_cli.cli.documents import load_json
    from planner_cli.errors import RunNotFound
    from planner_cli.runs.replay import recording_from

    try:
        run = UUID(what)
    except ValueError:
        document = load_json(what)
        if isinstance(document, dict) and "problem" not in document:
            document = {"problem": document}
        return recording_from(what, document)
    from planner_cli.settings import Settings
    from planner_cli.store import open_store

    store = open_store(Settings.read())
    try:
        answer = store.recording(run)
    finally:
        store.close()
    if answer.get("outcome") != "FOUND":
        raise RunNotFound(f"No run has the id {run}.", "Check the id.")
    return recording_from(what, answer)


def _document(recording: "Recording", found: "Replayed") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "source": recording.source,
        "verdict": found.verdict,
        "differences": [asdict(difference) for difference in found.differences],
        "reasons": list(found.reasons),
        "result": found.result.to_json(),
    }


def _show(recording: "Recording", found: "Replayed") -> None:
    from rich.table import Table
    from rich.text import Text

    from planner_cli.cli import console

    result = found.result
    answer = f"{result.status}, {result.message}"
    if found.verdict == "identical":
        words = f" to what was recorded of {recording.source}: {answer}"
        console.show(Text.assemble(("✓ ", "bold green"), ("identical", "bold"), words))
        return
    if found.verdict == "new":
        console.show(Text.assemble(("new  ", "bold yellow"), f"no answer is recorded: {answer}"))
        return
    head = f" in {len(found.differences)} places from what was recorded of {recording.source}"
    console.show(Text.assemble(("✗ ", "bold red"), ("different", "bold"), head), Text())
    table = Table(box=None, padding=(0, 2), pad_edge=False, header_style="bold")
    for heading in ("What", "Recorded", "Repeated"):
        table.add_column(heading, overflow="fold")
    for difference in found.differences[:_SHOWN]:
        table.add_row(difference.what, difference.recorded, difference.repeated)
    console.show(table)
    if len(found.differences) > _SHOWN:
        console.show(f"and {len(found.differences) - _SHOWN} more (see --json)")
    console.show(Text())
    for reason in found.reasons or ("No reason was found: please report this bundle.",):
        console.show(f"  {reason}")
