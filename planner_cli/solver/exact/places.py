"""Solver forms of the rules on where a year is spent."""

from itertools import pairwise

from planner_cli.domain.problem import Position
from planner_cli.domain.rules.places import (
    MaxRuralTerms,
    MaxSiteChanges,
    MinCommunityTerms,
    MinHomeTerms,
)
from planner_cli.solver.exact.line_model import LineModel, encode
from planner_cli.solver.exact.rows import Var


@encode.register
def _(rule: MaxRuralTerms, line: LineModel) -> None:
    line.require(line.holding(lambda p: p.rural), high=rule.max, because=rule)


@encode.register
def _(rule: MinCommunityTerms, line: LineModel) -> None:
    line.require(line.holding(lambda p: p.community), low=rule.min, because=rule)


@encode.register
def _(rule: MinHomeTerms, line: LineModel) -> None:
    if rule.site is not None:
        line.require(line.holding(lambda p: p.site == rule.site), low=rule.min, because=rule)
        return
    homes: list[Var] = []
    for cells in line.grouped(_site).values():
        home = line.variable()
        line.require({**dict.fromkeys(cells, 1), home: -rule.min}, low=0, because=rule)
        homes.append(home)
    line.require(homes, low=1, because=rule)


@encode.register
def _(rule: MaxSiteChanges, line: LineModel) -> None:
    changes: list[Var] = []
    for before, after in pairwise(range(len(line.problem.terms))):
        change = line.variable()
        changes.append(change)
        left, reached = line.grouped(_site, [before]), line.grouped(_site, [after])
        for site, cells in left.items():
            stays = dict.fromkeys(reached.get(site, []), 1)
            row = {change: 1, **stays, **dict.fromkeys(cells, -1)}
            line.require(row, low=0, because=rule)
    line.require(changes, high=rule.max, because=rule)


def _site(position: Position) -> str:
    return position.site
