"""How many lines of one column can differ in their positions; any more are duplicates."""

from dataclasses import dataclass
from math import comb

import numpy as np

from planner_cli.solver.arrays import Ints
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.model.position_types import PositionTypes


@dataclass(frozen=True)
class Supply:
    """How often columns that differ only in the position of one type can be used again.

    Of equal columns that hold just one type with several positions, and hold it once, each line
    has another of its positions. So each use beyond the first takes a seat outside the largest
    position (`seats`), and a position with many funded posts keeps most of the type's uses for
    itself: the uses beyond the first are no more than the uses beyond the funded posts plus the
    funded posts of the others (`funded`).
    """

    type_: int
    seats: int
    funded: int


def supplies(types: PositionTypes) -> tuple[Supply, ...]:
    """Give the supply of each type with several positions."""
    least, most = types.remaining.funded, types.remaining.accredited
    found = []
    for type_, members in enumerate(types.members):
        if len(members) > 1:
            seats = [int(most[p].sum()) for p in members]
            funded = [int(least[p].sum()) for p in members]
            found.append(Supply(type_, sum(seats) - max(seats), sum(funded) - max(funded)))
    return tuple(found)


def lone_type(types: PositionTypes, columns: Columns) -> Ints:
    """Give the one type with several positions a column holds, if it holds it once; else -1."""
    several = types.sizes() > 1
    held = several[columns.types]
    lone = np.where(held, columns.types, 0).sum(axis=1, dtype=np.int64)
    return np.where(held.sum(axis=1) == 1, lone, -1)


def position_sets(types: PositionTypes, columns: Columns) -> Ints:
    """Give, per column, at most how many different sets of positions it can be dealt as.

    Numbers beyond the lines to build are cut to that; shape (n,).
    """
    most = types.n_lines
    table = [
        [min(most, _ways(size, times, span, types)) for times in range(types.n_terms + 1)]
        for size, span in zip(types.sizes().tolist(), types.span.tolist(), strict=True)
    ]
    ways = np.array(table, dtype=np.int64).reshape(types.n_types, types.n_terms + 1)
    held = columns.types.astype(np.int64)
    sets = np.ones(len(columns), dtype=np.int64)
    for place in range(types.n_terms):
        times = (held == held[:, place][:, None]).sum(axis=1)
        first = (held[:, :place] != held[:, place][:, None]).all(axis=1)
        sets = np.where(first, np.minimum(most, sets * ways[held[:, place], times]), sets)
    return sets


def _ways(size: int, times: int, span: int, types: PositionTypes) -> int:
    """Count the sets of positions of one type that a line with `times` terms of it can hold."""
    stays = -(-times // span)
    if types.constraints.single_stay:
        return comb(size, stays)
    return sum(comb(size, n) for n in range(1, stays + 1)) if stays else 1
