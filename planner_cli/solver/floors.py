"""The best floor: how high the worst line can be, and a proven bound of the score over all floors."""

import heapq
from dataclasses import dataclass

import numpy as np

from planner_cli.solver.law import Ints
from planner_cli.solver.master import Master, Relaxation

#: Rounding of the linear program, in points.
_HAIR = 1e-5


@dataclass(frozen=True, eq=False)
class FloorScan:
    """Bounds by floor.

    Parameters
    ----------
    bound
        No legal set scores more, whatever its floor.
    relaxations
        The solved master problem per floor that was looked at.
    totals
        Upper bound of the whole score per floor looked at, best first: (bound, floor).
    free
        The master problem without a floor.
    """

    bound: int
    relaxations: dict[int, Relaxation]
    totals: list[tuple[int, int]]
    free: Relaxation


def scan_floors(master: Master, values: Ints) -> FloorScan:
    """Bound the score over every floor, looking at few of them.

    A set whose floor lies in an interval uses patterns of at least the interval's lower end, and
    gains at most its upper end per line: one master problem bounds the whole interval.

    Parameters
    ----------
    master
        The master problem; its patterns grow.
    values
        Every floor a set can have, ascending.
    """
    kinds = master.kinds
    n_all = kinds.n_lines + len(kinds.locked)
    fixed = sum(kinds.locked_scores)
    floors = values.tolist()
    relaxations = {floors[0]: master.solve(floors[0])}

    def total(at: int, floor: int) -> float:
        return relaxations[floors[at]].bound + fixed + n_all * floor

    best = total(0, floors[0])
    heap = [(-total(0, floors[-1]), 0, len(floors))]
    while heap:
        upper, first, end = heapq.heappop(heap)
        if -upper <= best + _HAIR or end - first == 1:
            break
        middle = (first + end) // 2
        good_enough = best - fixed - n_all * floors[end - 1]
        relaxations[floors[middle]] = master.solve(floors[middle], good_enough)
        best = max(best, total(middle, floors[middle]))
        for start, stop in ((first, middle), (middle, end)):
            heapq.heappush(heap, (-total(start, floors[stop - 1]), start, stop))
    totals = sorted(
        ((whole(r.bound) + fixed + n_all * floor, floor) for floor, r in relaxations.items()),
        reverse=True,
    )
    return FloorScan(whole(best), relaxations, totals, relaxations[floors[0]])


def whole(bound: float) -> int:
    """Round a bound of a whole number down, forgiving the rounding of the linear program."""
    return int(np.floor(bound + _HAIR * max(1.0, abs(bound) * 1e-3)))
