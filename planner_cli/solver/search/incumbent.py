"""The incumbent: the best legal set so far, and how a choice of columns becomes a set of lines."""

from collections import Counter

import numpy as np

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import Score, score
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints
from planner_cli.solver.assignment.disaggregation import deal
from planner_cli.solver.assignment.orders import arrange
from planner_cli.solver.assignment.placement_cuts import Crowding
from planner_cli.solver.assignment.terms import Placed, judge, place
from planner_cli.solver.leave.placing import LeaveImpossible, place_leave
from planner_cli.solver.master.integer import Choice
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.search.limits import Limits


class Incumbent:
    """The best legal set so far.

    Parameters
    ----------
    problem, book
        What is asked.
    types
        The problem in types.
    limits
        Is told of each better score.

    Attributes
    ----------
    lines
        The best set with its leave; None where none is known.
    score
        Its score; a number below every score where none is known.
    crowded
        What placements that failed prove of every other choice of columns.
    cramped
        Indices of positions whose types could not be dealt without a position coming twice.
    """

    def __init__(
        self, problem: Problem, book: RuleBook, types: PositionTypes, limits: Limits
    ) -> None:
        self._problem, self._book, self._types, self._limits = problem, book, types, limits
        self.lines: tuple[JobLine, ...] | None = None
        self.score = -(10**18)
        self.crowded: tuple[Crowding, ...] = ()
        self.cramped: frozenset[int] = frozenset()
        self._most_without_floor: int | None = None
        self._n_misplaced = 0

    @property
    def price_of_fairness(self) -> int | None:
        """Points the sum of lines gives up for the floor, against the sets found before."""
        if self.lines is None or self._most_without_floor is None:
            return None
        return self._most_without_floor - without_floor(score(self._problem, self.lines))

    def is_crowded(self, shape: Shape) -> bool:
        """Say whether whole lines in order of time are better columns than those of this shape.

        That is where a choice of columns without an order did not fit into the terms, or left
        more funded posts empty than it promised. Small units have a search of their own.
        """
        is_small = self._types.n_lines <= parameters.SMALL_LINES
        misplaced = self._n_misplaced >= parameters.MISPLACED_CHOICES
        return misplaced and not is_small and not shape.in_order

    def know(self, lines: tuple[JobLine, ...]) -> None:
        """Begin with a set that is legal, leave and all."""
        self.lines, self.score = lines, score(self._problem, lines).total

    def keep_locked(self) -> None:
        """Take the locked lines alone as the set: nothing else is asked for."""
        self.lines = self._types.locked
        self.score = score(self._problem, self.lines).total

    def offer(self, choice: Choice) -> tuple[int, ...] | None:
        """Place and deal a choice, give it leave, and keep it if it is the best so far.

        Gives the lines that are duplicates, or None where no legal set came of it.
        """
        for attempt in range(parameters.MOST_PLACEMENTS):
            self._limits.watch.enter("terms")
            placed = self._place(choice, self._limits.seed + attempt * parameters.OTHER_SEED)
            if placed is not None and placed.crowding:
                self.crowded = (*self.crowded, placed.crowding)
            if placed is None or self._falls_short(placed, choice):
                self._n_misplaced += 1
            if placed is None or placed.overfull:
                return None
            dealt = deal(self._types, placed.types, self._limits.stop)
            lines = self._lines(dealt.positions)
            found = score(self._problem, lines)
            if dealt.repeated:
                self.cramped |= self._tight(placed.types[list(dealt.repeated)])
                return None
            if self._types.fill and found.unfilled:
                return None
            if found.total <= self.score or self._has_leave(lines, found):
                return dealt.equal
        return None

    def _falls_short(self, placed: Placed, choice: Choice) -> bool:
        """Say whether a placement has too many people in a post, or empties more than promised."""
        promised = int(np.maximum(self._types.least - choice.posts, 0).sum())
        return placed.overfull > 0 or placed.unfilled > promised

    def _place(self, choice: Choice, seed: int) -> Placed | None:
        shape, stop = choice.columns.shape, self._limits.stop
        if shape.in_order:
            return judge(self._types, choice.columns.types.astype("int64"))
        if shape.exact_columns:
            return place(choice.columns, choice.posts, stop, seed)
        return arrange(choice.columns, choice.posts, stop, seed)

    def _lines(self, dealt: Ints) -> tuple[JobLine, ...]:
        positions, terms = self._problem.positions, self._problem.terms
        new = (
            JobLine("", tuple(positions[index] for index in row), terms) for row in dealt.tolist()
        )
        return (*self._types.locked, *new)

    def _tight(self, held: Ints) -> frozenset[int]:
        """Give the positions of the types that some of these lines hold more than once."""
        more = {type_ for row in held.tolist() for type_, n in Counter(row).items() if n > 1}
        members = (self._types.members[type_] for type_ in more)
        return frozenset(p for group in members if len(group) > 1 for p in group)

    def _has_leave(self, lines: tuple[JobLine, ...], found: Score) -> bool:
        """Place leave; keep the lines if that succeeds."""
        self._limits.watch.enter("leave")
        with_leave = place_leave(self._problem, self._book, lines)
        if isinstance(with_leave, LeaveImpossible):
            return False
        self.score, self.lines = found.total, with_leave
        before = self._most_without_floor
        worth = without_floor(found)
        self._most_without_floor = worth if before is None else max(worth, before)
        self._limits.watch.improve(score=found.total)
        return True


def without_floor(found: Score) -> int:
    """Give a score without the worth of its floor."""
    return found.total - len(found.of_lines) * found.floor
