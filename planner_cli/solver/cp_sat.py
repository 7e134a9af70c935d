"""CP-SAT as every part of the solver uses it: one way to make it."""

from ortools.sat.python import cp_model


def quiet_solver(workers: int = 1) -> cp_model.CpSolver:
    """Return a solver that leaves the signals of the process alone.

    By itself CP-SAT takes SIGINT while it solves and gives it back as the system's default: the
    next Ctrl-C would then kill the process, whoever was listening before.

    Parameters
    ----------
    workers
        Threads; with one it is repeatable.
    """
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False
    solver.parameters.num_workers = workers
    return solver
