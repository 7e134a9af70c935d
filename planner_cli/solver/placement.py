"""Terms for patterns: two terms at a time are settled as a flow, until no pair of terms gains."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from ortools.graph.python.min_cost_flow import (
    SimpleMinCostFlow,
)

from planner_cli.domain.scoring import UNFILLED_COST
from planner_cli.solver.crowding import Crowding, crowding
from planner_cli.solver.kinds import Kinds
from planner_cli.solver.law import Ints
from planner_cli.solver.patterns import Patterns, Stop, StoppedEarly

#: Cost of one person beyond the accredited posts, and of one beside the aimed number.
_OVERFULL = 1_000_000
_BESIDE = 1
_ROUNDS = 40
#: Times some lines are shuffled before a placement is given up.
_SHUFFLES = 24


@dataclass(frozen=True, eq=False)
class Placed:
    """Lines with their kinds in the order of terms.

    Parameters
    ----------
    kinds
        Kind per line and term, shape (L, T).
    overfull
        People beyond what may be used, over all kinds and terms: 0 in a legal placement.
    unfilled
        Funded posts left empty.
    crowding
        A proof that no placement of these lines is legal, where there is one.
    """

    kinds: Ints
    overfull: int
    unfilled: int
    crowding: Crowding | None = None


def place(patterns: Patterns, aim: Ints, stop: Stop, seed: int = 0) -> Placed:
    """Give each kind of each line a term of its class.

    Swapping the kinds of two terms in some lines changes only these two terms: which lines to
    swap for the least cost is a flow from pairs of kinds to the earlier term, solved exactly. All
    pairs of terms take turns until none gains; then some lines are shuffled, and it goes on.

    Parameters
    ----------
    patterns
        One row per line.
    aim
        Posts used by kind and term that would be ideal, shape (K, T).
    stop
        Asked between flows.
    seed
        Of the shuffling.

    Raises
    ------
    StoppedEarly
        If the stop signal comes.
    """
    kinds = patterns.shape.kinds
    costs = Costs(kinds, aim, len(patterns))
    random = np.random.default_rng(seed)
    held = _start(patterns)
    _shuffle(held, patterns, random, len(held))
    _settle_all(held, patterns, costs, stop)
    best = judge(kinds, held)
    if best.overfull and (crowded := crowding(patterns)):
        return replace(best, crowding=crowded)
    goal = int(np.maximum(kinds.least - aim, 0).sum())
    for _ in range(_SHUFFLES):
        if not best.overfull and best.unfilled <= goal:
            break
        held = best.kinds.copy()
        _shuffle(held, patterns, random, max(2, len(held) // 8))
        _settle_all(held, patterns, costs, stop)
        now = judge(kinds, held)
        if (now.overfull, now.unfilled) <= (best.overfull, best.unfilled):
            best = now
    return best


def _settle_all(held: Ints, patterns: Patterns, costs: "Costs", stop: Stop) -> None:
    pairs = [pair for terms in patterns.shape.classes for pair in combinations(sorted(terms), 2)]
    before = costs.total(held)
    for _ in range(_ROUNDS):
        for first, second in pairs:
            if stop():
                raise StoppedEarly
            _settle(held, first, second, costs)
        after = costs.total(held)
        if after >= before or not after:
            break
        before = after


def _shuffle(held: Ints, patterns: Patterns, random: np.random.Generator, n_lines: int) -> None:
    """Deal the kinds of some lines over the terms of their class anew, in place."""
    chosen = random.permutation(len(held))[:n_lines]
    for terms in patterns.shape.classes:
        for line in chosen.tolist():
            held[line, list(terms)] = random.permutation(held[line, list(terms)])


def judge(kinds: Kinds, held: Ints) -> Placed:
    """Count what a placement overfills and leaves empty."""
    used = posts_of(kinds, held)
    most = np.where(kinds.open(), kinds.most, 0)
    over = int(np.maximum(used - most, 0).sum())
    return Placed(held, over, int(np.maximum(kinds.least - used, 0).sum()))


def posts_of(kinds: Kinds, held: Ints) -> Ints:
    """Count the posts a placement uses, shape (K, T)."""
    used = np.zeros((kinds.n_kinds, kinds.n_terms), dtype=np.int64)
    for term in range(kinds.n_terms):
        used[:, term] = np.bincount(held[:, term], minlength=kinds.n_kinds)
    return used


class Costs:
    """Cost of n people of a kind in a term: convex in n."""

    def __init__(self, kinds: Kinds, aim: Ints, n_lines: int) -> None:
        self._kinds = kinds
        n = np.arange(n_lines + 2)[None, None, :]
        most = np.where(kinds.open(), kinds.most, 0)[:, :, None]
        self.table: Ints = (
            _OVERFULL * np.maximum(n - most, 0)
            + UNFILLED_COST * np.maximum(kinds.least[:, :, None] - n, 0)
            + _BESIDE * np.abs(n - aim[:, :, None])
        )

    def total(self, held: Ints) -> int:
        """Give what a placement costs."""
        used = posts_of(self._kinds, held)
        kind, term = np.indices(used.shape)
        return int(self.table[kind, term, used].sum())

    def next_person(self, used: Ints) -> Ints:
        """Give what one more person costs by kind and term, shape (K, T)."""
        kind, term = np.indices(used.shape)
        more: Ints = self.table[kind, term, used + 1] - self.table[kind, term, used]
        return more


def _start(patterns: Patterns) -> Ints:
    """Turn the kinds of each class a little further from line to line."""
    classes = patterns.shape.class_of_level
    held = np.zeros(patterns.kinds.shape, dtype=np.int64)
    turns = np.arange(len(patterns))
    for class_, terms in enumerate(patterns.shape.classes):
        levels = np.array([i for i, c in enumerate(classes) if c == class_])
        for place, term in enumerate(terms):
            at = levels[(place + turns) % len(levels)]
            held[:, term] = patterns.kinds[np.arange(len(patterns)), at]
    return held


def _settle(held: Ints, first: int, second: int, costs: Costs) -> None:
    """Swap two terms in the lines where that is best, in place."""
    n_kinds = len(costs.table)
    low = np.minimum(held[:, first], held[:, second])
    high = np.maximum(held[:, first], held[:, second])
    pairs, group, size = np.unique(low * n_kinds + high, return_inverse=True, return_counts=True)
    degree = np.bincount(low, minlength=n_kinds) + np.bincount(high, minlength=n_kinds)
    flow = SimpleMinCostFlow()
    source, sink = n_kinds + len(pairs), n_kinds + len(pairs) + 1
    ends = np.stack([pairs // n_kinds, pairs % n_kinds], axis=1)
    to_low = []
    for index, ((a, b), n) in enumerate(zip(ends.tolist(), size.tolist(), strict=True)):
        flow.add_arc_with_capacity_and_unit_cost(source, n_kinds + index, n, 0)
        to_low.append(flow.add_arc_with_capacity_and_unit_cost(n_kinds + index, a, n, 0))
        if b != a:
            flow.add_arc_with_capacity_and_unit_cost(n_kinds + index, b, n, 0)
    for kind in np.flatnonzero(degree).tolist():
        n = int(degree[kind])
        steps = np.diff(
            costs.table[kind, first, : n + 1] + costs.table[kind, second, : n + 1][::-1]
        )
        values, counts = np.unique(steps, return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            flow.add_arc_with_capacity_and_unit_cost(kind, sink, count, value)
    n_lines = len(held)
    flow.set_node_supply(source, n_lines)
    flow.set_node_supply(sink, -n_lines)
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError("two terms could not be settled")
    n_low = np.array([flow.flow(arc) for arc in to_low], dtype=np.int64)
    # In each group, the first so many lines have the lower kind in the earlier term; those that
    # have it already come first, so that few lines change.
    order = np.lexsort((held[:, first] != low, group))
    rank = np.empty(n_lines, dtype=np.int64)
    starts = np.cumsum(size) - size
    rank[order] = np.arange(n_lines) - starts[group[order]]
    lower = rank < n_low[group]
    held[:, first] = np.where(lower, low, high)
    held[:, second] = np.where(lower, high, low)
