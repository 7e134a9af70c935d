"""Patterns: what one line may hold, enumerated level by level until none is left out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner_cli.domain.scoring import TEAM_POINTS
from planner_cli.solver.law import Ints
from planner_cli.solver.shape import Flags, LevelCap, Shape, counted_classes

Stop = Callable[[], bool]
Small = npt.NDArray[np.int16]

#: Rows extended at once: keeps memory flat and the stop signal heard.
_CHUNK_CELLS = 2_000_000


class StoppedEarly(Exception):
    """The stop signal came while patterns were built."""


def heed(stop: Stop) -> None:
    """Raise where the work is to end.

    Raises
    ------
    StoppedEarly
        If `stop` answers True.
    """
    if stop():
        raise StoppedEarly


@dataclass(frozen=True, eq=False)
class Patterns:
    """Columns of a shape, best own score first.

    Parameters
    ----------
    shape
        How the columns see the year.
    kinds
        Kind per place, shape (n, T); places of one class are ascending.
    score
        Own score of a line of this pattern, shape (n,).
    """

    shape: Shape
    kinds: Small
    score: Ints

    def __len__(self) -> int:
        return len(self.score)

    def units(self) -> npt.NDArray[np.int32]:
        """Give the row each place counts in: kind times classes plus class, shape (n, T)."""
        n_classes = len(self.shape.classes)
        levels = np.array(self.shape.class_of_level, dtype=np.int32)
        return self.kinds.astype(np.int32) * np.int32(n_classes) + levels

    def take(self, chosen: Ints) -> "Patterns":
        """Give some of the patterns, in the order asked."""
        return Patterns(self.shape, self.kinds[chosen], self.score[chosen])

    def joined(self, other: "Patterns") -> "Patterns":
        """Give these and those of another set that are not among them."""
        known = {row.tobytes() for row in self.kinds}
        fresh = [i for i, row in enumerate(other.kinds) if row.tobytes() not in known]
        more = other.take(np.array(fresh, dtype=np.int64))
        return Patterns(
            self.shape,
            np.concatenate([self.kinds, more.kinds]),
            np.concatenate([self.score, more.score]),
        )

    def at_least(self, floor: int) -> int:
        """Count the patterns with at least this score; they stand first."""
        return int(np.searchsorted(-self.score, -floor, side="right"))


def best_first(shape: Shape, kinds: Small, score: Ints) -> Patterns:
    """Sort columns by score, best first; equal scores keep their order."""
    order = np.argsort(-score, kind="stable")
    return Patterns(shape, kinds[order], score[order])


def enumerate_patterns(shape: Shape, stop: Stop, most: int) -> Patterns | None:
    """Build every pattern the law allows, or None when there are more than `most` partial ones.

    Raises
    ------
    StoppedEarly
        If `stop` answers True.
    """
    n_terms = shape.kinds.n_terms
    grower = Grower(shape)
    partial = grower.empty()
    if shape.kinds.law.impossible:
        return Patterns(shape, np.zeros((0, n_terms), np.int16), np.zeros(0, np.int64))
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
    return best_first(shape, partial.kinds, partial.score)


@dataclass(frozen=True, eq=False)
class Partial:
    """Beginnings of patterns: the first places filled, shape (n, level)."""

    kinds: Small
    score: Ints
    held: npt.NDArray[np.int16]
    distinct: tuple[npt.NDArray[np.int8], ...]

    @staticmethod
    def joined(parts: list["Partial"]) -> "Partial":
        """Put parts of one level together."""
        if len(parts) == 1:
            return parts[0]
        return Partial(
            np.concatenate([p.kinds for p in parts]),
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
            self.kinds[chosen],
            self.score[chosen],
            self.held[chosen],
            tuple(d[chosen] for d in self.distinct),
        )


@dataclass(frozen=True, eq=False)
class Grown:
    """Beginnings one place longer, and for each the row it grew from and the kind added."""

    partial: Partial
    rows: Ints
    added: Ints


class Grower:
    """Extends beginnings of patterns by one place, within the law."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        #: Places of one class are filled in ascending rank; any order finds every pattern once.
        self.rank = np.arange(shape.kinds.n_kinds)
        kinds, law = shape.kinds, shape.kinds.law
        self.n_kinds, self.n_terms = kinds.n_kinds, kinds.n_terms
        self._together, self._caps = _split_caps(shape)
        self._varieties = [
            (v.labels, counted_classes(shape, v), v.least, v.most) for v in law.varieties
        ]
        self._same_area = [
            (labels[:, None] == labels[None, :]) & (labels >= 0)[None, :]
            for labels, *_ in self._varieties
        ]
        self._same_team = kinds.teams[:, None] == kinds.teams[None, :]
        self._bits = _bit_counts(law.wanted)
        self._most_bits = int(self._bits[law.masks].max(initial=0))

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
        rows = max(1, _CHUNK_CELLS // max(1, self.n_kinds))
        for start in range(0, max(1, n), rows):
            yield slice(start, min(n, start + rows))

    def grow(self, partial: Partial, promising: Flags | None = None) -> "Grown":
        """Fill the next place of each beginning in every way the law leaves open.

        Parameters
        ----------
        partial
            Beginnings of one level.
        promising
            Look at these of the open cells (beginning, kind) only, shape (n, K); None for all.
        """
        level = partial.kinds.shape[1]
        cells = promising
        if cells is None:
            cells = self.open_kinds(partial.kinds, level, self.shape.class_of_level[level])
        rows, added = np.nonzero(cells)
        fine = np.flatnonzero(self._within_caps(partial.kinds, rows, added))
        rows, added = rows[fine], added[fine]
        grown = self._append(partial, rows, added, level)
        good = np.flatnonzero(self._can_end_well(grown, level + 1))
        return Grown(grown.take(good), rows[good], added[good])

    @property
    def never_twice(self) -> bool:
        """No kind may come twice in one class of terms."""
        n_classes = len(self.shape.classes)
        return not any(
            self._together[c, c].diagonal()[self.shape.allowed[c]].any() for c in range(n_classes)
        )

    def compatible(self, class_: int) -> Flags:
        """Say which kinds can be on a line with a kind in a class of terms; shape (K, K)."""
        pairs: Flags = self._together[class_].any(axis=0)
        return pairs

    def open_kinds(self, kinds: Small, level: int, class_: int) -> Flags:
        """Say which kinds may come at a level, as far as pairs and order tell; shape (n, K).

        Levels of one class are filled in ascending rank of kinds.
        """
        filled = kinds.shape[1]
        of_level = self.shape.class_of_level
        cells: Flags = np.repeat(self.shape.allowed[class_][None, :], len(kinds), axis=0)
        for place in range(filled):
            cells &= self._together[of_level[place], class_][kinds[:, place]]
        if filled and of_level[filled - 1] == class_:
            cells &= self.rank[None, :] >= self.rank[kinds[:, filled - 1]][:, None]
        if self.shape.in_order and level == filled:
            self._keep_order(cells, kinds, level)
        return cells

    def _within_caps(self, kinds: Small, rows: Ints, added: Ints) -> Flags:
        """Count what pairs cannot tell: three or more under one label."""
        of_level = self.shape.class_of_level
        level = kinds.shape[1]
        fine = np.ones(len(rows), dtype=np.bool_)
        if level < 2 or not self._caps:
            return fine
        pairs = [
            kinds[:, place].astype(np.int32)[rows] * self.n_kinds + added for place in range(level)
        ]
        for cap in self._caps:
            used = (cap.weights[of_level[level]] * cap.factors[added]).astype(np.int16)
            same = cap.same.ravel()
            for place, pair in enumerate(pairs):
                used += same[pair] * np.int16(cap.weights[of_level[place]])
            fine &= (used <= cap.limits[added]) | ~cap.counts[added]
        return fine

    def _keep_order(self, cells: Flags, kinds: Small, level: int) -> None:
        """Keep stays of two terms together, and what the law says of order, in place."""
        span, orders = self.shape.kinds.span, self.shape.kinds.law.orders
        if (span == 2).any():
            half = half_open(kinds, span)
            again = np.arange(self.n_kinds)[None, :] == (kinds[:, -1:] if level else -1)
            cells &= np.where(half[:, None], again, True)
            if level == self.n_terms - 1:
                cells &= half[:, None] | (span == 1)[None, :]
        for order in orders:
            cells &= order.open(kinds, half_open(kinds, span))

    def _append(self, partial: Partial, rows: Ints, added: Ints, level: int) -> Partial:
        kinds, law = self.shape.kinds, self.shape.kinds.law
        before = partial.kinds[rows]
        gain = np.zeros(len(rows), dtype=np.int64)
        new_team = np.ones(len(rows), dtype=np.bool_)
        for place in range(level):
            gain += kinds.likes[before[:, place], added]
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
            partial.held[rows] | law.masks[added].astype(np.int16),
            tuple(distinct),
        )

    def _can_end_well(self, partial: Partial, n_filled: int) -> Flags:
        """Drop beginnings that no filling of the rest can make legal."""
        law, left = self.shape.kinds.law, self.n_terms - n_filled
        fine: Flags = self._bits[law.wanted & ~partial.held] <= self._most_bits * left
        for (_, counted, least, most), distinct in zip(
            self._varieties, partial.distinct, strict=True
        ):
            to_come = sum(bool(counted[c]) for c in self.shape.class_of_level[n_filled:])
            fine &= distinct + to_come >= least
            if most is not None:
                fine &= distinct <= most
        if law.home is not None:
            sites, least = law.home
            visited = sites[partial.kinds]
            same = (visited[:, :, None] == visited[:, None, :]) & (visited >= 0)[:, None, :]
            often = same.sum(axis=2).max(axis=1)
            fine &= often + left >= least
        if not left and not self.shape.in_order:
            for kind in np.flatnonzero(self.shape.kinds.span == 2):
                fine &= (partial.kinds == kind).sum(axis=1) % 2 == 0
        return fine


def half_open(kinds: Small, span: Ints) -> Flags:
    """Say which beginnings end inside a stay of two terms."""
    half = np.zeros(len(kinds), dtype=np.bool_)
    for place in range(kinds.shape[1]):
        half = (span[kinds[:, place]] == 2) & ~half
    return half


def _bit_counts(wanted: int) -> npt.NDArray[np.int8]:
    return np.array([value.bit_count() for value in range(wanted + 1)], dtype=np.int8)


def _split_caps(shape: Shape) -> tuple[Flags, list[LevelCap]]:
    """Turn caps that forbid two of a label into forbidden pairs; keep those that need counting."""
    n_classes, n_kinds = len(shape.classes), shape.kinds.n_kinds
    together = np.ones((n_classes, n_classes, n_kinds, n_kinds), dtype=np.bool_)
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
