"""Units of a few lines: every possible line is listed, the floor and duplicates counted exactly."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import DUPLICATE_COST, score
from planner_cli.solver import parameters
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.columns.enumeration import enumerate_columns
from planner_cli.solver.master.integer import Candidates, FairGoal, Goal, NoChoice, choose
from planner_cli.solver.model.position_types import PositionTypes, position_types_of
from planner_cli.solver.model.term_classes import by_term, coarsest
from planner_cli.solver.oracle.question import Best
from planner_cli.solver.oracle.solving import solve_exactly
from planner_cli.solver.search.feasibility import Feasible
from planner_cli.solver.search.incumbent import Incumbent
from planner_cli.solver.search.limits import Limits
from planner_cli.solver.search.price_and_branch import Answered

_Search = Callable[[Feasible, RuleBook, Limits, Answered], Answered]


def is_small(types: PositionTypes) -> bool:
    """Say whether a search over whole lines is worth its time."""
    return 0 < types.n_lines <= parameters.SMALL_LINES


def exactly(feasible: Feasible, book: RuleBook, limits: Limits, known: Answered) -> Answered:
    """Search the best set among all whole lines, from what is known.

    Parameters
    ----------
    feasible
        What is asked, settled; of a few lines.
    book
        The rules.
    limits
        Ends the work.
    known
        What was found before; its set and its bound are improved.

    Returns
    -------
    Answered
        Proven where a search ended and leave fits.
    """
    answered = known
    for search in _searches(feasible):
        answered = search(feasible, book, limits, answered)
        if _is_proven(answered) or limits.watch.should_end:
            break
    return answered


def _searches(feasible: Feasible) -> tuple[_Search, ...]:
    """Give the searches, the more promising first: line by line where there is very little."""
    types, problem = feasible.types, feasible.problem
    if feasible.wishes:
        return (_by_whole_lines,)
    n_cells = types.n_lines * types.n_terms * len(problem.positions)
    if n_cells <= parameters.TINY_CELLS:
        return _line_by_line, _by_whole_lines
    return _by_whole_lines, _line_by_line


def _by_whole_lines(
    feasible: Feasible, book: RuleBook, limits: Limits, known: Answered
) -> Answered:
    """Choose among all whole lines."""
    types = _by_position(feasible, book)
    columns = _whole_lines(types, limits)
    if columns is None or not len(columns):
        return known
    incumbent = Incumbent(feasible.problem, book, types, limits)
    if isinstance(known.outcome, Best):
        incumbent.know(known.outcome.lines)
    bound = _searched(columns, incumbent, limits, known.bound)
    return _improved(feasible.problem, known, incumbent.lines, bound)


def _whole_lines(types: PositionTypes, limits: Limits) -> Columns | None:
    """List all lines in order, or, where they are too many and order is no rule, without it."""
    ordered = enumerate_columns(by_term(types), limits.stop, parameters.SMALL_SEQUENCES)
    if ordered is not None or not (shape := coarsest(types)).exact_columns:
        return ordered
    return enumerate_columns(shape, limits.stop, parameters.SMALL_SEQUENCES)


def _line_by_line(feasible: Feasible, book: RuleBook, limits: Limits, known: Answered) -> Answered:
    """Ask the exact model too: it is the better one where lines are very few."""
    seconds = parameters.SHARE_LINE_BY_LINE * limits.seconds
    # Tiny models do more of their work in a second than large ones.
    options = Options(time_limit_seconds=max(0.1, min(2 * seconds, 86_400)), seed=limits.seed)
    asked = feasible.problem.model_copy(
        update={"n_job_lines": feasible.types.n_lines + len(feasible.types.locked)}
    )
    with limits.watch.inner(limits.watch.remaining_seconds) as watch:
        answer, _ = solve_exactly(asked, book, options, watch)
    if not isinstance(answer, Best) or answer.bound is None or answer.bound_means:
        return known
    bound = answer.bound if known.bound is None else min(answer.bound, known.bound)
    return _improved(feasible.problem, known, answer.lines, bound)


def _improved(
    problem: Problem, known: Answered, lines: tuple[JobLine, ...] | None, bound: int | None
) -> Answered:
    """Give the better of the set there was and this one, with the bound that is proven now."""
    sets = [lines] if lines is not None else []
    outcome = known.outcome
    if isinstance(outcome, Best):
        sets.insert(0, outcome.lines)
    if not sets:
        return replace(known, bound=bound)
    better = max(sets, key=lambda one: score(problem, one).total)
    best = outcome if isinstance(outcome, Best) else Best(better, bound)
    proven = bound == score(problem, better).total
    return replace(
        known, outcome=replace(best, lines=better, bound=bound, proven=proven), bound=bound
    )


def _is_proven(answered: Answered) -> bool:
    return isinstance(answered.outcome, Best) and answered.outcome.proven


def _searched(
    columns: Columns, incumbent: Incumbent, limits: Limits, bound: int | None
) -> int | None:
    """Choose among all columns until the choice can be placed; give the bound proven."""
    types = columns.shape.types
    constant = sum(types.locked_scores) - DUPLICATE_COST * _locked_duplicates(types)
    none = np.zeros(len(columns), dtype=np.int64)
    for _ in range(parameters.MOST_DEALS):
        limits.watch.enter("integer")
        needed = incumbent.score + 1 - constant if incumbent.lines is not None else None
        units = parameters.SMALL_UNITS_EACH * limits.seconds
        choice = choose(
            Candidates(columns, none, incumbent.crowded),
            Goal(needed=needed, fair=_fair(types)),
            limits.work(units),
            limits.stop,
        )
        if isinstance(choice, NoChoice):
            known = choice.proven and incumbent.lines is not None
            return incumbent.score if known else bound
        proven = int(np.floor(choice.bound + parameters.SURE)) + constant
        bound = proven if bound is None else min(bound, proven)
        n_known = len(incumbent.crowded)
        incumbent.offer(choice)
        if len(incumbent.crowded) == n_known or limits.watch.should_end:
            break
    return bound


def _by_position(feasible: Feasible, book: RuleBook) -> PositionTypes:
    """Give every position a type of its own, for the classes of lines that are settled."""
    every = frozenset(range(len(feasible.problem.positions)))
    types = position_types_of(feasible.problem, book, every)
    served = tuple(
        replace(one, least=settled.least, most=settled.most, wished=False)
        for one, settled in zip(types.served, feasible.types.served, strict=True)
    )
    return types.with_served(served).with_lines(feasible.types.n_lines)


def _fair(types: PositionTypes) -> FairGoal:
    index = {group[0]: type_ for type_, group in enumerate(types.members)}
    position = {p.id: n for n, p in enumerate(types.problem.positions)}
    taken = [
        frozenset(index.get(position[p.id], -1) for p in line.positions) for line in types.locked
    ]
    ceiling = min(types.locked_scores, default=None)
    return FairGoal(types.n_lines + len(types.locked), ceiling, frozenset(taken))


def _locked_duplicates(types: PositionTypes) -> int:
    sets = {frozenset(p.id for p in line.positions) for line in types.locked}
    return len(types.locked) - len(sets)
