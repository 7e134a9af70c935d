"""Solver forms of the rules on what a year must contain."""

from collections.abc import Callable

from planner_cli.domain.problem import Category, Position
from planner_cli.domain.rules.experience import MinTerms, MinWeeks, RequiredCategories
from planner_cli.solver.exact.line_model import LineModel, encode


@encode.register
def _(rule: RequiredCategories, line: LineModel) -> None:
    for category in dict.fromkeys(rule.categories):
        line.require(line.holding(_in_category(category)), low=1, because=rule)


@encode.register
def _(rule: MinTerms, line: LineModel) -> None:
    long = [t for t, term in enumerate(line.problem.terms) if term.weeks >= rule.min_weeks]
    counts = _counts(rule)
    counted = line.holding(counts, long)
    if rule.level == "none":
        line.require(counted, low=rule.min, because=rule)
        return
    areas = line.grouped(lambda p: rule.area(p) if counts(p) else None, long)
    different = [line.touched(cells, rule) for cells in areas.values()]
    line.require(different, low=rule.min, because=rule)
    line.require(counted, low=rule.min, because=rule)


@encode.register
def _(rule: MinWeeks, line: LineModel) -> None:
    if line.problem.year_weeks - line.book.leave_weeks < rule.min:
        line.forbid_all(rule)


def _in_category(category: Category) -> Callable[[Position], bool]:
    return lambda position: category in position.categories


def _counts(rule: MinTerms) -> Callable[[Position], bool]:
    return lambda position: rule.service or position.service is None
