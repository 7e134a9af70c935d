"""The best floor: how high the worst line can be, and a proven bound of the score."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints
from planner_cli.solver.master.relaxation import Relaxation
from planner_cli.solver.master.restricted import Master
from planner_cli.solver.stop import StoppedEarly


@dataclass(frozen=True, eq=False)
class Floor:
    """A floor worth searching: its number, its solved master problem, and what it can give.

    `by_the_way`: the search for the best floor goes on, but this one promises so much more than
    what is known that some set of it is worth having at once.
    """

    floor: int
    relaxed: Relaxation
    bound: int
    by_the_way: bool = False


class Floors:
    """Every floor a set can have, bounded interval by interval.

    A set whose floor lies in an interval uses columns of at least the interval's lower end, and
    gains at most its upper end per line: one master problem bounds the whole interval. The
    interval that promises most is halved until it is a single floor. Where not all lines can
    reach a floor, none above it is of use either.

    Parameters
    ----------
    master
        The master problem; its columns grow.
    values
        Every floor a set can have, ascending.
    slack
        Share of the score that is not worth another look.
    told
        Is told each new bound; True ends the search.
    """

    def __init__(
        self, master: Master, values: Ints, slack: float, told: Callable[[int], bool]
    ) -> None:
        types = master.types
        self._master, self._slack, self._told = master, slack, told
        self._floors: list[int] = values.tolist()
        self._n_all = types.n_lines + len(types.locked)
        self._fixed = sum(types.locked_scores)
        self._solved: dict[int, Relaxation] = {}
        self._open: list[tuple[int, int, int]] = []
        self._closed: list[int] = []
        self._best = -(10**18)
        self._shown = {0}
        self._doubtful: set[int] = set()
        self._note(0, self._master.solve(self._floors[0]))
        self._guesses = self._likely()
        self._push(0, len(self._floors))

    @property
    def bound(self) -> int:
        """No legal set scores more, whatever its floor."""
        uppers = [-upper for upper, _, _ in self._open[:1]]
        return max([-(10**18), *uppers, *self._closed])

    def lowest(self) -> Floor:
        """Give the lowest floor: no column is ruled out, and some set is found most easily."""
        return self._floor(0)

    def most_promising(self, score: int) -> Floor | None:
        """Give the single floor that promises most, once; None when none promises enough more."""
        while self._open and not self._told(self.bound):
            upper, first, end = self._open[0]
            single = max((-u for u, f, e in self._open if e - f == 1), default=score)
            known = max(score, single)
            if -upper <= score + self._slack * abs(score):
                return None
            if end - first > 1 and -upper <= known + self._slack * abs(known) and single > score:
                first = next(f for u, f, e in self._open if e - f == 1 and -u == single)
                self._open = [leaf for leaf in self._open if leaf[1] != first]
                heapq.heapify(self._open)
                return self._floor(first)
            heapq.heappop(self._open)
            if end - first == 1 and first in self._doubtful:
                self._closed.append(-upper)
                continue
            if end - first == 1:
                return self._floor(first)
            try:
                middle = self._halve(first, end, score)
            except StoppedEarly:
                # What was not looked at is still open.
                self._push(first, end)
                raise
            if middle is None:
                continue
            if middle not in self._shown and self._value(
                middle
            ) > score + parameters.FLOOR_PROMISE * abs(score):
                self._shown.add(middle)
                return replace(self._floor(middle), by_the_way=True)
        return None

    def _halve(self, first: int, end: int, score: int) -> int | None:
        """Cut an interval in two, and solve the upper part; None where that has no value."""
        middle = self._split(first, end, score)
        possible = self._is_possible(middle)
        below = self._solved[first]
        if possible:
            needed = max(score, self._best) - self._fixed - self._n_all * self._floors[end - 1]
            found = self._master.solve(self._floors[middle], needed)
        self._push(first, middle)
        if possible is False:
            self._end_at(middle)
            return None
        if possible is None:
            self._doubtful.add(middle)
            self._note(middle, replace(below, value=-np.inf))
            self._push(middle, end)
            return None
        self._note(middle, replace(found, bound=min(found.bound, below.bound)))
        self._push(middle, end)
        return middle

    def _floor(self, at: int) -> Floor:
        return Floor(self._floors[at], self._solved[at], self._upper(at, at))

    def _is_possible(self, at: int) -> bool | None:
        """Say whether all lines can reach a floor, in fractions: counting faults is quick.

        None where neither is certain.
        """
        self._master.aim("legal")
        found = self._master.solve(self._floors[at], -parameters.SURE)
        self._master.aim("score")
        if found.bound < -parameters.SURE:
            return False
        return True if found.value > -parameters.SURE else None

    def _end_at(self, end: int) -> None:
        """Forget the floors from here on."""
        leaves = [(first, min(last, end)) for _, first, last in self._open if first < end]
        self._open = []
        for first, last in leaves:
            self._push(first, last)

    def close(self, floor: Floor, bound: float) -> None:
        """Note what a search of a floor proved: no set of this floor scores more."""
        self._closed.append(min(floor.bound, self.total(floor, bound)))

    def total(self, floor: Floor, value: float) -> int:
        """Add the floor's own worth and the locked lines to a value of the master problem."""
        return whole(value) + self._fixed + self._n_all * floor.floor

    def _likely(self) -> list[int]:
        """Guess where to look first: no floor is above the mean, and most are a little below."""
        mean = self._solved[0].value / max(1, self._master.types.n_lines)
        return [bisect_left(self._floors, share * mean) for share in parameters.FLOOR_GUESSES]

    def _split(self, first: int, end: int, score: int) -> int:
        """Choose where to cut an interval: in the middle of the part that still matters."""
        known = max(score, self._best) - self._fixed - self._solved[first].bound
        matters = max(first + 1, bisect_right(self._floors, known / self._n_all))
        inside = [at for at in self._guesses if matters <= at < end]
        return inside[0] if inside else min(end - 1, (matters + end) // 2)

    def _note(self, at: int, relaxed: Relaxation) -> None:
        self._solved[at] = relaxed
        self._best = max(self._best, self._value(at))

    def _value(self, at: int) -> int:
        value = max(self._solved[at].value, -1e15)
        return whole(value) + self._fixed + self._n_all * self._floors[at]

    def _upper(self, at: int, last: int) -> int:
        return whole(self._solved[at].bound) + self._fixed + self._n_all * self._floors[last]

    def _push(self, first: int, end: int) -> None:
        heapq.heappush(self._open, (-self._upper(first, end - 1), first, end))


def whole(bound: float) -> int:
    """Round a bound of a whole number down, forgiving the rounding of the linear program."""
    return int(np.floor(bound + max(1e-5, abs(bound) * parameters.LP_ROUNDING)))
