"""The whole set of lines in CP-SAT: one stamp per line, posts counted, rules on the set."""

from functools import singledispatch
from itertools import pairwise

from ortools.sat.python import cp_model

from planner_cli.domain.constraints.on_set import SetConstraint
from planner_cli.solver.model.remaining_posts import Cell, RemainingPosts
from planner_cli.solver.oracle.line_model import LineModel
from planner_cli.solver.rows import Expr, Var


class SetModel:
    """Every line of a set, with its posts.

    Parameters
    ----------
    line
        The rows of each line; whatever the objective adds to it must be there already.
    free
        The posts the new lines may use.
    n_lines
        Lines of the set, the locked ones included.
    may_be_fewer
        Lines may stay unused: `n_used` counts those that are used.
    may_drop
        Excludable positions may be dropped: `dropped` says which.

    Attributes
    ----------
    model
        The CP-SAT model.
    made
        For each unlocked line the variables made for those of `line`.
    n_held
        By cell, how many unlocked lines hold it.
    preferred
        For each preferred pathway, the lines that serve it, up to its number.
    """

    def __init__(
        self,
        line: LineModel,
        free: RemainingPosts,
        *,
        n_lines: int,
        may_be_fewer: bool = False,
        may_drop: bool = False,
    ) -> None:
        self.problem = line.problem
        self.line = line
        self.free = free
        self.kept = free.kept
        self.model = cp_model.CpModel()
        n_new = n_lines - len(self.kept)
        active = [self.model.new_bool_var("") for _ in range(n_new)] if may_be_fewer else None
        self.n_used: Expr = n_new if active is None else cp_model.LinearExpr.sum(active)
        self.made = [
            line.stamp(self.model, 1 if active is None else active[i]) for i in range(n_new)
        ]
        self.dropped = self._drops() if may_drop else {}
        self.preferred: list[cp_model.IntVar] = []
        self.n_held = self._count_posts()
        self._count_rows()
        self._break_symmetry()
        for _, clause in line.book.set_clauses(self.problem):
            encode_set(clause.constraint, self)

    def _drops(self) -> dict[int, cp_model.IntVar]:
        held_by_hand = {index for _, index in self.free.n_kept}
        return {
            index: self.model.new_bool_var("")
            for index, position in enumerate(self.problem.positions)
            if position.excludable and any(position.posts_min) and index not in held_by_hand
        }

    def _count_posts(self) -> dict[Cell, cp_model.IntVar]:
        n_held: dict[Cell, cp_model.IntVar] = {}
        for (term, index), var in self.line.cells.items():
            held = self.model.new_int_var(0, self.free[term, index], "")
            self.model.add(held == cp_model.LinearExpr.sum([made[var] for made in self.made]))
            n_held[term, index] = held
        return n_held

    def _count_rows(self) -> None:
        """Add what follows for the posts in all: this proves counting contradictions at once."""
        counted: dict[Var, cp_model.IntVar] = {
            self.line.cells[cell]: held for cell, held in self.n_held.items()
        }
        made = [counted.get(var) for var in range(len(self.line.upper))]
        for row in self.line.rows:
            if all(made[var] is not None for var in row.coefficients):
                row.add_to(self.model, made, self.n_used)  # type: ignore[arg-type]

    def _break_symmetry(self) -> None:
        """Order the lines by their position in the first term; unused lines come last."""
        first = {
            var: len(self.problem.positions) - index
            for (term, index), var in self.line.cells.items()
            if term == 0
        }
        ranks = [
            cp_model.LinearExpr.weighted_sum([made[v] for v in first], list(first.values()))
            for made in self.made
        ]
        for before, after in pairwise(ranks):
            self.model.add(before >= after)


@singledispatch
def encode_set(constraint: SetConstraint, lines: SetModel) -> None:  # noqa: ARG001
    """Add what a constraint asks of the whole set; registered by its kind.

    Raises
    ------
    TypeError
        If the solver does not know the constraint.
    """
    raise TypeError(f"{type(constraint).__name__} has no solver form")
