"""The integer master: whole uses of some columns, by CP-SAT over the rows of the formulation."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from planner_cli.domain.scoring import DUPLICATE_COST, UNFILLED_COST
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints
from planner_cli.solver.assignment.placement_cuts import Crowding
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.columns.multiplicity import position_sets
from planner_cli.solver.cp_sat import quiet_solver
from planner_cli.solver.master.formulation import Formulation, Level, Variable
from planner_cli.solver.stop import Stop


@dataclass(frozen=True)
class Work:
    """How much search is allowed.

    Parameters
    ----------
    deterministic
        Units of deterministic work: the limit that makes answers repeatable.
    seconds
        Wall seconds: the outer stop.
    seed
        Seed of the search.
    """

    deterministic: float
    seconds: float
    seed: int


@dataclass(frozen=True, eq=False)
class Choice:
    """Whole numbers of columns, and posts used by type and term.

    Parameters
    ----------
    columns
        One row per line.
    posts
        Posts used, shape (K, T): what placement aims at.
    value
        Sum of own scores less the costs of unfilled posts and duplicates.
    bound
        Proven upper bound of `value` over the columns given.
    proven
        No better choice exists among the columns given.
    """

    columns: Columns
    posts: Ints
    value: int
    bound: float
    proven: bool


@dataclass(frozen=True)
class NoChoice:
    """No whole choice was found; `proven` says that none exists among the columns given."""

    proven: bool


@dataclass(frozen=True, eq=False)
class Candidates:
    """The columns to choose from.

    Parameters
    ----------
    columns
        Columns, all of them allowed (floors are the caller's).
    kept
        Times each column is used at least, shape (n,): what is settled already.
    crowded
        Prices of seats that no choice can overpay.
    """

    columns: Columns
    kept: Ints
    crowded: tuple[Crowding, ...] = ()


@dataclass(frozen=True)
class FairGoal:
    """The floor and the duplicates counted as the score does.

    Parameters
    ----------
    n_lines
        Lines of the whole set: so often the floor counts.
    ceiling
        The floor is no higher, whatever the lines chosen; None for no such line.
    taken
        Sets of types that locked lines hold already: another line of one is a duplicate.
    """

    n_lines: int
    ceiling: int | None
    taken: frozenset[frozenset[int]] = frozenset()


@dataclass(frozen=True)
class Goal:
    """What is sought.

    Parameters
    ----------
    most_short
        Funded posts that may stay empty; None for any number, at their price.
    needed
        Only choices of at least this value count.
    good_enough
        A value that ends the search as soon as it is reached.
    fair
        Count the floor too; None where the columns are those of one floor.
    """

    most_short: int | None = None
    needed: int | None = None
    good_enough: int | None = None
    fair: FairGoal | None = None


def choose(candidates: Candidates, goal: Goal, work: Work, stop: Stop) -> Choice | NoChoice:
    """Choose how often to use each column so that every line has one and no post is overfilled.

    Parameters
    ----------
    candidates
        The columns to choose from.
    goal
        What counts, and what is enough.
    work
        Limits.
    stop
        Heard within a tenth of a second.
    """
    columns = candidates.columns
    master = _IntegerMaster(candidates)
    if goal.fair is not None:
        master.count_floor(goal.fair)
    if goal.most_short is not None:
        master.leave_empty_at_most(goal.most_short)
    if goal.needed is not None:
        master.model.add(master.value >= goal.needed)
    solver = quiet_solver()
    solver.parameters.random_seed = work.seed
    solver.parameters.max_deterministic_time = work.deterministic
    solver.parameters.max_time_in_seconds = max(0.01, work.seconds)
    watch = _Watch(goal.good_enough)
    with stopping(solver, stop):
        status = solver.solve(master.model, watch)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return NoChoice(status == cp_model.INFEASIBLE)
    return Choice(
        columns=columns.take(np.repeat(np.arange(len(columns)), master.times(solver))),
        posts=master.posts_used(solver),
        value=round(solver.objective_value),
        bound=solver.best_objective_bound,
        proven=status == cp_model.OPTIMAL,
    )


@contextmanager
def stopping(solver: cp_model.CpSolver, stop: Stop) -> Iterator[None]:
    """Pass the stop signal on to a running search."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(parameters.FINISH_TICK_SECONDS):
            if stop():
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


class _Watch(cp_model.CpSolverSolutionCallback):
    def __init__(self, good_enough: int | None) -> None:
        super().__init__()
        self._good_enough = good_enough

    def on_solution_callback(self) -> None:
        if self._good_enough is not None and self.objective_value >= self._good_enough:
            self.stop_search()


class _IntegerMaster:
    """The formulation over some columns; nothing may be at fault but wishes and soft posts."""

    def __init__(self, candidates: Candidates) -> None:
        self.model = cp_model.CpModel()
        self.columns = columns = candidates.columns
        self.types = columns.shape.types
        self._rows = Formulation(columns.shape)
        self._different = position_sets(self.types, columns)
        self._made = [self._variable(variable) for variable in self._rows.variables]
        self._same = self._same_positions()
        self._uses = {level: self._use(level) for level in Level}
        self._keep(candidates.kept)
        self._write()
        self._count_same()
        for crowding in candidates.crowded:
            self._sum_of(crowding.paid(columns).tolist(), at_most=crowding.worth)
        self.n_empty = self._rows.n_funded - self._total("filled")
        if self.types.fill:
            self.model.add(self.n_empty == 0)
        self.value = self._objective()
        self.model.maximize(self.value)

    def count_floor(self, fair: FairGoal) -> None:
        """Add the worth of the floor: each step of it forbids the columns below."""
        steps = np.unique(self.columns.score).tolist()
        if fair.ceiling is not None:
            steps = [*(s for s in steps if s < fair.ceiling), fair.ceiling]
        reached = [self.model.new_bool_var("") for _ in steps[1:]]
        for before, after in pairwise(reached):
            self.model.add_implication(after, before)
        parts: list[cp_model.LinearExprT] = [self.value, fair.n_lines * steps[0]]
        for low, high, step in zip(steps, steps[1:], reached, strict=False):
            below = np.flatnonzero((self.columns.score >= low) & (self.columns.score < high))
            uses = [uses[c] for uses in self._counted() for c in below.tolist() if c in uses]
            self.model.add(cp_model.LinearExpr.sum(uses) <= self.types.n_lines * (1 - step))
            parts.append(fair.n_lines * (high - low) * step)
        for columns in self._same:
            if frozenset(self.columns.types[columns[0]].tolist()) in fair.taken:
                first = [self._uses[Level.FIRST][column] for column in columns]
                self.model.add(cp_model.LinearExpr.sum(first) == 0)
        self.value = cp_model.LinearExpr.sum(parts)
        self.model.maximize(self.value)

    def _counted(self) -> list[dict[int, cp_model.IntVar]]:
        """Give the uses that count a line each."""
        return [self._uses[level] for level in (Level.FIRST, Level.DUPLICATE)]

    def leave_empty_at_most(self, most_short: int) -> None:
        """Allow no more funded posts to stay empty; those no line may hold always do."""
        closed = self.types.least[~self.types.open()].sum()
        self.model.add(self.n_empty <= max(most_short, int(closed)))

    def times(self, solver: cp_model.CpSolver) -> list[int]:
        """Give how often each column is used."""
        times = [0] * len(self.columns)
        for level in (Level.FIRST, Level.DUPLICATE):
            for column, use in self._uses[level].items():
                times[column] += solver.value(use)
        return times

    def posts_used(self, solver: cp_model.CpSolver) -> Ints:
        """Give the posts used by type and term."""
        used = np.zeros((self.types.n_types, self.types.n_terms), dtype=np.int64)
        for variable, made in zip(self._rows.variables, self._made, strict=True):
            if variable.at is not None:
                used[variable.at] += solver.value(made)
        return used

    def _variable(self, variable: Variable) -> cp_model.IntVar:
        allowed = variable.role not in {"missing", "misserved"}
        must = variable.role == "filled" and self.types.fill
        return self.model.new_int_var(
            variable.most if must else 0, variable.most if allowed else 0, ""
        )

    def _use(self, level: Level) -> dict[int, cp_model.IntVar]:
        """Make a variable for each column that can be used at a level.

        First uses are all that need no duplicate; of those, the further ones of lone columns are
        counted once for all columns of the same types, by the first of them.
        """
        n_lines, different = self.types.n_lines, self._different
        if level is Level.AGAIN:
            lone = self._rows.is_lone(self.columns)
            wanted = [columns[0] for columns in self._same if lone[columns[0]]]
            most = dict.fromkeys(wanted, n_lines)
        elif level is Level.FIRST:
            most = dict(enumerate(different.tolist()))
        else:
            most = dict.fromkeys(np.flatnonzero(different < n_lines).tolist(), n_lines)
        return {column: self.model.new_int_var(0, int(n), "") for column, n in most.items()}

    def _keep(self, kept: Ints) -> None:
        """Use columns at least so often, as far as they need no duplicate."""
        for column in np.flatnonzero(kept).tolist():
            least = int(min(kept[column], self._different[column]))
            self.model.add(self._uses[Level.FIRST][column] >= least)

    def _write(self) -> None:
        """Write the rows of the formulation."""
        terms: list[list[tuple[cp_model.IntVar, int]]] = [[] for _ in range(self._rows.n_rows)]
        for variable, made in zip(self._rows.variables, self._made, strict=True):
            for row, coefficient in variable.rows.items():
                terms[row].append((made, coefficient))
        for level, uses in self._uses.items():
            if not uses:
                continue
            chosen = np.array(list(uses), dtype=np.int64)
            entries = self._rows.entries(self.columns.take(chosen), level)
            ends = [*entries.starts[1:].tolist(), len(entries.rows)]
            for use, start, end in zip(uses.values(), entries.starts.tolist(), ends, strict=True):
                for row, value in zip(
                    entries.rows[start:end].tolist(), entries.values[start:end], strict=True
                ):
                    # What a column holds is counted with its first uses.
                    if level is not Level.AGAIN or row >= self._rows.first_supply:
                        terms[row].append((use, int(value)))
        for row, (least, most) in enumerate(zip(self._rows.least, self._rows.most, strict=True)):
            low = cp_model.INT32_MIN if np.isneginf(least) else int(least)
            total = cp_model.LinearExpr.weighted_sum(
                [variable for variable, _ in terms[row]], [n for _, n in terms[row]]
            )
            self.model.add_linear_constraint(total, low, int(most))

    def _same_positions(self) -> list[list[int]]:
        """Group the columns that hold the same types, in whatever terms.

        Where every type is one position, so are those that hold one of them more often.
        """
        alone = bool((self.types.sizes() == 1).all())
        members: dict[tuple[int, ...], list[int]] = {}
        for column, row in enumerate(self.columns.types.tolist()):
            held = set(row) if alone else row
            members.setdefault(tuple(sorted(held)), []).append(column)
        return list(members.values())

    def _count_same(self) -> None:
        """Count columns of the same types together: the linear program counts each by itself."""
        first, again = self._uses[Level.FIRST], self._uses[Level.AGAIN]
        for columns in self._same:
            total = cp_model.LinearExpr.sum([first[column] for column in columns])
            if len(columns) > 1:
                self.model.add(total <= max(int(self._different[c]) for c in columns))
            if columns[0] in again:
                self.model.add(again[columns[0]] >= total - 1)

    def _sum_of(self, weights: list[int], *, at_most: int) -> None:
        total = cp_model.LinearExpr.sum(
            [use * weights[column] for uses in self._counted() for column, use in uses.items()]
        )
        self.model.add(total <= at_most)

    def _total(self, role: str) -> cp_model.LinearExpr:
        pairs = zip(self._rows.variables, self._made, strict=True)
        return cp_model.LinearExpr.sum([made for variable, made in pairs if variable.role == role])

    def _objective(self) -> cp_model.LinearExprT:
        score = self.columns.score.tolist()
        variables: list[cp_model.IntVar] = []
        weights: list[int] = []
        for level in (Level.FIRST, Level.DUPLICATE):
            uses = self._uses[level]
            cost = DUPLICATE_COST if level is Level.DUPLICATE else 0
            variables += uses.values()
            weights += [score[column] - cost for column in uses]
        return cp_model.LinearExpr.weighted_sum(variables, weights) - UNFILLED_COST * self.n_empty
