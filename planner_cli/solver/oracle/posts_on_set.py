"""Solver forms of the constraints on the whole set of lines that are about posts and positions."""

from ortools.sat.python import cp_model

from planner_cli.domain.constraints.on_set import (
    LeaveSpread,
    LinesKept,
    LinesServed,
    Posts,
    PostsFilled,
)
from planner_cli.solver.oracle.set_model import SetModel, encode_set


@encode_set.register
def _(_: Posts, lines: SetModel) -> None:
    """Ask nothing more: `SetModel` counts the people of each position and its posts."""


@encode_set.register
def _(_: LeaveSpread, lines: SetModel) -> None:
    """Ask nothing: a wish for the placing of leave."""


@encode_set.register
def _(_: PostsFilled, lines: SetModel) -> None:
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
def _(_: LinesKept, lines: SetModel) -> None:
    """Ask nothing more: `SetModel` keeps the locked lines and gives away their posts."""


@encode_set.register
def _(served: LinesServed, lines: SetModel) -> None:
    n_serving = served.n_serving(lines.kept)
    total = cp_model.LinearExpr.sum([_serving(served, lines, made) for made in lines.made])
    if served.wished:
        met = lines.model.new_int_var(0, served.n_lines, "")
        lines.model.add(met <= total + n_serving)
        lines.preferred.append(met)
    else:
        lines.model.add(total + n_serving >= served.n_lines)
    if served.strength == "exactly":
        lines.model.add(total + n_serving <= served.n_lines)


def _serving(served: LinesServed, lines: SetModel, made: list[cp_model.IntVar]) -> cp_model.IntVar:
    """Give a variable that is 1 exactly when the line holds all that is asked for."""
    held: list[cp_model.IntVar] = []
    for test in served.asks():
        some = lines.model.new_bool_var("")
        held.append(some)
        holding = [made[cell] for cell in lines.line.holding(test)]
        lines.model.add(some <= cp_model.LinearExpr.sum(holding))
        for cell in holding:
            lines.model.add_implication(cell, some)
    serving = lines.model.new_bool_var("")
    lines.model.add_bool_and(held).only_enforce_if(serving)
    lines.model.add(serving >= cp_model.LinearExpr.sum(held) - (len(held) - 1))
    return serving
