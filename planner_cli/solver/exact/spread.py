"""Solver forms of the rules on how a year is spread."""

from planner_cli.domain.rules.base import most_weeks
from planner_cli.domain.rules.spread import (
    MaxSpecialtyShare,
    MaxSubspecialtyShare,
    MinDistinctSpecialties,
    NoRepeatedPosition,
)
from planner_cli.solver.exact.line_model import LineModel, encode


@encode.register
def _(rule: MaxSpecialtyShare, line: LineModel) -> None:
    limit = most_weeks(rule.max, line.problem.year_weeks)
    for specialty in dict.fromkeys(p.specialty for p in line.problem.positions):
        cells = line.holding(lambda p, s=specialty: p.service is None and p.specialty == s)
        line.require(line.weeks(cells), high=limit, because=rule)


@encode.register
def _(rule: MaxSubspecialtyShare, line: LineModel) -> None:
    limit = most_weeks(rule.max, line.problem.year_weeks)
    for area in dict.fromkeys(p.subspecialty for p in line.problem.positions if p.subspecialty):
        cells = line.holding(lambda p, a=area: p.service is None and p.subspecialty == a)
        line.require(line.weeks(cells), high=limit, because=rule)


@encode.register
def _(rule: MinDistinctSpecialties, line: LineModel) -> None:
    counted = line.holding(lambda p: p.service is None)
    areas = dict.fromkeys(p.specialty for p in line.problem.positions if p.service is None)
    different = [
        line.touched(line.holding(lambda p, a=area: p.service is None and p.specialty == a), rule)
        for area in areas
    ]
    line.require(different, low=rule.min, because=rule)
    line.require(counted, low=rule.min, because=rule)


@encode.register
def _(rule: NoRepeatedPosition, line: LineModel) -> None:
    for position in line.problem.positions:
        cells = line.holding(lambda p, wanted=position.id: p.id == wanted)
        line.require(cells, high=position.span_terms, because=rule)
