"""`solve`: a problem becomes a legal set of lines, a proof that there is none, or neither."""

from collections.abc import Callable
from dataclasses import replace

from planner_cli.domain.outcomes import Outcome, Progress, Stopped, Undecided
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.solver import parameters
from planner_cli.solver.explain import Find, counted_out, explain, is_small, scattered
from planner_cli.solver.oracle.question import Best, NoSet, Unknown
from planner_cli.solver.oracle.solving import Ended, how_it_ended, solve_exactly
from planner_cli.solver.outcome import is_legal, to_line_set
from planner_cli.solver.search.by_columns import answer as answer_by_columns
from planner_cli.solver.stop import StoppedEarly, never
from planner_cli.solver.watch import Watch, ignore


def solve(
    problem: Problem,
    options: Options | None = None,
    on_progress: Callable[[Progress], None] = ignore,
    stop: Callable[[], bool] = never,
    finish: Callable[[], bool] = never,
) -> Outcome:
    """Answer a problem.

    Parameters
    ----------
    problem
        As `read_problem` gives it.
    options
        Limits, seed and workers; absent: the problem's own.
    on_progress
        Called from a thread, at least once a second while solving.
    stop
        Asked from a thread ten times a second; once True the outcome is `Stopped` within a second.
    finish
        Asked likewise; once True the best set found so far is the answer, as if the time were over.

    Returns
    -------
    Outcome
        `LineSet`: legal lines, checked by the referee, with a proven bound. `Infeasible`: a proof
        that there are none, in words. `Undecided`: neither in the time allowed. `Stopped`.

    Raises
    ------
    IllegalLines
        The referee objects to the lines found: a fault of the solver.
    """
    options = options or problem.options
    book = rule_book(problem)
    limits = options.time_limit_seconds, options.target_gap
    with Watch(on_progress, stop, *limits, finish=finish) as watch:
        watch.enter("counting")
        answer: Best | NoSet | Unknown
        ended: Ended
        try:
            counted = counted_out(problem, book, lambda: watch.stopped or watch.clock_struck)
            if counted:
                answer, ended = NoSet(counted[0].sentence), "proof"
            else:
                answer, ended = _search(problem, book, options, watch)
        except StoppedEarly:
            answer, ended = Unknown("The time ran out before a first set was found."), "clock"
        if watch.stopped:
            return Stopped(watch.stages())
        return _outcome(problem, book, answer, watch, ended)


def _search(
    problem: Problem, book: RuleBook, options: Options, watch: Watch
) -> tuple[Best | NoSet | Unknown, Ended]:
    """Search by columns; where they find no set and no proof, search line by line."""
    answered = answer_by_columns(problem, book, options, watch)
    answer = answered.outcome
    if isinstance(answer, Unknown) and not watch.should_end:
        answer, ended = solve_exactly(problem, book, options, watch)
        if isinstance(answer, Best) and answer.bound is not None and not answer.bound_means:
            # The other search's bound holds for sets of all lines.
            known = [answer.bound, *([answered.bound] if answered.bound is not None else [])]
            answer = replace(answer, bound=min(known))
        return answer, ended
    return answer, how_it_ended(answer, watch)


def _outcome(
    problem: Problem, book: RuleBook, answer: Best | NoSet | Unknown, watch: Watch, ended: Ended
) -> Outcome:
    match answer:
        case Best():
            return to_line_set(problem, book, answer, watch, ended)
        case NoSet():
            found = explain(problem, book, answer, watch, _finder(watch))
            return Stopped(watch.stages()) if watch.stopped else found
        case Unknown():
            said = (
                "Interrupted before a first set was found." if watch.finishing else answer.because
            )
            return Undecided(said, seconds=watch.stages())


def _finder(watch: Watch) -> Find:
    """Give the search for any legal set that verifies repairs: its score does not matter."""

    def found(problem: Problem, book: RuleBook) -> bool:
        asked = scattered(problem, book)
        seconds, any_gap = (
            max(0.1, min(watch.remaining_seconds, parameters.REPAIR_SECONDS)),
            float("inf"),
        )
        options = Options(time_limit_seconds=seconds)
        with Watch(
            stop=lambda: watch.stopped or watch.finishing, limit_seconds=seconds, target_gap=any_gap
        ) as inner:
            answer = answer_by_columns(asked, book, options, inner).outcome
            if isinstance(answer, Unknown) and is_small(asked):
                answer, _ = solve_exactly(asked, book, options, inner)
            return isinstance(answer, Best) and is_legal(asked, book, answer)

    return found
