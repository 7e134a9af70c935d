"""Solver forms of the rules on how a year is spread."""

from planner_cli.domain.problem import Position
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
    for cells in line.grouped(_specialty).values():
        line.require(line.weeks(cells), high=limit, because=rule)


@encode.register
def _(rule: MaxSubspecialtyShare, line: LineModel) -> None:
    limit = most_weeks(rule.max, line.problem.year_weeks)
    for cells in line.grouped(_subspecialty).values():
        line.require(line.weeks(cells), high=limit, because=rule)


@encode.register
def _(rule: MinDistinctSpecialties, line: LineModel) -> None:
    counted = line.holding(lambda p: p.service is None)
    different = [line.touched(cells, rule) for cells in line.grouped(_specialty).values()]
    line.require(different, low=rule.min, because=rule)
    line.require(counted, low=rule.min, because=rule)


@encode.register
def _(rule: NoRepeatedPosition, line: LineModel) -> None:
    by_id = line.problem.position_by_id
    for name, cells in line.grouped(lambda p: p.id).items():
        line.require(cells, high=by_id[name].span_terms, because=rule)


def _specialty(position: Position) -> str | None:
    return position.specialty if position.service is None else None


def _subspecialty(position: Position) -> str | None:
    return position.subspecialty if position.service is None else None
