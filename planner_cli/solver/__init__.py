"""The solver: a problem becomes a legal set of lines with a proven bound, or a proof of none."""

from planner_cli.solver.solve import solve

__all__ = ["solve"]
