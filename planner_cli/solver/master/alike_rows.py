"""Rows that count columns of the same types together, added where the linear program needs them."""

import highspy
import numpy as np

from planner_cli.domain.scoring import DUPLICATE_COST
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Floats, Ints
from planner_cli.solver.columns.alike import keys_of
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.columns.multiplicity import position_sets
from planner_cli.solver.highs import QuietHighs
from planner_cli.solver.master.formulation import Level


class AlikeRows:
    """The groups of alike columns that have a row, and which column is in which group.

    Parameters
    ----------
    highs
        The linear program.
    first
        Number of its first column that is one of a line.
    """

    def __init__(self, highs: QuietHighs, first: int) -> None:
        self._highs, self._first = highs, first
        self._keys: list[bytes] = []
        self._row_of: dict[bytes, int] = {}
        self._caps: list[int] = []
        #: Price of each group whose row has one, up to that of a duplicate.
        self.prices: dict[bytes, float] = {}

    def join(self, columns: Columns, level: Level) -> None:
        """Count new columns in the rows of their groups; duplicates are in none."""
        keys = keys_of(columns.types) if level is not Level.DUPLICATE else [b""] * len(columns)
        for column, key in enumerate(keys, start=len(self._keys)):
            if (row := self._row_of.get(key)) is not None:
                self._highs.changeCoeff(row, self._first + column, 1.0)
        self._keys += keys

    def keep(self, kept: Ints) -> None:
        """Forget all other columns."""
        self._keys = [self._keys[column] for column in kept.tolist()]

    def add_overused(self, columns: Columns, uses: Floats) -> bool:
        """Add a row for each group that is used too often; False where none is.

        Parameters
        ----------
        columns
            All that are known.
        uses
            How often each is used, duplicates left out.
        """
        used: dict[bytes, list[int]] = {}
        for column in np.flatnonzero(uses > parameters.SURE).tolist():
            if self._keys[column] not in self._row_of:
                used.setdefault(self._keys[column], []).append(column)
        several = {key: held for key, held in used.items() if len(held) > 1}
        overused = {
            key: most
            for key, held in several.items()
            if uses[held].sum() > (most := self._sets(columns, held[0])) + parameters.SURE
        }
        for key, most in overused.items():
            members = np.array([c for c, own in enumerate(self._keys) if own == key], np.int32)
            ones = np.ones(len(members))
            low, high = -highspy.kHighsInf, float(most)
            self._highs.addRow(low, high, len(members), members + np.int32(self._first), ones)
            self._row_of[key] = int(self._highs.getNumRow()) - 1
            self._caps.append(most)
        return bool(overused)

    def _sets(self, columns: Columns, column: int) -> int:
        """Give how many different sets of positions a column's group can be dealt as."""
        member = columns.take(np.array([column], dtype=np.int64))
        return int(position_sets(columns.shape.types, member)[0])

    def read(self, duals: Floats) -> None:
        """Read the prices of the groups from the duals of all rows."""
        found = {key: float(duals[row]) for key, row in self._row_of.items()}
        self.prices = {
            key: min(price, float(DUPLICATE_COST)) for key, price in found.items() if price > 0
        }

    def of_columns(self) -> Floats:
        """Give the price of each column's group."""
        return np.array([self.prices.get(key, 0.0) for key in self._keys], dtype=np.float64)

    def hold(self, *, active: bool) -> None:
        """Let the rows hold, or ask nothing."""
        for row, most in zip(self._row_of.values(), self._caps, strict=True):
            high = float(most) if active else highspy.kHighsInf
            self._highs.changeRowBounds(row, -highspy.kHighsInf, high)
