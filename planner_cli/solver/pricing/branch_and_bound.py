"""Pricing by search: when patterns are too many to list, the best are found by branch and bound."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner_cli.domain.scoring import TEAM_POINTS
from planner_cli.solver import parameters
from planner_cli.solver.columns.enumeration import (
    Grower,
    Partial,
    Patterns,
    Stop,
    StoppedEarly,
    best_first,
)
from planner_cli.solver.model.line_classes import members
from planner_cli.solver.model.line_constraints import Ints
from planner_cli.solver.model.multiplicity import position_sets
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Flags, Shape
from planner_cli.solver.pricing.enumerated import (
    Floats,
    ListedPool,
    Priced,
    Prices,
    reduced_costs_of,
)

#: Two chunks of beginnings at a time; what comes of them does not depend on how many.
_THREADS = ThreadPoolExecutor(max_workers=parameters.PRICING_THREADS, thread_name_prefix="patterns")


@dataclass(frozen=True, eq=False)
class _Found:
    patterns: Patterns
    worth: Floats
    lost: float


class SearchedPool:
    """Patterns found when they are asked for.

    Beginnings of patterns grow level by level; one that cannot become worth enough, or score
    enough, is dropped. When too many are left only the most promising are kept, and the most any
    of the others could have been worth stays part of the answer.
    """

    forgives = 2e-4

    def __init__(self, shape: Shape, stop: Stop) -> None:
        self.shape, self._stop = shape, stop
        self._grower = Grower(shape)
        self._store = _Store(shape)

    def fresh(self, types: PositionTypes) -> "SearchedPool":
        """Give a pool that knows no patterns yet, for other classes of lines."""
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
        """Look among patterns found before, then quickly, and prove with a thorough search."""
        chosen, _ = self._store.best(prices, floor, n_most, forgiven)
        most = np.inf
        for width in (parameters.BEAM_QUICK, parameters.BEAM_CLOSER):
            if len(chosen) or most <= forgiven:
                break
            found = self._search(prices, floor, forgiven, width)
            most = max(forgiven, found.lost, float(found.worth.max(initial=forgiven)))
            self._store.add(found.patterns)
            chosen, _ = self._store.best(prices, floor, n_most, forgiven)
        surplus = np.inf
        for margin in (parameters.BEAM_MARGIN, 0.0) if prices.score_weight else (0.0,):
            if len(chosen) or most <= forgiven or not prove:
                break
            found = self._search(prices, floor, forgiven - margin, parameters.BEAM_THOROUGH)
            self._store.add(found.patterns)
            chosen, best = self._store.best(prices, floor, n_most, forgiven)
            most = max(forgiven, found.lost, best)
            if found.lost <= forgiven:
                over = self._store.surplus(prices, floor, forgiven)
                surplus = self.shape.types.n_lines * forgiven + over
        return Priced(self._store.use(chosen), most, surplus)

    def forget(self, patterns: Patterns) -> None:
        """Take patterns as unknown again."""
        self._store.forget(patterns)

    def worth_at_least(
        self, prices: Prices, floor: int | None, least: float, n_most: int
    ) -> Patterns | None:
        """Search every pattern worth enough."""
        found = self._search(prices, floor, least, parameters.BEAM_THOROUGH)
        if found.lost >= least or len(found.patterns) > n_most:
            return None
        return found.patterns

    def cover(self, prices: Prices, floor: int | None, n_best: int) -> Patterns:
        """Keep the best for each pair of types among all that was found."""
        found = self._store.patterns
        listed = best_first(self.shape, found.types, found.score)
        return ListedPool(listed, self._stop).cover(prices, floor, n_best)

    def _search(self, prices: Prices, floor: int | None, least: float, width: int) -> _Found:
        """Grow all beginnings that can still be worth more than `least`, `width` a level."""
        grower, types = self._grower, self.shape.types
        bounds = _Bounds(self.shape, grower, prices, floor, least)
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
        patterns = Patterns(self.shape, self._in_order(partial.types), partial.score)
        worth = reduced_costs_of(patterns, members(types.served, patterns.types), prices)
        good = np.flatnonzero(worth > least)
        return _Found(patterns.take(good), worth[good], lost)

    def _in_order(self, types: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Write the places of each class in ascending order."""
        sorted_kinds = types.copy()
        of_level = np.array(self.shape.class_of_level)
        for class_ in range(len(self.shape.classes)):
            places = np.flatnonzero(of_level == class_)
            sorted_kinds[:, places] = np.sort(types[:, places], axis=1)
        return sorted_kinds


class _Bounds:
    """What a beginning can become worth with each type added, never underestimated.

    The worth of the places still to fill is the worth of each type with those held, plus that of
    pairs among themselves. A share of each type's own worth (its price above all) is counted with
    its pairs, and a pair is bounded by half the best pairs of either type: types many like are
    dear, so this bound is close. Where prices are far apart, counting them apart from the pairs is
    closer: the lower of the two bounds counts.
    """

    def __init__(
        self, shape: Shape, grower: Grower, prices: Prices, floor: int | None, least: float
    ) -> None:
        types = shape.types
        self._shape, self._grower, self._floor, self._least = shape, grower, floor, least
        self._weight = prices.score_weight
        self.price = prices.of_unit.reshape(types.n_types, len(shape.classes))
        self._own = TEAM_POINTS * self._weight - self.price
        self._likes = types.likes.astype(np.float32)
        self._friend = types.likes.max(axis=1, initial=0).astype(np.float32)
        bonus = float(np.maximum(-prices.of_class, 0.0).sum())
        self._fixed = prices.reward - prices.of_line + bonus
        self._share = 1.0 / max(1, types.n_terms - 1)
        lefts = range(types.n_terms)
        friends = self._weight * self._friend.astype(np.float64)
        self._alone = {left: self._with_pairs(left) for left in lefts}
        self._apart = {
            left: (self._own + left / 2 * friends[:, None]).astype(np.float32) for left in lefts
        }

    def rank(self) -> Ints:
        """Rank types by promise: what starts late in the ranking has little to hope for."""
        promise = self._alone[len(self._alone) - 1].max(axis=1)
        rank = np.empty(len(promise), dtype=np.int64)
        rank[np.argsort(-promise, kind="stable")] = np.arange(len(promise))
        return rank

    def _with_pairs(self, left: int) -> npt.NDArray[np.float32]:
        """Worth of a type beside `left` others still to come, without those held; (K, C)."""
        types, share = self._shape.types, self._share
        alone = np.empty_like(self._own)
        dearest = self._own.max(axis=1, initial=-np.inf)
        for class_ in range(len(self._shape.classes)):
            own = self._own[:, class_]
            pair = self._weight * types.likes + share * (own[:, None] + dearest[None, :])
            pair[~self._grower.compatible(class_)] = -1e9
            n = min(left, len(own))
            if n and self._grower.never_twice and left < len(own):
                best = np.partition(pair, -n, axis=1)[:, -n:].sum(axis=1)
            else:
                best = left * pair.max(axis=1)
            alone[:, class_] = own * (1 - left * share) + best / 2
        return alone.astype(np.float32)

    def of(self, partial: Partial, value: Floats) -> tuple[npt.NDArray[np.float32], Flags]:
        """Bound each cell (beginning, type); say which can still be worth and score enough."""
        level = partial.types.shape[1]
        of_level, n_terms = self._shape.class_of_level, self._shape.types.n_terms
        left = n_terms - level - 1
        liked = np.zeros((len(value), self._shape.types.n_types), dtype=np.float32)
        for place in range(level):
            liked += self._likes[partial.types[:, place]]
        cells = self._grower.open_kinds(partial.types, level, of_level[level])
        weighted = liked * np.float32(self._weight)
        top = self._bound(partial, weighted, cells, self._alone[left], value)
        if left:
            np.minimum(
                top, self._bound(partial, weighted, cells, self._apart[left], value), out=top
            )
        cells &= top > self._least
        if self._floor is not None:
            liked += TEAM_POINTS + self._friend * np.float32(left / 2)
            most = (partial.score + left * np.maximum(liked.max(axis=1), 0)).astype(np.float32)
            cells &= liked + most[:, None] >= self._floor - 0.5
        return top, cells

    def _bound(
        self,
        partial: Partial,
        weighted: npt.NDArray[np.float32],
        cells: Flags,
        alone: npt.NDArray[np.float32],
        value: Floats,
    ) -> npt.NDArray[np.float32]:
        """Bound each cell by the best types that can follow it, class by class."""
        level = partial.types.shape[1]
        of_level = self._shape.class_of_level
        here = of_level[level]
        top = weighted + alone[:, here]
        rest = np.zeros(len(value))
        for class_ in sorted(set(of_level[level + 1 :])):
            n = of_level[level + 1 :].count(class_)
            if class_ == here:
                rest += self._best(top, cells, n)
            else:
                later = of_level.index(class_)
                gain = weighted + alone[:, class_]
                rest += self._best(gain, self._grower.open_kinds(partial.types, later, class_), n)
        top += (value + self._fixed + rest + parameters.FLOAT_ROUNDING).astype(np.float32)[:, None]
        return top

    def _best(self, gain: npt.NDArray[np.float32], cells: Flags, n: int) -> Floats:
        """Bound what n more places add: the n best types, or the best n times."""
        gain = np.where(cells, gain, np.float32(-1e9))
        if n > 1 and n < gain.shape[1] and self._grower.never_twice:
            best = np.partition(gain, -n, axis=1)[:, -n:].sum(axis=1)
        else:
            best = n * gain.max(axis=1)
        return np.asarray(best, dtype=np.float64)


def _thin(top: npt.NDArray[np.float32], promising: Flags, width: int) -> float:
    """Keep about the `width` best cells, in place; give the most that is lost."""
    found = top[promising]
    if len(found) <= 2 * width:
        return -np.inf
    least = np.partition(found, -2 * width)[-2 * width]
    lost = promising & (top < least)
    promising &= top >= least
    return float(top[lost].max(initial=-np.inf))


class _Store:
    """Patterns found so far, and which of them the master knows."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        n_terms = shape.types.n_terms
        self.patterns = Patterns(shape, np.zeros((0, n_terms), np.int16), np.zeros(0, np.int64))
        self._serve = np.zeros((0, len(shape.types.served)), dtype=np.bool_)
        self._known = np.zeros(0, dtype=np.bool_)
        self._row: dict[bytes, int] = {}

    def add(self, patterns: Patterns) -> None:
        """Store the patterns that are new."""
        rows = [row.tobytes() for row in patterns.types]
        fresh = np.array([i for i, row in enumerate(rows) if row not in self._row], np.int64)
        for index in fresh.tolist():
            self._row[rows[index]] = len(self._row)
        new = patterns.take(fresh)
        serve = members(self._shape.types.served, new.types)
        self.patterns = Patterns(
            self._shape,
            np.concatenate([self.patterns.types, new.types]),
            np.concatenate([self.patterns.score, new.score]),
        )
        self._serve = np.concatenate([self._serve, serve])
        self._known = np.concatenate([self._known, np.zeros(len(new), dtype=np.bool_)])

    def best(
        self, prices: Prices, floor: int | None, n_most: int, least: float
    ) -> tuple[Ints, float]:
        """Choose the most worthy patterns the master does not know, and the best of each unit."""
        rows = self._open(floor)
        worth = reduced_costs_of(self.patterns.take(rows), self._serve[rows], prices)
        good = np.flatnonzero(worth > least)
        good = good[np.argsort(worth[good], kind="stable")]
        units = self.patterns.take(rows[good]).units()
        best = np.full(self._shape.n_units, -1, dtype=np.int64)
        for place in range(units.shape[1]):
            seen = np.full(self._shape.n_units, -1, dtype=np.int64)
            seen[units[:, place]] = np.arange(len(good))
            best = np.maximum(best, seen)
        kept = np.unique(np.concatenate([good[best[best >= 0]], good[-(n_most // 4) :]]))
        return rows[kept], float(worth.max(initial=-np.inf))

    def forget(self, patterns: Patterns) -> None:
        """Take patterns as unknown again."""
        for row in patterns.types:
            self._known[self._row[row.tobytes()]] = False

    def surplus(self, prices: Prices, floor: int | None, forgiven: float) -> float:
        """Add up what unknown patterns are worth beyond what is forgiven, used all they may be."""
        rows = self._open(floor)
        patterns = self.patterns.take(rows)
        over = reduced_costs_of(patterns, self._serve[rows], prices) - forgiven
        good = np.flatnonzero(over > 0)
        sets = position_sets(self._shape.types, patterns.take(good))
        return float((over[good] * sets).sum())

    def _open(self, floor: int | None) -> Ints:
        open_rows = ~self._known
        if floor is not None:
            open_rows &= self.patterns.score >= floor
        return np.flatnonzero(open_rows)

    def use(self, chosen: Ints) -> Patterns:
        """Give patterns to the master."""
        self._known[chosen] = True
        return self.patterns.take(chosen)
