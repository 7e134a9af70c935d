"""Solver forms of the rules on service and team."""

from planner_cli.domain.rules.base import least_weeks, most_weeks
from planner_cli.domain.rules.service import (
    MaxNonClinicalTerms,
    MaxServiceShare,
    MaxServiceTerms,
    MinTeamShare,
    NoNights,
    NoRelief,
)
from planner_cli.solver.exact.absence import Absence, service_terms_too_many, weeks_of_terms
from planner_cli.solver.exact.line_model import LineModel, encode
from planner_cli.solver.exact.rows import Var


@encode.register
def _(rule: MaxServiceShare, line: LineModel) -> None:
    service = line.holding(lambda p: p.service is not None)
    limit = most_weeks(rule.max, line.problem.year_weeks)
    if not rule.net_of_leave:
        line.require(line.weeks(service), high=limit, because=rule)
    elif line.absence is not None:
        _net_of_leave(rule, line, line.absence, limit)
    else:
        for terms in service_terms_too_many(line.problem, line.book):
            cells = line.holding(lambda p: p.service is not None, terms)
            line.require(cells, high=len(terms) - 1, because=rule)


def _net_of_leave(rule: MaxServiceShare, line: LineModel, absence: Absence, limit: int) -> None:
    row: dict[Var, int] = {}
    for index, weeks in enumerate(weeks_of_terms(line.problem)):
        service = line.holding(lambda p: p.service is not None, [index])
        taken = line.variable(len(weeks))
        away = dict.fromkeys((absence.away[week] for week in weeks), 1)
        scheduled = dict.fromkeys(service, len(weeks))
        line.require({**away, taken: -1}, low=0, because=rule)
        line.require({**scheduled, taken: -1}, low=0, because=rule)
        row.update({**scheduled, taken: -1})
    line.require(row, high=limit, because=rule)


@encode.register
def _(rule: MinTeamShare, line: LineModel) -> None:
    cells = line.holding(lambda p: p.clinical_team)
    limit = least_weeks(rule.min, line.problem.year_weeks)
    line.require(line.weeks(cells), low=limit, because=rule)


@encode.register
def _(rule: MaxServiceTerms, line: LineModel) -> None:
    line.require(line.holding(lambda p: p.service is not None), high=rule.max, because=rule)


@encode.register
def _(rule: MaxNonClinicalTerms, line: LineModel) -> None:
    line.require(line.holding(lambda p: p.non_clinical), high=rule.max, because=rule)


@encode.register
def _(rule: NoNights, line: LineModel) -> None:
    line.require(line.holding(lambda p: p.service == "nights"), high=0, because=rule)


@encode.register
def _(rule: NoRelief, line: LineModel) -> None:
    line.require(line.holding(lambda p: p.service == "relief"), high=0, because=rule)
