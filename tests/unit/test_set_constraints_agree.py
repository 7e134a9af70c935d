"""One meaning of each constraint on the whole set: the referee's, the exact model's, the master's.

The page's own evaluator is held to the referee by `dashboard/src/lib/referee.test.ts`.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner_cli.domain.constraints.clause import SetClause
from planner_cli.domain.constraints.on_set import (
    LeaveSpread,
    LeaveTogether,
    LinesKept,
    LinesServed,
    Posts,
    PostsFilled,
    SetConstraint,
)
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver.columns.enumeration import enumerate_columns
from planner_cli.solver.master.restricted import Master, TooMuchSettled
from planner_cli.solver.model.position_types import position_types_of
from planner_cli.solver.model.term_classes import by_term
from planner_cli.solver.pricing.enumerated import ListedPool
from tests.unit.strategies import hospitals, leaves
from tests.unit.test_constraints_agree import lines_of, mean_of_examples
from tests.unit.test_rules_agree import solver_accepts

LEAVE_WEEKS = 3
KINDS = [kind.KIND for kind in (Posts, PostsFilled, LinesServed, LeaveTogether)]


@dataclass(frozen=True)
class AskedOfSet(Rule):
    """A rule of the constraints given."""

    NAME: ClassVar[str] = "ASKED"

    constraints: tuple[SetConstraint, ...] = ()

    def set_clauses(self, problem: Problem) -> tuple[SetClause, ...]:  # noqa: ARG002
        return tuple(SetClause("broken", {}, one) for one in self.constraints)


def constraints(kind: str, problem: Problem) -> st.SearchStrategy[SetConstraint]:
    ids = [position.id for position in problem.positions]
    areas = [a for p in problem.positions for a in (p.specialty, p.subspecialty) if a]
    match kind:
        case "posts":
            return st.just(Posts())
        case "posts_filled":
            return st.just(PostsFilled())
        case "leave_together":
            return st.sampled_from([0.1, 0.3, 0.5]).map(lambda n: LeaveTogether(most_share=n))
        case _:
            return st.builds(
                LinesServed,
                name=st.just("Rural"),
                n_lines=st.integers(1, 2),
                positions=st.lists(st.sampled_from(ids), max_size=1).map(tuple),
                specialties=st.lists(st.sampled_from(areas), max_size=2).map(tuple),
                strength=st.sampled_from(["at_least", "exactly", "exactly"]),
            )


@st.composite
def sets_of_lines(draw: Any, kind: str) -> tuple[Problem, SetConstraint, tuple[JobLine, ...]]:
    """A little hospital, what is asked of its lines, and two or three of them, legal or not."""
    few = st.sampled_from([0, 1, 2, 3, 3]) if kind in {"posts", "posts_filled"} else None
    fields = draw(hospitals(years=((4, 3, 4), (5, 4)), max_positions=3, posts=few))
    n_lines = draw(st.integers(2, 3))
    problem = Problem(n_job_lines=n_lines, constraints=(), **fields)
    # What may be dropped is dropped before the master problem is written.
    kept = tuple(p.model_copy(update={"excludable": False}) for p in problem.positions)
    problem = problem.model_copy(update={"positions": kept})
    every = lines_of(problem)
    assume(every)
    chosen = draw(st.lists(st.sampled_from(every), min_size=n_lines, max_size=n_lines))
    lines = tuple(
        JobLine(f"L{n}", line.positions, line.terms, tuple(draw(leave_of(problem, kind))))
        for n, line in enumerate(chosen)
    )
    return problem, draw(constraints(kind, problem)), lines


def leave_of(problem: Problem, kind: str) -> st.SearchStrategy[tuple[Any, ...]]:
    if kind != "leave_together":
        return st.just(())
    due = leaves(problem.year_weeks).filter(lambda blocks: sum(b.weeks for b in blocks) == 3)
    return due.filter(
        lambda blocks: all(a.end_week + 1 < b.start_week for a, b in pairwise(blocks))
    )


def is_silent(problem: Problem, asked: SetConstraint, lines: tuple[JobLine, ...]) -> bool:
    """Nothing is broken: neither what is asked nor the accredited posts."""
    return not [*asked.breaches(problem, lines), *Posts().breaches(problem, lines)]


def book_of(asked: SetConstraint) -> RuleBook:
    return RuleBook((AskedOfSet((asked,)),), LEAVE_WEEKS)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_exact_model_refuses_a_set_exactly_when_the_referee_objects(
    kind: str, data: Any
) -> None:
    problem, asked, lines = data.draw(sets_of_lines(kind))
    with_leave = kind == "leave_together"
    accepted = solver_accepts(problem, book_of(asked), *lines, with_leave=with_leave)
    assert accepted == is_silent(problem, asked, lines)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "leave_together"])
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_master_problem_has_faults_exactly_when_the_referee_objects(
    kind: str, data: Any
) -> None:
    problem, asked, lines = data.draw(sets_of_lines(kind))
    assert master_accepts(problem, book_of(asked), lines) == is_silent(problem, asked, lines)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fifth_of_the_random_sets_break_what_is_asked(kind: str) -> None:
    def is_broken(data: Any) -> float:
        return float(not is_silent(*data.draw(sets_of_lines(kind))))

    assert 0.2 <= mean_of_examples(is_broken) <= 0.9


def master_accepts(problem: Problem, book: RuleBook, lines: tuple[JobLine, ...]) -> bool:
    """Fix the columns of these lines in the master problem and ask whether anything is at fault."""
    types = position_types_of(problem, book, frozenset(range(len(problem.positions))))
    type_of = {problem.positions[group[0]].id: k for k, group in enumerate(types.members)}
    held = [tuple(type_of.get(p.id, -1) for p in line.positions) for line in lines]
    columns = enumerate_columns(by_term(types), lambda: False, 100_000)
    assert columns is not None
    known = {tuple(row): n for n, row in enumerate(columns.types.tolist())}
    if any(row not in known for row in held):
        return False
    master = Master(columns.shape, ListedPool(columns, lambda: False), lambda: False)
    master.add(columns)
    used = np.zeros(len(columns))
    for row in held:
        used[known[row]] += 1
    master.fix(used)
    try:
        found = master.solve(None)
    except TooMuchSettled:
        return False
    return found.n_missing + found.faults < 0.5


def test_a_line_that_is_to_be_kept_is_missed_and_its_change_is_seen() -> None:
    fields: dict[str, Any] = {
        "name": "Ward",
        "terms": [{"weeks": 26}, {"weeks": 26}],
        "positions": [_unit("A"), _unit("B")],
    }
    problem = Problem(n_job_lines=1, constraints=(), **fields)
    a, b = problem.positions
    line = JobLine("Kept", (a, b), problem.terms)
    kept = LinesKept(lines=(line.to_record(),))
    assert not list(kept.breaches(problem, [line]))
    changed = JobLine("Kept", (b, a), problem.terms)
    assert [x.what for x in kept.breaches(problem, [changed])] == ["changed"]
    assert [x.what for x in kept.breaches(problem, [])] == ["missing"]


def test_a_wish_that_is_not_met_is_told_and_breaks_nothing() -> None:
    fields: dict[str, Any] = {
        "name": "Ward",
        "terms": [{"weeks": 26}, {"weeks": 26}],
        "positions": [_unit("A")],
    }
    problem = Problem(n_job_lines=1, constraints=(), **fields)
    line = JobLine("L", problem.positions * 2, problem.terms)
    wished = LinesServed(name="Rural", n_lines=1, positions=("B",), strength="preferred")
    assert [x.wished for x in wished.breaches(problem, [line])] == [True]
    assert [x.wished for x in LeaveSpread(first_half=0.7).breaches(problem, [line])] == [True]


def _unit(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "site": "North",
        "specialty": "Medicine",
        "categories": ["A"],
        "posts_min": [0, 0],
        "posts_max": [1, 1],
    }
