"""Running CP-SAT: deterministic limits, the watch's stop, solutions and bounds as they come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ortools.sat.python import cp_model

from planner_cli.domain.problem import Options
from planner_cli.solver import parameters
from planner_cli.solver.cp_sat import quiet_solver
from planner_cli.solver.watch import Watch

Status = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(slots=True)
class Work:
    """What work is left, and how to search.

    Parameters
    ----------
    units
        Deterministic units left (CP-SAT's own measure of work).
    seed, workers
        As in the options.
    """

    units: float
    seed: int
    workers: int

    @classmethod
    def of(cls, options: Options) -> "Work":
        """Measure out the work a time limit stands for."""
        units = options.time_limit_seconds * parameters.UNITS_PER_SECOND * options.workers
        return cls(units, options.seed, options.workers)


#: Gives the value of a variable or sum in a solution.
Values = Callable[[cp_model.LinearExpr], int]


class _Listener(cp_model.CpSolverSolutionCallback):
    """Hands each solution on."""

    def __init__(self, on_solution: Callable[[Values], None]) -> None:
        super().__init__()
        self._on_solution = on_solution

    def on_solution_callback(self) -> None:
        """Hand a solution on, as a function from variables to values."""
        self._on_solution(self.value)


def run(
    model: cp_model.CpModel,
    work: Work,
    watch: Watch,
    *,
    on_solution: Callable[[Values], None],
    on_bound: Callable[[float], None] | None = None,
) -> Status:
    """Search a model, within the work left and until the watch says to end.

    Parameters
    ----------
    model
        With or without an objective.
    work
        Its units are used up.
    watch
        Ends the search from its thread.
    on_solution
        Called with each better solution, from the searching thread.
    on_bound
        Called with each better bound of the objective.

    Returns
    -------
    str
        optimal (without an objective: a solution), feasible, infeasible (proven), or unknown.
    """
    if watch.should_end or work.units <= 0:
        return "unknown"
    solver = quiet_solver(work.workers)
    solver.parameters.random_seed = work.seed
    solver.parameters.max_deterministic_time = work.units
    solver.parameters.max_time_in_seconds = max(0.05, min(watch.remaining_seconds, 1e6))
    if on_bound is not None:
        solver.best_bound_callback = on_bound
    with watch.interrupting(solver.stop_search):
        status = solver.solve(model, _Listener(on_solution))
    work.units -= solver.deterministic_time
    if on_bound is not None and status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        on_bound(solver.best_objective_bound)
    if status == cp_model.OPTIMAL:
        return "optimal"
    if status == cp_model.INFEASIBLE:
        return "infeasible"
    return "feasible" if status == cp_model.FEASIBLE else "unknown"
