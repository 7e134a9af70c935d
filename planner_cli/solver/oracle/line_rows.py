"""The constraints on one line as rows of the exact model: one form for each kind."""

from itertools import pairwise
from math import lcm

from planner_cli.domain.constraints.on_line import (
    Adjacent,
    Before,
    Changes,
    Count,
    Distinct,
    Leave,
    Same,
)
from planner_cli.domain.problem import Position
from planner_cli.domain.selector import label_of
from planner_cli.solver.leave.rows import Absence, leave_is_possible, terms_too_many, weeks_of_terms
from planner_cli.solver.oracle.line_model import LineModel, encode
from planner_cli.solver.rows import Var


@encode.register
def _(count: Count, line: LineModel) -> None:
    if count.at_most is not None:
        _at_most(count, line, count.at_most)
    if count.at_least:
        _at_least(count, line, count.at_least)


def _at_most(count: Count, line: LineModel, most: int) -> None:
    for cells in _by_label(count, line):
        weighed, scale = _weighed(count, line, cells)
        if count.unit != "practice":
            line.require(weighed, high=most * scale)
        elif line.absence is not None:
            _net_of_leave(line, line.absence, cells, most)
        else:
            for terms in terms_too_many(line.problem, line.book, count):
                row = line.holding(count.where.matches, terms)
                line.require(row, high=len(terms) - 1)


def _at_least(count: Count, line: LineModel, least: int) -> None:
    if count.unit == "practice":
        if line.problem.year_weeks - line.book.leave_weeks < least:
            line.forbid_all()
        return
    enough: list[Var] = []
    for cells in _by_label(count, line):
        weighed, scale = _weighed(count, line, cells)
        if count.by is None:
            line.require(weighed, low=least * scale)
            return
        enough.append(line.variable())
        line.require({**weighed, enough[-1]: -least * scale}, low=0)
    line.require(enough, low=1)


@encode.register
def _(distinct: Distinct, line: LineModel) -> None:
    terms = None if distinct.in_terms is None else [number - 1 for number in distinct.in_terms]

    def label(position: Position) -> str | None:
        return label_of(position, distinct.by) if distinct.where.matches(position) else None

    groups = list(line.grouped(label, terms).values())
    if distinct.at_least:
        line.require([line.touched(cells) for cells in groups], low=distinct.at_least)
        every = [cell for cells in groups for cell in cells]
        line.require(every, low=distinct.at_least)
    if distinct.at_most is not None:
        used: list[Var] = []
        for cells in groups:
            used.append(line.variable())
            row = {**dict.fromkeys(cells, -1), used[-1]: len(line.problem.terms)}
            line.require(row, low=0)
        line.require(used, high=distinct.at_most)


@encode.register
def _(same: Same, line: LineModel) -> None:
    encode(Distinct(by=same.by, where=same.where, at_most=1), line)


@encode.register
def _(changes: Changes, line: LineModel) -> None:
    def label(position: Position) -> str:
        return label_of(position, changes.by) or ""

    changed: list[Var] = []
    for before, after in pairwise(range(len(line.problem.terms))):
        change = line.variable()
        changed.append(change)
        left, reached = line.grouped(label, [before]), line.grouped(label, [after])
        for name, cells in left.items():
            stays = dict.fromkeys(reached.get(name, []), 1)
            line.require({change: 1, **stays, **dict.fromkeys(cells, -1)}, low=0)
    line.require(changed, high=changes.at_most)


@encode.register
def _(adjacent: Adjacent, line: LineModel) -> None:
    for before, after in pairwise(range(len(line.problem.terms))):
        ending = line.ending(adjacent.first.matches, before)
        beginning = line.beginning(adjacent.then.matches, after)
        if ending and beginning:
            line.require([*ending, *beginning], high=1)


@encode.register
def _(before: Before, line: LineModel) -> None:
    for term in range(len(line.problem.terms)):
        earlier = line.holding(before.first.matches, range(term))
        weighed = line.weeks(earlier) if before.unit == "weeks" else dict.fromkeys(earlier, 1)
        for begun in line.beginning(before.then.matches, term):
            line.require({**weighed, begun: -before.at_least}, low=0)


@encode.register
def _(leave: Leave, line: LineModel) -> None:  # noqa: ARG001
    """Leave that is modelled is legal (see `Absence`); else some legal leave must exist."""
    if line.absence is None and not leave_is_possible(line.problem, line.book):
        line.forbid_all()


def _by_label(count: Count, line: LineModel) -> list[list[Var]]:
    """Give the cells that count, together or by label."""
    terms = None if count.in_terms is None else [number - 1 for number in count.in_terms]
    by = count.by
    if by is None:
        return [line.holding(count.where.matches, terms)]
    labelled = line.grouped(lambda p: label_of(p, by) if count.where.matches(p) else None, terms)
    return list(labelled.values())


def _weighed(count: Count, line: LineModel, cells: list[Var]) -> tuple[dict[Var, int], int]:
    """Weigh cells in the constraint's unit, and give by what they and its bounds are multiplied."""
    if count.unit == "terms":
        return dict.fromkeys(cells, 1), 1
    if count.unit != "stays":
        return line.weeks(cells), 1
    spans = {v: line.problem.positions[i].span_terms for (_, i), v in line.cells.items()}
    scale = lcm(*spans.values())
    return {cell: scale // spans[cell] for cell in cells}, scale


def _net_of_leave(line: LineModel, absence: Absence, cells: list[Var], most: int) -> None:
    chosen = set(cells)
    row: dict[Var, int] = {}
    for index, weeks in enumerate(weeks_of_terms(line.problem)):
        held = [v for (term, _), v in line.cells.items() if term == index and v in chosen]
        taken = line.variable(len(weeks))
        away = dict.fromkeys((absence.away[week] for week in weeks), 1)
        scheduled = dict.fromkeys(held, len(weeks))
        line.require({**away, taken: -1}, low=0)
        line.require({**scheduled, taken: -1}, low=0)
        row.update({**scheduled, taken: -1})
    line.require(row, high=most)
