"""Why a problem has no answer: counts, the most lines, a minimal conflict, verified repairs."""

from planner_cli.solver.explain.explaining import explain
from planner_cli.solver.explain.judge import Find, is_small
from planner_cli.solver.explain.lines_lp import plain

__all__ = ["Find", "explain", "is_small", "plain"]
