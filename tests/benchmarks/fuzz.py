"""Random hospitals of any size under one to six features and any pack: `just fuzz`.

Each is made around hidden legal lines. What is said of it is checked: lines by referee and their
score, the bound against the hidden lines, and an "impossible" against them and, where it is small,
by the exact model. Undecided is counted, and no fault.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from time import monotonic

from planner_cli.domain.lines import JobLine
from planner_cli.domain.outcomes import Infeasible, LineSet, Outcome
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.referee import objections, violations
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.scoring import score
from planner_cli.solver import solve
from planner_cli.solver.leave.placing import LeaveImpossible, place_leave
from planner_cli.solver.oracle.question import Best
from planner_cli.solver.oracle.solving import solve_exactly
from planner_cli.solver.watch import Watch
from tests.benchmarks.families import mixed

#: Lines x terms x positions up to which the exact model is asked too.
SMALL = 1_000


def with_leave(problem: Problem, lines: tuple[JobLine, ...]) -> tuple[JobLine, ...] | None:
    """Give the hidden lines their leave; None where it does not fit on them."""
    placed = place_leave(problem, rule_book(problem), lines)
    if isinstance(placed, LeaveImpossible):
        return None
    silent = not objections(violations(problem, [line.to_record() for line in placed]))
    return placed if silent else None


def faults(problem: Problem, hidden: tuple[JobLine, ...], found: Outcome) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    placed = with_leave(problem, hidden)
    worth = score(problem, placed).total if placed else None
    if isinstance(found, LineSet):
        objected = objections(violations(problem, [line.to_record() for line in found.lines]))
        if objected and not found.dropped_positions:
            yield f"the referee objects: {objected[0].rule}: {objected[0].message}"
        if found.score != score(problem, found.lines):
            yield "the score is another"
        if found.bound is None and found.stopped_by != "clock":
            yield f"no bound, ended by {found.stopped_by}"
        if found.bound is not None and found.bound < found.score.total:
            yield f"bound {found.bound} below the score {found.score.total}"
        known = None if found.bound_means else found.bound
        if worth is not None and known is not None and known < worth:
            yield f"bound {found.bound} below the hidden lines' {worth}"
    elif isinstance(found, Infeasible):
        if placed is not None:
            yield "called impossible, and there are hidden lines"
        elif is_small(problem) and has_lines(problem):
            yield "called impossible, and the exact model finds lines"


def is_small(problem: Problem) -> bool:
    """Say whether the exact model answers in seconds."""
    return problem.n_job_lines * len(problem.terms) * len(problem.positions) <= SMALL


def has_lines(problem: Problem) -> bool:
    """Ask the exact model for lines."""
    options = Options(time_limit_seconds=20)
    with Watch(limit_seconds=20) as watch:
        answer, _ = solve_exactly(problem, rule_book(problem), options, watch)
    return isinstance(answer, Best)


def kind_of(found: Outcome) -> str:
    """Name an outcome for the count."""
    if isinstance(found, LineSet):
        return "proven" if found.bound == found.score.total else "with a gap"
    return "impossible" if isinstance(found, Infeasible) else "undecided"


def main() -> int:
    """Try problems and print what is at fault; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=500, help="problems")
    parser.add_argument("--seed", type=int, default=1, help="of the first problem")
    parser.add_argument("--seconds", type=float, default=5.0, help="limit for each")
    parser.add_argument("--most-lines", type=int, default=140)
    asked = parser.parse_args()
    counts, n_faults, started_at = Counter[str](), 0, monotonic()
    for seed in range(asked.seed, asked.seed + asked.n):
        problem, hidden = mixed(seed, asked.most_lines)
        found = solve(problem, Options(time_limit_seconds=asked.seconds))
        counts[kind_of(found)] += 1
        for fault in faults(problem, hidden, found):
            n_faults += 1
            print(f"seed {seed}: {fault}", flush=True)  # noqa: T201
    seconds = monotonic() - started_at
    told = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    print(f"{asked.n} problems in {seconds:.0f} s: {told}; {n_faults} faults")  # noqa: T201
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main())
