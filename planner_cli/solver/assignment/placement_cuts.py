"""Terms too crowded for a choice of columns: a proof, and what it asks of every other choice.

Whole numbers of columns and posts can agree in the sums over the year and still not fit: lines
that hold the same scarce types meet in the same terms. A price for each seat shows it: if every
line takes its cheapest order and all together still pay more than all seats cost, no placement
exists. The same prices say how much any other choice may pay: a cut for the integer finish.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from ortools.graph.python.linear_sum_assignment import (
    SimpleLinearSumAssignment,
)

from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints, Small
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.highs import QuietHighs
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape

#: In place of a price where no seat is open.
_CLOSED = -1


@dataclass(frozen=True, eq=False)
class Crowding:
    """Prices of seats that a choice of columns cannot pay.

    Parameters
    ----------
    prices
        Price of a seat by type and term, shape (K, T).
    worth
        What all seats cost together: no legal set of lines pays more.
    """

    prices: Ints
    worth: int

    def paid(self, columns: Columns) -> Ints:
        """Give what each column pays at least, in its cheapest order, shape (n,)."""
        rows, place = np.unique(columns.types, axis=0, return_inverse=True)
        prices = np.where(columns.shape.types.open(), self.prices, _CLOSED)
        paid = [self._cheapest(columns.shape, prices, row) for row in rows.tolist()]
        return np.array(paid, dtype=np.int64)[place.reshape(-1)]

    def allows(self, columns: Columns) -> bool:
        """Say whether lines of these columns can pay."""
        return int(self.paid(columns).sum()) <= self.worth

    def _cheapest(self, shape: Shape, prices: Ints, row: list[int]) -> int:
        task = SimpleLinearSumAssignment()
        for level, class_ in enumerate(shape.class_of_level):
            for term in shape.classes[class_]:
                price = int(prices[row[level], term])
                if price != _CLOSED:
                    task.add_arc_with_cost(level, term, price)
        if task.solve() != task.OPTIMAL:
            return self.worth + 1
        return int(task.optimal_cost())


def crowding(columns: Columns) -> Crowding | None:
    """Prove that lines of these columns (one row each) cannot be placed; None if they may be."""
    types = columns.shape.types
    rows, times = np.unique(columns.types, axis=0, return_counts=True)
    prices = _prices(columns.shape, rows, times)
    seats = np.where(types.open(), types.most, 0)
    found = Crowding(prices, int((prices * seats).sum()))
    return None if found.allows(columns) else found


def _prices(shape: Shape, rows: Small, times: Ints) -> Ints:
    """Give prices of seats from the linear program of least overfull placement, shape (K, T)."""
    program = _Program(shape.types)
    for row, n in zip(rows.tolist(), times.tolist(), strict=True):
        program.add_lines(shape, row, float(n))
    return program.prices()


class _Program:
    """Rows: one per seat (type, term), then per group of equal lines one per term and per type."""

    def __init__(self, types: PositionTypes) -> None:
        self._types, self._usable = types, types.open()
        self._highs = QuietHighs()
        self._cells = {(k, t): row for row, (k, t) in enumerate(np.argwhere(self._usable).tolist())}
        for type_, term in self._cells:
            self._row(-highspy.kHighsInf, float(types.most[type_, term]))
        for row in self._cells.values():
            self._column(1.0, {row: -1.0})

    def add_lines(self, shape: Shape, row: list[int], n: float) -> None:
        of_class: dict[tuple[int, int], int] = {}
        for level, class_ in enumerate(shape.class_of_level):
            key = (row[level], class_)
            of_class[key] = of_class.get(key, 0) + 1
        term_rows = [self._row(n, n) for _ in range(self._types.n_terms)]
        for (type_, class_), held in of_class.items():
            type_row = self._row(n * held, n * held)
            for term in shape.classes[class_]:
                if (type_, term) in self._cells:
                    cell = self._cells[type_, term]
                    self._column(0.0, {cell: 1.0, term_rows[term]: 1.0, type_row: 1.0})

    def prices(self) -> Ints:
        prices = np.zeros((self._types.n_types, self._types.n_terms), dtype=np.int64)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return prices
        duals = np.array(self._highs.getSolution().row_dual)
        for cell, row in self._cells.items():
            prices[cell] = round(-parameters.CUT_PARTS * float(duals[row]))
        return np.maximum(prices, 0)

    def _row(self, least: float, most: float) -> int:
        self._highs.addRow(least, most, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        return int(self._highs.getNumRow()) - 1

    def _column(self, cost: float, rows: dict[int, float]) -> None:
        index = np.array(list(rows), dtype=np.int32)
        values = np.array(list(rows.values()))
        self._highs.addCol(cost, 0.0, highspy.kHighsInf, len(rows), index, values)
