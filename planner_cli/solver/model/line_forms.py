"""From the constraints on one line to their arithmetic over the positions of a problem."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from math import lcm

import numpy as np

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
from planner_cli.solver.arrays import Flags, Ints
from planner_cli.solver.model.line_constraints import (
    NOT_COUNTED,
    Cap,
    EarnedFirst,
    FewChanges,
    LineConstraints,
    NotNext,
    Order,
    Variety,
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
    homes: list[tuple[Ints, int]] = field(default_factory=list)
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
        elif least > 1 or (labels == NOT_COUNTED).any():
            self.homes.append((labels, least))

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
            homes=tuple(self.homes),
            single_stay=self.single_stay,
            impossible=tuple(self.impossible),
            relaxed=tuple(self.relaxed),
        )


@singledispatch
def form(constraint: LineConstraint, draft: _Draft) -> None:  # noqa: ARG001
    """Add one constraint to the constraints; a type without a form is an error, never ignored.

    Raises
    ------
    TypeError
        If the solver does not know the constraint.
    """
    raise TypeError(f"{type(constraint).__name__} has no form over positions")


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
