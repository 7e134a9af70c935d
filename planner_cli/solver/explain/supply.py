"""What a hospital offers and what its lines need, as plain counts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from planner_cli.domain.problem import Category, Position, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver.model.remaining_posts import RemainingPosts

Test = Callable[[Position], object]
#: Which positions are meant: a test of each, or what came of one, shape (positions,).
Mask = npt.NDArray[np.bool_]
Where = Test | Mask


@dataclass(frozen=True)
class Contradiction:
    """Two numbers that cannot agree.

    Parameters
    ----------
    conflict
        The constraints that bring them, a minimal set.
    sentence
        The numbers in words.
    most_lines
        The most lines these numbers allow (locked ones included); None where fewer lines do not
        help.
    about
        What the numbers count, in words: the same is told once.
    shortage
        What is needed for each that there is.
    """

    conflict: tuple[str, ...]
    sentence: str
    most_lines: int | None
    about: str = ""
    shortage: float = 1.0


@dataclass(frozen=True)
class Supply:
    """Posts and weeks of a problem, after what its locked lines take.

    Parameters
    ----------
    problem, book
        What is asked.
    """

    problem: Problem
    book: RuleBook

    @cached_property
    def free(self) -> RemainingPosts:
        """The posts the locked lines leave."""
        return RemainingPosts(self.problem, self.book)

    @property
    def n_kept(self) -> int:
        """Locked lines."""
        return len(self.free.kept)

    @property
    def n_new(self) -> int:
        """Lines to be made."""
        return self.problem.n_job_lines - self.n_kept

    @cached_property
    def weeks(self) -> tuple[int, ...]:
        """Weeks of each term."""
        return tuple(term.weeks for term in self.problem.terms)

    @property
    def n_terms(self) -> int:
        """Terms of the year."""
        return len(self.weeks)

    def mask(self, where: Where) -> Mask:
        """Say of each position whether it is meant; a test is put to each position once."""
        if isinstance(where, np.ndarray):
            return where
        known = self._masks.get(where)
        if known is None:
            known = np.array([bool(where(p)) for p in self.problem.positions], dtype=np.bool_)
            self._masks[where] = known
        return known

    def in_category(self, category: Category) -> Mask:
        """Say which positions count for a category."""
        if category not in self._categories:
            held = [category in position.categories for position in self.problem.positions]
            self._categories[category] = np.array(held, dtype=np.bool_)
        return self._categories[category]

    @cached_property
    def _categories(self) -> dict[Category, Mask]:
        return {}

    @cached_property
    def _masks(self) -> dict[Test, Mask]:
        return {}

    @cached_property
    def _funded(self) -> npt.NDArray[np.int64]:
        """Funded posts the new lines must fill, shape (positions, T)."""
        left = self.free.funded.copy()
        for index, position in enumerate(self.problem.positions):
            if self._may_be_dropped(index, position):
                left[index] = 0
        return left

    def posts(self, term: int, where: Where = bool) -> int:
        """Count the accredited posts of a term in the positions meant."""
        return int(self.free.accredited[self.mask(where), term].sum())

    def places(self, where: Where, weighted: bool = False) -> int:
        """Count such posts over the year: what all lines together could hold of them.

        No more lines than are asked for can hold posts of one term. With `weighted` each counts
        its weeks.
        """
        in_terms = np.minimum(self.n_new, self.free.accredited[self.mask(where)].sum(axis=0))
        return int((in_terms * np.array(self.weeks)).sum() if weighted else in_terms.sum())

    def funded(self, term: int, where: Where = bool) -> int:
        """Count the funded posts of a term the new lines must fill under FILL_POSTS."""
        return int(self._funded[self.mask(where), term].sum())

    def _may_be_dropped(self, index: int, position: Position) -> bool:
        return position.excludable and index not in self._held_by_hand

    @cached_property
    def _held_by_hand(self) -> frozenset[int]:
        return frozenset(index for _, index in self.free.n_kept)

    def most_terms(self, limit: int) -> int:
        """Give the most terms whose weeks add up to no more than a limit."""
        return sum(total <= limit for total in accumulate(sorted(self.weeks)))

    def most_weeks(self, limit: int) -> int:
        """Give the most weeks, up to a limit, that whole terms can add up to."""
        reachable = {0}
        for weeks in self.weeks:
            reachable |= {total + weeks for total in reachable}
        return max(total for total in reachable if total <= limit)
