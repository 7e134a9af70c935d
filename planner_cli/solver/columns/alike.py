"""Columns that hold the same types in other terms: their lines are the same sets of positions.

Each such column could be used as if the others were not there, and every use beyond the different
sets of positions is a duplicate. A row for each group that is used too often says so.
"""

import numpy as np

from planner_cli.solver.arrays import Small


def keys_of(types: Small) -> list[bytes]:
    """Name the group of each column, by the types it holds in whatever terms."""
    return [row.tobytes() for row in np.sort(types, axis=1)]
