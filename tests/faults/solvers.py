"""Solvers for the fault tests, named in INJECTED_SOLVER: quick ones, stuck ones, dying ones."""

import os
import signal
import time
from collections.abc import Callable

from planner_cli.domain.lines import JobLine
from planner_cli.domain.outcomes import Infeasible, LineSet, Outcome, Progress, Undecided
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.scoring import score
from planner_cli.errors import BadInput

Listener = Callable[[Progress], None]
Stop = Callable[[], bool]


def quick(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Answer at once: line i holds position i in the first term, then the next ones in turn."""
    on_progress(Progress("terms", 0.0))
    n_positions = len(problem.positions)
    lines = tuple(
        JobLine(
            f"Line {i + 1}",
            tuple(problem.positions[(i + t) % n_positions] for t in range(len(problem.terms))),
            problem.terms,
        )
        for i in range(problem.n_job_lines)
    )
    worth = score(problem, lines)
    return LineSet(lines, worth, worth.total)


def slow(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Answer after three seconds."""
    time.sleep(3)
    return quick(problem, options, on_progress, stop)


def illegal(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Answer with one line too few."""
    found = quick(problem, options, on_progress, stop)
    assert isinstance(found, LineSet)
    fewer = found.lines[1:]
    return LineSet(fewer, score(problem, fewer), found.bound)


def proof(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Prove that there are no lines."""
    return Infeasible(2, ("FILL_POSTS",), ("Only 2 lines fit.",))


def undecided(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Find neither lines nor a proof."""
    return Undecided("Neither lines nor a proof in 1 s.")


def stuck(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Never answer, never ask whether to stop."""
    on_progress(Progress("integer", 1.0, score=10, bound=12))
    while True:
        time.sleep(60)


def greedy(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Hold the interpreter lock in native calls of several seconds each, on every core."""
    for _ in range((os.cpu_count() or 1) - 1):
        if os.fork() == 0:
            while os.getppid() != 1:
                sum(range(10_000_000))
            os._exit(0)
    on_progress(Progress("integer", 1.0))
    while True:
        sum(range(200_000_000))


def killed(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """End as the system ends a process when memory runs out."""
    on_progress(Progress("patterns", 2.0))
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hungry(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Run out of memory within Python."""
    raise MemoryError


def broken(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Fail in an unforeseen way, with a secret in the traceback."""
    raise RuntimeError("no answer with apikey=sb_secret_do_not_show_me")


def too_large(problem: Problem, options: Options, on_progress: Listener, stop: Stop) -> Outcome:
    """Refuse the problem before building anything."""
    raise BadInput("It needs about 40 GiB, there are 2.", "Ask for fewer lines.")
