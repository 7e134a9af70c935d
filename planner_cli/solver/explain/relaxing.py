"""The next bounds a rule could have: each a little easier than the one before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from itertools import combinations
from math import ceil
from typing import Any

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.base import Rule, least_weeks, most_weeks
from planner_cli.domain.rules.experience import MinTerms, MinWeeks, RequiredCategories
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.places import (
    MaxRuralTerms,
    MaxSiteChanges,
    MinCommunityTerms,
    MinHomeTerms,
)
from planner_cli.domain.rules.service import (
    MaxNonClinicalTerms,
    MaxServiceShare,
    MaxServiceTerms,
    MinTeamShare,
)
from planner_cli.domain.rules.spread import (
    MaxSpecialtyShare,
    MaxSubspecialtyShare,
    MinDistinctSpecialties,
)
from planner_cli.solver.explain.words import count, listed, share


@dataclass(frozen=True)
class Easier:
    """A rule with easier bounds.

    Parameters
    ----------
    rule
        The rule with its new bounds.
    bounds
        Those that changed, as they are written in `constraints`.
    words
        The change in words: from a to b.
    """

    rule: Rule
    bounds: Mapping[str, Any]
    words: str


@singledispatch
def easier(rule: Rule, problem: Problem) -> Iterator[Easier]:  # noqa: ARG001
    """Yield easier and easier bounds; nothing for a rule that can only be dropped."""
    yield from ()


@easier.register
def _(rule: RequiredCategories, problem: Problem) -> Iterator[Easier]:  # noqa: ARG001
    for n_fewer in range(1, len(rule.categories)):
        for gone in combinations(rule.categories, n_fewer):
            kept = tuple(c for c in rule.categories if c not in gone)
            words = f"from {listed(rule.categories)} to {listed(kept)}"
            yield Easier(replace(rule, categories=kept), {"categories": list(kept)}, words)


@easier.register
def _(
    rule: MaxRuralTerms | MaxServiceTerms | MaxNonClinicalTerms | MaxSiteChanges, problem: Problem
) -> Iterator[Easier]:
    for most in range(rule.max + 1, len(problem.terms) + 1):
        yield Easier(replace(rule, max=most), {"max": most}, f"from {rule.max} to {most}")


@easier.register
def _(
    rule: MinTerms | MinDistinctSpecialties | MinCommunityTerms | MinHomeTerms, problem: Problem
) -> Iterator[Easier]:
    for least in range(min(rule.min, len(problem.terms) + 1) - 1, -1, -1):
        yield Easier(replace(rule, min=least), {"min": least}, f"from {rule.min} to {least}")


@easier.register
def _(rule: MinWeeks, problem: Problem) -> Iterator[Easier]:
    for least in range(min(rule.min, problem.year_weeks) - 1, -1, -1):
        words = f"from {rule.min} to {count(least, 'week')}"
        yield Easier(replace(rule, min=least), {"min": least}, words)


@easier.register
def _(
    rule: MaxSpecialtyShare | MaxSubspecialtyShare | MaxServiceShare, problem: Problem
) -> Iterator[Easier]:
    limit = most_weeks(rule.max, problem.year_weeks)
    for weeks in _sums(problem):
        if weeks > limit:
            most = _rounded_up(weeks, problem.year_weeks)
            words = f"from {share(rule.max)} to {share(most)} of the year ({weeks} weeks)"
            yield Easier(replace(rule, max=most), {"max": most}, words)


@easier.register
def _(rule: MinTeamShare, problem: Problem) -> Iterator[Easier]:
    limit = least_weeks(rule.min, problem.year_weeks)
    for weeks in reversed(_sums(problem)):
        if weeks < limit:
            least = int(10_000 * weeks / problem.year_weeks) / 10_000
            words = f"from {share(rule.min)} to {share(least)} of the year ({weeks} weeks)"
            yield Easier(replace(rule, min=least), {"min": least}, words)


@easier.register
def _(rule: AnnualLeave, problem: Problem) -> Iterator[Easier]:  # noqa: ARG001
    if rule.max_share_on_leave is not None:
        for most in (0.1, 0.2, 0.25, 0.34, 0.5, 1.0):
            if most > rule.max_share_on_leave:
                words = f"max_share_on_leave from {share(rule.max_share_on_leave)} to {share(most)}"
                bounds = {"max_share_on_leave": most}
                yield Easier(replace(rule, max_share_on_leave=most), bounds, words)
    for gap in range(rule.min_gap_weeks - 1, -1, -1):
        words = f"min_gap_weeks from {rule.min_gap_weeks} to {gap}"
        yield Easier(replace(rule, min_gap_weeks=gap), {"min_gap_weeks": gap}, words)


def _sums(problem: Problem) -> list[int]:
    """Give the weeks whole terms can add up to, ascending."""
    reachable = {0}
    for term in problem.terms:
        reachable |= {total + term.weeks for total in reachable}
    return sorted(reachable)


def _rounded_up(weeks: int, year_weeks: int) -> float:
    """Give a share of four decimals that allows these weeks."""
    return min(1.0, ceil(10_000 * weeks / year_weeks) / 10_000)
