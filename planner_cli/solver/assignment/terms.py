"""Terms for columns: two terms at a time are settled as a flow, until no pair of terms gains."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from ortools.graph.python.min_cost_flow import (
    SimpleMinCostFlow,
)

from planner_cli.domain.scoring import UNFILLED_COST
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints
from planner_cli.solver.assignment.placement_cuts import Crowding, crowding
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.stop import Stop, StoppedEarly


@dataclass(frozen=True, eq=False)
class Placed:
    """Lines with their types in the order of terms.

    Parameters
    ----------
    types
        Type per line and term, shape (L, T).
    overfull
        People beyond what may be used, over all types and terms: 0 in a legal placement.
    unfilled
        Funded posts left empty.
    crowding
        A proof that no placement of these lines is legal, where there is one.
    """

    types: Ints
    overfull: int
    unfilled: int
    crowding: Crowding | None = None


def place(columns: Columns, aim: Ints, stop: Stop, seed: int = 0) -> Placed:
    """Give each type of each line a term of its class.

    Swapping the types of two terms in some lines changes only these two terms: which lines to
    swap for the least cost is a flow from pairs of types to the earlier term, solved exactly. All
    pairs of terms take turns until none gains; then some lines are shuffled, and it goes on.

    Parameters
    ----------
    columns
        One row per line.
    aim
        Posts used by type and term that would be ideal, shape (K, T).
    stop
        Asked between flows.
    seed
        Of the shuffling.

    Raises
    ------
    StoppedEarly
        If the stop signal comes.
    """
    types = columns.shape.types
    costs = Costs(types, aim, len(columns))
    random = np.random.default_rng(seed)
    held = _start(columns)
    _shuffle(held, columns, random, len(held))
    _settle_all(held, columns, costs, stop)
    best = judge(types, held)
    if best.overfull and (crowded := crowding(columns)):
        return replace(best, crowding=crowded)
    goal = int(np.maximum(types.least - aim, 0).sum())
    for _ in range(parameters.PLACEMENT_SHUFFLES):
        if not best.overfull and best.unfilled <= goal:
            break
        held = best.types.copy()
        _shuffle(held, columns, random, max(2, len(held) // 8))
        _settle_all(held, columns, costs, stop)
        now = judge(types, held)
        if (now.overfull, now.unfilled) <= (best.overfull, best.unfilled):
            best = now
    return best


def _settle_all(held: Ints, columns: Columns, costs: "Costs", stop: Stop) -> None:
    pairs = [pair for terms in columns.shape.classes for pair in combinations(sorted(terms), 2)]
    before = costs.total(held)
    for _ in range(parameters.PLACEMENT_ROUNDS):
        for first, second in pairs:
            if stop():
                raise StoppedEarly
            _settle(held, first, second, costs)
        after = costs.total(held)
        if after >= before or not after:
            break
        before = after


def _shuffle(held: Ints, columns: Columns, random: np.random.Generator, n_lines: int) -> None:
    """Deal the types of some lines over the terms of their class anew, in place."""
    chosen = random.permutation(len(held))[:n_lines]
    for terms in columns.shape.classes:
        for line in chosen.tolist():
            held[line, list(terms)] = random.permutation(held[line, list(terms)])


def judge(types: PositionTypes, held: Ints) -> Placed:
    """Count what a placement overfills and leaves empty."""
    used = posts_of(types, held)
    most = np.where(types.open(), types.most, 0)
    over = int(np.maximum(used - most, 0).sum())
    return Placed(held, over, int(np.maximum(types.least - used, 0).sum()))


def posts_of(types: PositionTypes, held: Ints) -> Ints:
    """Count the posts a placement uses, shape (K, T)."""
    used = np.zeros((types.n_types, types.n_terms), dtype=np.int64)
    for term in range(types.n_terms):
        used[:, term] = np.bincount(held[:, term], minlength=types.n_types)
    return used


class Costs:
    """Cost of n people of a type in a term: convex in n."""

    def __init__(self, types: PositionTypes, aim: Ints, n_lines: int) -> None:
        self._types = types
        n = np.arange(n_lines + 2)[None, None, :]
        most = np.where(types.open(), types.most, 0)[:, :, None]
        self.table: Ints = (
            parameters.OVERFULL_COST * np.maximum(n - most, 0)
            + UNFILLED_COST * np.maximum(types.least[:, :, None] - n, 0)
            + parameters.BESIDE_AIM_COST * np.abs(n - aim[:, :, None])
        )

    def total(self, held: Ints) -> int:
        """Give what a placement costs."""
        used = posts_of(self._types, held)
        type_, term = np.indices(used.shape)
        return int(self.table[type_, term, used].sum())

    def next_person(self, used: Ints) -> Ints:
        """Give what one more person costs by type and term, shape (K, T)."""
        type_, term = np.indices(used.shape)
        more: Ints = self.table[type_, term, used + 1] - self.table[type_, term, used]
        return more


def _start(columns: Columns) -> Ints:
    """Turn the types of each class a little further from line to line."""
    classes = columns.shape.class_of_level
    held = np.zeros(columns.types.shape, dtype=np.int64)
    turns = np.arange(len(columns))
    for class_, terms in enumerate(columns.shape.classes):
        levels = np.array([i for i, c in enumerate(classes) if c == class_])
        for place, term in enumerate(terms):
            at = levels[(place + turns) % len(levels)]
            held[:, term] = columns.types[np.arange(len(columns)), at]
    return held


def _settle(held: Ints, first: int, second: int, costs: Costs) -> None:
    """Swap two terms in the lines where that is best, in place."""
    n_types = len(costs.table)
    low = np.minimum(held[:, first], held[:, second])
    high = np.maximum(held[:, first], held[:, second])
    pairs, group, size = np.unique(low * n_types + high, return_inverse=True, return_counts=True)
    degree = np.bincount(low, minlength=n_types) + np.bincount(high, minlength=n_types)
    flow = SimpleMinCostFlow()
    source, sink = n_types + len(pairs), n_types + len(pairs) + 1
    ends = np.stack([pairs // n_types, pairs % n_types], axis=1)
    to_low = []
    for index, ((a, b), n) in enumerate(zip(ends.tolist(), size.tolist(), strict=True)):
        flow.add_arc_with_capacity_and_unit_cost(source, n_types + index, n, 0)
        to_low.append(flow.add_arc_with_capacity_and_unit_cost(n_types + index, a, n, 0))
        if b != a:
            flow.add_arc_with_capacity_and_unit_cost(n_types + index, b, n, 0)
    for type_ in np.flatnonzero(degree).tolist():
        n = int(degree[type_])
        steps = np.diff(
            costs.table[type_, first, : n + 1] + costs.table[type_, second, : n + 1][::-1]
        )
        values, counts = np.unique(steps, return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            flow.add_arc_with_capacity_and_unit_cost(type_, sink, count, value)
    n_lines = len(held)
    flow.set_node_supply(source, n_lines)
    flow.set_node_supply(sink, -n_lines)
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError("two terms could not be settled")
    n_low = np.array([flow.flow(arc) for arc in to_low], dtype=np.int64)
    # In each group, the first so many lines have the lower type in the earlier term; those that
    # have it already come first, so that few lines change.
    order = np.lexsort((held[:, first] != low, group))
    rank = np.empty(n_lines, dtype=np.int64)
    starts = np.cumsum(size) - size
    rank[order] = np.arange(n_lines) - starts[group[order]]
    lower = rank < n_low[group]
    held[:, first] = np.where(lower, low, high)
    held[:, second] = np.where(lower, high, low)
