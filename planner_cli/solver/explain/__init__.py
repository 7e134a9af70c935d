"""Why a problem has no answer: counts, the most lines, a minimal conflict, verified repairs."""

from planner_cli.solver.explain.explaining import explain
from planner_cli.solver.explain.judge import Find, counted_out, is_small
from planner_cli.solver.explain.plain import scattered

__all__ = ["Find", "counted_out", "explain", "is_small", "scattered"]
