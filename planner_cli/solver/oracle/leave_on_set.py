"""Solver form of leave on the whole set: few enough of one position away at once."""

from collections import defaultdict

from ortools.sat.python import cp_model

from planner_cli.domain.constraints.on_set import LeaveTogether
from planner_cli.domain.occupancy import away_by_week
from planner_cli.solver.leave.rows import weeks_of_terms
from planner_cli.solver.oracle.set_model import SetModel, encode_set
from planner_cli.solver.rows import Expr


@encode_set.register
def _(together: LeaveTogether, lines: SetModel) -> None:
    if lines.line.absence is None:
        return
    away = _away_from(lines)
    locked_away = away_by_week(lines.problem, lines.kept)
    for term, weeks in enumerate(weeks_of_terms(lines.problem)):
        for index, position in enumerate(lines.problem.positions):
            n_locked = lines.free.n_kept[term, index]
            limit = _most_away(together, lines, term, index)
            for week in weeks:
                gone = cp_model.LinearExpr.sum(away[index, week])
                n_gone = locked_away[position.id, week + 1]
                if away[index, week] or (n_locked and n_gone):
                    lines.model.add(gone + n_gone <= limit)


def _away_from(lines: SetModel) -> dict[tuple[int, int], list[cp_model.IntVar]]:
    """Give, by position index and week (from 0), a variable for each line that may be away."""
    absence = lines.line.absence
    away: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    if absence is None:
        return away
    for term, weeks in enumerate(weeks_of_terms(lines.problem)):
        for index in range(len(lines.problem.positions)):
            cell = lines.line.cells.get((term, index))
            if cell is None:
                continue
            for made in lines.made:
                for week in weeks:
                    gone = lines.model.new_bool_var("")
                    lines.model.add(gone >= made[cell] + made[absence.away[week]] - 1)
                    away[index, week].append(gone)
    return away


def _most_away(together: LeaveTogether, lines: SetModel, term: int, index: int) -> Expr:
    """Give how many may be away, which grows in steps with the people who hold the position."""
    n_locked = lines.free.n_kept[term, index]
    steps: list[Expr] = [together.most_away(n_locked)]
    held = lines.n_held.get((term, index))
    if held is None:
        return steps[0]
    for n_people in range(n_locked + 1, n_locked + lines.free[term, index] + 1):
        step = together.most_away(n_people) - together.most_away(n_people - 1)
        if step:
            reached = lines.model.new_bool_var("")
            lines.model.add(held >= (n_people - n_locked) * reached)
            steps.append(step * reached)
    return cp_model.LinearExpr.sum(steps)
