"""Rules, places and numbers in the words of a workforce unit."""

from collections.abc import Callable, Sequence
from functools import singledispatch

from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.catalogue import RULE_TYPES, RuleBook
from planner_cli.domain.rules.experience import MinTerms, MinWeeks, RequiredCategories
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.places import (
    MaxRuralTerms,
    MaxSiteChanges,
    MinCommunityTerms,
    MinHomeTerms,
)
from planner_cli.domain.rules.posts import LockedLines, PathwayLines
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

#: The pseudo-constraint every problem has: `posts_max` is never exceeded.
ACCREDITED_POSTS = "ACCREDITED_POSTS"


#: Stays of two terms must fit into the year.
LINE_SHAPE = "LINE_SHAPE"


def count(number: int, one: str, many: str | None = None) -> str:
    """Give a number with its noun: 1 line, 2 lines."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Join words: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def either(words: Sequence[str]) -> str:
    """Join words: a, b or c."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def capital(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]


def share(fraction: float) -> str:
    """Give a share as a percentage: 0.25 is 25 %, 0.6154 is 61.5 %."""
    return f"{100 * fraction:.1f}".removesuffix(".0") + " %"


def named(name: str, book: RuleBook) -> str:
    """Name a constraint with its bounds: MAX_RURAL_TERMS (at most 1 rural term)."""
    if name == ACCREDITED_POSTS:
        return "the accredited posts"
    if name == LINE_SHAPE:
        return "stays of two terms in a year they do not fill"
    rule = next((rule for rule in book.rules if name == rule.NAME), None)
    words = bounds_in_words(rule) if rule is not None else ""
    return f"{name} ({words})" if words else name


@singledispatch
def bounds_in_words(rule: Rule) -> str:  # noqa: ARG001
    """Say a rule's bounds in a few words; empty where it has none."""
    return ""


@bounds_in_words.register
def _(rule: RequiredCategories) -> str:
    return f"{'category' if len(rule.categories) == 1 else 'categories'} {listed(rule.categories)}"


@bounds_in_words.register
def _(rule: MinTerms) -> str:
    different = "" if rule.level == "none" else f" in different {rule.level[:-1]}ies"
    return f"at least {count(rule.min, 'term')} of {rule.min_weeks} weeks{different}"


@bounds_in_words.register
def _(rule: MinWeeks) -> str:
    return f"at least {count(rule.min, 'week')} beside leave"


@bounds_in_words.register
def _(rule: MinTeamShare) -> str:
    return f"at least {share(rule.min)} of the year in a clinical team"


@bounds_in_words.register
def _(rule: MinHomeTerms) -> str:
    where = f"at {rule.site}" if rule.site else "at one site"
    return f"at least {count(rule.min, 'term')} {where}"


@bounds_in_words.register
def _(rule: AnnualLeave) -> str:
    return f"{count(rule.weeks or 0, 'week')} of leave"


_AT_MOST: dict[type[Rule], Callable[[int], str]] = {
    MaxRuralTerms: lambda n: count(n, "rural term"),
    MaxServiceTerms: lambda n: count(n, "service term"),
    MaxNonClinicalTerms: lambda n: count(n, "non-clinical term"),
    MaxSiteChanges: lambda n: count(n, "change of site", "changes of site"),
}


@bounds_in_words.register
def _(rule: MaxRuralTerms | MaxServiceTerms | MaxNonClinicalTerms | MaxSiteChanges) -> str:
    return f"at most {_AT_MOST[type(rule)](rule.max)}"


@bounds_in_words.register
def _(rule: MaxSpecialtyShare) -> str:
    return f"at most {share(rule.max)} of the year in one specialty"


@bounds_in_words.register
def _(rule: MaxSubspecialtyShare) -> str:
    return f"at most {share(rule.max)} of the year in one subspecialty"


@bounds_in_words.register
def _(rule: MaxServiceShare) -> str:
    net = ", net of leave" if rule.net_of_leave else ""
    return f"at most {share(rule.max)} of the year in service terms{net}"


@bounds_in_words.register
def _(rule: MinCommunityTerms) -> str:
    return f"at least {count(rule.min, 'community term')}"


@bounds_in_words.register
def _(rule: MinDistinctSpecialties) -> str:
    return f"at least {count(rule.min, 'different specialty', 'different specialties')}"


def drop_in_words(name: str) -> str:
    """Say what dropping a rule means."""
    if name == LockedLines.NAME:
        return "unlock the locked lines"
    return "give up the pathways" if name == PathwayLines.NAME else f"drop {name}"


def in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Give constraint names in the catalogue's order, the accredited posts last."""
    order = [*RULE_TYPES, ACCREDITED_POSTS]
    return tuple(sorted(set(names), key=order.index))
