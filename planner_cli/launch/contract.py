"""What every launcher promises."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from planner_cli.errors import PlannerError


@dataclass(frozen=True, slots=True)
class Launched:
    """A launch that was taken; `execution` is the platform's own name of it, for the logs."""

    execution: str


class LaunchFailed(PlannerError):
    """No runner was started, or it is not known whether one was: the next sweep tries again.

    Parameters
    ----------
    reason
        A machine code: launch.denied, launch.no_such_job, launch.busy, launch.timeout,
        launch.unreachable or launch.failed.
    message
        What happened, without secrets.
    """

    code = "launch.failed"
    row_status = None

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, "The run stays as it is; the next sweep launches it again.")
        self.reason = reason


class Launcher(Protocol):
    """Starts `planner run <run>` somewhere; two launches of one run do no harm."""

    def launch(self, run: UUID) -> Launched:
        """Start a runner for this run.

        Raises
        ------
        LaunchFailed
            It was not started, or nobody knows.
        """
        ...


def runner_arguments(run: UUID) -> list[str]:
    """Return the arguments of the runner: the same whoever launches it."""
    return ["run", str(run)]
