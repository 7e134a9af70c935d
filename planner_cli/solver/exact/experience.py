"""Solver forms of the rules on what a year must contain."""

from planner_cli.domain.rules.experience import MinTerms, MinWeeks, RequiredCategories
from planner_cli.solver.exact.line_model import LineModel, encode


@encode.register
def _(rule: RequiredCategories, line: LineModel) -> None:
    for category in dict.fromkeys(rule.categories):
        cells = line.holding(lambda p, wanted=category: wanted in p.categories)
        line.require(cells, low=1, because=rule)


@encode.register
def _(rule: MinTerms, line: LineModel) -> None:
    long = [t for t, term in enumerate(line.problem.terms) if term.weeks >= rule.min_weeks]
    counted = line.holding(lambda p: rule.service or p.service is None, long)
    if rule.level == "none":
        line.require(counted, low=rule.min, because=rule)
        return
    areas: dict[str, list[int]] = {}
    wanted = set(counted)
    for (_, index), var in line.cells.items():
        if var in wanted:
            areas.setdefault(rule.area(line.problem.positions[index]), []).append(var)
    different = [line.touched(cells, rule) for cells in areas.values()]
    line.require(different, low=rule.min, because=rule)
    line.require(counted, low=rule.min, because=rule)


@encode.register
def _(rule: MinWeeks, line: LineModel) -> None:
    if line.problem.year_weeks - line.book.leave_weeks < rule.min:
        line.forbid_all(rule)
