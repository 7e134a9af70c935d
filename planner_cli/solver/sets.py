"""How many different sets of positions a pattern can be dealt as: more lines than that repeat one."""

from dataclasses import dataclass
from math import comb

import numpy as np

from planner_cli.solver.deal import posts_left
from planner_cli.solver.kinds import Kinds
from planner_cli.solver.law import Ints
from planner_cli.solver.patterns import Patterns


@dataclass(frozen=True)
class Supply:
    """Uses of these columns beyond `free` times each need one of so many seats.

    Columns that hold only one kind with several positions differ by that position alone: of
    `free + 1` equal columns, one must hold a position that is not among the `free` largest.
    """

    columns: tuple[int, ...]
    free: int
    seats: int


def supplies(kinds: Kinds, patterns: Patterns) -> list[Supply]:
    """Give the limits seats of small positions set to the repetition of patterns."""
    several = kinds.sizes() > 1
    n_several = several[patterns.kinds].sum(axis=1)
    _, most = posts_left(kinds)
    found = []
    for kind in np.flatnonzero(several).tolist():
        alone = (patterns.kinds == kind).any(axis=1) & (n_several == 1)
        columns = tuple(np.flatnonzero(alone).tolist())
        seats = sorted((int(most[p].sum()) for p in kinds.members[kind]), reverse=True)
        if columns:
            found += [Supply(columns, free, sum(seats[free:])) for free in range(1, len(seats))]
    return found


def position_sets(kinds: Kinds, patterns: Patterns) -> Ints:
    """Give, per pattern, at most how many different sets of positions it can be dealt as.

    Numbers beyond the lines to build are cut to that; shape (n,).
    """
    most = kinds.n_lines
    table = [
        [min(most, _ways(size, times, span, kinds)) for times in range(kinds.n_terms + 1)]
        for size, span in zip(kinds.sizes().tolist(), kinds.span.tolist(), strict=True)
    ]
    ways = np.array(table, dtype=np.int64).reshape(kinds.n_kinds, kinds.n_terms + 1)
    held = patterns.kinds.astype(np.int64)
    sets = np.ones(len(patterns), dtype=np.int64)
    for place in range(kinds.n_terms):
        times = (held == held[:, place][:, None]).sum(axis=1)
        first = (held[:, :place] != held[:, place][:, None]).all(axis=1)
        sets = np.where(first, np.minimum(most, sets * ways[held[:, place], times]), sets)
    return sets


def _ways(size: int, times: int, span: int, kinds: Kinds) -> int:
    """Count the sets of positions of one kind that a line with `times` terms of it can hold."""
    stays = -(-times // span)
    if kinds.law.single_stay:
        return comb(size, stays)
    return sum(comb(size, n) for n in range(1, stays + 1)) if stays else 1
