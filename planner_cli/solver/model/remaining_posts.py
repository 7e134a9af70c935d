"""The posts a problem has left once its locked lines are taken off."""

from collections import Counter
from collections.abc import Collection
from functools import cached_property

import numpy as np

from planner_cli.domain.constraints.on_set import LinesKept
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver.arrays import Ints

#: A term's index (from 0) and a position's index in the problem.
Cell = tuple[int, int]


class RemainingPosts:
    """The posts the locked lines leave to the new ones.

    Parameters
    ----------
    problem, book
        What is asked.
    not_used
        Indices of positions that are dropped.

    Attributes
    ----------
    kept
        The locked lines.
    n_kept
        By cell (term from 0, position index), how many locked lines hold it.
    """

    def __init__(self, problem: Problem, book: RuleBook, not_used: Collection[int] = ()) -> None:
        self.problem = problem
        self.kept = locked_lines(problem, book)
        self.n_kept = cells_held(problem, self.kept)
        self.not_used = frozenset(not_used)

    def __getitem__(self, cell: Cell) -> int:
        """Give the accredited posts left in a cell: no more than there are lines to make."""
        term, index = cell
        if index in self.not_used:
            return 0
        n_free = self.problem.positions[index].posts_max[term] - self.n_kept[cell]
        return min(max(0, n_free), self.problem.n_job_lines - len(self.kept))

    def usable(self, term: int, index: int) -> bool:
        """Say whether a new line may hold a cell."""
        return self[term, index] > 0

    def overdrawn(self) -> list[Cell]:
        """Give the cells in which the locked lines alone exceed the accredited posts."""
        return sorted(
            (term, index)
            for (term, index), n_lines in self.n_kept.items()
            if n_lines > self.problem.positions[index].posts_max[term]
        )

    @cached_property
    def funded(self) -> Ints:
        """Funded posts left to fill, shape (positions, T)."""
        return self._left([position.posts_min for position in self.problem.positions])

    @cached_property
    def accredited(self) -> Ints:
        """Accredited posts left, shape (positions, T)."""
        return self._left([position.posts_max for position in self.problem.positions])

    def _left(self, posts: list[tuple[int, ...]]) -> Ints:
        left = np.array(posts, dtype=np.int64).reshape(-1, len(self.problem.terms))
        for (term, index), n_lines in self.n_kept.items():
            left[index, term] -= n_lines
        return np.maximum(left, 0)


def locked_lines(problem: Problem, book: RuleBook) -> tuple[JobLine, ...]:
    """Give the lines that are kept as they are; none when the book does not ask for it."""
    return tuple(
        JobLine.from_record(record, problem, locked=True)
        for kept in book.on_set(problem, LinesKept)
        for record in kept.lines
    )


def cells_held(problem: Problem, lines: Collection[JobLine]) -> Counter[Cell]:
    """Count the lines that hold each cell."""
    index_of = {position.id: index for index, position in enumerate(problem.positions)}
    return Counter(
        (term, index_of[position.id])
        for line in lines
        for term, position in enumerate(line.positions)
    )
