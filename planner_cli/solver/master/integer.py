"""The integer finish: whole numbers of each pattern, by CP-SAT on a few thousand columns."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from planner_cli.domain.scoring import DUPLICATE_COST, UNFILLED_COST
from planner_cli.solver import parameters
from planner_cli.solver.assignment.placement_cuts import Crowding
from planner_cli.solver.columns.enumeration import Patterns, Stop
from planner_cli.solver.cp_sat import quiet_solver
from planner_cli.solver.model.line_constraints import Ints
from planner_cli.solver.model.multiplicity import lone_type, supplies
from planner_cli.solver.pricing.enumerated import served


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
    """Whole numbers of patterns, and posts used by type and term.

    Parameters
    ----------
    patterns
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

    patterns: Patterns
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
        Patterns, all of them allowed (floors are the caller's).
    kept
        Times each column is used at least, shape (n,): what is settled already.
    caps
        Times each column can be used without a duplicate, shape (n,).
    crowded
        Prices of seats that no choice can overpay.
    """

    columns: Patterns
    kept: Ints
    caps: Ints
    crowded: tuple[Crowding, ...] = ()


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
    """

    most_short: int | None = None
    needed: int | None = None
    good_enough: int | None = None


def finish(candidates: Candidates, goal: Goal, work: Work, stop: Stop) -> Choice | NoChoice:
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
    model = _Model(candidates)
    if goal.most_short is not None:
        model.allow_short(goal.most_short)
    if goal.needed is not None:
        model.model.add(model.value >= goal.needed)
    solver = quiet_solver()
    solver.parameters.random_seed = work.seed
    solver.parameters.max_deterministic_time = work.deterministic
    solver.parameters.max_time_in_seconds = max(0.01, work.seconds)
    watch = _Watch(goal.good_enough)
    with stopping(solver, stop):
        status = solver.solve(model.model, watch)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return NoChoice(status == cp_model.INFEASIBLE)
    return Choice(
        patterns=columns.take(np.repeat(np.arange(len(columns)), model.times(solver))),
        posts=model.posts_used(solver),
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


class _Model:
    def __init__(self, candidates: Candidates) -> None:
        self.model = cp_model.CpModel()
        self.columns = columns = candidates.columns
        self.types, self.sets = columns.shape.types, candidates.caps
        self.kept = np.minimum(candidates.kept, candidates.caps)
        held, self.group = np.unique(np.sort(columns.types, axis=1), axis=0, return_inverse=True)
        self.group = self.group.reshape(-1)
        self.n_groups = len(held)
        self._lines()
        self._posts()
        self._links()
        self._supplies()
        self._crowded(candidates.crowded)
        self._objective()

    def allow_short(self, most_short: int) -> None:
        self.model.add(sum(self.short.values()) <= max(0, most_short - self.closed))

    def times(self, solver: cp_model.CpSolver) -> list[int]:
        again = {c: solver.value(v) for c, v in self.again.items()}
        return [solver.value(v) + again.get(c, 0) for c, v in enumerate(self.used)]

    def posts_used(self, solver: cp_model.CpSolver) -> Ints:
        used = np.zeros((self.types.n_types, self.types.n_terms), dtype=np.int64)
        for (type_, term), variable in self.posts.items():
            used[type_, term] = solver.value(variable)
        return used

    def _lines(self) -> None:
        """How often each column is used; beyond its different sets of positions it costs."""
        n_lines = self.types.n_lines
        self.used = [
            self.model.new_int_var(int(k), int(n), "")
            for k, n in zip(self.kept, self.sets, strict=True)
        ]
        self.again = {
            column: self.model.new_int_var(0, n_lines - int(n), "")
            for column, n in enumerate(self.sets)
            if n < n_lines
        }
        self.model.add(sum(self.used) + sum(self.again.values()) == n_lines)
        self.members: list[list[int]] = [[] for _ in range(self.n_groups)]
        for column, group in enumerate(self.group.tolist()):
            self.members[group].append(column)
        for columns in self.members:
            if len(columns) > 1:
                most = max(int(self.sets[c]) for c in columns)
                self.model.add(sum(self.used[c] for c in columns) <= most)

    def _posts(self) -> None:
        types = self.types
        usable = types.open()
        self.posts: dict[tuple[int, int], cp_model.IntVar] = {}
        self.short: dict[tuple[int, int], cp_model.IntVar] = {}
        for type_, term in np.argwhere(usable).tolist():
            least, most = int(types.least[type_, term]), int(types.most[type_, term])
            posts = self.model.new_int_var(least if types.fill else 0, most, "")
            self.posts[type_, term] = posts
            if least and not types.fill:
                short = self.model.new_int_var(0, least, "")
                self.model.add(posts + short >= least)
                self.short[type_, term] = short
        closed = int(types.least[~usable].sum())
        self.closed = closed
        if closed and types.fill:
            self.model.add_bool_or([])
        for term in range(types.n_terms):
            here = [v for (_, t), v in self.posts.items() if t == term]
            self.model.add(sum(here) == types.n_lines)
        for type_ in np.flatnonzero(types.span == 2).tolist():
            self._stays(type_)

    def _stays(self, type_: int) -> None:
        n_terms = self.types.n_terms
        begun = [self.model.new_int_var(0, self.types.n_lines, "") for _ in range(n_terms - 1)]
        for term in range(n_terms):
            seats = sum(begun[max(0, term - 1) : term + 1])
            self.model.add(self.posts.get((type_, term), 0) == seats)

    def _links(self) -> None:
        classes = self.columns.shape.classes
        held: dict[int, list[tuple[int, int]]] = {}
        for column, units in enumerate(self.columns.units().tolist()):
            for unit in sorted(set(units)):
                held.setdefault(unit, []).append((column, units.count(unit)))
        for unit in range(self.columns.shape.n_units):
            type_, class_ = divmod(unit, len(classes))
            seats = [self.posts[type_, t] for t in classes[class_] if (type_, t) in self.posts]
            self.model.add(self._weighted(held.get(unit, [])) == sum(seats))
        serve = served(self.types.demands, self.columns.types)
        for index, demand in enumerate(self.types.demands):
            serving = [(int(c), 1) for c in np.flatnonzero(serve[:, index])]
            least = 0 if demand.wished else demand.least
            self.model.add_linear_constraint(
                self._weighted(serving), least, max(least, demand.most)
            )

    def _supplies(self) -> None:
        """Repeated patterns need different positions, and each has only so many seats."""
        lone = lone_type(self.types, self.columns)
        for supply in supplies(self.types):
            again = []
            some = np.unique(self.group[(lone == supply.type_) & (self.sets > 1)])
            for columns in (self.members[group] for group in some.tolist()):
                more = self.model.new_int_var(0, self.types.n_lines, "")
                self.model.add(more >= sum(self.used[c] for c in columns) - 1)
                again.append(more)
            if not again:
                continue
            self.model.add(sum(again) <= supply.seats)
            funded = int(self.types.least[supply.type_].sum())
            held = [v for (type_, _), v in self.posts.items() if type_ == supply.type_]
            short = [v for (type_, _), v in self.short.items() if type_ == supply.type_]
            self.model.add(sum(again) <= sum(held) + sum(short) - funded + supply.funded)

    def _crowded(self, crowded: tuple[Crowding, ...]) -> None:
        for crowding in crowded:
            paid = enumerate(crowding.paid(self.columns).tolist())
            self.model.add(self._weighted([*paid]) <= crowding.worth)

    def _weighted(self, terms: list[tuple[int, int]]) -> cp_model.LinearExprT:
        variables = [self.used[c] for c, _ in terms] + [
            self.again[c] for c, _ in terms if c in self.again
        ]
        weights = [n for _, n in terms] + [n for c, n in terms if c in self.again]
        return cp_model.LinearExpr.weighted_sum(variables, weights)

    def _objective(self) -> None:
        score = self.columns.score.tolist()
        variables = [*self.used, *self.again.values(), *self.short.values()]
        weights = [
            *score,
            *(score[c] - DUPLICATE_COST for c in self.again),
            *(-UNFILLED_COST for _ in self.short),
        ]
        self.value = (
            cp_model.LinearExpr.weighted_sum(variables, weights) - UNFILLED_COST * self.closed
        )
        self.model.maximize(self.value)
