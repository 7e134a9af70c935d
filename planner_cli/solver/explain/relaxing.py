"""The next bounds a rule could have: each a little easier than the one before."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from typing import Any

from planner_cli.domain.constraints.clause import least_weeks, most_weeks
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.base import Easing, Rule
from planner_cli.domain.words import counted, listed, percentage


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


def easier(rule: Rule, problem: Problem) -> Iterator[Easier]:
    """Yield easier and easier bounds; nothing for a rule that can only be dropped."""
    for bound, how in rule.EASIER.items():
        now = getattr(rule, bound)
        if now is None:
            continue
        for value, words in _WAYS[how](now, problem):
            named = f"{bound} {words}" if len(rule.EASIER) > 1 else words
            written = list(value) if isinstance(value, tuple) else value
            yield Easier(rule.with_bounds({bound: value}), {bound: written}, named)


def _more_terms(now: int, problem: Problem) -> Iterator[tuple[int, str]]:
    for most in range(now + 1, len(problem.terms) + 1):
        yield most, f"from {now} to {most}"


def _fewer_terms(now: int, problem: Problem) -> Iterator[tuple[int, str]]:
    for least in range(min(now, len(problem.terms) + 1) - 1, -1, -1):
        yield least, f"from {now} to {least}"


def _fewer_weeks(now: int, problem: Problem) -> Iterator[tuple[int, str]]:
    for least in range(min(now, problem.year_weeks) - 1, -1, -1):
        yield least, f"from {now} to {counted(least, 'week')}"


def _more_of_the_year(now: float, problem: Problem) -> Iterator[tuple[float, str]]:
    for weeks in _sums(problem):
        if weeks > most_weeks(now, problem.year_weeks):
            most = _rounded_up(weeks, problem.year_weeks)
            yield most, _of_the_year(now, most, weeks)


def _less_of_the_year(now: float, problem: Problem) -> Iterator[tuple[float, str]]:
    for weeks in reversed(_sums(problem)):
        if weeks < least_weeks(now, problem.year_weeks):
            least = int(10_000 * weeks / problem.year_weeks) / 10_000
            yield least, _of_the_year(now, least, weeks)


def _of_the_year(now: float, then: float, weeks: int) -> str:
    return f"from {percentage(now)} to {percentage(then)} of the year ({weeks} weeks)"


def _fewer_of_them(
    now: tuple[str, ...],
    problem: Problem,  # noqa: ARG001
) -> Iterator[tuple[tuple[str, ...], str]]:
    for n_fewer in range(1, len(now)):
        for gone in combinations(now, n_fewer):
            kept = tuple(one for one in now if one not in gone)
            yield kept, f"from {listed(now)} to {listed(kept)}"


def _more_people(now: float, problem: Problem) -> Iterator[tuple[float, str]]:  # noqa: ARG001
    for most in (0.1, 0.2, 0.25, 0.34, 0.5, 1.0):
        if most > now:
            yield most, f"from {percentage(now)} to {percentage(most)}"


def _fewer_weeks_apart(now: int, problem: Problem) -> Iterator[tuple[int, str]]:  # noqa: ARG001
    for gap in range(now - 1, -1, -1):
        yield gap, f"from {now} to {gap}"


_WAYS: Mapping[Easing, Callable[[Any, Problem], Iterator[tuple[Any, str]]]] = {
    "more terms": _more_terms,
    "fewer terms": _fewer_terms,
    "fewer weeks": _fewer_weeks,
    "more of the year": _more_of_the_year,
    "less of the year": _less_of_the_year,
    "fewer of them": _fewer_of_them,
    "more people": _more_people,
    "fewer weeks apart": _fewer_weeks_apart,
}


def _sums(problem: Problem) -> list[int]:
    """Give the weeks whole terms can add up to, ascending."""
    reachable = {0}
    for term in problem.terms:
        reachable |= {total + term.weeks for total in reachable}
    return sorted(reachable)


def _rounded_up(weeks: int, year_weeks: int) -> float:
    """Give a share of four decimals that allows these weeks."""
    return min(1.0, ceil(10_000 * weeks / year_weeks) / 10_000)
