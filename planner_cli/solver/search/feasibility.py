"""What is asked, settled: how many lines there can be, what must be dropped, which wishes hold."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.columns.enumeration import enumerate_columns
from planner_cli.solver.master.restricted import Master
from planner_cli.solver.model.line_classes import members
from planner_cli.solver.model.position_types import PositionTypes, position_types_of
from planner_cli.solver.model.term_classes import Shape, by_term, coarsest
from planner_cli.solver.oracle.question import NoSet, Unknown
from planner_cli.solver.pricing.branch_and_bound import SearchedPool
from planner_cli.solver.pricing.enumerated import ListedPool, Pool
from planner_cli.solver.stop import Stop


@dataclass(frozen=True, eq=False)
class Feasible:
    """A question with an answer, as far as fractions of lines can tell.

    Parameters
    ----------
    problem
        The problem without the dropped positions' posts.
    pool
        The columns, for the classes of lines settled.
    dropped
        Ids of the dropped positions.
    whole
        All lines asked for are possible, in fractions.
    master
        The master problem that showed it, for its columns; None where the question has changed
        since.
    wishes
        Some preferred pathway is served: what is proven is so for sets that serve them as well.
    """

    problem: Problem
    pool: Pool
    dropped: tuple[str, ...]
    whole: bool
    master: Master | None = None
    wishes: bool = False

    @property
    def types(self) -> PositionTypes:
        """The problem in types, for the classes of lines settled."""
        return self.pool.shape.types


def find_feasible(
    problem: Problem, book: RuleBook, stop: Stop, apart: frozenset[int] = frozenset()
) -> Feasible | NoSet | Unknown:
    """Find out whether all lines are possible, else how many, else with which positions dropped.

    The positions kept apart (by index) are of no type with others.

    Raises
    ------
    StoppedEarly
        If the stop signal comes.
    """
    found: Feasible | NoSet | Unknown = _settle_lines(problem, book, stop, apart)
    if isinstance(found, NoSet) and (droppable := _droppable(problem, book)):
        found = _settle_with_drops(problem, book, droppable, stop, apart) or found
    return _with_wishes(found, stop) if isinstance(found, Feasible) else found


def without(problem: Problem, dropped: tuple[str, ...]) -> Problem:
    """Give the problem with no posts in the dropped positions."""

    def emptied(position: Position) -> Position:
        none = (0,) * len(position.posts_max)
        return position.model_copy(update={"posts_min": none, "posts_max": none})

    positions = tuple(emptied(p) if p.id in dropped else p for p in problem.positions)
    return problem.model_copy(update={"positions": positions})


def make_pool(shape: Shape, stop: Stop) -> Pool:
    """List all columns of a shape, or prepare to search them when they are too many."""
    columns = enumerate_columns(shape, stop, parameters.MOST_LISTED)
    return SearchedPool(shape, stop) if columns is None else ListedPool(columns, stop)


def pool_of(types: PositionTypes, stop: Stop) -> Pool:
    """Give the columns of a problem; whole arranged lines where their order is a rule, if few."""
    shape = coarsest(types)
    if not shape.exact_columns:
        arranged = enumerate_columns(by_term(types), stop, parameters.MOST_ARRANGED_LISTED)
        if arranged is not None:
            return ListedPool(arranged, stop)
    return make_pool(shape, stop)


def in_order(types: PositionTypes, stop: Stop) -> Master | None:
    """Give a master problem of whole lines in order of time; None where not even parts of them fit.

    Raises
    ------
    StoppedEarly
        If the stop signal comes.
    """
    return legal_master(make_pool(by_term(types), stop), stop)


def never(types: PositionTypes) -> str | None:
    """Say why no set of any size can be legal, where that is plain."""
    for position, term in types.overfull:
        name = types.problem.positions[position].name
        return f"The locked lines alone hold more posts of {name} in Term {term + 1} than it has."
    if types.constraints.impossible and types.n_lines:
        return f"No line of this year can meet {', '.join(types.constraints.impossible)}."
    return None


def at_most(n_lines: int, n_asked: int) -> str:
    """Say how many of the lines asked for are possible."""
    if not n_lines:
        return "No line is possible."
    return f"At most {n_lines} of the {n_asked} lines {'is' if n_lines == 1 else 'are'} possible."


def most_lines_of(pool: Pool, stop: Stop) -> int | None:
    """Give a proven upper bound of the free lines; None when no number of lines is legal."""
    master = Master(pool.shape, pool, stop)
    master.aim("lines")
    found = master.solve(None)
    return int(found.value + parameters.SURE) if found.faults <= parameters.SURE else None


def legal_master(pool: Pool, stop: Stop) -> Master | None:
    """Give a master problem with all free lines, in fractions; None where they are impossible."""
    master = Master(pool.shape, pool, stop)
    master.aim("score")
    found = master.solve(None, prove=False)
    if found.n_missing + found.faults <= parameters.SURE:
        return master
    master.aim("legal")
    return master if master.solve(None).value >= -parameters.SURE else None


def _settle_lines(
    problem: Problem, book: RuleBook, stop: Stop, apart: frozenset[int] = frozenset()
) -> Feasible | NoSet:
    types = position_types_of(problem, book, apart)
    fault = never(types)
    if fault and (types.overfull or not (problem.allow_partial and types.locked)):
        return NoSet(fault)
    pool = pool_of(types, stop)
    if (master := legal_master(pool, stop)) is not None:
        return Feasible(problem, pool, (), whole=True, master=master)
    most = most_lines_of(pool.fresh(types), stop)
    if most is None:
        return NoSet("No number of lines meets every rule on the whole set.")
    n_locked = len(types.locked)
    if problem.allow_partial and most + n_locked:
        return Feasible(problem, pool.fresh(types.with_lines(most)), (), whole=False)
    return NoSet(at_most(most + n_locked, problem.n_job_lines), most + n_locked)


def _droppable(problem: Problem, book: RuleBook) -> tuple[str, ...]:
    if not position_types_of(problem, book).fill:
        return ()
    held = {r.position for line in problem.locked_lines for r in line.rotations}
    return tuple(
        p.id for p in problem.positions if p.excludable and any(p.posts_min) and p.id not in held
    )


def _settle_with_drops(
    problem: Problem,
    book: RuleBook,
    droppable: tuple[str, ...],
    stop: Stop,
    apart: frozenset[int],
) -> Feasible | Unknown | None:
    """Drop as few positions as possible; None is a proof that no dropping helps.

    All sets of positions are tried, small ones first, where they are few; else positions are
    dropped one by one where most posts stay empty, and taken back where they need not be dropped.
    """

    def settled(dropped: tuple[str, ...]) -> Feasible | None:
        found = _settle_lines(without(problem, dropped), book, stop, apart)
        return replace(found, dropped=dropped) if isinstance(found, Feasible) else None

    if len(droppable) <= parameters.MOST_TRIED_DROPS:
        tried = (
            settled(dropped)
            for n in range(1, len(droppable) + 1)
            for dropped in combinations(droppable, n)
        )
        legal = [found for found in tried if found is not None]
        return max(legal, key=lambda f: (f.types.n_lines, -len(f.dropped)), default=None)
    if not _can_help(problem, book, droppable, stop):
        return None
    dropped: tuple[str, ...] = ()
    found = None
    while found is None and len(dropped) < len(droppable):
        left = tuple(position for position in droppable if position not in dropped)
        dropped = (*dropped, _emptiest(without(problem, dropped), book, left, stop))
        found = settled(dropped)
    if found is None:
        return Unknown("Which positions to drop was not found in time.")
    for position in dropped[:-1]:
        fewer = tuple(p for p in found.dropped if p != position)
        found = settled(fewer) or found
    return found


def _can_help(problem: Problem, book: RuleBook, droppable: tuple[str, ...], stop: Stop) -> bool:
    """Say whether all would be well if no post of these positions had to be filled."""
    freed = tuple(
        p.model_copy(update={"posts_min": (0,) * len(p.posts_min)}) if p.id in droppable else p
        for p in problem.positions
    )
    relaxed = problem.model_copy(update={"positions": freed})
    return isinstance(_settle_lines(relaxed, book, stop), Feasible)


def _emptiest(problem: Problem, book: RuleBook, left: tuple[str, ...], stop: Stop) -> str:
    """Name the position whose type has most funded posts empty in the least faulty set."""
    types = position_types_of(problem, book)
    pool = make_pool(coarsest(types), stop)
    used = Master(pool.shape, pool, stop).solve(None).posts
    empty = np.maximum(types.least - used, 0).sum(axis=1)
    short = {
        problem.positions[position].id: float(empty[type_])
        for type_, members in enumerate(types.members)
        for position in members
    }
    return max(left, key=lambda name: short.get(name, 0.0))


def _with_wishes(settled: Feasible, stop: Stop) -> Feasible:
    """Turn what can be met of preferred pathways, at no cost in posts, into what must be."""
    types = settled.types
    if not any(one.wished for one in types.served):
        return settled
    master = Master(settled.pool.shape, settled.pool.fresh(types), stop)
    master.aim("wishes")
    found = master.solve(None)
    serving = (found.use @ members(types.served, found.columns.types)).tolist()
    served = tuple(
        replace(one, least=min(one.least, int(times + parameters.SURE)), wished=False)
        if one.wished
        else one
        for one, times in zip(types.served, serving, strict=True)
    )
    pool = settled.pool.fresh(types.with_served(served))
    met = any(one.wished and now.least for one, now in zip(types.served, served, strict=True))
    return replace(settled, pool=pool, master=None, wishes=met)
