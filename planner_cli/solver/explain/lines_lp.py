"""How many lines are possible at most, and which posts would make all of them possible."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.solver import capacity
from planner_cli.solver.exact.set_model import FreePosts
from planner_cli.solver.explain.plain import plain
from planner_cli.solver.explain.program import SURE, program_of
from planner_cli.solver.kinds import Kinds, kinds_of
from planner_cli.solver.patterns import enumerate_patterns
from planner_cli.solver.shape import coarsest

#: Beginnings of patterns beyond which verifying one more repair is not worth its time.
_HEAVY = 700_000


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
    kinds = kinds_of(_undemanding(plain(problem)), book)
    n_kept = len(kinds.locked)
    if kinds.overfull:
        return MostLines(0, never=True)
    if kinds.law.impossible or not kinds.n_kinds:
        return MostLines(n_kept, never=bool(kinds.fill and kinds.least.any()))
    demands = tuple(demand for demand in kinds.demands if not demand.wished)
    program = program_of(coarsest(kinds.with_demands(demands)), stop)
    if program is None:
        lines = capacity.most_lines(_undemanding(plain(problem)), book, stop)
        return MostLines(lines, never=lines == 0)
    program.solve(stop)
    return MostLines(n_kept + int(program.lines + SURE), never=program.faults > SURE)


def is_heavy(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> bool:
    """Say whether a problem has so many patterns that looking for a set takes many seconds."""
    kinds = kinds_of(plain(problem), book)
    return enumerate_patterns(coarsest(kinds), stop, _HEAVY) is None


def more_posts(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest posts to add for all lines to be possible.

    Posts are added where a position has some in that term already, if that is enough; otherwise in
    any term. None when no number of them is enough, or the problem is too large.
    """
    return _added(problem, book, stop, anywhere=False) or _added(problem, book, stop, anywhere=True)


def fewer_funded(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest funded posts that cannot be filled; None as for `more_posts`."""
    kinds = _kinds(problem, book)
    if kinds is None or kinds.demands:
        return None
    program = program_of(coarsest(kinds), stop)
    if program is None:
        return None
    program.solve(stop)
    if program.lines < kinds.n_lines - SURE:
        return None
    program.make_whole()
    posts: Posts = {}
    for (kind, term), amount in program.unfilled().items():
        left = int(np.ceil(amount - SURE))
        for index in kinds.members[kind]:
            taken = min(left, problem.positions[index].posts_min[term])
            if taken:
                posts[index, term] = taken
                left -= taken
    return posts


def _added(
    problem: Problem, book: RuleBook, stop: Callable[[], bool], *, anywhere: bool
) -> Posts | None:
    kinds = _kinds(_one_post_everywhere(problem) if anywhere else problem, book)
    if kinds is None:
        return None
    shape, real = coarsest(kinds), _with_posts_of(kinds, problem, book) if anywhere else kinds
    program = program_of(shape, stop, more_than=real)
    if program is None:
        return None
    program.solve(stop)
    if program.faults > SURE or program.lines < kinds.n_lines - SURE:
        return None
    program.make_whole()
    posts: Posts = {}
    for (kind, term), amount in program.extras().items():
        largest = max(kinds.members[kind], key=lambda i: problem.positions[i].posts_max[term])
        posts[largest, term] = int(np.ceil(amount - SURE))
    return posts


def _kinds(problem: Problem, book: RuleBook) -> Kinds | None:
    """Give the kinds a program can be made of; None where no line is possible at all."""
    kinds = kinds_of(_undemanding(plain(problem)), book)
    if kinds.overfull or kinds.law.impossible or not kinds.n_kinds:
        return None
    demands = tuple(demand for demand in kinds.demands if not demand.wished)
    return kinds.with_demands(demands)


def _one_post_everywhere(problem: Problem) -> Problem:
    positions = tuple(
        p.model_copy(update={"posts_max": tuple(max(1, n) for n in p.posts_max)})
        for p in problem.positions
    )
    return problem.model_copy(update={"positions": positions})


def _with_posts_of(kinds: Kinds, problem: Problem, book: RuleBook) -> Kinds:
    """Count the posts of another problem; what may be held where stays as it is."""
    kept = FreePosts(problem, book).n_kept
    most = [
        [
            sum(max(0, problem.positions[i].posts_max[t] - kept[t, i]) for i in members)
            for t in range(kinds.n_terms)
        ]
        for members in kinds.members
    ]
    return replace(kinds, most=np.array(most, dtype=np.int64))


def _undemanding(problem: Problem) -> Problem:
    """Ask nothing of positions that may be dropped."""
    nothing = (0,) * len(problem.terms)
    positions = tuple(
        position.model_copy(update={"posts_min": nothing}) if position.excludable else position
        for position in problem.positions
    )
    return problem.model_copy(update={"positions": positions})
