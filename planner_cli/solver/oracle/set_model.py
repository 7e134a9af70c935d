"""The whole set of lines in CP-SAT: one stamp per line, posts counted, rules on the set."""

from collections import Counter
from collections.abc import Collection
from functools import singledispatch
from itertools import pairwise

from ortools.sat.python import cp_model

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.domain.rules.posts import LockedLines
from planner_cli.solver.oracle.line_model import Cell, LineModel
from planner_cli.solver.oracle.rows import Expr, Var


class FreePosts:
    """The accredited posts the locked lines leave to the new ones.

    Parameters
    ----------
    problem, book
        What is asked.
    not_used
        Indices of positions that are dropped.

    Attributes
    ----------
    kept
        The locked lines.
    n_kept
        By cell (term from 0, position index), how many locked lines hold it.
    """

    def __init__(self, problem: Problem, book: RuleBook, not_used: Collection[int] = ()) -> None:
        self.problem = problem
        self.kept = locked_lines(problem, book)
        self.n_kept = cells_held(problem, self.kept)
        self.not_used = frozenset(not_used)

    def __getitem__(self, cell: Cell) -> int:
        """Give the free posts of a cell."""
        term, index = cell
        if index in self.not_used:
            return 0
        n_free = self.problem.positions[index].posts_max[term] - self.n_kept[cell]
        return min(max(0, n_free), self.problem.n_job_lines - len(self.kept))

    def usable(self, term: int, index: int) -> bool:
        """Say whether a new line may hold a cell."""
        return self[term, index] > 0

    def overdrawn(self) -> list[Cell]:
        """Give the cells in which the locked lines alone exceed the accredited posts."""
        return sorted(
            (term, index)
            for (term, index), n_lines in self.n_kept.items()
            if n_lines > self.problem.positions[index].posts_max[term]
        )


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
        free: FreePosts,
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
        for rule in line.book.rules:
            encode_set(rule, self)

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
def encode_set(rule: Rule, lines: SetModel) -> None:
    """Add what a rule asks of the whole set; most rules ask nothing beyond each line."""


def locked_lines(problem: Problem, book: RuleBook) -> tuple[JobLine, ...]:
    """Give the lines that are kept as they are; none when the book does not ask for it."""
    if book.find(LockedLines) is None:
        return ()
    return tuple(JobLine.from_record(r, problem, locked=True) for r in problem.locked_lines)


def cells_held(problem: Problem, lines: Collection[JobLine]) -> Counter[Cell]:
    """Count the lines that hold each cell."""
    index_of = {position.id: index for index, position in enumerate(problem.positions)}
    return Counter(
        (term, index_of[position.id])
        for line in lines
        for term, position in enumerate(line.positions)
    )
