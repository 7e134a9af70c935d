"""From a proof that there is no legal set to an explanation a workforce unit can act on."""

from dataclasses import dataclass, field, replace

from planner_cli.domain.outcomes import Infeasible, Repair
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.explain.conflict import Conflict, confirm_conflict, find_conflict, names_of
from planner_cli.solver.explain.judge import Find, Judge, counted_out
from planner_cli.solver.explain.lines_lp import MostLines
from planner_cli.solver.explain.repairs import find_repairs
from planner_cli.solver.explain.sentences import say_conflict, say_most
from planner_cli.solver.explain.supply import Contradiction
from planner_cli.solver.oracle.question import NoSet
from planner_cli.solver.stop import StoppedEarly
from planner_cli.solver.watch import Watch

_CUT_SHORT = "The time ran out while this was explained: there may be other repairs."


@dataclass
class _Account:
    """What is known so far of why there is no legal set."""

    proof: NoSet
    counted: list[Contradiction] = field(default_factory=list)
    most: MostLines | None = None
    conflict: Conflict | None = None
    sentences: list[str] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    is_whole: bool = True


def explain(problem: Problem, book: RuleBook, proof: NoSet, watch: Watch, find: Find) -> Infeasible:
    """Explain why a problem has no legal set of lines.

    Parameters
    ----------
    problem, book
        What was asked, and is proven to have no answer.
    proof
        The proof in one sentence, for want of a better one, and the most lines it leaves.
    watch
        Is told of the phase; when it ends the work, what is known so far is given.
    find
        Looks for a legal set by all means of the solver: repairs are verified by it.

    Returns
    -------
    Infeasible
        The most lines, the conflict, sentences and repairs.
    """
    watch.enter("explaining")
    account = _Account(proof)
    try:
        _fill(account, problem, book, Judge(watch, find))
    except StoppedEarly:
        account.is_whole = False
    return Infeasible(
        max_lines=_max_lines(account, problem),
        conflict=account.conflict.names if account.conflict else names_of(book),
        sentences=tuple(dict.fromkeys(account.sentences)) or (proof.because,),
        repairs=tuple(account.repairs),
        conflict_is_minimal=account.conflict is not None and account.conflict.is_minimal,
        seconds=watch.stages(),
        notes=book.notes if account.is_whole else (*book.notes, _CUT_SHORT),
    )


def _fill(account: _Account, problem: Problem, book: RuleBook, judge: Judge) -> None:
    account.counted = counted_out(problem, book, judge.stop)
    account.sentences = [
        contradiction.sentence for contradiction in account.counted[: parameters.MOST_TOLD]
    ]
    if account.counted:
        names = account.counted[0].conflict
        account.conflict = confirm_conflict(problem, book, names, judge)
    account.most = _least(judge.most_lines(problem, book), account.proof)
    if account.conflict is None:
        account.sentences = list(say_most(problem, account.most, book))
        account.conflict = find_conflict(problem, book, judge)
        account.sentences.extend(say_conflict(problem, account.conflict, judge))
    elif not account.most.never:
        account.sentences.extend(say_most(problem, account.most, book))
    for repair in find_repairs(problem, book, account.conflict, judge):
        account.repairs.append(repair)
        if judge.stop():
            raise StoppedEarly


def _least(most: MostLines, proof: NoSet) -> MostLines:
    """Take the smaller of two bounds on the number of lines: both are proven."""
    if proof.most_lines is None or most.never:
        return most
    return replace(most, lines=min(most.lines, proof.most_lines))


def _max_lines(account: _Account, problem: Problem) -> int | None:
    """Give the most lines of a legal set, where it is the number of lines that fails."""
    if account.most is None or account.most.never:
        return None
    if problem.allow_partial:
        return 0
    if any(contradiction.most_lines is None for contradiction in account.counted):
        return None
    known = [c.most_lines for c in account.counted if c.most_lines is not None]
    return min([account.most.lines, problem.n_job_lines - 1, *known])
