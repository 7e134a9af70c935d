"""Pricing: the columns worth most under given prices, with the proof that none is worth more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from planner_cli.solver import parameters
from planner_cli.solver.arrays import Floats, Ints
from planner_cli.solver.columns.alike import keys_of
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.model.line_classes import members
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.stop import Stop, StoppedEarly


@dataclass(frozen=True, eq=False)
class Prices:
    """What a column costs in the master problem, and what its own score counts.

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
    of_alike
        Price of each group of columns that are alike in what they hold (see `columns/alike.py`),
        up to that of a duplicate, by its name.
    """

    of_unit: Floats
    of_line: float
    of_class: Floats
    score_weight: float
    reward: float
    of_alike: Mapping[bytes, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Priced:
    """The answer of pricing.

    Parameters
    ----------
    columns
        Columns worth adding.
    most
        No unknown column of the floor is worth more than this beyond its price: proven.
    surplus
        Nor are all of them together, each used as often as it may be: proven; infinite where
        only `most` is known.
    """

    columns: Columns
    most: float
    surplus: float = np.inf


class Pool(Protocol):
    """Every column of a shape, listed or searched."""

    def price(
        self, prices: Prices, floor: int | None, n_most: int, forgiven: float, *, prove: bool
    ) -> Priced:
        """Give up to about `n_most` columns of at least a floor that are worth adding.

        A pool that searches need not look for columns worth `forgiven` or less, and looks
        long only to `prove` that there are none.

        They count as known from then on, and are not given again.
        """
        ...

    def forget(self, columns: Columns) -> None:
        """Take columns as unknown again."""
        ...

    def worth_at_least(
        self, prices: Prices, floor: int | None, least: float, n_most: int
    ) -> Columns | None:
        """Give every column worth at least `least` beyond its price; None if over `n_most`."""
        ...

    def cover(self, prices: Prices, floor: int | None, n_best: int) -> Columns:
        """Give the best column for each pair of types, and the best ones overall."""
        ...

    #: Share of the score a proof leaves open: 0 where all columns are listed.
    forgives: float
    #: Columns are priced with what their group of alike columns costs.
    heeds_alike: bool

    @property
    def shape(self) -> Shape:
        """How the columns see the year."""
        ...

    def fresh(self, types: PositionTypes) -> "Pool":
        """Give the same columns for other classes of lines, as if the master knew none of them."""
        ...

    def floors(self) -> Ints:
        """Give every own score a column can have, ascending; perhaps some more."""
        ...


class ListedPool:
    """All columns in memory, best score first."""

    forgives = 0.0
    heeds_alike = True

    def __init__(self, columns: Columns, stop: Stop) -> None:
        self.columns = columns
        self._stop = stop
        self._units = columns.units()
        self._served = members(self.types.served, columns.types)
        self._known = np.zeros(len(columns), dtype=np.bool_)

    @property
    def shape(self) -> Shape:
        """How the columns see the year."""
        return self.columns.shape

    @property
    def types(self) -> PositionTypes:
        """The problem the columns are of."""
        return self.columns.shape.types

    def fresh(self, types: PositionTypes) -> "ListedPool":
        """Give the same columns for other classes of lines, as if the master knew none of them."""
        listed = self.columns
        return ListedPool(Columns(listed.shape.of(types), listed.types, listed.score), self._stop)

    def floors(self) -> Ints:
        """Give the own scores of the columns, ascending."""
        return np.unique(self.columns.score)

    def price(
        self,
        prices: Prices,
        floor: int | None,
        n_most: int,
        forgiven: float,  # noqa: ARG002
        *,
        prove: bool,  # noqa: ARG002
    ) -> Priced:
        """Scan all columns of at least the floor."""
        worth = self._worth(prices, floor)
        worth[self._known[: len(worth)]] = -np.inf
        if not len(worth):
            return Priced(self.columns.take(np.zeros(0, np.int64)), -np.inf)
        self._heed_alike(worth, prices)
        chosen = _top(worth, n_most, parameters.WORTH_A_LOOK)
        each = _best_of_each(self._units[chosen], self.columns.shape.n_units)
        kept = np.unique(np.concatenate([chosen[each], chosen[-n_most // 4 :]]))
        self._known[kept] = True
        return Priced(self.columns.take(kept), float(worth.max()))

    def forget(self, columns: Columns) -> None:
        """Take columns as unknown again."""
        gone = {row.tobytes() for row in columns.types}
        for row in np.flatnonzero(self._known).tolist():
            if self.columns.types[row].tobytes() in gone:
                self._known[row] = False

    def worth_at_least(
        self, prices: Prices, floor: int | None, least: float, n_most: int
    ) -> Columns | None:
        """Scan for every column worth enough."""
        chosen = np.flatnonzero(self._worth(prices, floor) >= least)
        return self.columns.take(chosen) if len(chosen) <= n_most else None

    def cover(self, prices: Prices, floor: int | None, n_best: int) -> Columns:
        """Scan for the best column of each pair of types."""
        worth = self._worth(prices, floor)
        order = np.argsort(worth, kind="stable")
        best = np.full(self.types.n_types**2, -1, dtype=np.int64)
        types = self.columns.types[order].astype(np.int64)
        for first in range(self.types.n_terms):
            for second in range(first):
                low = np.minimum(types[:, first], types[:, second])
                high = np.maximum(types[:, first], types[:, second])
                pair = low * self.types.n_types + high
                found = np.full(len(best), -1, dtype=np.int64)
                found[pair] = np.arange(len(order))
                best = np.maximum(best, found)
        kept = np.unique(np.concatenate([order[best[best >= 0]], order[-n_best:]]))
        return self.columns.take(kept)

    def _heed_alike(self, worth: Floats, prices: Prices) -> None:
        """Take off what a column's group costs, where that changes whether it is worth adding."""
        if not prices.of_alike:
            return
        tempting = np.flatnonzero(worth > parameters.WORTH_A_LOOK)
        if len(tempting) > parameters.MOST_ALIKE_LOOKED_AT:
            return
        keys = keys_of(self.columns.types[tempting])
        worth[tempting] -= [prices.of_alike.get(key, 0.0) for key in keys]

    def _worth(self, prices: Prices, floor: int | None) -> Floats:
        n = len(self.columns) if floor is None else self.columns.at_least(floor)
        worth = np.empty(n, dtype=np.float64)
        for start in range(0, n, parameters.PRICING_SLICE):
            if self._stop():
                raise StoppedEarly
            part = slice(start, min(n, start + parameters.PRICING_SLICE))
            worth[part] = _worth(
                self.columns.score[part], self._units[part], self._served[part], prices
            )
        return worth


def reduced_costs_of(columns: Columns, serve: npt.NDArray[np.bool_], prices: Prices) -> Floats:
    """Give what each column is worth beyond its price."""
    return _worth(columns.score, columns.units(), serve, prices)


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
