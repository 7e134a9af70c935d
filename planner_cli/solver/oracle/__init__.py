"""The exact model: one CP-SAT variable per line, term and position; small problems, any rule."""

# Each import registers the forms of the constraints on a line, or of rules on the whole set.
from planner_cli.solver.oracle import leave_on_set, line_rows, posts_on_set  # noqa: F401
