"""The exact model: one CP-SAT variable per line, term and position; small problems, any rule."""

# Each import registers the solver forms of one family of rules.
from planner_cli.solver.exact import experience, leave, places, posts, service, spread  # noqa: F401
