"""A problem as the local search reads it: whole lines as rows of positions, many in one array."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from planner_cli.domain.constraints.on_set import LinesServed, PostsFilled
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import TEAM_POINTS, affinity_of, line_score
from planner_cli.solver.arrays import Flags, Small
from planner_cli.solver.model.line_excess import LineExcess
from planner_cli.solver.model.line_forms import line_constraints_of
from planner_cli.solver.model.remaining_posts import RemainingPosts

Worths = npt.NDArray[np.float32]


class Hospital:
    """A problem as the local search reads it: every position by its index.

    Parameters
    ----------
    problem, book
        What is asked.
    as_well_as
        Lines whose preferred pathways are to be served as well as they serve them; none asks
        for no wish.
    """

    def __init__(
        self, problem: Problem, book: RuleBook, as_well_as: tuple[JobLine, ...] = ()
    ) -> None:
        self.problem = problem
        posts = RemainingPosts(problem, book)
        self.least, self.most = posts.funded, posts.accredited
        self.locked = posts.kept
        self.n_lines = problem.n_job_lines - len(posts.kept)
        self.n_terms = len(problem.terms)
        self.span = np.array([p.span_terms for p in problem.positions], dtype=np.int64)
        constraints = line_constraints_of(problem, book)
        self.impossible = bool(constraints.impossible)
        self.excess = LineExcess(constraints, self.span)
        self.must_fill = bool(book.on_set(problem, PostsFilled))
        self.served = [
            _Served(_as_rule(asked, as_well_as), problem, asked.n_serving(posts.kept))
            for asked in book.on_set(problem, LinesServed)
        ]
        affinity = affinity_of(problem)
        self.locked_scores = [line_score(line.positions, affinity) for line in posts.kept]
        self.locked_sets = [frozenset(p.id for p in line.positions) for line in posts.kept]
        keys = sorted({p.key for p in problem.positions})
        number = {key: n for n, key in enumerate(keys)}
        self._n_keys = len(keys)
        self._keys = np.array([number[p.key] for p in problem.positions], dtype=np.int32)
        likes = np.zeros((len(keys), len(keys)), dtype=np.float32)
        for (first, second), points in affinity.items():
            if first in number and second in number:
                likes[number[first], number[second]] = points
        self._likes = likes.ravel()
        teams = {name: n for n, name in enumerate(sorted({p.team_key for p in problem.positions}))}
        self._teams = np.array([teams[p.team_key] for p in problem.positions], dtype=np.int32)

    def own(self, held: Small) -> Worths:
        """Give the own score of lines, shape (n,)."""
        keys, teams = self._keys[held], self._teams[held]
        worth = np.full(len(held), TEAM_POINTS, dtype=np.float32)
        for term in range(1, self.n_terms):
            fresh = np.ones(len(held), dtype=np.bool_)
            for earlier in range(term):
                worth += self._likes[keys[:, earlier] * self._n_keys + keys[:, term]]
                fresh &= teams[:, earlier] != teams[:, term]
            worth += TEAM_POINTS * fresh
        return worth

    def lines(self, held: Small) -> tuple[JobLine, ...]:
        """Give lines, the locked ones first, as they are written down."""
        positions, terms = self.problem.positions, self.problem.terms
        new = (JobLine("", tuple(positions[i] for i in row), terms) for row in held.tolist())
        return (*self.locked, *new)

    def held(self, lines: tuple[JobLine, ...]) -> Small:
        """Give the positions of the lines that are not locked, shape (L, T)."""
        index = {position.id: n for n, position in enumerate(self.problem.positions)}
        rows = [[index[p.id] for p in line.positions] for line in lines if not line.locked]
        return np.array(rows, dtype=np.int16).reshape(-1, self.n_terms)


class _Served:
    """A pathway, over positions."""

    def __init__(self, asked: LinesServed, problem: Problem, already: int) -> None:
        tests = asked.asks()
        self._bits = np.array(
            [sum(1 << n for n, test in enumerate(tests) if test(p)) for p in problem.positions],
            dtype=np.int64,
        )
        self._whole = (1 << len(tests)) - 1
        self.least = asked.n_lines - already
        self.most = self.least if asked.strength == "exactly" else problem.n_job_lines

    def by(self, held: Small) -> Flags:
        """Say which lines serve it, shape (n,)."""
        served: Flags = np.bitwise_or.reduce(self._bits[held], axis=1) == self._whole
        return served

    def fault(self, n: int) -> int:
        """Give the lines too few or too many."""
        return max(0, self.least - n) + max(0, n - self.most)


def _as_rule(asked: LinesServed, as_well_as: tuple[JobLine, ...]) -> LinesServed:
    """Ask for as much of a wish as these lines serve."""
    if not asked.wished:
        return asked
    return replace(asked, n_lines=min(asked.n_lines, asked.n_serving(as_well_as)))
