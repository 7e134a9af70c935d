"""Columns that hold the same types in other terms: their lines are the same sets of positions.

Each such column could be used as if the others were not there, and every use beyond the different
sets of positions is a duplicate. A row for each group that is used too often says so.
"""

import numpy as np

from planner_cli.solver.arrays import Floats, Small


def keys_of(types: Small) -> list[bytes]:
    """Name the group of each column, by the types it holds in whatever terms."""
    return [row.tobytes() for row in np.sort(types, axis=1)]


class Groups:
    """The groups that have a row, and which column is in which group."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.row_of: dict[bytes, int] = {}
        self.caps: list[int] = []

    def overused(self, uses: Floats, sure: float) -> dict[bytes, list[int]]:
        """Give the columns of each group without a row that are used, where they are several."""
        used: dict[bytes, list[int]] = {}
        for column in np.flatnonzero(uses > sure).tolist():
            if self.keys[column] not in self.row_of:
                used.setdefault(self.keys[column], []).append(column)
        return {key: columns for key, columns in used.items() if len(columns) > 1}

    def members(self, key: bytes) -> list[int]:
        """Give the columns of a group."""
        return [column for column, own in enumerate(self.keys) if own == key]

    def prices(self, of_row: dict[int, float]) -> dict[bytes, float]:
        """Give the price of each group whose row has one."""
        return {key: of_row[row] for key, row in self.row_of.items() if of_row[row] > 0}
