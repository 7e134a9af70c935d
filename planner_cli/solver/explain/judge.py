"""Whether a problem can have an answer: by counting, by linear program, and line by line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.explain.counting import contradictions
from planner_cli.solver.explain.lines_lp import MostLines, most_lines
from planner_cli.solver.explain.supply import Contradiction
from planner_cli.solver.model.remaining_posts import locked_lines
from planner_cli.solver.oracle.question import NoSet, Unknown
from planner_cli.solver.oracle.search import Work
from planner_cli.solver.oracle.solving import find_exactly
from planner_cli.solver.search.feasibility import find_feasible
from planner_cli.solver.stop import Stop, never
from planner_cli.solver.watch import Watch

#: impossible is a proof; possible says that a set was found, or that nothing speaks against one.
Verdict = Literal["impossible", "possible", "unknown"]


#: Looks for a legal set by all means of the solver; True when there is one.
Find = Callable[[Problem, RuleBook], bool]


@dataclass
class Judge:
    """Judges variants of one problem.

    Parameters
    ----------
    watch
        Ends the work; `StoppedEarly` is raised by what asks it in between.
    find
        Looks for a legal set by all means.
    """

    watch: Watch
    find: Find
    _thorough: bool = False

    def be_thorough(self) -> None:
        """Ask the solver's own first proof too, where the quicker ones find nothing."""
        self._thorough = True

    def stop(self) -> bool:
        """Say whether to end the work."""
        return self.watch.stopped or self.watch.clock_struck

    def verdict(self, problem: Problem, book: RuleBook) -> Verdict:
        """Judge a problem under a book of rules."""
        wanted = lines_wanted(problem, book)
        if counted_out(problem, book, self.stop):
            return "impossible"
        most = self.most_lines(problem, book)
        if most.never or most.lines < wanted:
            return "impossible"
        if self._thorough and isinstance(find_feasible(problem, book, self.stop), NoSet):
            return "impossible"
        return self._line_by_line(problem, book) if is_small(problem) else "possible"

    def most_lines(self, problem: Problem, book: RuleBook) -> MostLines:
        """Bound the lines of a legal set by the linear program."""
        return most_lines(problem, book, self.stop)

    def _line_by_line(self, problem: Problem, book: RuleBook) -> Verdict:
        work = Work(parameters.SMALL_UNITS, seed=1, workers=1)
        with Watch(stop=self.stop, limit_seconds=self.watch.remaining_seconds) as watch:
            found = find_exactly(problem, book, work, watch)
        if isinstance(found, NoSet):
            return "impossible"
        return "unknown" if isinstance(found, Unknown) else "possible"


def counted_out(problem: Problem, book: RuleBook, stop: Stop = never) -> list[Contradiction]:
    """Give the contradictions that leave no answer, however few lines are allowed.

    Raises
    ------
    StoppedEarly
        If `stop` answers True before all was counted.
    """
    wanted = lines_wanted(problem, book)
    return [
        contradiction
        for contradiction in contradictions(problem, book, stop)
        if contradiction.most_lines is None or contradiction.most_lines < wanted
    ]


def is_small(problem: Problem) -> bool:
    """Say whether a search line by line is worth its time."""
    return (
        problem.n_job_lines * len(problem.terms) * len(problem.positions) <= parameters.SMALL_CELLS
    )


def lines_wanted(problem: Problem, book: RuleBook) -> int:
    """Give the fewest lines that are an answer, locked ones included."""
    if problem.allow_partial:
        return max(1, len(locked_lines(problem, book)))
    return problem.n_job_lines
