"""How many lines are possible at most, and which posts would make all of them possible."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.columns.enumeration import enumerate_patterns
from planner_cli.solver.explain.plain import plain
from planner_cli.solver.explain.program import program_of
from planner_cli.solver.model.position_types import PositionTypes, position_types_of
from planner_cli.solver.model.remaining_posts import RemainingPosts
from planner_cli.solver.model.term_classes import coarsest
from planner_cli.solver.search import line_counts


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
    demands = tuple(demand for demand in types.demands if not demand.wished)
    program = program_of(coarsest(types.with_demands(demands)), stop)
    if program is None:
        lines = line_counts.most_lines(_undemanding(plain(problem)), book, stop)
        return MostLines(lines, never=lines == 0)
    program.solve(stop)
    return MostLines(
        n_kept + int(program.lines + parameters.EXPLAIN_SURE),
        never=program.faults > parameters.EXPLAIN_SURE,
    )


def is_heavy(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> bool:
    """Say whether a problem has so many patterns that looking for a set takes many seconds."""
    types = position_types_of(plain(problem), book)
    return enumerate_patterns(coarsest(types), stop, parameters.HEAVY_REPAIR) is None


def more_posts(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest posts to add for all lines to be possible.

    Posts are added where a position has some in that term already, if that is enough; otherwise in
    any term. None when no number of them is enough, or the problem is too large.
    """
    return _added(problem, book, stop, anywhere=False) or _added(problem, book, stop, anywhere=True)


def fewer_funded(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest funded posts that cannot be filled; None as for `more_posts`."""
    types = _types(problem, book)
    if types is None or types.demands:
        return None
    program = program_of(coarsest(types), stop)
    if program is None:
        return None
    program.solve(stop)
    if program.lines < types.n_lines - parameters.EXPLAIN_SURE:
        return None
    program.make_whole()
    posts: Posts = {}
    for (type_, term), amount in program.unfilled().items():
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
    program = program_of(shape, stop, more_than=real)
    if program is None:
        return None
    program.solve(stop)
    if (
        program.faults > parameters.EXPLAIN_SURE
        or program.lines < types.n_lines - parameters.EXPLAIN_SURE
    ):
        return None
    program.make_whole()
    posts: Posts = {}
    for (type_, term), amount in program.extras().items():
        largest = max(types.members[type_], key=lambda i: problem.positions[i].posts_max[term])
        posts[largest, term] = int(np.ceil(amount - parameters.EXPLAIN_SURE))
    return posts


def _types(problem: Problem, book: RuleBook) -> PositionTypes | None:
    """Give the types a program can be made of; None where no line is possible at all."""
    types = position_types_of(_undemanding(plain(problem)), book)
    if types.overfull or types.constraints.impossible or not types.n_types:
        return None
    demands = tuple(demand for demand in types.demands if not demand.wished)
    return types.with_demands(demands)


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
