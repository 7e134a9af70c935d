"""The constraints on one line as arithmetic over positions: caps, covers, variety, order."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch
from math import lcm
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from planner_cli.domain.constraints.on_line import (
    Adjacent,
    Before,
    Changes,
    Count,
    Distinct,
    Leave,
    LineConstraint,
    Same,
)
from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.selector import EVERY_POSITION, Label, Selector, label_of
from planner_cli.solver import parameters

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Label of a position a constraint does not count.
NOT_COUNTED = -1


@dataclass(frozen=True, eq=False)
class Cap:
    """Of the terms a line spends under one label, the weights may not add up to more than a limit.

    Parameters
    ----------
    labels
        One label per position (later: per type), `NOT_COUNTED` where it does not count.
    limits
        One limit per label.
    weights
        One weight per term: its weeks, or 1 where terms are counted.
    factors
        One factor per position, by which its terms' weights are multiplied: where stays are
        counted, a term of a long stay is a part of one.
    """

    labels: Ints
    limits: Ints
    weights: Ints
    factors: Ints


@dataclass(frozen=True, eq=False)
class Variety:
    """At least `least` different labels over the terms that count (or at most `most`)."""

    labels: Ints
    counted: Flags
    least: int = 0
    most: int | None = None


class Order(Protocol):
    """A constraint on the order of terms: says what may come next on a line filled so far."""

    def take(self, chosen: Ints) -> Self:
        """Give the same over some of the positions."""

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:
        """Say which position may come next.

        Parameters
        ----------
        held
            Positions of the terms filled, in order, shape (n, t).
        inside
            The line is inside a stay that goes on, shape (n,).

        Returns
        -------
        Flags
            Shape (n, K).
        """


@dataclass(frozen=True, eq=False)
class FewChanges:
    """The label changes at most so often."""

    labels: Ints
    most: int

    def take(self, chosen: Ints) -> "FewChanges":
        """Give the same over some of the positions."""
        return replace(self, labels=self.labels[chosen])

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""
        return [self.labels]

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:  # noqa: ARG002
        """Say which position may come next."""
        if not held.shape[1]:
            return np.ones((len(held), len(self.labels)), dtype=np.bool_)
        visited = self.labels[held]
        changes = (visited[:, 1:] != visited[:, :-1]).sum(axis=1)
        leaves = visited[:, -1:] != self.labels[None, :]
        fine: Flags = changes[:, None] + leaves <= self.most
        return fine


@dataclass(frozen=True, eq=False)
class NotNext:
    """After a stay in `first` no stay in `then` follows."""

    first: Flags
    then: Flags

    def take(self, chosen: Ints) -> "NotNext":
        """Give the same over some of the positions."""
        return NotNext(self.first[chosen], self.then[chosen])

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""
        return [self.first.astype(np.int64), self.then.astype(np.int64)]

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:
        """Say which position may come next."""
        if not held.shape[1]:
            return np.ones((len(held), len(self.then)), dtype=np.bool_)
        barred = self.first[held[:, -1]] & ~inside
        fine: Flags = ~(barred[:, None] & self.then[None, :])
        return fine


@dataclass(frozen=True, eq=False)
class EarnedFirst:
    """A stay in `then` begins only after enough of `first`; one weight per term."""

    first: Flags
    then: Flags
    least: int
    weights: Ints

    def take(self, chosen: Ints) -> "EarnedFirst":
        """Give the same over some of the positions."""
        return replace(self, first=self.first[chosen], then=self.then[chosen])

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""
        return [self.first.astype(np.int64), self.then.astype(np.int64)]

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:
        """Say which position may come next."""
        earned = (self.first[held] * self.weights[: held.shape[1]]).sum(axis=1) >= self.least
        fine: Flags = (earned | inside)[:, None] | ~self.then[None, :]
        return fine


@dataclass(frozen=True, eq=False)
class LineConstraints:
    """Every constraint on one line, as arithmetic over positions (or types) and terms.

    Parameters
    ----------
    weeks
        Weeks of each term, shape (T,).
    caps, varieties, orders
        See their classes.
    masks, wanted
        A bit per thing every line must hold, per position; a line holds all bits of `wanted`.
    home
        Site labels and how many terms the most frequent one must have at least; or None.
    single_stay
        No position twice on one line.
    impossible
        Names of rules no line of this year can satisfy, whatever it holds.
    relaxed
        Names of rules that leave decides in part: a line within these constraints may
        still break them.
    """

    weeks: Ints
    caps: tuple[Cap, ...]
    varieties: tuple[Variety, ...]
    orders: tuple[Order, ...]
    masks: Ints
    wanted: int
    home: tuple[Ints, int] | None
    single_stay: bool
    impossible: tuple[str, ...]
    relaxed: tuple[str, ...]

    @property
    def n_terms(self) -> int:
        """Terms of the year."""
        return len(self.weeks)

    def forbidden(self) -> Flags:
        """Say which position (or type) no line may hold in which term, shape (K, T)."""
        banned = np.zeros((len(self.masks), self.n_terms), dtype=np.bool_)
        for cap in self.caps:
            limits = np.append(cap.limits, np.iinfo(np.int64).max)[cap.labels]
            banned |= cap.weights[None, :] * cap.factors[:, None] > limits[:, None]
        return banned

    def signature(self) -> list[tuple[int, ...]]:
        """Give what is read of each position: equal signatures, equal before the constraints."""
        columns = [cap.labels for cap in self.caps] + [v.labels for v in self.varieties]
        columns += [cap.factors for cap in self.caps]
        columns += [column for order in self.orders for column in order.columns()]
        if self.home is not None:
            columns.append(self.home[0])
        rows = np.stack([self.masks, *columns], axis=1)
        return [tuple(row) for row in rows.tolist()]

    def take(self, chosen: Ints) -> "LineConstraints":
        """Give the same constraints over some of the positions, one per type."""
        return replace(
            self,
            caps=tuple(
                replace(cap, labels=cap.labels[chosen], factors=cap.factors[chosen])
                for cap in self.caps
            ),
            varieties=tuple(replace(v, labels=v.labels[chosen]) for v in self.varieties),
            orders=tuple(order.take(chosen) for order in self.orders),
            masks=self.masks[chosen],
            home=None if self.home is None else (self.home[0][chosen], self.home[1]),
        )


def line_constraints_of(problem: Problem, book: RuleBook) -> LineConstraints:
    """Write the constraints on a line of a book as arithmetic over the positions of a problem."""
    draft = _Draft(problem, book)
    for rule in book.rules:
        draft.rule = rule.NAME
        for clause in rule.clauses(problem.terms):
            form(clause.constraint, draft)
    return draft.constraints()


@dataclass
class _Draft:
    problem: Problem
    book: RuleBook
    rule: str = ""
    caps: list[Cap] = field(default_factory=list)
    varieties: list[Variety] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    required: list[Selector] = field(default_factory=list)
    home: tuple[Ints, int] | None = None
    single_stay: bool = False
    impossible: list[str] = field(default_factory=list)
    relaxed: list[str] = field(default_factory=list)

    @property
    def positions(self) -> Sequence[Position]:
        return self.problem.positions

    @property
    def weeks(self) -> Ints:
        return np.array([term.weeks for term in self.problem.terms], dtype=np.int64)

    def counted(self, in_terms: tuple[int, ...] | None) -> Flags:
        """Say which terms count, shape (T,)."""
        numbers = np.arange(1, len(self.weeks) + 1)
        counted: Flags = np.isin(numbers, in_terms) if in_terms is not None else numbers > 0
        return counted

    def matching(self, where: Selector) -> Flags:
        """Say which positions match, shape (K,)."""
        return np.array([where.matches(p) for p in self.positions], dtype=np.bool_)

    def labels(self, name: Callable[[Position], Hashable | None]) -> Ints:
        """Give each position the number of its name; None is not counted."""
        numbers: dict[Hashable, int] = {}
        return np.array(
            [
                NOT_COUNTED if (n := name(p)) is None else numbers.setdefault(n, len(numbers))
                for p in self.positions
            ],
            dtype=np.int64,
        )

    def labels_by(self, where: Selector, by: Label | None) -> Ints:
        """Give each position that matches the number of its label, or 0 where none is asked for."""
        return self.labels(
            lambda p: (0 if by is None else label_of(p, by)) if where.matches(p) else None
        )

    def cap(self, labels: Ints, limit: int, weights: Ints, factors: Ints | None = None) -> None:
        """At most `limit` under each label; what all terms together can't exceed is no cap."""
        if limit < 0:
            self.impossible.append(self.rule)
            return
        if factors is None:
            factors = np.ones(len(labels), dtype=np.int64)
        if int(weights.sum()) * int(factors.max(initial=1)) <= limit:
            return
        limits = np.full(int(labels.max(initial=-1)) + 1, limit, dtype=np.int64)
        self.caps.append(Cap(labels, limits, weights, factors))

    def need_home(self, labels: Ints, least: int) -> None:
        """Ask that some label holds so many terms."""
        if least > len(self.weeks):
            self.impossible.append(self.rule)
        elif self.home is not None:
            raise NotImplementedError("two constraints each ask for a most frequent label")
        elif least > 1 or (labels == NOT_COUNTED).any():
            self.home = (labels, least)

    def has_room(self, count: Count) -> bool:
        """Say whether a thing every line holds can be one of the masks."""
        return count.in_terms is None and len(self.required) < parameters.MOST_MASKS

    def constraints(self) -> LineConstraints:
        masks = np.zeros(len(self.positions), dtype=np.int64)
        for bit, where in enumerate(self.required):
            masks |= self.matching(where).astype(np.int64) << bit
        return LineConstraints(
            weeks=self.weeks,
            caps=tuple(self.caps),
            varieties=tuple(self.varieties),
            orders=tuple(self.orders),
            masks=masks,
            wanted=(1 << len(self.required)) - 1,
            home=self.home,
            single_stay=self.single_stay,
            impossible=tuple(self.impossible),
            relaxed=tuple(self.relaxed),
        )


@singledispatch
def form(constraint: LineConstraint, draft: _Draft) -> None:
    """Add one constraint to the constraints; a type without a form is an error, never ignored.

    Raises
    ------
    NotImplementedError
        If the solver does not know the constraint.
    """
    raise NotImplementedError(f"the solver has no form of {constraint.KIND}")


@form.register
def _(count: Count, draft: _Draft) -> None:
    if count == Count(unit="stays", by="position", at_most=1):
        draft.single_stay = True
        return
    weights = draft.counted(count.in_terms).astype(np.int64)
    whole = count.where == EVERY_POSITION and count.in_terms is None
    away, scale = 0, 1
    factors = np.ones(len(draft.positions), dtype=np.int64)
    if count.unit == "stays":
        spans = [position.span_terms for position in draft.positions]
        scale = lcm(*spans)
        factors = np.array([scale // span for span in spans], dtype=np.int64)
    elif count.unit != "terms":
        weights *= draft.weeks
    if count.unit == "practice":
        away = draft.book.leave_weeks
        if not whole:
            draft.relaxed.append(draft.rule)
    if count.at_most is not None:
        draft.cap(
            draft.labels_by(count.where, count.by), count.at_most * scale + away, weights, factors
        )
    if not count.at_least:
        return
    if count.by is not None:
        draft.need_home(draft.labels_by(count.where, count.by), count.at_least)
    elif count.unit == "terms" and count.at_least == 1 and draft.has_room(count):
        draft.required.append(count.where)
    else:
        # What is missing to the most there could be may not be too much.
        largest = int(factors.max(initial=1))
        missing = np.where(draft.matching(count.where), largest - factors, largest)
        labels = np.where(missing > 0, 0, NOT_COUNTED)
        wanted = count.at_least * scale + (away if whole else 0)
        draft.cap(labels, int(weights.sum()) * largest - wanted, weights, missing)


@form.register
def _(distinct: Distinct, draft: _Draft) -> None:
    counted = draft.counted(distinct.in_terms)
    labels = draft.labels_by(distinct.where, distinct.by)
    least = distinct.at_least or 0
    if int(counted.sum()) < least:
        draft.impossible.append(draft.rule)
    elif least or distinct.at_most is not None:
        draft.varieties.append(Variety(labels, counted, least, distinct.at_most))


@form.register
def _(same: Same, draft: _Draft) -> None:
    form(Distinct(by=same.by, where=same.where, at_most=1), draft)


@form.register
def _(changes: Changes, draft: _Draft) -> None:
    if changes.at_most < len(draft.weeks) - 1:
        labels = draft.labels(lambda p: label_of(p, changes.by) or "")
        draft.orders.append(FewChanges(labels, changes.at_most))
        # What holds in any order: one label more than changes.
        every = draft.counted(None)
        draft.varieties.append(Variety(labels, every, 0, changes.at_most + 1))


@form.register
def _(adjacent: Adjacent, draft: _Draft) -> None:
    draft.orders.append(NotNext(draft.matching(adjacent.first), draft.matching(adjacent.then)))


@form.register
def _(before: Before, draft: _Draft) -> None:
    weights = draft.weeks if before.unit == "weeks" else np.ones_like(draft.weeks)
    first, then = draft.matching(before.first), draft.matching(before.then)
    draft.orders.append(EarnedFirst(first, then, before.at_least, weights))


@form.register
def _(leave: Leave, draft: _Draft) -> None:
    """No constraint on positions: the leave answers for it."""
