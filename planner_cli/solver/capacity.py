"""Quick proofs for explanations: the most lines there can be, and the fewest posts left empty."""

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.solver.kinds import kinds_of
from planner_cli.solver.master import Master
from planner_cli.solver.patterns import Stop
from planner_cli.solver.progress import never as never_stop
from planner_cli.solver.settle import SURE, legal_master, make_pool, most_lines_of, never
from planner_cli.solver.shape import coarsest


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
    kinds = kinds_of(problem, book)
    n_locked = len(kinds.locked)
    if never(kinds):
        return 0 if kinds.overfull else n_locked
    pool = make_pool(coarsest(kinds), stop)
    most = most_lines_of(pool, stop)
    return 0 if most is None else most + n_locked


def can_be_legal(problem: Problem, book: RuleBook, stop: Stop = never_stop) -> bool:
    """Say whether all lines asked for are possible; False is a proof, True is not quite one."""
    kinds = kinds_of(problem, book)
    if never(kinds) is not None:
        return False
    return legal_master(make_pool(coarsest(kinds), stop), stop) is not None


def least_unfilled(problem: Problem, book: RuleBook, stop: Stop = never_stop) -> int | None:
    """Bound from below the funded posts a legal set leaves empty; None when no set is legal.

    `FILL_POSTS` in the book is left aside: it would make them 0 or nothing.
    """
    kinds = kinds_of(problem, book.without("FILL_POSTS"))
    if never(kinds):
        return None
    pool = make_pool(coarsest(kinds), stop)
    master = Master(pool.shape, pool, stop)
    master.aim("wishes")
    found = master.solve(None)
    if found.faults + found.n_missing > SURE:
        return None
    return max(0, int(-(-(found.unfilled - SURE) // 1)))
