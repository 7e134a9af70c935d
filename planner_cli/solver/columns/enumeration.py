"""Columns: what one line may hold, enumerated level by level until none is left out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner_cli.domain.scoring import TEAM_POINTS
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Flags, Ints, Small
from planner_cli.solver.columns.columns import Columns, best_first
from planner_cli.solver.model.term_classes import LevelCap, Shape, counted_classes
from planner_cli.solver.stop import Stop, StoppedEarly


def enumerate_columns(shape: Shape, stop: Stop, most: int) -> Columns | None:
    """Build every column the constraints allow; None where more than `most` begin.

    Raises
    ------
    StoppedEarly
        If `stop` answers True.
    """
    n_terms = shape.types.n_terms
    grower = Grower(shape)
    partial = grower.empty()
    if shape.types.constraints.impossible:
        return Columns(shape, np.zeros((0, n_terms), np.int16), np.zeros(0, np.int64))
    for _ in range(n_terms):
        grown: list[Partial] = []
        n_grown = 0
        for part in grower.chunks(partial):
            if stop():
                raise StoppedEarly
            grown.append(grower.grow(part).partial)
            n_grown += len(grown[-1].score)
            if n_grown > most:
                return None
        partial = Partial.joined(grown)
    return best_first(shape, partial.types, partial.score)


@dataclass(frozen=True, eq=False)
class Partial:
    """Beginnings of columns: the first places filled, shape (n, level)."""

    types: Small
    score: Ints
    held: npt.NDArray[np.int16]
    distinct: tuple[npt.NDArray[np.int8], ...]

    @staticmethod
    def joined(parts: list["Partial"]) -> "Partial":
        """Put parts of one level together."""
        if len(parts) == 1:
            return parts[0]
        return Partial(
            np.concatenate([p.types for p in parts]),
            np.concatenate([p.score for p in parts]),
            np.concatenate([p.held for p in parts]),
            tuple(
                np.concatenate([p.distinct[i] for p in parts])
                for i in range(len(parts[0].distinct))
            ),
        )

    def take(self, chosen: Ints) -> "Partial":
        """Give some of the beginnings."""
        return Partial(
            self.types[chosen],
            self.score[chosen],
            self.held[chosen],
            tuple(d[chosen] for d in self.distinct),
        )


@dataclass(frozen=True, eq=False)
class Grown:
    """Beginnings one place longer, and for each the row it grew from and the type added."""

    partial: Partial
    rows: Ints
    added: Ints


class Grower:
    """Extends beginnings of columns by one place, within the constraints."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        #: Places of one class are filled in ascending rank; any order finds every column once.
        self.rank = np.arange(shape.types.n_types)
        types, constraints = shape.types, shape.types.constraints
        self.n_types, self.n_terms = types.n_types, types.n_terms
        self._together, self._caps = _split_caps(shape)
        self._varieties = [
            (v.labels, counted_classes(shape, v), v.least, v.most) for v in constraints.varieties
        ]
        self._same_area = [
            (labels[:, None] == labels[None, :]) & (labels >= 0)[None, :]
            for labels, *_ in self._varieties
        ]
        self._same_team = types.teams[:, None] == types.teams[None, :]
        self._bits = _bit_counts(constraints.wanted)
        self._most_bits = int(self._bits[constraints.masks].max(initial=0))

    def empty(self) -> Partial:
        """Give the one beginning with no place filled."""
        return Partial(
            np.zeros((1, 0), np.int16),
            np.zeros(1, np.int64),
            np.zeros(1, np.int16),
            tuple(np.zeros(1, np.int8) for _ in self._varieties),
        )

    def chunks(self, partial: Partial) -> Iterator[Partial]:
        """Cut beginnings into parts whose extensions fit into memory."""
        n = len(partial.score)
        for rows in self._slices(n):
            yield partial.take(np.arange(n)[rows])

    def cut(self, values: npt.NDArray[np.float64]) -> Iterator[npt.NDArray[np.float64]]:
        """Cut values of beginnings as `chunks` cuts the beginnings."""
        for rows in self._slices(len(values)):
            yield values[rows]

    def _slices(self, n: int) -> Iterator[slice]:
        rows = max(1, parameters.CHUNK_CELLS // max(1, self.n_types))
        for start in range(0, max(1, n), rows):
            yield slice(start, min(n, start + rows))

    def grow(self, partial: Partial, promising: Flags | None = None) -> "Grown":
        """Fill the next place of each beginning in every way the constraints leave open.

        Parameters
        ----------
        partial
            Beginnings of one level.
        promising
            Look at these of the open cells (beginning, type) only, shape (n, K); None for all.
        """
        level = partial.types.shape[1]
        cells = promising
        if cells is None:
            cells = self.open_types(partial.types, level, self.shape.class_of_level[level])
        rows, added = np.nonzero(cells)
        fine = np.flatnonzero(self._within_caps(partial.types, rows, added))
        rows, added = rows[fine], added[fine]
        grown = self._append(partial, rows, added, level)
        good = np.flatnonzero(self._can_end_well(grown, level + 1))
        return Grown(grown.take(good), rows[good], added[good])

    @property
    def never_twice(self) -> bool:
        """No type may come twice in one class of terms."""
        n_classes = len(self.shape.classes)
        return not any(
            self._together[c, c].diagonal()[self.shape.allowed[c]].any() for c in range(n_classes)
        )

    def compatible(self, class_: int) -> Flags:
        """Say which types can be on a line with a type in a class of terms; shape (K, K)."""
        pairs: Flags = self._together[class_].any(axis=0)
        return pairs

    def open_types(self, types: Small, level: int, class_: int) -> Flags:
        """Say which types may come at a level, as far as pairs and order tell; shape (n, K).

        Levels of one class are filled in ascending rank of types.
        """
        filled = types.shape[1]
        of_level = self.shape.class_of_level
        cells: Flags = np.repeat(self.shape.allowed[class_][None, :], len(types), axis=0)
        for place in range(filled):
            cells &= self._together[of_level[place], class_][types[:, place]]
        if filled and of_level[filled - 1] == class_:
            cells &= self.rank[None, :] >= self.rank[types[:, filled - 1]][:, None]
        if self.shape.in_order and level == filled:
            self._keep_order(cells, types, level)
        return cells

    def _within_caps(self, types: Small, rows: Ints, added: Ints) -> Flags:
        """Count what pairs cannot tell: three or more under one label."""
        of_level = self.shape.class_of_level
        level = types.shape[1]
        fine = np.ones(len(rows), dtype=np.bool_)
        if level < 2 or not self._caps:
            return fine
        pairs = [
            types[:, place].astype(np.int32)[rows] * self.n_types + added for place in range(level)
        ]
        for cap in self._caps:
            used = (cap.weights[of_level[level]] * cap.factors[added]).astype(np.int16)
            same = cap.same.ravel()
            for place, pair in enumerate(pairs):
                used += same[pair] * np.int16(cap.weights[of_level[place]])
            fine &= (used <= cap.limits[added]) | ~cap.counts[added]
        return fine

    def _keep_order(self, cells: Flags, types: Small, level: int) -> None:
        """Keep stays of two terms together, and what the constraints say of order, in place."""
        span, orders = self.shape.types.span, self.shape.types.constraints.orders
        if (span == 2).any():
            half = half_open(types, span)
            again = np.arange(self.n_types)[None, :] == (types[:, -1:] if level else -1)
            cells &= np.where(half[:, None], again, True)
            if level == self.n_terms - 1:
                cells &= half[:, None] | (span == 1)[None, :]
        for order in orders:
            cells &= order.open(types, half_open(types, span))

    def _append(self, partial: Partial, rows: Ints, added: Ints, level: int) -> Partial:
        types, constraints = self.shape.types, self.shape.types.constraints
        before = partial.types[rows]
        gain = np.zeros(len(rows), dtype=np.int64)
        new_team = np.ones(len(rows), dtype=np.bool_)
        for place in range(level):
            gain += types.likes[before[:, place], added]
            new_team &= ~self._same_team[before[:, place], added]
        here = self.shape.class_of_level[level]
        distinct = []
        for index, (labels, counted, _, _) in enumerate(self._varieties):
            fresh = np.full(len(rows), counted[here]) & (labels[added] >= 0)
            for place in range(level):
                if counted[self.shape.class_of_level[place]]:
                    fresh &= ~self._same_area[index][before[:, place], added]
            distinct.append(partial.distinct[index][rows] + fresh.astype(np.int8))
        return Partial(
            np.concatenate([before, added[:, None].astype(np.int16)], axis=1),
            partial.score[rows] + gain + TEAM_POINTS * new_team,
            partial.held[rows] | constraints.masks[added].astype(np.int16),
            tuple(distinct),
        )

    def _can_end_well(self, partial: Partial, n_filled: int) -> Flags:
        """Drop beginnings that no filling of the rest can make legal."""
        constraints, left = self.shape.types.constraints, self.n_terms - n_filled
        fine: Flags = self._bits[constraints.wanted & ~partial.held] <= self._most_bits * left
        for (_, counted, least, most), distinct in zip(
            self._varieties, partial.distinct, strict=True
        ):
            to_come = sum(bool(counted[c]) for c in self.shape.class_of_level[n_filled:])
            fine &= distinct + to_come >= least
            if most is not None:
                fine &= distinct <= most
        for sites, least in constraints.homes:
            visited = sites[partial.types]
            same = (visited[:, :, None] == visited[:, None, :]) & (visited >= 0)[:, None, :]
            often = same.sum(axis=2).max(axis=1)
            fine &= often + left >= least
        if not left and not self.shape.in_order:
            for type_ in np.flatnonzero(self.shape.types.span == 2):
                fine &= (partial.types == type_).sum(axis=1) % 2 == 0
        return fine


def half_open(types: Small, span: Ints) -> Flags:
    """Say which beginnings end inside a stay of two terms."""
    half = np.zeros(len(types), dtype=np.bool_)
    for place in range(types.shape[1]):
        half = (span[types[:, place]] == 2) & ~half
    return half


def _bit_counts(wanted: int) -> npt.NDArray[np.int8]:
    return np.array([value.bit_count() for value in range(wanted + 1)], dtype=np.int8)


def _split_caps(shape: Shape) -> tuple[Flags, list[LevelCap]]:
    """Turn caps that forbid two of a label into forbidden pairs; keep those that need counting."""
    n_classes, n_types = len(shape.classes), shape.types.n_types
    together = np.ones((n_classes, n_classes, n_types, n_types), dtype=np.bool_)
    others = []
    for cap in shape.caps:
        held = cap.weights[:, None] * cap.factors[None, :]
        sums = held[:, None, :, None] + held[None, :, None, :]
        over = sums > cap.limits[None, None, :, None]
        together &= ~(over & (cap.same > 0)[None, None])
        lightest = 2 * int(held[:, cap.counts].min(initial=2**31))
        if (lightest <= cap.limits[cap.counts]).any():
            others.append(cap)
    return together, others
