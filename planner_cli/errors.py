"""What can go wrong, as types: what happened, what to do, and what it means for the row."""

from enum import IntEnum
from typing import ClassVar, Literal

RowStatus = Literal["FAILED", "CANCELLED"]


class ExitCode(IntEnum):
    """The exit codes other programs rely on (see docs/operations.md)."""

    OK = 0
    UNFORESEEN = 1
    USAGE = 2
    CONFIGURATION = 3
    NOT_FOUND = 4
    BAD_INPUT = 5
    UNDECIDED = 7
    INFEASIBLE = 10
    STORE_UNREACHABLE = 75
    INTERRUPTED = 130
    TERMINATED = 143


class PlannerError(Exception):
    """An error with a name: a machine code, one sentence for people, and what to do about it.

    Parameters
    ----------
    message
        What happened, one sentence.
    hint
        What to do about it; empty when nothing can be done.
    """

    code: ClassVar[str] = "unforeseen"
    exit_code: ClassVar[ExitCode] = ExitCode.UNFORESEEN
    #: The final status this error gives the run's row; None leaves the row as it is.
    row_status: ClassVar[RowStatus | None] = "FAILED"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigurationError(PlannerError):
    """A setting is missing or wrong: nothing was tried."""

    code = "configuration"
    exit_code = ExitCode.CONFIGURATION
    row_status = None


class ContractMismatch(ConfigurationError):
    """The program and the database schema speak different versions of the contract."""

    code = "contract.mismatch"


class RunNotFound(PlannerError):
    """No run has this id."""

    code = "run.not_found"
    exit_code = ExitCode.NOT_FOUND
    row_status = None


class BadInput(PlannerError):
    """The problem cannot be read: every field at fault is named."""

    code = "input.invalid"
    exit_code = ExitCode.BAD_INPUT


class UnreadableClaim(BadInput):
    """A run was handed out with inputs that cannot even be taken in: too deep, absurd numbers."""

    code = "input.unreadable"


class OutputLost(PlannerError):
    """The answer could not be printed: the disk is full, or the output was closed."""

    code = "output.lost"
    row_status = None


class Undecided(PlannerError):
    """Neither lines nor a proof were found in the time allowed."""

    code = "solver.undecided"
    exit_code = ExitCode.UNDECIDED


class IllegalLines(PlannerError):
    """The referee objects to the solver's lines: nothing is written."""

    code = "solver.illegal_lines"


class WriteRejected(PlannerError):
    """The database refused the lines: nothing was written."""

    code = "store.rejected"


class StoreUnreachable(PlannerError):
    """The store did not answer, also after repeats: try again later."""

    code = "store.unreachable"
    exit_code = ExitCode.STORE_UNREACHABLE
    row_status = None


class DeadlinePassed(Undecided):
    """The solver was still busy when the run's deadline came."""

    code = "solver.deadline"


class SolverDied(PlannerError):
    """The solver's process ended without an answer, most often for want of memory."""

    code = "solver.died"


class Terminated(PlannerError):
    """The runner was told to stop (SIGTERM)."""

    code = "runner.terminated"
    exit_code = ExitCode.TERMINATED


class Interrupted(Terminated):
    """The runner was interrupted from the keyboard (SIGINT)."""

    exit_code = ExitCode.INTERRUPTED
