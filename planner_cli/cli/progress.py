"""Progress of a solve on stderr: a live line on a terminal, nothing in a pipe; and Ctrl-C."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from planner_cli.cli.console import remarks
from planner_cli.domain.outcomes import Progress
from planner_cli.errors import ExitCode

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)
_WORDS = {
    "reading": "reading the problem",
    "counting": "counting posts against rules",
    "patterns": "listing the legal patterns",
    "bound": "proving how good a set can be",
    "columns": "choosing patterns",
    "integer": "building whole lines",
    "terms": "placing the terms",
    "leave": "placing annual leave",
    "checking": "checking every line",
    "explaining": "finding out why there is no set",
}


class Interrupted:
    """Whether Ctrl-C or SIGTERM came; the second one ends the process at once.

    A handler in Python runs only when the main thread comes back from the library that solves. So
    the system itself writes each signal into a pipe, and whoever asks, from any thread, reads it.

    Parameters
    ----------
    pipe
        The reading end, which does not block.
    """

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._seen = b""

    @property
    def wanted(self) -> bool:
        """A signal has come."""
        # Nothing more is read once nobody listens any more (OSError: the pipe is closed).
        with contextlib.suppress(OSError):
            self._seen += bytes(n for n in os.read(self._pipe, 64) if n in _INTERRUPTS)
        if len(self._seen) > 1:
            os._exit(self.exit_code)
        return bool(self._seen)

    def close(self) -> None:
        """Listen no more: what came is remembered, and the number of the pipe may be another's."""
        _ = self.wanted
        os.close(self._pipe)
        self._pipe = -1

    @property
    def exit_code(self) -> ExitCode:
        """Return what the process says of it: 130 for Ctrl-C, 143 for SIGTERM."""
        first = self._seen[:1] == bytes([signal.SIGINT])
        return ExitCode.INTERRUPTED if first else ExitCode.TERMINATED


@contextlib.contextmanager
def interruptible() -> Iterator[Interrupted]:
    """Listen to Ctrl-C and SIGTERM until the answer is there; only the main thread can."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    interrupted = Interrupted(reading)
    try:
        if threading.current_thread() is not threading.main_thread():
            yield interrupted
            return
        before_fd = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        before = {number: signal.signal(number, _wait_and_see) for number in _INTERRUPTS}
        try:
            yield interrupted
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before_fd)
    finally:
        interrupted.close()
        os.close(writing)


def _wait_and_see(_number: int, _frame: FrameType | None) -> None:
    """Leave the signal to whoever reads the pipe."""


@contextlib.contextmanager
def shown_progress(name: str) -> Iterator[Callable[[Progress], None]]:
    """Show a solve's progress in one live line; give the solver its listener."""
    console = remarks()
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(f"{name}: starting") as status:
        yield lambda progress: status.update(f"{name}: {describe(progress)}")


def describe(progress: Progress) -> str:
    """Say in words how far the solver is."""
    text = f"{_WORDS[progress.phase]}, {progress.seconds:.0f} s"
    if progress.score is not None and progress.gap is not None:
        text += f", score {progress.score:,}, at most {progress.gap:.2%} below the best"
    elif progress.bound is not None:
        text += f", no set scores over {progress.bound:,}"
    return text
