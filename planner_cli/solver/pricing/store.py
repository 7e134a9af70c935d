"""The columns a search has found, and which of them the master problem knows."""

import numpy as np

from planner_cli.solver.arrays import Ints
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.columns.multiplicity import position_sets
from planner_cli.solver.model.line_classes import members
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.pricing.enumerated import Prices, reduced_costs_of


class ColumnStore:
    """Columns found so far, and which of them the master knows."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        n_terms = shape.types.n_terms
        self.columns = Columns(shape, np.zeros((0, n_terms), np.int16), np.zeros(0, np.int64))
        self._serve = np.zeros((0, len(shape.types.served)), dtype=np.bool_)
        self._known = np.zeros(0, dtype=np.bool_)
        self._row: dict[bytes, int] = {}

    def add(self, columns: Columns) -> None:
        """Keep those columns that were not found before."""
        rows = [row.tobytes() for row in columns.types]
        fresh = np.array([i for i, row in enumerate(rows) if row not in self._row], np.int64)
        for index in fresh.tolist():
            self._row[rows[index]] = len(self._row)
        new = columns.take(fresh)
        serve = members(self._shape.types.served, new.types)
        self.columns = Columns(
            self._shape,
            np.concatenate([self.columns.types, new.types]),
            np.concatenate([self.columns.score, new.score]),
        )
        self._serve = np.concatenate([self._serve, serve])
        self._known = np.concatenate([self._known, np.zeros(len(new), dtype=np.bool_)])

    def best(
        self, prices: Prices, floor: int | None, n_most: int, least: float
    ) -> tuple[Ints, float]:
        """Choose the most worthy columns the master does not know, and the best of each unit."""
        rows = self._open(floor)
        worth = reduced_costs_of(self.columns.take(rows), self._serve[rows], prices)
        good = np.flatnonzero(worth > least)
        good = good[np.argsort(worth[good], kind="stable")]
        units = self.columns.take(rows[good]).units()
        best = np.full(self._shape.n_units, -1, dtype=np.int64)
        for place in range(units.shape[1]):
            seen = np.full(self._shape.n_units, -1, dtype=np.int64)
            seen[units[:, place]] = np.arange(len(good))
            best = np.maximum(best, seen)
        kept = np.unique(np.concatenate([good[best[best >= 0]], good[-(n_most // 4) :]]))
        return rows[kept], float(worth.max(initial=-np.inf))

    def forget(self, columns: Columns) -> None:
        """Take columns as unknown again."""
        for row in columns.types:
            self._known[self._row[row.tobytes()]] = False

    def surplus(self, prices: Prices, floor: int | None, forgiven: float) -> float:
        """Add up how far columns the master lacks could raise the score, each used in full."""
        rows = self._open(floor)
        columns = self.columns.take(rows)
        over = reduced_costs_of(columns, self._serve[rows], prices) - forgiven
        good = np.flatnonzero(over > 0)
        sets = position_sets(self._shape.types, columns.take(good))
        return float((over[good] * sets).sum())

    def _open(self, floor: int | None) -> Ints:
        open_rows = ~self._known
        if floor is not None:
            open_rows &= self.columns.score >= floor
        return np.flatnonzero(open_rows)

    def use(self, chosen: Ints) -> Columns:
        """Hand these columns to the master, and note that it has them."""
        self._known[chosen] = True
        return self.columns.take(chosen)
