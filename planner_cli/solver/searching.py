"""Pricing by search: when patterns are too many to list, the best are found by branch and bound."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner_cli.domain.scoring import TEAM_POINTS
from planner_cli.solver.law import Ints
from planner_cli.solver.patterns import (
    Grower,
    Partial,
    Patterns,
    Stop,
    StoppedEarly,
    best_first,
)
from planner_cli.solver.pricing import Floats, ListedPool, Priced, Prices, served, worth_of
from planner_cli.solver.shape import Shape

#: Beginnings kept per level in a quick look, and in a proof.
_QUICK, _THOROUGH = 3_000, 600_000
_COVER = 30_000
#: A proof forgives this share of the best value of a line: it is added to the bound.
_FORGIVEN = 5e-4


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

    def __init__(self, shape: Shape, stop: Stop) -> None:
        self.shape, self._stop = shape, stop
        self._grower = Grower(shape)
        self._known: set[bytes] = set()
        likes = shape.kinds.likes
        self._friend = likes.max(axis=1, initial=0).astype(np.float32)

    def floors(self) -> Ints:
        """Give every whole number between the least and the most own score."""
        kinds, n_terms = self.shape.kinds, self.shape.kinds.n_terms
        n_pairs = n_terms * (n_terms - 1) // 2
        least = TEAM_POINTS + n_pairs * int(kinds.likes.min(initial=0))
        nothing = Prices(np.zeros(self.shape.n_units), 0.0, np.zeros(len(kinds.demands)), 1.0, 0.0)
        found = self._search(nothing, None, -np.inf, _QUICK)
        most = max(float(found.worth.max(initial=least)), found.lost)
        return np.arange(least, int(most) + 1, dtype=np.int64)

    def price(self, prices: Prices, floor: int | None, n_most: int) -> Priced:
        """Look quickly first; prove with a thorough search once that finds nothing."""
        forgiven = self.tolerance(prices)
        for width in (_QUICK, _THOROUGH):
            found = self._fresh(self._search(prices, floor, forgiven, width))
            if len(found.patterns):
                break
        most = max(forgiven, found.lost, float(found.worth.max(initial=forgiven)))
        chosen = _spread(found, self.shape, n_most)
        patterns = found.patterns.take(chosen)
        self._known.update(row.tobytes() for row in patterns.kinds)
        return Priced(patterns, most)

    def worth_at_least(
        self, prices: Prices, floor: int | None, least: float, n_most: int
    ) -> Patterns | None:
        """Search every pattern worth enough."""
        found = self._search(prices, floor, least, _THOROUGH)
        if found.lost >= least or len(found.patterns) > n_most:
            return None
        return found.patterns

    def cover(self, prices: Prices, floor: int | None, n_best: int) -> Patterns:
        """Search widely, and keep the best for each pair of kinds among what was found."""
        found = self._search(prices, floor, -np.inf, _COVER)
        listed = best_first(self.shape, found.patterns.kinds, found.patterns.score)
        return ListedPool(listed, self._stop).cover(prices, floor, n_best)

    def tolerance(self, prices: Prices) -> float:
        """Give the worth a proof forgives; the bound carries it."""
        return max(1e-6, _FORGIVEN * abs(prices.of_line - prices.reward))

    def _fresh(self, found: _Found) -> _Found:
        new = [i for i, row in enumerate(found.patterns.kinds) if row.tobytes() not in self._known]
        chosen = np.array(new, dtype=np.int64)
        return _Found(found.patterns.take(chosen), found.worth[chosen], found.lost)

    def _search(self, prices: Prices, floor: int | None, least: float, width: int) -> _Found:
        """Grow all beginnings that can still be worth more than `least`, `width` a level."""
        grower, kinds = self._grower, self.shape.kinds
        partial = grower.empty()
        lost = -np.inf
        bonus = float(np.maximum(-prices.of_pathway, 0.0).sum())
        for level in range(kinds.n_terms):
            grown, tops = [], []
            for part in grower.chunks(partial):
                if self._stop():
                    raise StoppedEarly
                more = grower.grow(part)
                top, score = self._most(more, prices, level + 1)
                fine = top + bonus > least
                if floor is not None:
                    fine &= score >= floor
                kept = np.flatnonzero(fine)
                grown.append(more.take(kept))
                tops.append(top[kept] + bonus)
            partial, top = Partial.joined(grown), np.concatenate(tops)
            if len(top) > width:
                order = np.argpartition(-top, width)
                lost = max(lost, float(top[order[width:]].max()))
                partial = partial.take(np.sort(order[:width]))
        patterns = Patterns(self.shape, partial.kinds, partial.score)
        worth = worth_of(patterns, served(kinds.demands, patterns.kinds), prices)
        good = np.flatnonzero(worth > least)
        return _Found(patterns.take(good), worth[good], lost)

    def _most(self, partial: Partial, prices: Prices, n_filled: int) -> tuple[Floats, Ints]:
        """Bound what each beginning can be worth beyond its price, and what it can score."""
        kinds = self.shape.kinds
        of_level, n_classes = self.shape.class_of_level, len(self.shape.classes)
        price = prices.of_unit.reshape(kinds.n_kinds, n_classes)
        value = prices.score_weight * partial.score + (prices.reward - prices.of_line)
        for place in range(n_filled):
            value = value - price[partial.kinds[:, place], of_level[place]]
        left = kinds.n_terms - n_filled
        if not left:
            return value.astype(np.float64), partial.score
        worth, gain = np.zeros(len(value)), np.zeros(len(value))
        for rows in _slices(len(value), kinds.n_kinds):
            liked = self._liked(partial.kinds[rows], left)
            gain[rows] = left * np.maximum(liked.max(axis=1), -1e9)
            worth[rows] = self._best_rest(liked, price, prices.score_weight, partial, rows)
        return value + worth, np.floor(partial.score + gain + 1e-3).astype(np.int64)

    def _liked(self, held: npt.NDArray[np.int16], left: int) -> npt.NDArray[np.float32]:
        """Bound the own score each kind can add to each beginning, shape (n, K)."""
        likes = self.shape.kinds.likes.astype(np.float32)
        liked = np.repeat((TEAM_POINTS + self._friend * (left - 1) / 2)[None, :], len(held), axis=0)
        for place in range(held.shape[1]):
            liked += likes[held[:, place]]
        return liked

    def _best_rest(
        self,
        liked: npt.NDArray[np.float32],
        price: Floats,
        weight: float,
        partial: Partial,
        rows: slice,
    ) -> Floats:
        n_filled = partial.kinds.shape[1]
        of_level = self.shape.class_of_level
        total = np.zeros(len(liked))
        for class_ in sorted(set(of_level[n_filled:])):
            n = of_level[n_filled:].count(class_)
            level = n_filled if of_level[n_filled] == class_ else of_level.index(class_)
            gain = np.float32(weight) * liked - price[:, class_].astype(np.float32)
            gain[~self._grower.open_kinds(partial.kinds[rows], level, class_)] = -1e9
            if n == 1:
                total += gain.max(axis=1)
            elif n < gain.shape[1] and self._grower.never_twice:
                total += np.partition(gain, -n, axis=1)[:, -n:].sum(axis=1)
            else:
                total += n * gain.max(axis=1)
        return total


def _slices(n: int, width: int) -> list[slice]:
    rows = max(1, 4_000_000 // max(1, width))
    return [slice(start, min(n, start + rows)) for start in range(0, n, rows)]


def _spread(found: _Found, shape: Shape, n_most: int) -> Ints:
    """Choose the most worthy patterns and the best of each unit."""
    order = np.argsort(found.worth, kind="stable")
    units = found.patterns.units()[order]
    best = np.full(shape.n_units, -1, dtype=np.int64)
    for place in range(units.shape[1]):
        seen = np.full(shape.n_units, -1, dtype=np.int64)
        seen[units[:, place]] = np.arange(len(order))
        best = np.maximum(best, seen)
    kept = np.unique(np.concatenate([order[best[best >= 0]], order[-(n_most // 4) :]]))
    return kept.astype(np.int64)
