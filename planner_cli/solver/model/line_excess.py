"""How far whole lines are from the constraints on a line: many lines at once, in arrays."""

from functools import singledispatchmethod

import numpy as np
import numpy.typing as npt

from planner_cli.solver.arrays import Flags, Ints, Small
from planner_cli.solver.model.line_constraints import (
    Cap,
    EarnedFirst,
    FewChanges,
    LineConstraints,
    NotNext,
    Order,
    Variety,
)

Excess = npt.NDArray[np.float32]
#: What a broken constraint adds to its excess: two small breaches are worse than one large one.
_BROKEN = 1.0


class LineExcess:
    """Measures lines by how much they break: 0 for a line within every constraint.

    Parameters
    ----------
    constraints
        Over positions or types.
    span
        Consecutive terms one stay takes, per position or type.
    """

    def __init__(self, constraints: LineConstraints, span: Ints) -> None:
        self._constraints, self._span = constraints, span
        self._long = bool((span > 1).any())
        self._tables = [_Table(cap) for cap in constraints.caps if _is_one_label(cap)]
        self._caps = [_Labelled(cap) for cap in constraints.caps if not _is_one_label(cap)]
        wanted = constraints.wanted
        self._bits = np.array([n.bit_count() for n in range(wanted + 1)], dtype=np.float32)

    def of(self, held: Small) -> Excess:
        """Give the excess of lines.

        Parameters
        ----------
        held
            Positions (or types) by line and term, shape (n, T).

        Returns
        -------
        Excess
            Shape (n,): broken constraints, and how much each is broken, in its own unit scaled to
            about one for a term.
        """
        total = np.zeros(len(held), dtype=np.float32)
        goes_on = self._goes_on(held)
        if self._long:
            total += _counted(self._broken_stays(held, goes_on))
        for table in self._tables:
            total += _counted(table.over(held))
        for cap in self._caps:
            total += _counted(cap.over(held))
        constraints = self._constraints
        for variety in constraints.varieties:
            total += _counted(_variety(variety, held))
        for order in constraints.orders:
            total += _counted(self._order(order, held, goes_on))
        if constraints.wanted:
            missing = constraints.wanted & ~np.bitwise_or.reduce(constraints.masks[held], axis=1)
            total += (1 + _BROKEN) * self._bits[missing]
        for labels, least in constraints.homes:
            total += _counted(least - _most_frequent(labels[held]))
        if constraints.single_stay:
            total += _counted(self._stays_again(held))
        return total

    def _goes_on(self, held: Small) -> Flags:
        """Say in which terms a stay begins that goes on in the next one, shape (n, T)."""
        goes_on = np.zeros(held.shape, dtype=np.bool_)
        if not self._long:
            return goes_on
        long = self._span[held] > 1
        for term in range(held.shape[1] - 1):
            begins = long[:, term] & (held[:, term] == held[:, term + 1])
            if term:
                begins &= ~goes_on[:, term - 1]
            goes_on[:, term] = begins
        return goes_on

    def _broken_stays(self, held: Small, goes_on: Flags) -> Excess:
        whole = goes_on.copy()
        whole[:, 1:] |= goes_on[:, :-1]
        broken: Excess = ((self._span[held] > 1) & ~whole).sum(axis=1, dtype=np.float32)
        return broken

    def _stays_again(self, held: Small) -> Excess:
        """Count the terms that hold a position of an earlier stay."""
        again = np.zeros(len(held), dtype=np.float32)
        for term in range(1, held.shape[1]):
            earlier = (held[:, :term] == held[:, term : term + 1]).sum(axis=1)
            again += earlier >= (self._span[held[:, term]] if self._long else 1)
        return again

    @singledispatchmethod
    def _order(self, order: Order, held: Small, goes_on: Flags) -> Excess:  # noqa: ARG002
        raise TypeError(f"{type(order).__name__} has no excess")

    @_order.register
    def _(self, order: FewChanges, held: Small, goes_on: Flags) -> Excess:  # noqa: ARG002
        visited = order.labels[held]
        changes = (visited[:, 1:] != visited[:, :-1]).sum(axis=1, dtype=np.float32)
        over: Excess = changes - order.most
        return over

    @_order.register
    def _(self, order: NotNext, held: Small, goes_on: Flags) -> Excess:
        barred = order.first[held[:, :-1]] & order.then[held[:, 1:]] & ~goes_on[:, :-1]
        found: Excess = barred.sum(axis=1, dtype=np.float32)
        return found

    @_order.register
    def _(self, order: EarnedFirst, held: Small, goes_on: Flags) -> Excess:
        earned = np.cumsum(order.first[held] * order.weights[None, :], axis=1)
        early = order.then[held]
        early[:, 1:] &= ~goes_on[:, :-1]
        early[:, 1:] &= earned[:, :-1] < order.least
        if order.least <= 0:
            early[:, 0] = False
        found: Excess = early.sum(axis=1, dtype=np.float32)
        return found


class _Table:
    """A cap on what counts, all under one label: a table of what each cell adds."""

    def __init__(self, cap: Cap) -> None:
        adds = np.where(cap.labels[None, :] >= 0, cap.weights[:, None] * cap.factors[None, :], 0)
        scale = max(1, int(adds.max(initial=1)))
        self._adds = (adds / scale).astype(np.float32)
        self._limit = np.float32(int(cap.limits[0]) / scale)

    def over(self, held: Small) -> Excess:
        """Give what is beyond the limit, negative where nothing is; shape (n,)."""
        total = np.full(len(held), -self._limit - np.float32(1e-4), dtype=np.float32)
        for term in range(held.shape[1]):
            total += self._adds[term][held[:, term]]
        return total


class _Labelled:
    """A cap on each of several labels."""

    def __init__(self, cap: Cap) -> None:
        adds = cap.weights[:, None] * cap.factors[None, :]
        scale = max(1, int(adds.max(initial=1)))
        self._adds = (adds / scale).astype(np.float32)
        self._labels = cap.labels.astype(np.int16)
        self._limits = np.append((cap.limits / scale).astype(np.float32), np.float32(1e9))

    def over(self, held: Small) -> Excess:
        """Give what is most beyond a limit, negative where nothing is; shape (n,)."""
        labels = self._labels[held]
        n_terms = held.shape[1]
        adds = np.stack([self._adds[t][held[:, t]] for t in range(n_terms)], axis=1)
        most = np.full(len(held), -1.0, dtype=np.float32)
        for term in range(n_terms):
            own = labels[:, term : term + 1]
            total = (adds * (labels == own)).sum(axis=1)
            np.maximum(most, total - self._limits[labels[:, term]] - np.float32(1e-4), out=most)
        return most


def _is_one_label(cap: Cap) -> bool:
    return len(cap.limits) == 1


def _variety(variety: Variety, held: Small) -> Excess:
    labels = variety.labels[held]
    different = np.zeros(len(held), dtype=np.float32)
    counted = np.flatnonzero(variety.counted)
    for n, term in enumerate(counted):
        fresh = labels[:, term] >= 0
        for earlier in counted[:n]:
            fresh &= labels[:, earlier] != labels[:, term]
        different += fresh
    wrong: Excess = variety.least - different
    if variety.most is not None:
        wrong = np.maximum(wrong, different - variety.most)
    return wrong


def _most_frequent(labels: Ints) -> Excess:
    most = np.zeros(len(labels), dtype=np.float32)
    for term in range(labels.shape[1]):
        same = (labels == labels[:, term : term + 1]).sum(axis=1, dtype=np.float32)
        np.maximum(most, np.where(labels[:, term] >= 0, same, 0), out=most)
    return most


def _counted(over: Excess) -> Excess:
    """Count a constraint once where it is broken, and by how much."""
    counted: Excess = np.where(over > 0, over + np.float32(_BROKEN), np.float32(0))
    return counted
