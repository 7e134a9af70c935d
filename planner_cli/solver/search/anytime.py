"""A legal set early and a better one late: the local search beside the columns, and after them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import score
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Small
from planner_cli.solver.leave.placing import LeaveImpossible, deal_leave, place_leave
from planner_cli.solver.oracle.question import Best
from planner_cli.solver.search.incumbent import without_floor
from planner_cli.solver.search.local_search import LocalSearch, Schedule
from planner_cli.solver.search.whole_lines import Hospital
from planner_cli.solver.stop import StoppedEarly
from planner_cli.solver.watch import Watch

Lines = tuple[JobLine, ...]


class FirstSets:
    """The local search from random lines, in a thread of its own.

    Its work is counted, so that what it finds does not depend on who is faster: only where the
    time is over is it what was found by then.

    Parameters
    ----------
    problem, book
        What is asked; all lines.
    options
        The seed.
    watch
        Ends the work; is shown each better score.
    """

    def __init__(self, problem: Problem, book: RuleBook, options: Options, watch: Watch) -> None:
        self._problem, self._book, self._watch = problem, book, watch
        self._seed = options.seed
        self._over, self._asked = threading.Event(), threading.Event()
        self._found: Lines | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="local search", daemon=True)

    @contextmanager
    def running(self) -> Iterator["FirstSets"]:
        """Search while something else is done; what is not finished then is given up."""
        self._thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._asked.set()
            self._thread.join()

    def best(self) -> Lines | None:
        """Wait for the search to end and give its best set with leave; None where it has none."""
        self._asked.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._found

    def _stop(self) -> bool:
        return self._over.is_set() or self._watch.stopped or self._watch.clock_struck

    def _run(self) -> None:
        try:
            self._search()
        except StoppedEarly:
            return
        except BaseException as failure:  # noqa: BLE001  (raised where the set is asked for)
            self._failure = failure

    def _search(self) -> None:
        hospital = Hospital(self._problem, self._book)

        def keep(held: Small, total: int) -> None:
            if self._found is None:
                self._found = deal_leave(
                    self._problem, self._book, hospital.lines(held), self._stop
                )
                if self._found is not None:
                    self._watch.show(total)
                    self._asked.wait(parameters.FIRST_PAUSE_SECONDS)

        search = LocalSearch(hospital, self._seed, keep)
        hot, cold = parameters.FIRST_NOISE
        best = search.run(Schedule(parameters.FIRST_SWEEPS, hot, cold), self._stop)
        if best is None or self._over.is_set():
            return
        found = deal_leave(self._problem, self._book, hospital.lines(best), self._stop)
        if found is not None:
            self._found = found
            self._watch.show(search.best_score)


def polished(problem: Problem, book: RuleBook, best: Best, seed: int, watch: Watch) -> Best:
    """Improve a set by the local search, from there on, as long as its bound leaves room.

    Parameters
    ----------
    problem, book
        What is asked, the dropped positions left out.
    best
        The set with its bound.
    seed
        Of the search.
    watch
        Ends the work; is told of each better score.
    """
    asked = problem.model_copy(update={"n_job_lines": len(best.lines)})
    hospital = Hospital(asked, book, as_well_as=best.lines)
    lines, total = best.lines, score(problem, best.lines).total
    for number, (hot, sweeps) in enumerate(parameters.POLISH_ROUNDS):
        if watch.should_end or (best.bound is not None and total >= best.bound):
            break
        search = LocalSearch(hospital, seed + number, lambda *_: None)
        schedule = Schedule(sweeps, hot, parameters.POLISH_COLD)
        held = search.run(schedule, lambda: watch.should_end, hospital.held(lines))
        if held is None or search.best_score <= total:
            continue
        placed = place_leave(problem, book, hospital.lines(held))
        if isinstance(placed, LeaveImpossible):
            continue
        lines, total = placed, search.best_score
        watch.improve(score=total)
    return _with_lines(problem, best, lines, total)


def _with_lines(problem: Problem, best: Best, lines: Lines, total: int) -> Best:
    price = best.price_of_fairness
    if price is not None:
        most = price + without_floor(score(problem, best.lines))
        price = max(0, most - without_floor(score(problem, lines)))
    return replace(best, lines=lines, proven=best.bound == total, price_of_fairness=price)
