"""Launching the runs that a sweep names: each on its own, so that one failure stops no other."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from planner_cli.launch.contract import Launcher, LaunchFailed

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LaunchedAgain:
    """What became of one launch: the execution's name, or the reason why there is none."""

    run: UUID
    execution: str | None = None
    reason: str | None = None


def launch_again(launcher: Launcher, runs: Iterable[UUID]) -> tuple[LaunchedAgain, ...]:
    """Launch each of these runs once.

    Parameters
    ----------
    launcher
        Starts the runners.
    runs
        Those that `planner_sweep` named under `relaunch`, and counted.

    Returns
    -------
    tuple of LaunchedAgain
        One for each run, in order. A failed launch is logged; the next sweep repeats it.
    """
    return tuple(_launch(launcher, run) for run in runs)


def _launch(launcher: Launcher, run: UUID) -> LaunchedAgain:
    try:
        launched = launcher.launch(run)
    except LaunchFailed as error:
        context = {"run": str(run), "reason": error.reason}
        _log.error(
            "Run %s could not be launched: %s", run, error.message, extra={"context": context}
        )
        return LaunchedAgain(run, reason=error.reason)
    _log.info("Launched run %s again.", run, extra={"context": {"execution": launched.execution}})
    return LaunchedAgain(run, execution=launched.execution)
