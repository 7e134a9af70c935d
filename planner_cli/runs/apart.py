"""The solver in a process of its own, behind the same face as `planner_cli.solver.solve`.

Why a process and not a thread (measured, see docs/operations.md): whatever the solver does with
the interpreter lock, the heartbeat beats; a stop is honoured at once, also inside a native call
that asks nobody; and when memory runs out, the system ends the solver and the runner lives to say
so. It costs no second import, because the runner itself never imports the solver.
"""

import ctypes
import importlib
import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Protocol

from planner_cli.domain.outcomes import Outcome, Progress, Stopped
from planner_cli.domain.problem import Options, Problem
from planner_cli.errors import PlannerError, SolverDied
from planner_cli.logs import redact

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_ADVICE = "Ask for a smaller problem, or give the runner more memory."


class Solve(Protocol):
    """The face of the solver."""

    def __call__(
        self,
        problem: Problem,
        options: Options | None = None,
        on_progress: Callable[[Progress], None] = ...,
        stop: Callable[[], bool] = ...,
    ) -> Outcome:
        """Answer a problem; `stop` is asked now and then, True ends the work."""
        ...


@dataclass(frozen=True, slots=True)
class MeasuredProgress(Progress):
    """Progress with the memory the solver's process has used at most, in MiB."""

    memory_mib: int | None = None


@dataclass(frozen=True, slots=True)
class _Failure:
    """What went wrong in the solver's process: an error with a name, or a traceback."""

    error: PlannerError | None
    traceback: str


def solve_apart(
    problem: Problem,
    options: Options | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Solve in a process of its own; a stop ends that process within a quarter of a second.

    Raises
    ------
    SolverDied
        The process ended without an answer, or failed in an unforeseen way.
    PlannerError
        What the solver itself raises.
    """
    started_at = time.monotonic()
    here, there = Pipe()
    process = _start(there)
    there.close()
    last: Progress | None = None
    try:
        here.send((problem, options))
        while not stop():
            if not here.poll(_LOOK_SECONDS):
                continue
            message = here.recv()
            if isinstance(message, Progress):
                last = message
                on_progress(message)
            elif isinstance(message, _Failure):
                raise _reported(message)
            else:
                outcome: Outcome = message
                return outcome
        return Stopped({"total": time.monotonic() - started_at})
    except (EOFError, ConnectionError):
        raise _death(process, last) from None
    finally:
        process.kill()
        process.wait()
        here.close()


def _start(connection: Connection) -> subprocess.Popen[bytes]:
    """Start the solver's process: out of reach of the terminal's Ctrl-C, silent on stdout."""
    arguments = [sys.executable, "-m", __name__, str(connection.fileno()), str(os.getpid())]
    return subprocess.Popen(  # noqa: S603  (our own interpreter and module)
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[connection.fileno()],
        process_group=0,
    )


def _reported(failure: _Failure) -> PlannerError:
    """Log the traceback of the other process, and return the error to raise in this one."""
    if failure.error is not None:
        return failure.error
    context = {"traceback": failure.traceback}
    _log.error("The solver failed in an unforeseen way.", extra={"context": context})
    last_line = failure.traceback.strip().rpartition("\n")[2]
    return PlannerError(redact(f"The solver failed ({last_line})."), "See the logs of the run.")


def _death(process: subprocess.Popen[bytes], last: Progress | None) -> SolverDied:
    """Say how the process ended, in which phase, and with how much memory."""
    code = process.wait()
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    where = "before it reported anything"
    if last is not None:
        where = f"in the phase {last.phase} after {last.seconds:.0f} s"
        if isinstance(last, MeasuredProgress) and last.memory_mib is not None:
            where += f", having used {last.memory_mib} MiB"
    why = " (most often: out of memory)" if code == -signal.SIGKILL else ""
    return SolverDied(f"The solver's process was ended {how}{why}, {where}.", _ADVICE)


def main(arguments: list[str]) -> None:
    """Be the solver's process: read a problem, report progress, answer, end.

    Parameters
    ----------
    arguments
        The file descriptor of the connection, and the process id of the runner.
    """
    connection = Connection(int(arguments[0]))
    _end_with(int(arguments[1]))
    problem, options = connection.recv()
    threading.Thread(target=_end_at_hang_up, args=(connection,), daemon=True).start()

    def report(progress: Progress) -> None:
        connection.send(
            MeasuredProgress(
                progress.phase, progress.seconds, progress.score, progress.bound, _memory_mib()
            )
        )

    try:
        connection.send(_solver()(problem, options, on_progress=report, stop=lambda: False))
    except MemoryError:
        text = f"The solver ran out of memory at {_memory_mib()} MiB."
        connection.send(_Failure(SolverDied(text, _ADVICE), traceback.format_exc()))
    except Exception as error:  # noqa: BLE001  (handed to the runner, which reports it)
        connection.send(_Failure(_portable(error), traceback.format_exc()))


def _solver() -> Solve:
    """Return the solver: only its own process imports it."""
    from planner_cli.solver import solve  # noqa: PLC0415

    return solve


def _portable(error: Exception) -> PlannerError | None:
    """Return an error with a name that survives the way to the runner, or None."""
    if not isinstance(error, PlannerError):
        return None
    try:
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own bytes)
    except Exception:  # noqa: BLE001  (an error that cannot travel goes as text)
        return None
    return copy if isinstance(copy, PlannerError) else None


def _memory_mib() -> int:
    """Return the most memory this process has held so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _end_with(runner: int) -> None:
    """Let the kernel end this process when the runner ends in any way (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != runner:
        os._exit(1)


def _end_at_hang_up(connection: Connection) -> None:
    """End this process when the runner has closed its side (every system)."""
    connection.poll(None)
    os._exit(1)


if __name__ == "__main__":
    # The module under its own name, so that what is pickled here is known there.
    importlib.import_module("planner_cli.runs.apart").main(sys.argv[1:])
