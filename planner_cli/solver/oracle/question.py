"""What the exact model is asked, settled step by step, and what it answers."""

from dataclasses import dataclass, replace
from functools import cached_property

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.model.remaining_posts import RemainingPosts
from planner_cli.solver.oracle.line_model import LineModel
from planner_cli.solver.oracle.search import Values
from planner_cli.solver.oracle.set_model import SetModel

#: Locked lines first, in their order, then the new ones, which have no names yet.
Lines = tuple[JobLine, ...]


@dataclass(frozen=True)
class Question:
    """A set of so many lines, under these rules.

    Parameters
    ----------
    problem, book
        What is asked.
    n_lines
        Lines of the set, the locked ones included.
    with_leave
        Model leave too: needed only when leave cannot be placed on the lines found without.
    not_used
        Indices of dropped positions.
    """

    problem: Problem
    book: RuleBook
    n_lines: int
    with_leave: bool = False
    not_used: tuple[int, ...] = ()

    @cached_property
    def free(self) -> RemainingPosts:
        """The posts the new lines may use."""
        return RemainingPosts(self.problem, self.book, self.not_used)

    @property
    def n_new(self) -> int:
        """Lines to be made."""
        return self.n_lines - len(self.free.kept)

    @property
    def dropped(self) -> tuple[str, ...]:
        """Ids of the dropped positions."""
        return tuple(self.problem.positions[index].id for index in self.not_used)

    @property
    def too_large(self) -> bool:
        """The model would take more memory than a runner has."""
        n_positions, n_terms = len(self.problem.positions), len(self.problem.terms)
        if self.n_new * n_positions * n_terms > parameters.MOST_CELLS:
            return True
        return (
            self.with_leave
            and self.n_new * n_positions * self.problem.year_weeks > parameters.MOST_ABSENCES
        )

    def line(self) -> LineModel:
        """Build the rows of one new line."""
        return LineModel(
            self.problem, self.book, usable=self.free.usable, with_leave=self.with_leave
        )

    def settle(self, n_lines: int, not_used: tuple[int, ...]) -> "Question":
        """Give the same question with the number of lines and the dropped positions decided."""
        return replace(self, n_lines=n_lines, not_used=not_used)

    def read(self, lines: SetModel, values: Values) -> Lines:
        """Read the lines of a solution; unused ones are left out."""
        terms, line = self.problem.terms, lines.line
        new: list[JobLine] = []
        for made in lines.made:
            held = {term: index for (term, index), var in line.cells.items() if values(made[var])}
            if held:
                positions = tuple(self.problem.positions[held[t]] for t in range(len(terms)))
                absence = line.absence
                leave = absence.blocks([values(var) for var in made]) if absence else ()
                new.append(JobLine("", positions, terms, leave))
        return (*self.free.kept, *new)


@dataclass(frozen=True)
class FirstSet:
    """A first legal set, and what was settled to find it.

    Parameters
    ----------
    question
        With the number of lines and the dropped positions decided.
    lines
        The set.
    count_is_proven
        No legal set has more lines (in the sense of the question).
    """

    question: Question
    lines: Lines
    count_is_proven: bool = True


@dataclass(frozen=True)
class Best:
    """The best set found.

    Parameters
    ----------
    lines
        Locked lines first, in their order, then the new ones.
    bound
        Proven upper bound of the score, for what `bound_means` says; None where none is known.
    bound_means
        Empty: for all legal sets.
    proven
        The search ended with a proof that no better set exists (of those meant).
    dropped
        Ids of the positions dropped.
    price_of_fairness
        Points a set found without regard to its floor is better, floors left out; None where none
        was looked for.
    """

    lines: Lines
    bound: int | None
    bound_means: str = ""
    proven: bool = False
    dropped: tuple[str, ...] = ()
    price_of_fairness: int | None = None


@dataclass(frozen=True)
class NoSet:
    """Proof that no legal set exists.

    Parameters
    ----------
    because
        The proof in one sentence.
    most_lines
        The most lines any legal set can have, locked ones included, where the proof says so.
    """

    because: str
    most_lines: int | None = None


@dataclass(frozen=True)
class Unknown:
    """Neither a set nor a proof."""

    because: str
