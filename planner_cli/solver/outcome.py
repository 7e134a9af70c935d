"""From lines to an answer: names, leave checked, reasons for empty posts, the referee's word."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from planner_cli.domain.lines import JobLine
from planner_cli.domain.outcomes import LineSet
from planner_cli.domain.problem import Problem
from planner_cli.domain.referee import objections, violations
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import Score, score, unfilled_posts
from planner_cli.errors import IllegalLines
from planner_cli.solver import parameters
from planner_cli.solver.oracle.line_model import LineModel
from planner_cli.solver.oracle.objective import largest
from planner_cli.solver.oracle.question import Best
from planner_cli.solver.oracle.solving import Ended
from planner_cli.solver.search.feasibility import without
from planner_cli.solver.search.line_counts import lines_to_fill
from planner_cli.solver.stop import Stop, StoppedEarly, never
from planner_cli.solver.watch import Watch

_log = logging.getLogger(__name__)


def name_lines(problem: Problem, lines: Sequence[JobLine]) -> tuple[JobLine, ...]:
    """Name the new lines and order all by name.

    New lines are numbered in the order of their positions in the problem, term by term, so that
    equal sets get equal names; names of locked lines are left out.

    Parameters
    ----------
    problem
        Gives the order of positions.
    lines
        Locked lines with their names, new ones without.
    """
    index_of = {position.id: index for index, position in enumerate(problem.positions)}
    kept = [line for line in lines if line.locked]
    new = sorted(
        (line for line in lines if not line.locked),
        key=lambda line: (
            [index_of[position.id] for position in line.positions],
            [(block.start_week, block.weeks) for block in line.leave],
        ),
    )
    taken = {record.name for record in problem.locked_lines}
    width = max(2, len(str(problem.n_job_lines)))
    numbers = (
        name
        for number in range(1, len(new) + len(taken) + 1)
        if (name := f"Line {number:0{width}}") not in taken
    )
    named = [replace(line, name=name) for line, name in zip(new, numbers, strict=False)]
    return tuple(sorted((*kept, *named), key=lambda line: line.name))


def is_legal(problem: Problem, book: RuleBook, best: Best) -> bool:
    """Say whether the referee has no objection to a set."""
    records = [line.to_record() for line in name_lines(problem, best.lines)]
    return not objections(violations(without(problem, best.dropped), records, book))


def check(problem: Problem, book: RuleBook, lines: Sequence[JobLine]) -> None:
    """Let the referee look at an answer before it leaves the solver.

    Raises
    ------
    IllegalLines
        Naming the first objection: a fault of the solver, never an answer.
    """
    found = objections(violations(problem, [line.to_record() for line in lines], book))
    if found:
        first = found[0]
        where = f"{first.line}: " if first.line else ""
        raise IllegalLines(
            f"The referee objects {len(found)} times, first: {where}{first.rule}: {first.message}.",
            "This is a fault of the planner: report it with the problem file.",
        )


def to_line_set(
    problem: Problem, book: RuleBook, best: Best, watch: Watch, ended: Ended
) -> LineSet:
    """Make the answer: names, score, reasons for empty posts, notes; checked by the referee.

    Parameters
    ----------
    problem, book
        What was asked.
    best
        The lines, with their leave, and the bound.
    watch
        Gives the seconds by stage.
    ended
        What ended the search.

    Raises
    ------
    IllegalLines
        If the referee objects.
    """
    watch.enter("checking")
    lines = name_lines(problem, best.lines)
    check(without(problem, best.dropped), book, lines)
    found = score(problem, lines)
    return LineSet(
        lines=lines,
        score=found,
        bound=_believable(_with_dropped(problem, best, found), found.total),
        bound_means=best.bound_means,
        dropped_positions=best.dropped,
        unfilled_reasons=reasons(problem, book, lines, best, lambda: watch.should_end),
        notes=(
            *notes(problem, book, lines, ended),
            *_more_lines(problem, book, best, watch),
        ),
        stopped_by=ended,
        seconds=watch.stages(),
        price_of_fairness=best.price_of_fairness,
    )


def _with_dropped(problem: Problem, best: Best, found: Score) -> int | None:
    """Count the funded posts of dropped positions in the bound too: they are empty in every set."""
    if best.bound is None or not best.dropped:
        return best.bound
    return best.bound + found.total - score(without(problem, best.dropped), best.lines).total


def _believable(bound: int | None, score: int) -> int | None:
    """Return a bound no set contradicts; one below a score that was reached is a fault of ours.

    Such a bound proves nothing, so none is reported, and the fault is logged as an error: the
    tests fail on it.
    """
    if bound is not None and bound < score:
        _log.error("The bound %d is below the score %d that was reached.", bound, score)
        return None
    return bound


def _more_lines(problem: Problem, book: RuleBook, best: Best, watch: Watch) -> Iterator[str]:
    """Say how many lines would fill the funded posts that stay empty, where more are accredited."""
    asked = without(problem, best.dropped)
    empty = sum(unfilled_posts(asked, best.lines).values())
    accredited = [
        sum(p.posts_max[term] for p in asked.positions) for term in range(len(asked.terms))
    ]
    n_most = min(*accredited, int(problem.n_job_lines * (1 + parameters.MORE_LINES_LOOKED_AT)) + 1)
    if not empty or watch.should_end:
        return
    try:
        enough = lines_to_fill(asked, book, n_most, lambda: watch.should_end)
    except StoppedEarly:
        return
    if enough is not None:
        posts = "1 funded post is" if empty == 1 else f"{empty} funded posts are"
        yield f"{posts} empty. {enough} lines could fill every funded post: ask for {enough}."


def notes(
    problem: Problem, book: RuleBook, lines: Sequence[JobLine], ended: Ended
) -> Iterator[str]:
    """Yield what a reader should know of an answer."""
    yield from book.notes
    if ended == "clock":
        yield (
            "The wall clock ended the search before its work limit did: on a faster or quieter "
            "machine the same request may give better lines."
        )
    if ended == "interrupt":
        yield "The search was interrupted: these are the best lines it had found."
    if problem.options.workers > 1:
        yield "With more than one worker a replay may give other lines of the same worth."
    for rule in book.rules:
        yield from rule.unmet_wishes(problem, lines)


def reasons(
    problem: Problem,
    book: RuleBook,
    lines: Sequence[JobLine],
    best: Best,
    stop: Stop = never,
) -> dict[tuple[str, int], str]:
    """Say why funded posts are empty, by position id and term (from 1).

    Once `stop` answers True, no more posts are looked at closely.
    """
    asked = _Holding(problem, book, stop)
    return {
        (position, term + 1): _reason(problem, lines, best, (position, term), asked)
        for position, term in unfilled_posts(problem, lines)
    }


def _reason(
    problem: Problem,
    lines: Sequence[JobLine],
    best: Best,
    post: tuple[str, int],
    asked: "_Holding",
) -> str:
    position_id, term = post
    if position_id in best.dropped:
        return "The position is dropped: only that saved the run."
    funded = sum(position.posts_min[term] for position in problem.positions)
    if funded > len(lines):
        return f"Term {term + 1} has {funded} funded posts for {len(lines)} lines."
    if not asked.is_possible(position_id, term):
        name = problem.position_by_id[position_id].name
        return f"No line that meets every rule can hold {name} in Term {term + 1}."
    if best.proven:
        return (
            f"Can't be filled with {len(lines)} lines without emptying another funded post, or "
            "losing more than the 1,000 points it is worth."
        )
    return "No better set that fills it was found; there may be one."


class _Holding:
    """Whether some line that meets every line rule can hold a position in a term."""

    def __init__(self, problem: Problem, book: RuleBook, stop: Stop) -> None:
        self._problem, self._book, self._stop = problem, book, stop

    @cached_property
    def _line(self) -> LineModel:
        return LineModel(self._problem, self._book)

    def is_possible(self, position_id: str, term: int) -> bool:
        """Say whether a line can hold it; True where there is no time to look."""
        if self._stop():
            return True
        index = [position.id for position in self._problem.positions].index(position_id)
        cell = self._line.cells.get((term, index))
        return cell is not None and largest(self._line, {cell: 1}) > 0
