"""What rules say of a line's terms in certain positions: at least so many, at most so many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import singledispatch

from planner_cli.domain.problem import Category, Position
from planner_cli.domain.rules.base import Rule, least_weeks, most_weeks
from planner_cli.domain.rules.experience import MinTerms, RequiredCategories
from planner_cli.domain.rules.places import MaxRuralTerms, MinCommunityTerms, MinHomeTerms
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
)
from planner_cli.solver.explain.supply import Supply, Test


@dataclass(frozen=True)
class Portion:
    """The terms (or weeks) a line holds in positions of which something holds, bounded.

    Parameters
    ----------
    rule
        Name of the rule that says so.
    label, other
        The positions counted, and all others, in words: "rural posts", "posts that are not rural".
    test
        Says whether a position is counted.
    least, most
        Terms a line must and may hold of them, or weeks with `in_weeks`.
    in_weeks
        The bounds are weeks.
    only_long
        Terms of fewer weeks do not count.
    """

    rule: str
    label: str
    other: str
    test: Test
    least: int
    most: int
    in_weeks: bool = False
    only_long: int = 0

    def bars(self, supply: Supply, term: int) -> bool:
        """Say whether the rule keeps these positions out of a term altogether."""
        return self.most < (supply.weeks[term] if self.in_weeks else 1)


@singledispatch
def portions(rule: Rule, supply: Supply) -> Iterator[Portion]:  # noqa: ARG001
    """Yield what a rule says of portions of a line; most rules on the whole set say nothing."""
    yield from ()


@portions.register
def _(rule: RequiredCategories, supply: Supply) -> Iterator[Portion]:
    for category in dict.fromkeys(rule.categories):
        label, other = f"Category {category}", f"posts outside category {category}"
        yield Portion(rule.NAME, label, other, _in_category(category), 1, supply.n_terms)


@portions.register
def _(rule: MinTerms, supply: Supply) -> Iterator[Portion]:
    label = f"Terms of {rule.min_weeks} weeks or more" + (
        "" if rule.service else " outside service"
    )
    yield Portion(
        rule.NAME,
        label,
        "other posts",
        lambda p: rule.service or p.service is None,
        rule.min,
        supply.n_terms,
        only_long=rule.min_weeks,
    )


@portions.register
def _(rule: MinDistinctSpecialties, supply: Supply) -> Iterator[Portion]:
    yield Portion(
        rule.NAME,
        "Posts outside service",
        "service posts",
        lambda p: p.service is None,
        rule.min,
        supply.n_terms,
    )


@portions.register
def _(rule: MinCommunityTerms, supply: Supply) -> Iterator[Portion]:
    label, other = "Community posts", "posts outside the community"
    yield Portion(rule.NAME, label, other, lambda p: p.community, rule.min, supply.n_terms)


@portions.register
def _(rule: MinHomeTerms, supply: Supply) -> Iterator[Portion]:
    if rule.site is not None:
        label, other = f"Posts at {rule.site}", f"posts away from {rule.site}"
        yield Portion(
            rule.NAME, label, other, lambda p: p.site == rule.site, rule.min, supply.n_terms
        )


@portions.register
def _(rule: MinTeamShare, supply: Supply) -> Iterator[Portion]:
    year = sum(supply.weeks)
    away = supply.most_weeks(year - least_weeks(rule.min, year))
    label, other = "Posts in a clinical team", "posts outside a clinical team"
    n_away = supply.most_terms(away)
    least = supply.n_terms - n_away
    yield Portion(rule.NAME, label, other, lambda p: p.clinical_team, least, supply.n_terms)
    yield Portion(
        rule.NAME, label, other, lambda p: p.clinical_team, year - away, year, in_weeks=True
    )


@portions.register
def _(rule: MaxRuralTerms, supply: Supply) -> Iterator[Portion]:
    yield _at_most(rule, supply, "rural", lambda p: p.rural, rule.max)


@portions.register
def _(rule: MaxServiceTerms, supply: Supply) -> Iterator[Portion]:
    yield _at_most(rule, supply, "service", _is_service, rule.max)


@portions.register
def _(rule: MaxNonClinicalTerms, supply: Supply) -> Iterator[Portion]:
    yield _at_most(rule, supply, "non-clinical", lambda p: p.non_clinical, rule.max)


@portions.register
def _(rule: NoNights, supply: Supply) -> Iterator[Portion]:
    yield _at_most(rule, supply, "nights", lambda p: p.service == "nights", 0)


@portions.register
def _(rule: NoRelief, supply: Supply) -> Iterator[Portion]:
    yield _at_most(rule, supply, "relief", lambda p: p.service == "relief", 0)


@portions.register
def _(rule: MaxServiceShare, supply: Supply) -> Iterator[Portion]:
    leave = supply.book.leave_weeks if rule.net_of_leave else 0
    yield from _share(rule, supply, "service", _is_service, rule.max, leave)


@portions.register
def _(rule: MaxSpecialtyShare, supply: Supply) -> Iterator[Portion]:
    for name in dict.fromkeys(p.specialty for p in supply.problem.positions):
        yield from _share(rule, supply, name, _of_specialty(name), rule.max)


@portions.register
def _(rule: MaxSubspecialtyShare, supply: Supply) -> Iterator[Portion]:
    areas = dict.fromkeys(p.subspecialty for p in supply.problem.positions if p.subspecialty)
    for name in areas:
        yield from _share(rule, supply, name, _of_subspecialty(name), rule.max)


def _at_most(rule: Rule, supply: Supply, what: str, test: Test, most: int) -> Portion:
    label, other = f"{what[0].upper()}{what[1:]} posts", f"posts that are not {what}"
    return Portion(rule.NAME, label, other, test, 0, min(most, supply.n_terms))


def _share(  # noqa: PLR0913, PLR0917
    rule: Rule, supply: Supply, what: str, test: Test, share: float, more_weeks: int = 0
) -> Iterator[Portion]:
    """Yield a share of the year as whole terms, and as the weeks whole terms add up to."""
    year = sum(supply.weeks)
    limit = min(year, most_weeks(share, year) + more_weeks)
    yield _at_most(rule, supply, what, test, supply.most_terms(limit))
    weeks = supply.most_weeks(limit)
    label, other = f"{what[0].upper()}{what[1:]} posts", f"posts that are not {what}"
    yield Portion(rule.NAME, label, other, test, 0, weeks, in_weeks=True)


def _is_service(position: Position) -> bool:
    return position.service is not None


def _in_category(category: Category) -> Callable[[Position], bool]:
    return lambda position: category in position.categories


def _of_specialty(name: str) -> Callable[[Position], bool]:
    return lambda position: position.service is None and position.specialty == name


def _of_subspecialty(name: str) -> Callable[[Position], bool]:
    return lambda position: position.service is None and position.subspecialty == name
