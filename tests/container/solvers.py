"""Solvers that are mounted into containers under test, beside an image that has none of them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from planner_cli.domain.outcomes import Progress
from planner_cli.domain.problem import Options, Problem

Listener = Callable[[Progress], None]
Stop = Callable[[], bool]


def stuck(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> NoReturn:
    """Never answer, never ask whether to stop."""
    on_progress(Progress("integer", 1.0, score=10, bound=12))
    while True:
        time.sleep(60)


def hungry(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> NoReturn:
    """Take memory until the system ends this process."""
    on_progress(Progress("integer", 1.0, score=10, bound=12))
    time.sleep(0.5)
    taken = []
    while True:
        taken.append(bytearray(b"x") * (16 * 1024 * 1024))


def hungry_for_all(
    problem: Problem, options: Options, on_progress: Listener, stop: Stop
) -> NoReturn:
    """Take memory until the system ends the container: its first process is offered up."""
    Path("/proc/1/oom_score_adj").write_text("1000")
    hungry(problem, options, on_progress, stop)
