"""How many different sets of positions a pattern can be dealt as: more lines repeat one."""

from dataclasses import dataclass
from math import comb

import numpy as np

from planner_cli.solver.deal import posts_left
from planner_cli.solver.kinds import Kinds
from planner_cli.solver.law import Ints
from planner_cli.solver.patterns import Patterns


@dataclass(frozen=True)
class Supply:
    """How often patterns that differ only in the position of one kind can be used again.

    Of equal patterns that hold just one kind with several positions, and hold it once, each line
    has another of its positions. So each use beyond the first takes a seat outside the largest
    position (`seats`), and a position with many funded posts keeps most of the kind's uses for
    itself: the uses beyond the first are no more than the uses beyond the funded posts plus the
    funded posts of the others (`funded`).
    """

    kind: int
    seats: int
    funded: int


def supplies(kinds: Kinds) -> tuple[Supply, ...]:
    """Give the supply of each kind with several positions."""
    least, most = posts_left(kinds)
    found = []
    for kind, members in enumerate(kinds.members):
        if len(members) > 1:
            seats = [int(most[p].sum()) for p in members]
            funded = [int(least[p].sum()) for p in members]
            found.append(Supply(kind, sum(seats) - max(seats), sum(funded) - max(funded)))
    return tuple(found)


def lone_kind(kinds: Kinds, patterns: Patterns) -> Ints:
    """Give the one kind with several positions a pattern holds, if it holds it once; else -1."""
    several = kinds.sizes() > 1
    held = several[patterns.kinds]
    lone = np.where(held, patterns.kinds, 0).sum(axis=1, dtype=np.int64)
    return np.where(held.sum(axis=1) == 1, lone, -1)


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
