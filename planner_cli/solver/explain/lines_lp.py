"""How many lines are possible at most, and which posts would make all of them possible."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.columns.enumeration import enumerate_columns
from planner_cli.solver.explain.plain import plain
from planner_cli.solver.master.objective import Aim
from planner_cli.solver.master.relaxation import Relaxation
from planner_cli.solver.master.restricted import Master
from planner_cli.solver.model.position_types import PositionTypes, position_types_of
from planner_cli.solver.model.remaining_posts import RemainingPosts
from planner_cli.solver.model.term_classes import coarsest
from planner_cli.solver.pricing.enumerated import ListedPool
from planner_cli.solver.search.feasibility import make_pool


@dataclass(frozen=True, slots=True)
class MostLines:
    """What the linear program says.

    Parameters
    ----------
    lines
        Most lines of any legal set, locked ones included: an upper bound.
    never
        Not even fewer lines help: funded posts or pathways cannot be served by any number.
    """

    lines: int
    never: bool


#: Numbers of posts by position index and term (from 0).
Posts = dict[tuple[int, int], int]


def most_lines(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> MostLines:
    """Bound the lines of any legal set, whether or not fewer than asked for are allowed.

    Parameters
    ----------
    problem, book
        What is asked. Posts of locked lines are taken off first; positions that may be dropped
        need not be filled.
    stop
        Asked now and then; True ends the work with `StoppedEarly`.
    """
    types = position_types_of(_undemanding(plain(problem)), book)
    n_kept = len(types.locked)
    if types.overfull:
        return MostLines(0, never=True)
    if types.constraints.impossible or not types.n_types:
        return MostLines(n_kept, never=bool(types.fill and types.least.any()))
    pool = make_pool(coarsest(_without_wishes(types)), stop)
    found = _solved(Master(pool.shape, pool, stop), "lines")
    return MostLines(
        n_kept + int(types.n_lines - found.n_missing + parameters.EXPLAIN_SURE),
        never=found.faults > parameters.EXPLAIN_SURE,
    )


def is_heavy(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> bool:
    """Say whether a problem has so many columns that looking for a set takes many seconds."""
    types = position_types_of(plain(problem), book)
    return enumerate_columns(coarsest(types), stop, parameters.HEAVY_REPAIR) is None


def more_posts(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest posts to add for all lines to be possible.

    Posts are added where a position has some in that term already, if that is enough; otherwise in
    any term. None when no number of them is enough, or the problem is too large.
    """
    return _added(problem, book, stop, anywhere=False) or _added(problem, book, stop, anywhere=True)


def fewer_funded(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest funded posts that cannot be filled; None as for `more_posts`."""
    types = _types(problem, book)
    if types is None or types.served:
        return None
    columns = enumerate_columns(coarsest(types), stop, parameters.MOST_LISTED)
    if columns is None:
        return None
    master = Master(columns.shape, ListedPool(columns, stop), stop)
    if _solved(master, "lines").n_missing > parameters.EXPLAIN_SURE:
        return None
    filled = master.make_whole()["filled"]
    posts: Posts = {}
    for type_, term in np.argwhere(types.least).tolist():
        amount = int(types.least[type_, term]) - filled.get((type_, term), 0.0)
        left = int(np.ceil(amount - parameters.EXPLAIN_SURE))
        for index in types.members[type_]:
            taken = min(left, problem.positions[index].posts_min[term])
            if taken:
                posts[index, term] = taken
                left -= taken
    return posts


def _added(
    problem: Problem, book: RuleBook, stop: Callable[[], bool], *, anywhere: bool
) -> Posts | None:
    types = _types(_one_post_everywhere(problem) if anywhere else problem, book)
    if types is None:
        return None
    shape, real = coarsest(types), _with_posts_of(types, problem, book) if anywhere else types
    columns = enumerate_columns(shape, stop, parameters.MOST_LISTED)
    if columns is None:
        return None
    master = Master(shape, ListedPool(columns, stop), stop, offered=real)
    found = _solved(master, "posts")
    if found.faults + found.n_missing > parameters.EXPLAIN_SURE:
        return None
    posts: Posts = {}
    for (type_, term), amount in master.make_whole()["added"].items():
        if amount <= parameters.EXPLAIN_SURE:
            continue
        largest = max(types.members[type_], key=lambda i: problem.positions[i].posts_max[term])
        posts[largest, term] = int(np.ceil(amount - parameters.EXPLAIN_SURE))
    return posts


def _types(problem: Problem, book: RuleBook) -> PositionTypes | None:
    """Give the types a program can be made of; None where no line is possible at all."""
    types = position_types_of(_undemanding(plain(problem)), book)
    if types.overfull or types.constraints.impossible or not types.n_types:
        return None
    return _without_wishes(types)


def _without_wishes(types: PositionTypes) -> PositionTypes:
    return types.with_served(tuple(one for one in types.served if not one.wished))


def _solved(master: Master, aim: Aim) -> Relaxation:
    master.aim(aim)
    return master.solve(None)


def _one_post_everywhere(problem: Problem) -> Problem:
    positions = tuple(
        p.model_copy(update={"posts_max": tuple(max(1, n) for n in p.posts_max)})
        for p in problem.positions
    )
    return problem.model_copy(update={"positions": positions})


def _with_posts_of(types: PositionTypes, problem: Problem, book: RuleBook) -> PositionTypes:
    """Count the posts of another problem; what may be held where stays as it is."""
    kept = RemainingPosts(problem, book).n_kept
    most = [
        [
            sum(max(0, problem.positions[i].posts_max[t] - kept[t, i]) for i in members)
            for t in range(types.n_terms)
        ]
        for members in types.members
    ]
    return replace(types, most=np.array(most, dtype=np.int64))


def _undemanding(problem: Problem) -> Problem:
    """Ask nothing of positions that may be dropped."""
    nothing = (0,) * len(problem.terms)
    positions = tuple(
        position.model_copy(update={"posts_min": nothing}) if position.excludable else position
        for position in problem.positions
    )
    return problem.model_copy(update={"positions": positions})
