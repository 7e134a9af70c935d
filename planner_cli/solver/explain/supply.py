"""What a hospital offers and what its lines need, as plain counts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.solver.exact.set_model import FreePosts

Test = Callable[[Position], object]


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
    def free(self) -> FreePosts:
        """The posts the locked lines leave."""
        return FreePosts(self.problem, self.book)

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

    def posts(self, term: int, test: Test = bool) -> int:
        """Count the accredited posts of a term in positions of which something holds."""
        positions = self.problem.positions
        return sum(
            max(0, positions[index].posts_max[term] - self.free.n_kept[term, index])
            for index in range(len(positions))
            if test(positions[index])
        )

    def places(self, test: Test, weighted: bool = False) -> int:
        """Count such posts over the year: what all lines together could hold of them.

        No more lines than are asked for can hold posts of one term. With `weighted` each counts
        its weeks.
        """
        return sum(
            min(self.n_new, self.posts(term, test)) * (weeks if weighted else 1)
            for term, weeks in enumerate(self.weeks)
        )

    def funded(self, term: int, test: Test = bool) -> int:
        """Count the funded posts of a term the new lines must fill under FILL_POSTS."""
        return sum(
            max(0, position.posts_min[term] - self.free.n_kept[term, index])
            for index, position in enumerate(self.problem.positions)
            if test(position) and not self._may_be_dropped(index, position)
        )

    def _may_be_dropped(self, index: int, position: Position) -> bool:
        held_by_hand = any(self.free.n_kept[term, index] for term in range(self.n_terms))
        return position.excludable and not held_by_hand

    def most_terms(self, limit: int) -> int:
        """Give the most terms whose weeks add up to no more than a limit."""
        return sum(total <= limit for total in accumulate(sorted(self.weeks)))

    def most_weeks(self, limit: int) -> int:
        """Give the most weeks, up to a limit, that whole terms can add up to."""
        reachable = {0}
        for weeks in self.weeks:
            reachable |= {total + weeks for total in reachable}
        return max(total for total in reachable if total <= limit)
