"""One method on one problem, in a process of its own: what it knew when, and what it needed.

`python -m tests.benchmarks.trial METHOD FILE SECONDS SEED` prints one JSON object: `points`
(seconds, score, bound), the end (`status`, `score`, `bound`, `seconds`), `violations` as the
referee counts them, and `peak_mb`.
"""

import json
import resource
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from planner_cli.domain.lines import JobLine
from planner_cli.domain.outcomes import LineSet, Progress
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.referee import violations
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.scoring import score


class Trial:
    """What a method says while it works; its own start-up does not count."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.points: list[tuple[float, int | None, int | None]] = []
        self.lines: tuple[JobLine, ...] = ()
        self.bound: int | None = None
        self.started = monotonic()

    def note(self, found: int | None, bound: int | None) -> None:
        """Keep a score and a bound with the time."""
        self.points.append((round(monotonic() - self.started, 3), found, bound))

    def report(self) -> dict[str, Any]:
        """Give what is printed."""
        seconds = round(monotonic() - self.started, 3)
        found = score(self.problem, self.lines).total if self.lines else None
        self.note(found, self.bound)
        named = (replace(line, name=line.name or str(n)) for n, line in enumerate(self.lines))
        records = [line.to_record() for line in named]
        return {
            "points": self.points,
            "seconds": seconds,
            "score": found,
            "bound": self.bound,
            "violations": len(violations(self.problem, records)) if records else None,
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


def planner(trial: Trial, seconds: float, seed: int) -> None:
    """The planner's own solver."""
    from planner_cli.solver import solve

    def on_progress(progress: Progress) -> None:
        trial.note(progress.score, progress.bound)

    trial.started = monotonic()
    outcome = solve(trial.problem, Options(time_limit_seconds=seconds, seed=seed), on_progress)
    if isinstance(outcome, LineSet):
        trial.lines, trial.bound = outcome.lines, outcome.bound


def per_line(trial: Trial, seconds: float, seed: int) -> None:
    """CP-SAT with a variable for each line, term and position; two workers."""
    from planner_cli.solver.oracle.question import Best
    from planner_cli.solver.oracle.solving import solve_exactly
    from planner_cli.solver.watch import Watch

    def on_progress(progress: Progress) -> None:
        trial.note(progress.score, progress.bound)

    options = Options(time_limit_seconds=3 * seconds, seed=seed, workers=2)
    trial.started = monotonic()
    with Watch(on_progress, limit_seconds=seconds) as watch:
        answer, _ = solve_exactly(trial.problem, rule_book(trial.problem), options, watch)
        trial.bound = watch.bound
    if isinstance(answer, Best):
        trial.lines = answer.lines


def annealing(trial: Trial, seconds: float, seed: int) -> None:
    """Simulated annealing, compiled; leave is placed on each better set."""
    from planner_cli.solver.leave.placing import LeaveImpossible, place_leave
    from tests.benchmarks.annealing import anneal

    problem, book = trial.problem, rule_book(trial.problem)

    def on_better(lines: tuple[JobLine, ...]) -> None:
        placed = place_leave(problem, book, lines)
        if not isinstance(placed, LeaveImpossible):
            total = score(problem, placed).total
            if not trial.lines or total > score(problem, trial.lines).total:
                trial.lines = placed
                trial.note(total, None)

    anneal(problem, book, 0.1, seed, lambda _: None)
    trial.started = monotonic()
    anneal(problem, book, seconds, seed, on_better)


METHODS = {"planner": planner, "per-line CP-SAT": per_line, "annealing": annealing}


def main() -> None:
    """Run one trial and print it."""
    method, file, seconds, seed = sys.argv[1:]
    trial = Trial(read_problem(json.loads(Path(file).read_text())))
    METHODS[method](trial, float(seconds), int(seed))
    print(json.dumps(trial.report()))  # noqa: T201  (the report)


if __name__ == "__main__":
    main()
