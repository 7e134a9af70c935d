"""The rules of one line as arithmetic: caps on weeks, covers, variety; one form per rule type."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch

import numpy as np
import numpy.typing as npt

from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.base import Rule, least_weeks, most_weeks
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.domain.rules.experience import MinTerms, MinWeeks, RequiredCategories
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.places import (
    MaxRuralTerms,
    MaxSiteChanges,
    MinCommunityTerms,
    MinHomeTerms,
)
from planner_cli.domain.rules.posts import FillPosts, LockedLines, PathwayLines
from planner_cli.domain.rules.service import (
    MaxNonClinicalTerms,
    MaxServiceShare,
    MaxServiceTerms,
    MinTeamShare,
    NoNights,
    NoRelief,
)
from planner_cli.domain.rules.spread import (
    MaxSpecialtyShare,
    MaxSubspecialtyShare,
    MinDistinctSpecialties,
    NoRepeatedPosition,
)

Ints = npt.NDArray[np.int64]

#: Label of a position a rule does not count.
NOT_COUNTED = -1


@dataclass(frozen=True, eq=False)
class Cap:
    """Of the terms a line spends under one label, the weights may not add up to more than a limit.

    Parameters
    ----------
    labels
        One label per position (later: per kind), `NOT_COUNTED` where it does not count.
    limits
        One limit per label.
    weights
        One weight per term: its weeks, or 1 where terms are counted.
    """

    labels: Ints
    limits: Ints
    weights: Ints


@dataclass(frozen=True, eq=False)
class Variety:
    """At least `least` different labels over the terms that count (or at most `most`)."""

    labels: Ints
    counted: npt.NDArray[np.bool_]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, eq=False)
class Law:
    """Every rule of one line, as arithmetic over positions (or kinds) and terms.

    Parameters
    ----------
    weeks
        Weeks of each term, shape (T,).
    caps, varieties
        See their classes.
    masks, wanted
        A bit per required category, per position; a line must hold all bits of `wanted`.
    home
        Site labels and how many terms the most frequent one must have at least; or None.
    moves
        Site labels and the most changes of site from term to term; or None.
    single_stay
        No position twice on one line.
    impossible
        Names of rules no line of this year can satisfy, whatever it holds.
    relaxed
        Names of rules that leave decides in part: a line within the law may still break them.
    """

    weeks: Ints
    caps: tuple[Cap, ...]
    varieties: tuple[Variety, ...]
    masks: Ints
    wanted: int
    home: tuple[Ints, int] | None
    moves: tuple[Ints, int] | None
    single_stay: bool
    impossible: tuple[str, ...]
    relaxed: tuple[str, ...]

    @property
    def n_terms(self) -> int:
        """Terms of the year."""
        return len(self.weeks)

    def forbidden(self) -> npt.NDArray[np.bool_]:
        """Say which position (or kind) no line may hold in which term, shape (K, T)."""
        banned = np.zeros((len(self.masks), self.n_terms), dtype=np.bool_)
        for cap in self.caps:
            limits = np.append(cap.limits, np.iinfo(np.int64).max)[cap.labels]
            banned |= cap.weights[None, :] > limits[:, None]
        return banned

    def signature(self) -> list[tuple[int, ...]]:
        """Give what the law reads of each position: equal signatures, equal before the law."""
        columns = [cap.labels for cap in self.caps] + [v.labels for v in self.varieties]
        columns += [rule[0] for rule in (self.home, self.moves) if rule is not None]
        rows = np.stack([self.masks, *columns], axis=1)
        return [tuple(row) for row in rows.tolist()]

    def take(self, chosen: Ints) -> "Law":
        """Give the same law over some of the positions, one per kind."""
        return replace(
            self,
            caps=tuple(replace(cap, labels=cap.labels[chosen]) for cap in self.caps),
            varieties=tuple(replace(v, labels=v.labels[chosen]) for v in self.varieties),
            masks=self.masks[chosen],
            home=None if self.home is None else (self.home[0][chosen], self.home[1]),
            moves=None if self.moves is None else (self.moves[0][chosen], self.moves[1]),
        )


def law_of(problem: Problem, book: RuleBook) -> Law:
    """Write the line rules of a book as arithmetic over the positions of a problem."""
    draft = _Draft(problem, book)
    for rule in book.rules:
        form(rule, draft)
    return draft.law()


@dataclass
class _Draft:
    problem: Problem
    book: RuleBook
    caps: list[Cap] = field(default_factory=list)
    varieties: list[Variety] = field(default_factory=list)
    required: tuple[str, ...] = ()
    home: tuple[Ints, int] | None = None
    moves: tuple[Ints, int] | None = None
    single_stay: bool = False
    impossible: list[str] = field(default_factory=list)
    relaxed: list[str] = field(default_factory=list)

    @property
    def positions(self) -> Sequence[Position]:
        return self.problem.positions

    @property
    def weeks(self) -> Ints:
        return np.array([term.weeks for term in self.problem.terms], dtype=np.int64)

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

    def cap(self, rule: Rule, labels: Ints, limit: int, weights: Ints) -> None:
        if limit < 0:
            self.impossible.append(rule.NAME)
            return
        limits = np.full(int(labels.max(initial=-1)) + 1, limit, dtype=np.int64)
        self.caps.append(Cap(labels, limits, weights))

    def cap_terms(self, rule: Rule, held: Callable[[Position], bool], limit: int) -> None:
        """At most `limit` terms in the positions of which something holds."""
        labels = self.labels(lambda p: 0 if held(p) else None)
        self.cap(rule, labels, limit, np.ones(len(self.weeks), dtype=np.int64))

    def law(self) -> Law:
        bits = {category: 1 << bit for bit, category in enumerate(self.required)}
        masks = [sum(bits.get(c, 0) for c in p.categories) for p in self.positions]
        return Law(
            weeks=self.weeks,
            caps=tuple(self.caps),
            varieties=tuple(self.varieties),
            masks=np.array(masks, dtype=np.int64),
            wanted=sum(bits.values()),
            home=self.home,
            moves=self.moves,
            single_stay=self.single_stay,
            impossible=tuple(self.impossible),
            relaxed=tuple(self.relaxed),
        )


@singledispatch
def form(rule: Rule, draft: _Draft) -> None:
    """Add one rule to the law; a rule type without a form is an error, never ignored.

    Raises
    ------
    NotImplementedError
        If the solver does not know the rule.
    """
    raise NotImplementedError(f"the solver has no form of {rule.NAME}")


@form.register
def _(rule: RequiredCategories, draft: _Draft) -> None:
    draft.required = tuple(sorted(set(rule.categories)))


@form.register
def _(rule: MinTerms, draft: _Draft) -> None:
    counted = draft.weeks >= rule.min_weeks
    if rule.level == "none":
        spare = int(counted.sum()) - rule.min
        labels = draft.labels(lambda p: None if rule.service or p.service is None else 0)
        draft.cap(rule, labels, spare, counted.astype(np.int64))
        return
    areas = draft.labels(lambda p: rule.area(p) if rule.service or p.service is None else None)
    if int(counted.sum()) < rule.min:
        draft.impossible.append(rule.NAME)
    elif rule.min:
        draft.varieties.append(Variety(areas, counted, rule.min))


@form.register
def _(rule: MinWeeks, draft: _Draft) -> None:
    if int(draft.weeks.sum()) - draft.book.leave_weeks < rule.min:
        draft.impossible.append(rule.NAME)


@form.register
def _(rule: MaxSpecialtyShare, draft: _Draft) -> None:
    labels = draft.labels(lambda p: p.specialty if p.service is None else None)
    draft.cap(rule, labels, most_weeks(rule.max, int(draft.weeks.sum())), draft.weeks)


@form.register
def _(rule: MaxSubspecialtyShare, draft: _Draft) -> None:
    labels = draft.labels(lambda p: p.subspecialty if p.service is None else None)
    draft.cap(rule, labels, most_weeks(rule.max, int(draft.weeks.sum())), draft.weeks)


@form.register
def _(rule: MaxServiceShare, draft: _Draft) -> None:
    labels = draft.labels(lambda p: None if p.service is None else 0)
    limit = most_weeks(rule.max, int(draft.weeks.sum()))
    if rule.net_of_leave:
        limit += draft.book.leave_weeks
        draft.relaxed.append(rule.NAME)
    draft.cap(rule, labels, limit, draft.weeks)


@form.register
def _(rule: MinTeamShare, draft: _Draft) -> None:
    total = int(draft.weeks.sum())
    labels = draft.labels(lambda p: None if p.clinical_team else 0)
    draft.cap(rule, labels, total - least_weeks(rule.min, total), draft.weeks)


@form.register
def _(rule: MaxNonClinicalTerms, draft: _Draft) -> None:
    draft.cap_terms(rule, lambda p: p.non_clinical, rule.max)


@form.register
def _(rule: MaxRuralTerms, draft: _Draft) -> None:
    draft.cap_terms(rule, lambda p: p.rural, rule.max)


@form.register
def _(rule: MaxServiceTerms, draft: _Draft) -> None:
    draft.cap_terms(rule, lambda p: p.service is not None, rule.max)


@form.register
def _(rule: NoNights, draft: _Draft) -> None:
    draft.cap_terms(rule, lambda p: p.service == "nights", 0)


@form.register
def _(rule: NoRelief, draft: _Draft) -> None:
    draft.cap_terms(rule, lambda p: p.service == "relief", 0)


@form.register
def _(rule: MinCommunityTerms, draft: _Draft) -> None:
    draft.cap_terms(rule, lambda p: not p.community, len(draft.weeks) - rule.min)


@form.register
def _(rule: MinHomeTerms, draft: _Draft) -> None:
    n_terms = len(draft.weeks)
    if rule.site is not None:
        draft.cap_terms(rule, lambda p: p.site != rule.site, n_terms - rule.min)
    elif rule.min > n_terms:
        draft.impossible.append(rule.NAME)
    elif rule.min > 1:
        draft.home = (draft.labels(lambda p: p.site), rule.min)


@form.register
def _(rule: MaxSiteChanges, draft: _Draft) -> None:
    sites = draft.labels(lambda p: p.site)
    if rule.max < len(draft.weeks) - 1:
        draft.moves = (sites, rule.max)


@form.register
def _(rule: MinDistinctSpecialties, draft: _Draft) -> None:
    labels = draft.labels(lambda p: p.specialty if p.service is None else None)
    counted = np.ones(len(draft.weeks), dtype=np.bool_)
    if rule.min > len(draft.weeks):
        draft.impossible.append(rule.NAME)
    elif rule.min:
        draft.varieties.append(Variety(labels, counted, rule.min))


@form.register
def _(rule: NoRepeatedPosition, draft: _Draft) -> None:  # noqa: ARG001
    draft.single_stay = True


@form.register(AnnualLeave)
@form.register(FillPosts)
@form.register(LockedLines)
@form.register(PathwayLines)
def _(rule: Rule, draft: _Draft) -> None:
    """Not a rule of one line's positions: leave and the whole set answer for it."""
