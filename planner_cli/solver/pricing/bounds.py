"""The most a half-filled column can still become worth: never too low."""

import numpy as np
import numpy.typing as npt

from planner_cli.domain.scoring import TEAM_POINTS
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Flags, Floats, Ints
from planner_cli.solver.columns.enumeration import Grower, Partial
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.pricing.enumerated import Prices


class ColumnBounds:
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
        cells = self._grower.open_types(partial.types, level, of_level[level])
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
                rest += self._best(gain, self._grower.open_types(partial.types, later, class_), n)
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
