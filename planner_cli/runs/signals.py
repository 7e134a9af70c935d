"""SIGTERM and SIGINT as a question the runner asks, so that a run always ends in its row."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from planner_cli.errors import Interrupted, Terminated

_STEP_SECONDS: Final = 0.1


class Interruption:
    """Whether somebody wants this process to end.

    The first signal is remembered; a second one ends the process as if nobody listened.
    """

    def __init__(self) -> None:
        self._signal: int | None = None
        self._taken = False

    @property
    def wanted(self) -> bool:
        """A signal has arrived."""
        return self._signal is not None

    def take(self) -> Terminated:
        """Answer the signal: return what the row and the exit code say about it."""
        self._taken = True
        name = signal.Signals(self._signal or signal.SIGTERM).name
        kind = Interrupted if self._signal == signal.SIGINT else Terminated
        return kind(f"The runner was told to stop ({name}).", "Start the run again.")

    def check(self) -> None:
        """Raise if the process should end.

        Raises
        ------
        Terminated
            After SIGTERM; its subclass `Interrupted` after SIGINT.
        """
        if self.wanted:
            raise self.take()

    def sleep(self, seconds: float) -> None:
        """Sleep, unless a signal arrives first; once it was answered, sleep for real.

        Raises
        ------
        Terminated
            A signal arrived and has not been answered yet.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self._taken:
                self.check()
            time.sleep(min(left, _STEP_SECONDS))

    def remember(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal: remember it, and let the next one through."""
        self._signal = number
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def listening() -> Iterator[Interruption]:
    """Listen to SIGTERM and SIGINT; only the main thread can."""
    interruption = Interruption()
    before = {
        number: signal.signal(number, interruption.remember)
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
