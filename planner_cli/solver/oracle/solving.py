"""The exact model from end to end: first set, best set, leave; with leave inside if it must be."""

from dataclasses import dataclass, replace
from typing import Literal

from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver.leave.placing import LeaveImpossible, place_leave
from planner_cli.solver.oracle.best import best_set
from planner_cli.solver.oracle.first import first_set
from planner_cli.solver.oracle.question import Best, FirstSet, Lines, NoSet, Question, Unknown
from planner_cli.solver.oracle.search import Work
from planner_cli.solver.watch import Watch

#: What ended a search: a proof, the gap asked for, the work limit, the wall clock, or somebody.
Ended = Literal["proof", "target", "work", "clock", "interrupt"]


def solve_exactly(
    problem: Problem, book: RuleBook, options: Options, watch: Watch
) -> tuple[Best | NoSet | Unknown, Ended]:
    """Search the best set of lines with their leave.

    Parameters
    ----------
    problem, book
        What is asked.
    options
        Seed, workers and the work a time limit stands for.
    watch
        Is told of phases, scores and bounds; ends the search.

    Returns
    -------
    answer
        Best, NoSet (a proof) or Unknown.
    ended
        What ended the search.
    """
    work = Work.of(options)
    question = Question(problem, book, problem.n_job_lines)
    answer = _without_leave(question, work, watch)
    if isinstance(answer, _LeaveFails):
        fallback = answer.fallback
        answer = _with_leave(replace(question, with_leave=True), work, watch)
        if isinstance(answer, Unknown) and fallback is not None:
            answer = fallback
    return answer, how_it_ended(answer, watch)


def find_exactly(
    problem: Problem, book: RuleBook, work: Work, watch: Watch
) -> Lines | NoSet | Unknown:
    """Search any legal set with its leave, or a proof that there is none."""
    question = Question(problem, book, problem.n_job_lines)
    first = first_set(question, work, watch)
    if isinstance(first, FirstSet):
        placed = place_leave(problem, book, first.lines)
        if not isinstance(placed, LeaveImpossible):
            return placed
        first = first_set(replace(question, with_leave=True), work, watch)
    return first.lines if isinstance(first, FirstSet) else first


@dataclass(frozen=True)
class _LeaveFails:
    """Leave cannot be placed on the best lines; `fallback` is a set on which it can."""

    fallback: Best | None


def _without_leave(
    question: Question, work: Work, watch: Watch
) -> Best | NoSet | Unknown | _LeaveFails:
    """Choose the lines first and place leave on them: right whenever leave fits."""
    watch.enter("integer")
    first = first_set(question, work, watch)
    if not isinstance(first, FirstSet):
        return first
    watch.enter("leave")
    placed = place_leave(question.problem, question.book, first.lines)
    if isinstance(placed, LeaveImpossible):
        return _LeaveFails(None)
    watch.enter("integer")
    best = best_set(first, work, watch)
    watch.enter("leave")
    improved = place_leave(question.problem, question.book, best.lines)
    if isinstance(improved, LeaveImpossible):
        return _LeaveFails(replace(best, lines=placed, proven=False))
    return replace(best, lines=improved)


def _with_leave(question: Question, work: Work, watch: Watch) -> Best | NoSet | Unknown:
    """Choose lines and leave together."""
    watch.enter("integer")
    first = first_set(question, work, watch)
    return best_set(first, work, watch) if isinstance(first, FirstSet) else first


def how_it_ended(answer: Best | NoSet | Unknown, watch: Watch) -> Ended:
    """Say what ended a search."""
    if isinstance(answer, NoSet) or (isinstance(answer, Best) and answer.proven):
        return "proof"
    if watch.finishing:
        return "interrupt"
    if watch.target_met:
        return "target"
    return "clock" if watch.cut_short else "work"
