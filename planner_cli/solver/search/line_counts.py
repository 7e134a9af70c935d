"""Quick proofs: the most lines there can be, and how many would fill every funded post."""

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.master.restricted import Master
from planner_cli.solver.model.position_types import position_types_of
from planner_cli.solver.model.term_classes import coarsest
from planner_cli.solver.search.feasibility import make_pool, most_lines_of, never
from planner_cli.solver.stop import Stop
from planner_cli.solver.stop import never as never_stop


def most_lines(problem: Problem, book: RuleBook, stop: Stop = never_stop) -> int:
    """Bound the number of lines of a legal set, locked ones included, however many are asked for.

    Proven from above: no legal set has more. Order of terms and leave are left out, and lines
    may be fractions, so that now and then even this many cannot be built.

    Parameters
    ----------
    problem, book
        What is asked; a book may have fewer rules than the problem names.
    stop
        Ends the work with `StoppedEarly`.

    Returns
    -------
    int
        At most the lines asked for; 0 when not one line, or no set of any size, is legal.
    """
    types = position_types_of(problem, book)
    n_locked = len(types.locked)
    if never(types):
        return 0 if types.overfull else n_locked
    pool = make_pool(coarsest(types), stop)
    most = most_lines_of(pool, stop)
    return 0 if most is None else most + n_locked


def lines_to_fill(
    problem: Problem, book: RuleBook, n_most: int, stop: Stop = never_stop
) -> int | None:
    """Find the fewest lines, more than asked for, with which every funded post could be filled.

    As far as fractions of lines tell: what order of terms and leave ask is left out.

    Parameters
    ----------
    problem, book
        What was asked, and left funded posts empty.
    n_most
        The most lines tried.
    stop
        Ends the work with `StoppedEarly`.

    Returns
    -------
    int or None
        None where no number up to `n_most` is enough.
    """
    types = position_types_of(problem, book.without("FILL_POSTS"))
    if never(types):
        return None
    pool = make_pool(coarsest(types), stop)
    n_kept = len(types.locked)
    for n_lines in range(problem.n_job_lines + 1, n_most + 1):
        more = pool.fresh(types.with_lines(n_lines - n_kept))
        master = Master(more.shape, more, stop)
        master.aim("wishes")
        found = master.solve(None)
        if found.faults + found.n_missing > parameters.SURE:
            return None
        if found.unfilled <= parameters.SURE:
            return n_lines
    return None
