"""From a problem to its best lines by columns: what is possible, how many lines, which types."""

from dataclasses import replace

from planner_cli.domain.constraints.on_set import LinesServed
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import score
from planner_cli.solver import parameters
from planner_cli.solver.master.restricted import Master
from planner_cli.solver.oracle.question import Best, NoSet, Unknown
from planner_cli.solver.search.anytime import FirstSets, polished
from planner_cli.solver.search.feasibility import Feasible, find_feasible, in_order, without
from planner_cli.solver.search.limits import Limits
from planner_cli.solver.search.price_and_branch import Answered, Search
from planner_cli.solver.search.small import exactly, is_small
from planner_cli.solver.stop import Stop, StoppedEarly
from planner_cli.solver.watch import Watch


def answer(problem: Problem, book: RuleBook, options: Options, watch: Watch) -> Answered:
    """Search the best set of lines by columns.

    Parameters
    ----------
    problem, book
        What is asked.
    options
        Seed and limits.
    watch
        Is told of phases, scores and bounds; ends the search.
    """

    def stop() -> bool:
        return watch.stopped or watch.clock_struck

    with FirstSets(problem, book, options, watch).running() as first_sets:
        try:
            with watch.within(parameters.SHARE_OF_COLUMNS):
                answered = _answer(problem, book, options, watch, stop)
            if isinstance(answered.outcome, Unknown) and not watch.should_end:
                answered = _strictly(problem, book, options, watch, answered)
        except StoppedEarly:
            answered = Answered(Unknown("The time ran out before a first set was found."))
        if _is_open(answered, watch):
            answered = _better(problem, book, answered, first_sets.best())
    if isinstance(answered.outcome, Best) and _is_open(answered, watch):
        asked = without(problem, answered.outcome.dropped)
        polish = polished(asked, book, answered.outcome, options.seed, watch)
        answered = replace(answered, outcome=polish)
    return answered


def _is_settled(answered: Answered, watch: Watch) -> bool:
    """Say whether this answer is final: proven, out of time, or to be searched another way."""
    proven = isinstance(answered.outcome, Best) and answered.outcome.proven
    return proven or watch.should_end or bool(answered.cramped)


def _is_open(answered: Answered, watch: Watch) -> bool:
    """Say whether a better set is worth looking for."""
    outcome = answered.outcome
    if watch.stopped or watch.target_met or isinstance(outcome, NoSet):
        return False
    return not (isinstance(outcome, Best) and outcome.proven)


def _better(
    problem: Problem, book: RuleBook, answered: Answered, lines: tuple[JobLine, ...] | None
) -> Answered:
    """Take the set the local search found, if it has more lines or a better score."""
    if lines is None:
        return answered
    total, outcome = score(problem, lines).total, answered.outcome
    if isinstance(outcome, Best):
        if any(asked.wished for asked in book.on_set(problem, LinesServed)):
            return answered
        asked = without(problem, outcome.dropped)
        fewer = len(outcome.lines) < len(lines) or outcome.dropped
        if fewer:
            # What was proven of fewer lines, or without some positions, says nothing of these.
            return Answered(Best(lines, None))
        if score(asked, outcome.lines).total >= total:
            return answered
    best = Best(lines, answered.bound, proven=answered.bound == total)
    return replace(answered, outcome=best)


def _answer(
    problem: Problem, book: RuleBook, options: Options, watch: Watch, stop: Stop
) -> Answered:
    """Search by types; where a type cannot be dealt, again with its positions kept apart."""
    apart: frozenset[int] = frozenset()
    while True:
        watch.enter("patterns")
        settled = find_feasible(problem, book, stop, apart)
        if isinstance(settled, NoSet | Unknown):
            return Answered(settled)
        answered = _with_fewer(settled, book, options, watch, apart)
        if isinstance(answered.outcome, Best) or watch.should_end or answered.cramped <= apart:
            return answered
        apart |= answered.cramped


def _in_order(
    master: Master, settled: Feasible, book: RuleBook, options: Options, watch: Watch
) -> Answered:
    """Search the lines of a master problem again, whole and in order of time."""
    nothing = Answered(Unknown("No whole set of lines was found."))
    watch.enter("patterns")
    try:
        ordered = in_order(master.types, lambda: watch.stopped or watch.clock_struck)
        return Search(ordered, settled, book, options, watch).run() if ordered else nothing
    except StoppedEarly:
        return nothing


def _joined(problem: Problem, answered: Answered, again: Answered) -> Answered:
    """Join two answers of one question: the better set, and the lower bound."""
    bound = min((one.bound for one in (answered, again) if one.bound is not None), default=None)
    sets = [one.outcome for one in (again, answered) if isinstance(one.outcome, Best)]
    if not sets:
        return replace(answered, bound=bound, cramped=answered.cramped | again.cramped)
    best = max(sets, key=lambda one: score(problem, one.lines).total)
    proven = bound == score(problem, best.lines).total
    return replace(answered, outcome=replace(best, bound=bound, proven=proven), bound=bound)


def _strictly(
    problem: Problem, book: RuleBook, options: Options, watch: Watch, answered: Answered
) -> Answered:
    """Count service weeks as scheduled where counting them net of leave led nowhere.

    A line that keeps to the cap as scheduled keeps to it net of leave; the bound stays that of the
    wider search.
    """
    if book.practice_cap(problem.terms) is None:
        return answered
    settled = find_feasible(problem, book.as_scheduled(), lambda: watch.should_end)
    if not isinstance(settled, Feasible) or not settled.whole or settled.dropped:
        return answered
    watch.forget_bound()
    found = _with_fewer(settled, book, options, watch)
    if isinstance(found.outcome, Best):
        # Its own bound holds for lines under the stricter count only.
        whole = len(found.outcome.lines) == problem.n_job_lines
        bound = answered.bound if whole else None
        return Answered(replace(found.outcome, bound=bound, proven=False), bound)
    return answered


def _with_fewer(
    settled: Feasible,
    book: RuleBook,
    options: Options,
    watch: Watch,
    apart: frozenset[int] = frozenset(),
) -> Answered:
    """Search for the lines settled, and one line fewer at a time where that is allowed.

    Without a set, the bound given is that of all lines asked for: what was proven of fewer lines,
    or without some positions, says nothing of more. Positions that stand in the way (not yet kept
    `apart`) are for the caller to mend before fewer lines are tried.
    """
    types = settled.types
    answered = of_all = Answered(Unknown("No whole set of lines was found."))
    n_least = (
        types.n_lines
        if not settled.problem.allow_partial
        else types.n_lines - parameters.MOST_FEWER_LINES
    )
    for n_lines in range(types.n_lines, max(0, n_least) - 1, -1):
        if not n_lines + len(types.locked):
            break
        if settled.master is not None and n_lines == types.n_lines:
            master = settled.master
        else:
            pool = settled.pool.fresh(types.with_lines(n_lines))
            master = Master(pool.shape, pool, lambda: watch.stopped or watch.clock_struck)
            watch.forget_bound()
        answered = Search(master, settled, book, options, watch).run()
        if answered.crowded and not watch.should_end:
            again = _in_order(master, settled, book, options, watch)
            answered = _joined(settled.problem, answered, again)
        if n_lines == types.n_lines and is_small(types) and not _is_settled(answered, watch):
            limits = Limits(watch, options.seed, options.time_limit_seconds)
            answered = exactly(settled, book, limits, answered)
        if n_lines == types.n_lines and settled.whole and not settled.dropped:
            of_all = answered
        if isinstance(answered.outcome, Best):
            return answered
        if watch.should_end or not answered.cramped <= apart:
            break
    return replace(of_all, cramped=answered.cramped)
