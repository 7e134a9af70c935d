"""How long it takes to explain that 140 lines are impossible, and to stop: `just bench-explain`.

Four over-constrained variants of two hospitals: seconds to the proof of the most lines possible,
and to the whole explanation with every repair verified. Then how soon a stop is heard at 500 lines.
"""

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from planner_cli.domain.outcomes import Infeasible
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.solver import solve
from planner_cli.solver.explain.lines_lp import most_lines
from tests.unit import variants

VARIANTS: dict[str, Callable[[str], Problem]] = {
    "too few category places": variants.too_few_places,
    "more lines than posts": variants.more_lines_than_posts,
    "funded above a cap": variants.funded_above_a_specialty_cap,
    "B and D mostly rural": variants.rural_b_and_d,
}
LARGE = Path(__file__).parent / "problems" / "synthetic_500.json"


def explained(problem: Problem) -> tuple[float, float, Infeasible]:
    """Give the seconds to the proof and to the explanation, and the explanation."""
    started_at = monotonic()
    most_lines(problem, rule_book(problem), lambda: False)
    proof = monotonic() - started_at
    started_at = monotonic()
    outcome = solve(problem, Options(time_limit_seconds=120))
    assert isinstance(outcome, Infeasible)
    return proof, monotonic() - started_at, outcome


def stopped(after: float) -> float:
    """Give the seconds from a stop to the answer."""
    problem = read_problem(json.loads(LARGE.read_text()))
    stop_at = monotonic() + after
    solve(problem, Options(time_limit_seconds=60), stop=lambda: monotonic() > stop_at)
    return monotonic() - stop_at


def main() -> None:
    """Print the figures."""
    for hospital in ("synthetic_140", "large_metro"):
        for name, variant in VARIANTS.items():
            proof, whole, outcome = explained(variant(hospital))
            print(  # noqa: T201  (the report)
                f"{hospital:14} {name:24} proof {proof:4.1f} s  whole {whole:5.1f} s  "
                f"{len(outcome.repairs)} repairs  {' '.join(outcome.conflict)}"
            )
    for after in (3.0, 9.0, 15.0):
        print(f"stop after {after:4.0f} s at 500 lines: heard within {stopped(after):.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
