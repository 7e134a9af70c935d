"""`planner run RUN_ID`: answer one planner run, then the ones that wait behind it."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from planner_cli.errors import ExitCode, PlannerError

if TYPE_CHECKING:
    from planner_cli.domain.outcomes import Progress
    from planner_cli.runs.attempt import Answered
    from planner_cli.settings import Settings


def run(
    run_id: Annotated[UUID, typer.Argument(help="Id of the planner run.", metavar="RUN_ID")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer as one object.")
    ] = False,
    exit_status: Annotated[
        bool, typer.Option("--exit-status", help="Exit 10 when the run is infeasible.")
    ] = False,
    no_drain: Annotated[
        bool, typer.Option("--no-drain", help="Leave waiting runs to others.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="While another run is generating, wait for it.")
    ] = False,
) -> None:
    """Answer one run: claim it, solve, check, write the job lines back; then the waiting runs.

    Exits 0 once the row holds the true answer, also when that is INFEASIBLE or another runner's.
    """
    from planner_cli.cli import console

    try:
        answered = answer_run(
            run_id, wait=wait, drain=not no_drain, report=_show_json if as_json else _show
        )
    except PlannerError as error:
        if as_json and not console.json_is_shown():
            console.show_json(_document(run_id, "unknown", error.code, error.message))
        raise
    if answered.error is not None:
        raise answered.error
    if exit_status and answered.status == "INFEASIBLE":
        raise typer.Exit(ExitCode.INFEASIBLE)


def answer_run(
    run_id: UUID,
    *,
    wait: bool,
    drain: bool,
    settings: "Settings | None" = None,
    report: Callable[["Answered"], None] = lambda _: None,
) -> "Answered":
    """Put the parts together: settings, logs, store, solver; answer, report, then drain.

    Parameters
    ----------
    run_id
        The run to answer.
    wait
        Wait for a busy lane.
    drain
        Afterwards answer the runs that wait.
    settings
        Absent: the environment's.
    report
        Called with the answer before the waiting runs are begun.

    Raises
    ------
    PlannerError
        The run was not answered; the error carries the exit code.
    """
    from planner_cli import logs
    from planner_cli.runs.answer import Runner
    from planner_cli.runs.apart import solve_apart
    from planner_cli.runs.signals import listening
    from planner_cli.settings import Settings
    from planner_cli.store import open_store

    settings = settings or Settings.read()
    rows = logs.RowsForStore() if settings.log_rows else None
    logs.configure(settings.log_level, sys.stderr, rows=rows)
    with listening() as interruption, _progress(run_id) as on_progress:
        store = open_store(settings, pause=interruption.sleep)
        runner = Runner(
            store=store,
            solve=solve_apart,
            settings=settings,
            interruption=interruption,
            rows=rows,
            on_progress=on_progress,
        )
        try:
            answered = runner.answer(run_id, wait=wait, in_turn=drain)
            _reported(report, answered)
            if drain and answered.frees_the_lane:
                runner.drain()
            return answered
        finally:
            store.close()


def _reported(report: Callable[["Answered"], None], answered: "Answered") -> None:
    """Report the answer; the row has it, so output that fails changes nothing."""
    try:
        report(answered)
    except (PlannerError, OSError, ValueError) as error:
        logging.getLogger(__name__).warning("The answer could not be printed: %s", error)


@contextmanager
def _progress(run_id: UUID) -> Iterator[Callable[["Progress"], None]]:
    """Show progress in one live line on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from planner_cli.cli.console import remarks
    from planner_cli.cli.progress import describe

    with remarks().status(f"run {run_id}") as status:
        yield lambda progress: status.update(f"run {run_id}: {describe(progress)}")


def _show(answered: "Answered") -> None:
    """Print the lines and what they are worth, or in a line what became of the run."""
    from planner_cli.cli import console

    if answered.problem is not None and answered.result is not None:
        from planner_cli.cli.summary import render

        console.show(render(answered.problem, answered.result, console.answers().width))
    if answered.reason == "busy":
        console.show_line(answered.message)
        return
    reason = f" ({answered.reason})" if answered.reason else ""
    said = "" if answered.error else f" {answered.message}"
    console.show_line(f"Run {answered.run}: {answered.status}{reason}.{said}")


def _show_json(answered: "Answered") -> None:
    """Print what became of the run, with the whole result where this process found it."""
    from planner_cli.cli import console

    document = _document(answered.run, answered.status, answered.reason, answered.message)
    result = answered.result.to_json() if answered.result else None
    console.show_json({**document, "result": result})


def _document(run_id: UUID, status: str, reason: str, message: str) -> dict[str, Any]:
    return {"run": str(run_id), "status": status, "reason": reason, "message": message}
