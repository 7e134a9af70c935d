"""Pricing by search: when columns are too many to list, the best are found by branch and bound."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner_cli.domain.scoring import TEAM_POINTS
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Flags, Floats, Ints
from planner_cli.solver.columns.columns import Columns, best_first
from planner_cli.solver.columns.enumeration import Grower, Partial
from planner_cli.solver.model.line_classes import members
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.pricing.bounds import ColumnBounds
from planner_cli.solver.pricing.enumerated import ListedPool, Priced, Prices, reduced_costs_of
from planner_cli.solver.pricing.store import ColumnStore
from planner_cli.solver.stop import Stop, StoppedEarly

#: Two chunks of beginnings at a time; what comes of them does not depend on how many.
_THREADS = ThreadPoolExecutor(max_workers=parameters.PRICING_THREADS, thread_name_prefix="patterns")


@dataclass(frozen=True, eq=False)
class _Found:
    columns: Columns
    worth: Floats
    lost: float


class SearchedPool:
    """Columns found when they are asked for.

    Beginnings of columns grow level by level; one that cannot become worth enough, or score
    enough, is dropped. When too many are left only the most promising are kept, and the most any
    of the others could have been worth stays part of the answer.
    """

    forgives = 2e-4
    heeds_alike = False

    def __init__(self, shape: Shape, stop: Stop) -> None:
        self.shape, self._stop = shape, stop
        self._grower = Grower(shape)
        self._store = ColumnStore(shape)

    def fresh(self, types: PositionTypes) -> "SearchedPool":
        """Give a pool that knows no columns yet, for other classes of lines."""
        return SearchedPool(self.shape.of(types), self._stop)

    def floors(self) -> Ints:
        """Give every whole number between the least and the most own score."""
        types, n_terms = self.shape.types, self.shape.types.n_terms
        n_pairs = n_terms * (n_terms - 1) // 2
        least = TEAM_POINTS + n_pairs * int(types.likes.min(initial=0))
        nothing = Prices(np.zeros(self.shape.n_units), 0.0, np.zeros(len(types.served)), 1.0, 0.0)
        found = self._search(nothing, None, -np.inf, parameters.BEAM_QUICK)
        most = max(float(found.worth.max(initial=least)), found.lost)
        return np.arange(least, int(most) + 1, dtype=np.int64)

    def price(
        self, prices: Prices, floor: int | None, n_most: int, forgiven: float, *, prove: bool
    ) -> Priced:
        """Look among columns found before, then quickly, and prove with a thorough search."""
        chosen, _ = self._store.best(prices, floor, n_most, forgiven)
        most = np.inf
        for width in (parameters.BEAM_QUICK, parameters.BEAM_CLOSER):
            if len(chosen) or most <= forgiven:
                break
            found = self._search(prices, floor, forgiven, width)
            most = max(forgiven, found.lost, float(found.worth.max(initial=forgiven)))
            self._store.add(found.columns)
            chosen, _ = self._store.best(prices, floor, n_most, forgiven)
        surplus = np.inf
        for margin in (parameters.BEAM_MARGIN, 0.0) if prices.score_weight else (0.0,):
            if len(chosen) or most <= forgiven or not prove:
                break
            found = self._search(prices, floor, forgiven - margin, parameters.BEAM_THOROUGH)
            self._store.add(found.columns)
            chosen, best = self._store.best(prices, floor, n_most, forgiven)
            most = max(forgiven, found.lost, best)
            if found.lost <= forgiven:
                over = self._store.surplus(prices, floor, forgiven)
                surplus = self.shape.types.n_lines * forgiven + over
        return Priced(self._store.use(chosen), most, surplus)

    def forget(self, columns: Columns) -> None:
        """Take columns as unknown again."""
        self._store.forget(columns)

    def worth_at_least(
        self, prices: Prices, floor: int | None, least: float, n_most: int
    ) -> Columns | None:
        """Search every column worth enough."""
        found = self._search(prices, floor, least, parameters.BEAM_THOROUGH)
        if found.lost >= least or len(found.columns) > n_most:
            return None
        return found.columns

    def cover(self, prices: Prices, floor: int | None, n_best: int) -> Columns:
        """Keep the best for each pair of types among all that was found."""
        found = self._store.columns
        listed = best_first(self.shape, found.types, found.score)
        return ListedPool(listed, self._stop).cover(prices, floor, n_best)

    def _search(self, prices: Prices, floor: int | None, least: float, width: int) -> _Found:
        """Grow all beginnings that can still be worth more than `least`, `width` a level."""
        grower, types = self._grower, self.shape.types
        bounds = ColumnBounds(self.shape, grower, prices, floor, least)
        grower.rank = bounds.rank()
        partial, value, lost = grower.empty(), np.zeros(1), -np.inf
        for level in range(types.n_terms):
            price = bounds.price[:, self.shape.class_of_level[level]]

            def grow(
                part: Partial, worth: Floats, price: Floats = price
            ) -> tuple[Partial, Floats, npt.NDArray[np.float32], float]:
                if self._stop():
                    raise StoppedEarly
                top, promising = bounds.of(part, worth)
                dropped = _thin(top, promising, width)
                more = grower.grow(part, promising)
                gained = prices.score_weight * (more.partial.score - part.score[more.rows])
                worth = worth[more.rows] + gained - price[more.added]
                return more.partial, worth, top[more.rows, more.added], dropped

            # numpy works outside Python's lock: chunks grow side by side, joined in their order.
            grown = list(_THREADS.map(grow, grower.chunks(partial), grower.cut(value)))
            partial = Partial.joined([part for part, *_ in grown])
            value = np.concatenate([worth for _, worth, *_ in grown])
            top = np.concatenate([tops for *_, tops, _ in grown])
            lost = max(lost, *(dropped for *_, dropped in grown))
            if len(top) > width:
                order = np.argpartition(-top, width)
                lost = max(lost, float(top[order[width:]].max()))
                kept = np.sort(order[:width])
                partial, value = partial.take(kept), value[kept]
        columns = Columns(self.shape, self._in_order(partial.types), partial.score)
        worth = reduced_costs_of(columns, members(types.served, columns.types), prices)
        good = np.flatnonzero(worth > least)
        return _Found(columns.take(good), worth[good], lost)

    def _in_order(self, types: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Write the places of each class in ascending order."""
        sorted_types = types.copy()
        of_level = np.array(self.shape.class_of_level)
        for class_ in range(len(self.shape.classes)):
            places = np.flatnonzero(of_level == class_)
            sorted_types[:, places] = np.sort(types[:, places], axis=1)
        return sorted_types


def _thin(top: npt.NDArray[np.float32], promising: Flags, width: int) -> float:
    """Keep about the `width` best cells, in place; give the most that is lost."""
    found = top[promising]
    if len(found) <= 2 * width:
        return -np.inf
    least = np.partition(found, -2 * width)[-2 * width]
    lost = promising & (top < least)
    promising &= top >= least
    return float(top[lost].max(initial=-np.inf))
