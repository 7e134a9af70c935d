"""The first legal set and the gap on families of hospitals: `just bench-families`.

One line for each family and size: medians over seeds. Any answer the referee objects to ends the
run with exit code 1.
"""

import argparse
import sys
from dataclasses import dataclass
from statistics import median
from time import monotonic

from planner_cli.domain.outcomes import Infeasible, LineSet, Progress, gap
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.referee import objections, violations
from planner_cli.solver import solve
from tests.benchmarks.families import FAMILIES, of_family, tiny


@dataclass(frozen=True)
class Solved:
    """What came of one problem: seconds to the first set and to the end, and the gap in percent."""

    first: float | None
    seconds: float
    gap: float | None
    is_legal: bool


def solved(problem: Problem, seconds: float) -> Solved:
    """Solve one problem and measure."""
    seen: list[float] = []

    def note(progress: Progress) -> None:
        if progress.score is not None and not seen:
            seen.append(progress.seconds)

    started_at = monotonic()
    found = solve(problem, Options(time_limit_seconds=seconds), on_progress=note)
    took = monotonic() - started_at
    if isinstance(found, Infeasible):
        return Solved(None, took, 0.0, is_legal=True)
    if not isinstance(found, LineSet):
        return Solved(None, took, None, is_legal=True)
    objected = objections(violations(problem, [line.to_record() for line in found.lines]))
    left = None if found.bound is None else 100 * gap(found.score.total, found.bound)
    first = seen[0] if seen else took
    return Solved(first, took, left, is_legal=not objected or bool(found.dropped_positions))


def told(name: str, all_solved: list[Solved]) -> str:
    """Say the medians of a family; what is undecided counts as the worst."""
    never = float("inf")
    first = median(one.first if one.first is not None else never for one in all_solved)
    left = median(one.gap if one.gap is not None else never for one in all_solved)
    n_none = sum(one.gap is None for one in all_solved)
    n_proven = sum(one.gap == 0 for one in all_solved)
    return (
        f"{name:18} first set {first:6.2f} s  gap {left:6.2f} %  "
        f"proven {n_proven} of {len(all_solved)}  undecided or without a bound {n_none}"
    )


def main() -> int:
    """Measure and print; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", nargs="*", default=sorted(FAMILIES))
    parser.add_argument("--lines", nargs="*", type=int, default=[20, 40, 80, 140])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--tiny", type=int, default=24, help="random units of 3 to 8 lines")
    asked = parser.parse_args()
    sets = {
        f"{name} {n}": [of_family(name, n, seed)[0] for seed in range(1, asked.seeds + 1)]
        for name in asked.families
        for n in asked.lines
    }
    if asked.tiny:
        sets["3 to 8 lines"] = [tiny(seed) for seed in range(1, asked.tiny + 1)]
    all_legal = True
    for name, problems in sets.items():
        limit = 5.0 if name == "3 to 8 lines" else asked.seconds
        results = [solved(problem, limit) for problem in problems]
        all_legal &= all(one.is_legal for one in results)
        print(told(name, results), flush=True)  # noqa: T201
    return 0 if all_legal else 1


if __name__ == "__main__":
    sys.exit(main())
