"""Solver forms of the rules on the whole set of lines."""

from collections.abc import Callable

from ortools.sat.python import cp_model

from planner_cli.domain.problem import Pathway, Position
from planner_cli.domain.rules.posts import FillPosts, LockedLines, PathwayLines, serves
from planner_cli.solver.oracle.line_model import LineModel
from planner_cli.solver.oracle.rows import Var
from planner_cli.solver.oracle.set_model import SetModel, encode_set


@encode_set.register
def _(_: FillPosts, lines: SetModel) -> None:
    for term in range(len(lines.problem.terms)):
        for index, position in enumerate(lines.problem.positions):
            wanted = position.posts_min[term] - lines.free.n_kept[term, index]
            if wanted > 0 and index not in lines.free.not_used:
                held = lines.n_held.get((term, index), 0)
                dropped = lines.dropped.get(index, 0)
                lines.model.add(held + wanted * dropped >= wanted)
    for (term, index), held in lines.n_held.items():
        if index in lines.dropped:
            free = lines.free[term, index]
            lines.model.add(held + free * lines.dropped[index] <= free)


@encode_set.register
def _(rule: LockedLines, lines: SetModel) -> None:
    """Ask nothing more: `SetModel` keeps the locked lines and gives away their posts."""


@encode_set.register
def _(_: PathwayLines, lines: SetModel) -> None:
    for pathway in lines.problem.pathways:
        n_serving = sum(serves(pathway, line.positions) for line in lines.kept)
        total = cp_model.LinearExpr.sum([_serving(pathway, lines, made) for made in lines.made])
        if pathway.strength == "preferred":
            met = lines.model.new_int_var(0, pathway.n_lines, "")
            lines.model.add(met <= total + n_serving)
            lines.preferred.append(met)
        else:
            lines.model.add(total + n_serving >= pathway.n_lines)
        if pathway.strength == "exactly":
            lines.model.add(total + n_serving <= pathway.n_lines)


def _serving(pathway: Pathway, lines: SetModel, made: list[cp_model.IntVar]) -> cp_model.IntVar:
    """Give a variable that is 1 exactly when the line holds all the pathway asks for."""
    held: list[cp_model.IntVar] = []
    for cells in _asked(pathway, lines.line):
        some = lines.model.new_bool_var("")
        held.append(some)
        holding = [made[cell] for cell in cells]
        lines.model.add(some <= cp_model.LinearExpr.sum(holding))
        for cell in holding:
            lines.model.add_implication(cell, some)
    serving = lines.model.new_bool_var("")
    lines.model.add_bool_and(held).only_enforce_if(serving)
    lines.model.add(serving >= cp_model.LinearExpr.sum(held) - (len(held) - 1))
    return serving


def _asked(pathway: Pathway, line: LineModel) -> list[list[Var]]:
    """Give for each thing a pathway asks for the cells that answer it."""
    by_position = [line.holding(_is(wanted)) for wanted in pathway.positions]
    by_area = [line.holding(_is_in(area)) for area in pathway.specialties]
    return [*by_position, *by_area]


def _is(wanted: str) -> Callable[[Position], bool]:
    return lambda position: position.id == wanted


def _is_in(area: str) -> Callable[[Position], bool]:
    return lambda position: area in {position.specialty, position.subspecialty}
