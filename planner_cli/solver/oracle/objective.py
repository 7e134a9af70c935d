"""The score of a set as a CP-SAT objective: liked pairs, teams, floor, duplicates, funded posts."""

from collections import defaultdict
from itertools import pairwise
from math import floor

from ortools.sat.python import cp_model

from planner_cli.domain.lines import JobLine
from planner_cli.domain.scoring import (
    DUPLICATE_COST,
    TEAM_POINTS,
    UNFILLED_COST,
    Affinity,
    affinity_of,
    line_score,
)
from planner_cli.solver import parameters
from planner_cli.solver.cp_sat import quiet_solver
from planner_cli.solver.oracle.line_model import LineModel
from planner_cli.solver.oracle.set_model import SetModel
from planner_cli.solver.rows import Expr, RowModel, Var


class LineWorth:
    """A line's own score as a sum over its variables.

    Adds helper variables and rows to the line model, so build it before the line is stamped.

    Parameters
    ----------
    line
        The line; only its cells are read.
    affinity
        Worth of each pair of keys.
    most_of
        Most terms any legal line can have of a key; absent keys count as all terms.
    """

    def __init__(
        self, line: LineModel, affinity: Affinity, most_of: dict[str, int] | None = None
    ) -> None:
        self.points: dict[Var, int] = defaultdict(int)
        self._line = line
        self._most_of = most_of or {}
        self._count_teams()
        self._count_pairs(affinity)

    def of(self, made: list[cp_model.IntVar]) -> cp_model.LinearExpr:
        """Give the score of a stamped line."""
        return cp_model.LinearExpr.weighted_sum(
            [made[var] for var in self.points], list(self.points.values())
        )

    def _count_teams(self) -> None:
        positions = self._line.problem.positions
        cells: dict[str, list[Var]] = defaultdict(list)
        for (_, index), var in self._line.cells.items():
            cells[positions[index].team_key].append(var)
        for held in cells.values():
            self.points[self._line.touched(held)] = TEAM_POINTS

    def _count_pairs(self, affinity: Affinity) -> None:
        cells = cells_by_key(self._line)
        liked = {pair for pair in affinity if set(pair) <= set(cells)}
        steps = {
            key: self._steps(key, cells[key])
            for key in dict.fromkeys(key for pair in sorted(liked) for key in pair)
        }
        for first, second in sorted(liked):
            points = affinity[first, second]
            if first < second:
                for a in steps[first]:
                    for b in steps[second]:
                        self.points[self._both(a, b, points)] += points
            elif first == second:
                for n_before, step in enumerate(steps[first]):
                    self.points[step] += n_before * points

    def _steps(self, key: str, cells: list[Var]) -> list[Var]:
        """Give 0/1 variables "at least n terms of this key", for n from 1."""
        n_terms = len(self._line.problem.terms)
        steps = [self._line.variable() for _ in range(self._most_of.get(key, n_terms))]
        row = {**dict.fromkeys(cells, 1), **dict.fromkeys(steps, -1)}
        self._line.require(row, low=0, high=0)
        for before, after in pairwise(steps):
            self._line.require({before: 1, after: -1}, low=0)
        return steps

    def _both(self, first: Var, second: Var, points: int) -> Var:
        """Give a 0/1 variable that the objective drives to "both"."""
        both = self._line.variable()
        if points > 0:
            self._line.require({first: 1, both: -1}, low=0)
            self._line.require({second: 1, both: -1}, low=0)
        else:
            self._line.require({both: 1, first: -1, second: -1}, low=-1)
        return both


def cells_by_key(line: LineModel) -> dict[str, list[Var]]:
    """Give the cells of each key (subspecialty, or specialty where there is none)."""
    cells: dict[str, list[Var]] = defaultdict(list)
    for (_, index), var in line.cells.items():
        cells[line.problem.positions[index].key].append(var)
    return cells


class SetWorth:
    """The score of a set model, as an objective to maximise.

    Parameters
    ----------
    lines
        The set; every line is used.
    worth
        Each line's own score.
    best_line
        An upper bound of any legal line's own score.

    Attributes
    ----------
    exact
        The objective is the true score; otherwise duplicates are left out and it is a bound.
    """

    def __init__(self, lines: SetModel, worth: LineWorth, best_line: int) -> None:
        self._lines = lines
        kept = [line_score(k.positions, affinity_of(lines.problem)) for k in lines.kept]
        n_lines = len(lines.made) + len(kept)
        highest = min([*([best_line] if lines.made else []), *kept])
        floor = lines.model.new_int_var(-1_000_000, highest, "floor")
        parts: list[Expr] = [sum(kept), n_lines * floor]
        for made in lines.made:
            own = worth.of(made)
            lines.model.add(own <= best_line)
            lines.model.add(floor <= own)
            parts.append(own)
        duplicates = self._duplicates()
        self.exact = duplicates is not None
        parts.extend(-DUPLICATE_COST * n for n in duplicates or ())
        self.unfilled = self.count_unfilled()
        self.total = cp_model.LinearExpr.sum(parts) - UNFILLED_COST * self.unfilled

    def count_unfilled(self) -> Expr:
        """Give the funded posts left empty, over all cells."""
        lines, problem = self._lines, self._lines.problem
        empty: list[Expr] = []
        for term in range(len(problem.terms)):
            for index, position in enumerate(problem.positions):
                wanted = position.posts_min[term] - lines.free.n_kept[term, index]
                if wanted <= 0:
                    continue
                held = lines.n_held.get((term, index))
                if held is None:
                    empty.append(wanted)
                    continue
                short = lines.model.new_int_var(0, wanted, "")
                lines.model.add(short + held >= wanted)
                empty.append(short)
        return cp_model.LinearExpr.sum(empty)

    def _duplicates(self) -> list[cp_model.IntVar] | None:
        """Give for each line whether an earlier one has the same set of positions, or None."""
        lines = self._lines
        n_lines = len(lines.made) + len(lines.kept)
        if (
            n_lines * (n_lines - 1) // 2 * len(lines.problem.positions)
            > parameters.MOST_COMPARISONS
        ):
            return None
        sets: list[list[cp_model.IntVar | bool]] = [self._kept_set(line) for line in lines.kept]
        sets.extend(self._set(made) for made in lines.made)
        repeats = [lines.model.new_bool_var("") for _ in lines.made]
        for number, repeat in enumerate(repeats, start=len(lines.kept)):
            for earlier in range(number):
                self._differ(sets[earlier], sets[number], unless=repeat)
        return [*repeats, *self._kept_repeats()]

    def _kept_set(self, line: JobLine) -> list[cp_model.IntVar | bool]:
        held = {position.id for position in line.positions}
        return [position.id in held for position in self._lines.problem.positions]

    def _kept_repeats(self) -> list[cp_model.IntVar]:
        kept = self._lines.kept
        distinct = {frozenset(p.id for p in line.positions) for line in kept}
        return [self._lines.model.new_constant(1) for _ in range(len(kept) - len(distinct))]

    def _set(self, made: list[cp_model.IntVar]) -> list[cp_model.IntVar | bool]:
        """Give for each position whether a line holds it in any term."""
        model, line = self._lines.model, self._lines.line
        held: list[cp_model.IntVar | bool] = []
        for index in range(len(self._lines.problem.positions)):
            cells = [made[var] for (_, i), var in line.cells.items() if i == index]
            some = model.new_bool_var("")
            model.add(some <= cp_model.LinearExpr.sum(cells))
            for cell in cells:
                model.add_implication(cell, some)
            held.append(some)
        return held

    def _differ(
        self,
        first: list[cp_model.IntVar | bool],
        second: list[cp_model.IntVar | bool],
        *,
        unless: cp_model.IntVar,
    ) -> None:
        """Let two sets differ in some position unless the later line is a repeat."""
        model = self._lines.model
        witnesses: list[cp_model.IntVar] = []
        for a, b in zip(first, second, strict=True):
            if isinstance(a, bool) and isinstance(b, bool):
                continue
            witness = model.new_bool_var("")
            model.add(a + b >= witness)
            model.add(a + b <= 2 - witness)
            witnesses.append(witness)
        model.add_bool_or([*witnesses, unless])


def most_terms_by_key(line: LineModel, keys: list[str]) -> dict[str, int]:
    """Give for each key the most terms any legal line can have of it (an upper bound)."""
    cells = cells_by_key(line)
    return {key: largest(line, dict.fromkeys(cells[key], 1)) for key in keys if key in cells}


def largest(line: RowModel, points: dict[Var, int]) -> int:
    """Give an upper bound of a sum over one line's variables, proven by CP-SAT."""
    model = cp_model.CpModel()
    made = line.stamp(model)
    model.maximize(
        cp_model.LinearExpr.weighted_sum([made[var] for var in points], list(points.values()))
    )
    solver = quiet_solver()
    solver.parameters.max_deterministic_time = 1.0
    status = solver.solve(model)
    if status in {cp_model.INFEASIBLE, cp_model.MODEL_INVALID}:
        return 0
    return floor(solver.best_objective_bound + 1e-6)
