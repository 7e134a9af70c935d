"""The solver and the referee must never differ on a line, whatever the rule and its bounds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from planner_cli.domain.constraints.on_set import SET_KINDS
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Leave, Problem
from planner_cli.domain.referee import violations
from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import RULE_TYPES
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.solver.leave.rows import blocks_of_weeks
from planner_cli.solver.model.remaining_posts import RemainingPosts
from planner_cli.solver.oracle.line_model import LineModel, encode
from planner_cli.solver.oracle.set_model import SetModel, encode_set
from tests.unit.strategies import held_lines, hospitals, rules

LINE_RULES = [name for name, rule in RULE_TYPES.items() if rule.CLAUSES]
LEAVE_WEEKS = 3
READ_LEAVE = ("MIN_WEEKS", "MAX_SERVICE_SHARE", "ANNUAL_LEAVE")


def book_of(*chosen: Rule, leave_weeks: int = LEAVE_WEEKS) -> RuleBook:
    filled = [
        replace(rule, weeks=leave_weeks) if isinstance(rule, AnnualLeave) else rule
        for rule in chosen
    ]
    return RuleBook(tuple(filled), leave_weeks)


def solver_accepts(problem: Problem, book: RuleBook, *given: JobLine, with_leave: bool) -> bool:
    """Fix every line of a set model and ask whether every row can hold."""
    rows = LineModel(problem, book, with_leave=with_leave)
    lines = SetModel(rows, RemainingPosts(problem, book), n_lines=len(given))
    # The model orders lines by their position in the first term.
    ordered = sorted(given, key=lambda line: problem.positions.index(line.positions[0]))
    for made, line in zip(lines.made, ordered, strict=True):
        if not fixed(rows, lines.model, made, line):
            return False
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return solver.solve(lines.model) == cp_model.OPTIMAL


def fixed(rows: LineModel, model: cp_model.CpModel, made: list[Any], line: JobLine) -> bool:
    """Fix a line; False where no line of the model can hold its positions."""
    problem = rows.problem
    held = {(t, problem.positions.index(p)) for t, p in enumerate(line.positions)}
    for cell, var in rows.cells.items():
        model.add(made[var] == (cell in held))
    if rows.absence is not None:
        off = {w - 1 for b in line.leave for w in range(b.start_week, b.end_week + 1)}
        for week, var in enumerate(rows.absence.away):
            model.add(made[var] == (week in off))
        blocks = {(block.start_week - 1, block.weeks) for block in line.leave}
        starting = defaultdict(list)
        for var, week, weeks in rows.absence.starts:
            starting[week, weeks].append(made[var])
        for block, variables in starting.items():
            model.add(cp_model.LinearExpr.sum(variables) == (block in blocks))
    return held <= set(rows.cells)


def referee_is_silent(problem: Problem, book: RuleBook, line: JobLine) -> bool:
    return not violations(problem, [line.to_record()], book)


def test_every_rule_is_made_of_constraints_and_each_of_them_has_a_solver_form() -> None:
    for name, rule in RULE_TYPES.items():
        assert rule.CLAUSES or rule.SET_CLAUSES, name
    for kind in SET_KINDS.values():
        assert encode_set.dispatch(kind) is not encode_set.dispatch(object), kind


def test_a_constraint_nobody_encoded_is_refused_by_the_solver() -> None:
    for register in (encode, encode_set):
        with pytest.raises(TypeError, match="no solver form"):
            register(object(), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LINE_RULES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_solver_forbids_a_line_exactly_when_the_referee_objects(name: str, data: Any) -> None:
    problem = Problem(n_job_lines=1, constraints=(), **data.draw(hospitals()))
    rule = data.draw(rules(name))
    reads_leave = name in READ_LEAVE
    line = data.draw(held_lines(problem, with_leave=reads_leave))
    if isinstance(rule, AnnualLeave) and not rule.blocks:
        line = replace(line, leave=joined(line.leave))
    weeks = sum(block.weeks for block in line.leave)
    book = book_of(rule, leave_weeks=weeks if name == "MIN_WEEKS" else LEAVE_WEEKS)
    # Leave of another length is no leave of this problem, whatever the rule.
    is_due = not reads_leave or weeks == book.leave_weeks
    silent = referee_is_silent(problem, book, line)
    assert solver_accepts(problem, book, line, with_leave=reads_leave) == (silent and is_due)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_service_net_of_leave_forbids_positions_exactly_when_no_leave_brings_them_under(
    data: Any,
) -> None:
    problem = Problem(n_job_lines=1, constraints=(), **data.draw(hospitals(years=((4, 3, 4),))))
    caps = data.draw(
        rules("MAX_SERVICE_SHARE").map(lambda rule: rule.with_bounds({"net_of_leave": True}))
    )
    leave = data.draw(rules("ANNUAL_LEAVE")).with_bounds({"max_share_on_leave": None})
    book = book_of(caps, leave)
    line = data.draw(held_lines(problem, with_leave=False))
    some_leave_is_legal = any(
        referee_is_silent(problem, book, replace(line, leave=blocks_of_weeks(weeks)))
        for weeks in combinations(range(problem.year_weeks), LEAVE_WEEKS)
    ) or any(
        referee_is_silent(problem, book, replace(line, leave=blocks))
        for blocks in adjoining(problem.year_weeks)
    )
    assert solver_accepts(problem, book, line, with_leave=False) == some_leave_is_legal


def joined(leave: tuple[Leave, ...]) -> tuple[Leave, ...]:
    """Blocks that adjoin are one block where any blocks are legal."""
    return blocks_of_weeks([w - 1 for b in leave for w in range(b.start_week, b.end_week + 1)])


def adjoining(n_weeks: int) -> Iterator[tuple[Leave, ...]]:
    """Every way to take three weeks in blocks that adjoin."""
    for split in ((1, 2), (2, 1), (1, 1, 1)):
        for first in range(1, n_weeks - LEAVE_WEEKS + 2):
            starts = accumulate(split, initial=first)
            yield tuple(Leave(start_week=s, weeks=n) for s, n in zip(starts, split, strict=False))
