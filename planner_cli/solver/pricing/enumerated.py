"""Pricing: the patterns worth most under given prices, with the proof that none is worth more."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from planner_cli.solver import parameters
from planner_cli.solver.columns.enumeration import Patterns, Stop, StoppedEarly
from planner_cli.solver.model.line_classes import members
from planner_cli.solver.model.line_constraints import Ints
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prices:
    """What a pattern costs in the master problem, and what its own score counts.

    Parameters
    ----------
    of_unit
        Price of a type in a class of terms, shape (K * C,).
    of_line
        Price of a line.
    of_class
        Price of being of each class that asks for something.
    score_weight
        1 when the score is maximised, 0 when lines are counted.
    reward
        Worth of a line whatever it holds: 1 when lines are counted, else 0.
    """

    of_unit: Floats
    of_line: float
    of_class: Floats
    score_weight: float
    reward: float


@dataclass(frozen=True, eq=False)
class Priced:
    """The answer of pricing.

    Parameters
    ----------
    patterns
        Patterns worth adding.
    most
        No unknown pattern of the floor is worth more than this beyond its price: proven.
    surplus
        Nor are all of them together, each used as often as it may be: proven; infinite where
        only `most` is known.
    """

    patterns: Patterns
    most: float
    surplus: float = np.inf


class Pool(Protocol):
    """Every pattern of a shape, listed or searched."""

    def price(
        self, prices: Prices, floor: int | None, n_most: int, forgiven: float, *, prove: bool
    ) -> Priced:
        """Give up to about `n_most` patterns of at least a floor that are worth adding.

        A pool that searches need not look for patterns worth `forgiven` or less, and looks
        long only to `prove` that there are none.

        They count as known from then on, and are not given again.
        """
        ...

    def forget(self, patterns: Patterns) -> None:
        """Take patterns as unknown again."""
        ...

    def worth_at_least(
        self, prices: Prices, floor: int | None, least: float, n_most: int
    ) -> Patterns | None:
        """Give every pattern worth at least `least` beyond its price; None if over `n_most`."""
        ...

    def cover(self, prices: Prices, floor: int | None, n_best: int) -> Patterns:
        """Give the best pattern for each pair of types, and the best ones overall."""
        ...

    #: Share of the score a proof leaves open: 0 where all patterns are listed.
    forgives: float

    @property
    def shape(self) -> Shape:
        """How the columns see the year."""
        ...

    def fresh(self, types: PositionTypes) -> "Pool":
        """Give the same patterns, none of them known, for other classes of lines."""
        ...

    def floors(self) -> Ints:
        """Give every own score a pattern can have, ascending; perhaps some more."""
        ...


class ListedPool:
    """All patterns in memory, best score first."""

    forgives = 0.0

    def __init__(self, patterns: Patterns, stop: Stop) -> None:
        self.patterns = patterns
        self._stop = stop
        self._units = patterns.units()
        self._served = members(self.types.served, patterns.types)
        self._known = np.zeros(len(patterns), dtype=np.bool_)

    @property
    def shape(self) -> Shape:
        """How the columns see the year."""
        return self.patterns.shape

    @property
    def types(self) -> PositionTypes:
        """The problem the patterns are of."""
        return self.patterns.shape.types

    def fresh(self, types: PositionTypes) -> "ListedPool":
        """Give the same patterns, none of them known, for other classes of lines."""
        listed = self.patterns
        return ListedPool(Patterns(listed.shape.of(types), listed.types, listed.score), self._stop)

    def floors(self) -> Ints:
        """Give the own scores of the patterns, ascending."""
        return np.unique(self.patterns.score)

    def price(
        self,
        prices: Prices,
        floor: int | None,
        n_most: int,
        forgiven: float,  # noqa: ARG002
        *,
        prove: bool,  # noqa: ARG002
    ) -> Priced:
        """Scan all patterns of at least the floor."""
        worth = self._worth(prices, floor)
        worth[self._known[: len(worth)]] = -np.inf
        if not len(worth):
            return Priced(self.patterns.take(np.zeros(0, np.int64)), -np.inf)
        chosen = _top(worth, n_most, parameters.WORTH_A_LOOK)
        each = _best_of_each(self._units[chosen], self.patterns.shape.n_units)
        kept = np.unique(np.concatenate([chosen[each], chosen[-n_most // 4 :]]))
        self._known[kept] = True
        return Priced(self.patterns.take(kept), float(worth.max()))

    def forget(self, patterns: Patterns) -> None:
        """Take patterns as unknown again."""
        gone = {row.tobytes() for row in patterns.types}
        for row in np.flatnonzero(self._known).tolist():
            if self.patterns.types[row].tobytes() in gone:
                self._known[row] = False

    def worth_at_least(
        self, prices: Prices, floor: int | None, least: float, n_most: int
    ) -> Patterns | None:
        """Scan for every pattern worth enough."""
        chosen = np.flatnonzero(self._worth(prices, floor) >= least)
        return self.patterns.take(chosen) if len(chosen) <= n_most else None

    def cover(self, prices: Prices, floor: int | None, n_best: int) -> Patterns:
        """Scan for the best pattern of each pair of types."""
        worth = self._worth(prices, floor)
        order = np.argsort(worth, kind="stable")
        best = np.full(self.types.n_types**2, -1, dtype=np.int64)
        types = self.patterns.types[order].astype(np.int64)
        for first in range(self.types.n_terms):
            for second in range(first):
                low = np.minimum(types[:, first], types[:, second])
                high = np.maximum(types[:, first], types[:, second])
                pair = low * self.types.n_types + high
                found = np.full(len(best), -1, dtype=np.int64)
                found[pair] = np.arange(len(order))
                best = np.maximum(best, found)
        kept = np.unique(np.concatenate([order[best[best >= 0]], order[-n_best:]]))
        return self.patterns.take(kept)

    def _worth(self, prices: Prices, floor: int | None) -> Floats:
        n = len(self.patterns) if floor is None else self.patterns.at_least(floor)
        worth = np.empty(n, dtype=np.float64)
        for start in range(0, n, parameters.PRICING_SLICE):
            if self._stop():
                raise StoppedEarly
            part = slice(start, min(n, start + parameters.PRICING_SLICE))
            worth[part] = _worth(
                self.patterns.score[part], self._units[part], self._served[part], prices
            )
        return worth


def reduced_costs_of(patterns: Patterns, serve: npt.NDArray[np.bool_], prices: Prices) -> Floats:
    """Give what each pattern is worth beyond its price."""
    return _worth(patterns.score, patterns.units(), serve, prices)


def _worth(
    score: Ints, units: npt.NDArray[np.int32], serve: npt.NDArray[np.bool_], prices: Prices
) -> Floats:
    value = np.full(len(score), prices.reward - prices.of_line)
    value += prices.score_weight * score
    for place in range(units.shape[1]):
        value -= prices.of_unit[units[:, place]]
    if len(prices.of_class):
        value -= serve @ prices.of_class
    return value


def _top(worth: Floats, n_most: int, least: float) -> Ints:
    """Give the indices of the most worthy, least worthy first."""
    chosen = np.flatnonzero(worth > least)
    n_look = 40 * n_most
    if len(chosen) > n_look:
        chosen = chosen[np.argpartition(worth[chosen], -n_look)[-n_look:]]
        chosen.sort()
    return chosen[np.argsort(worth[chosen], kind="stable")]


def _best_of_each(units: npt.NDArray[np.int32], n_units: int) -> Ints:
    """Give, for each unit some row holds, the last row that holds it."""
    best = np.full(n_units, -1, dtype=np.int64)
    for place in range(units.shape[1]):
        found = np.full(n_units, -1, dtype=np.int64)
        found[units[:, place]] = np.arange(len(units))
        best = np.maximum(best, found)
    return np.unique(best[best >= 0])
