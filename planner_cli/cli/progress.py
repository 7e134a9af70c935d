"""Progress of a solve on stderr: a live line on a terminal, nothing in a pipe; Ctrl-C stops it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from planner_cli.cli.console import remarks
from planner_cli.domain.outcomes import Progress
from planner_cli.errors import ExitCode

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


@contextmanager
def shown_progress(
    name: str,
) -> Iterator[tuple[Callable[[Progress], None], Callable[[], bool]]]:
    """Show a solve's progress; give the solver its listener and its stop question.

    The first Ctrl-C or SIGTERM asks the solver to stop; leaving then exits 130 or 143.
    """
    stopped_by: list[int] = []
    console = remarks()
    status = console.status(f"{name}: starting") if console.is_terminal else None

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        stopped_by.append(number)

    def on_progress(progress: Progress) -> None:
        if status is not None:
            status.update(f"{name}: {describe(progress)}")

    with _signals(ask_to_stop):
        if status is None:
            yield on_progress, lambda: bool(stopped_by)
        else:
            with status:
                yield on_progress, lambda: bool(stopped_by)
    if stopped_by:
        interrupted = stopped_by[0] == signal.SIGINT
        console.print("stopped before an answer", style="yellow")
        raise SystemExit(ExitCode.INTERRUPTED if interrupted else ExitCode.TERMINATED)


def describe(progress: Progress) -> str:
    """Say in words how far the solver is."""
    text = f"{_WORDS[progress.phase]}, {progress.seconds:.0f} s"
    if progress.score is not None and progress.gap is not None:
        text += f", score {progress.score:,}, at most {progress.gap:.2%} below the best"
    elif progress.bound is not None:
        text += f", no set scores over {progress.bound:,}"
    return text


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {s: signal.signal(s, handler) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
