"""What one line must satisfy, as linear rows: written once by the rules, stamped for every line."""

from collections.abc import Callable, Iterable
from functools import singledispatch

from planner_cli.domain.constraints.on_line import LineConstraint
from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver.leave.rows import Absence, LeaveDue
from planner_cli.solver.model.remaining_posts import Cell
from planner_cli.solver.rows import RowModel, Var


class LineModel(RowModel):
    """One line: a 0/1 variable for each cell, helper variables, and rows over both.

    A line is a choice of one cell in each term; `encode` adds what a rule asks for. All helpers
    may be 0 when all cells are 0, so that a row holds on a line that is not used at all.

    Parameters
    ----------
    problem
        Terms and positions.
    book
        The rules; each is encoded.
    usable
        Says of a cell (term from 0, position index) whether a line may hold it; absent: where
        there are accredited posts.
    with_leave
        Model the weeks of leave too; without, rules that read leave are encoded as what they ask
        of the positions for some legal leave to exist.
    """

    def __init__(
        self,
        problem: Problem,
        book: RuleBook,
        *,
        usable: Callable[[int, int], bool] | None = None,
        with_leave: bool = False,
    ) -> None:
        super().__init__()
        self.problem = problem
        self.book = book
        self.cells: dict[Cell, Var] = {}
        self._starts: dict[Cell, Var] = {}
        for term in range(len(problem.terms)):
            for index, position in enumerate(problem.positions):
                allowed = usable(term, index) if usable else position.posts_max[term] > 0
                if allowed:
                    self.cells[term, index] = self.variable()
        self._take_one_each_term()
        self._take_whole_stays()
        #: The leave of the line; None when it is not modelled.
        self.absence = Absence(self, problem, LeaveDue.of(problem, book)) if with_leave else None
        for _, clause in book.clauses(problem.terms):
            encode(clause.constraint, self)

    def holding(
        self, test: Callable[[Position], object], terms: Iterable[int] | None = None
    ) -> list[Var]:
        """Give the cells whose position passes a test, in these terms (absent: all)."""
        wanted = None if terms is None else set(terms)
        return [
            var
            for (term, index), var in self.cells.items()
            if (wanted is None or term in wanted) and test(self.problem.positions[index])
        ]

    def grouped(
        self, group: Callable[[Position], str | None], terms: Iterable[int] | None = None
    ) -> dict[str, list[Var]]:
        """Give the cells by the group of their position, in these terms (absent: all).

        Positions whose group is None are left out.
        """
        wanted = None if terms is None else set(terms)
        cells: dict[str, list[Var]] = {}
        for (term, index), var in self.cells.items():
            name = group(self.problem.positions[index])
            if name is not None and (wanted is None or term in wanted):
                cells.setdefault(name, []).append(var)
        return cells

    def weeks(self, cells: Iterable[Var]) -> dict[Var, int]:
        """Weigh cells by the weeks of their terms."""
        wanted = set(cells)
        terms = self.problem.terms
        return {v: terms[term].weeks for (term, _), v in self.cells.items() if v in wanted}

    def touched(self, cells: Iterable[Var]) -> Var:
        """Give a 0/1 variable that can be 1 only when some of these cells is held."""
        held = self.variable()
        self.require({**dict.fromkeys(cells, 1), held: -1}, low=0)
        return held

    def beginning(self, test: Callable[[Position], object], term: int) -> list[Var]:
        """Give a variable for each stay that begins in a term and whose position passes a test."""
        return self._stays(test, term, 0)

    def ending(self, test: Callable[[Position], object], term: int) -> list[Var]:
        """Give a variable for each stay that ends in a term and whose position passes a test."""
        return self._stays(test, term, -1)

    def _stays(self, test: Callable[[Position], object], term: int, long: int) -> list[Var]:
        found = []
        for index, position in enumerate(self.problem.positions):
            if position.span_terms == 1:
                var = self.cells.get((term, index))
            else:
                var = self._starts.get((term + long, index))
            if var is not None and test(position):
                found.append(var)
        return found

    def _take_one_each_term(self) -> None:
        for term in range(len(self.problem.terms)):
            cells = [var for (in_term, _), var in self.cells.items() if in_term == term]
            self.require(cells, low=1, high=1)

    def _take_whole_stays(self) -> None:
        """Tie the cells of a position of two terms to the terms in which a stay starts."""
        n_terms = len(self.problem.terms)
        for index, position in enumerate(self.problem.positions):
            if position.span_terms == 1:
                continue
            starts = {
                term: self.variable()
                for term in range(n_terms - 1)
                if (term, index) in self.cells and (term + 1, index) in self.cells
            }
            self._starts.update({(term, index): start for term, start in starts.items()})
            for term in range(n_terms):
                if (term, index) in self.cells:
                    covering = {starts[t]: -1 for t in (term - 1, term) if t in starts}
                    row = {self.cells[term, index]: 1, **covering}
                    self.require(row, low=0, high=0)


@singledispatch
def encode(constraint: LineConstraint, line: LineModel) -> None:  # noqa: ARG001
    """Add what a constraint asks of one line; registered by its kind.

    Raises
    ------
    TypeError
        If the solver does not know the constraint.
    """
    raise TypeError(f"{type(constraint).__name__} has no solver form")
