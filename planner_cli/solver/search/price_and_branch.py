"""Price and branch: a set of a fixed number of lines, floor by floor, the most promising first."""

from dataclasses import dataclass

import numpy as np

from planner_cli.domain.problem import Options
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints
from planner_cli.solver.assignment.orders import arranged
from planner_cli.solver.master.integer import Candidates, Goal, NoChoice, choose
from planner_cli.solver.master.relaxation import Relaxation
from planner_cli.solver.master.restricted import Master
from planner_cli.solver.oracle.question import Best, NoSet, Unknown
from planner_cli.solver.search.diving import Dive
from planner_cli.solver.search.feasibility import Feasible
from planner_cli.solver.search.incumbent import Incumbent
from planner_cli.solver.search.limits import Limits
from planner_cli.solver.search.max_min import Floor, Floors, whole
from planner_cli.solver.stop import StoppedEarly
from planner_cli.solver.watch import Watch


@dataclass(frozen=True)
class Answered:
    """What the columns say.

    Parameters
    ----------
    outcome
        Lines, a proof that there are none, or neither.
    bound
        Proven upper bound of the score; None where none is known.
    cramped
        Indices of positions whose types could not be dealt without a position coming twice.
    crowded
        A choice of columns without an order did not fit into the terms: whole lines in order
        are to be searched.
    """

    outcome: Best | NoSet | Unknown
    bound: int | None = None
    cramped: frozenset[int] = frozenset()
    crowded: bool = False


class Search:
    """The search for a fixed number of lines, floor by floor, the most promising first."""

    def __init__(
        self, master: Master, feasible: Feasible, book: RuleBook, options: Options, watch: Watch
    ) -> None:
        self._master, self._feasible, self._watch = master, feasible, watch
        self._problem, self._types = feasible.problem, master.types
        self._limits = Limits(watch, options.seed, options.time_limit_seconds)
        self._incumbent = Incumbent(self._problem, book, self._types, self._limits)

    def run(self) -> Answered:
        """Search floors until none promises more, or work or time is used up."""
        if not self._types.n_lines:
            self._incumbent.keep_locked()
            return Answered(self._best(self._incumbent.score), self._incumbent.score)
        self._watch.enter("bound")
        self._master.aim("score")
        slack = 2 * self._master.pool.forgives
        floors = Floors(self._master, self._floors(), slack, self._told)
        because = "No whole set of lines was found."
        try:
            self._search(floors)
        except StoppedEarly:
            because = "The time ran out before a first set was found."
        crowded = self._is_crowded()
        if self._incumbent.lines is None:
            nothing = Unknown(because)
            return Answered(nothing, floors.bound, self._incumbent.cramped, crowded)
        return Answered(self._best(floors.bound), floors.bound, crowded=crowded)

    def _is_crowded(self) -> bool:
        return self._incumbent.is_crowded(self._master.shape)

    def _told(self, bound: int) -> bool:
        self._watch.improve(bound=bound)
        return self._watch.should_end

    def _floors(self) -> Ints:
        values = self._master.pool.floors()
        if self._types.locked_scores:
            ceiling = min(self._types.locked_scores)
            values = np.append(values[values < ceiling], ceiling)
        return values

    def _search(self, floors: Floors) -> None:
        lowest = floors.lowest()
        self._watch.improve(bound=floors.bound)
        self._find_some_set(lowest)
        if self._incumbent.lines is None and self._incumbent.cramped:
            return
        n_searched = 0
        while n_searched < parameters.MOST_FLOORS and not self._watch.target_met:
            if self._is_crowded():
                return
            self._watch.enter("bound")
            floor = floors.most_promising(self._incumbent.score)
            if floor is None:
                return
            self._watch.improve(bound=max(floors.bound, floor.bound))
            if floor.by_the_way:
                self._find_some_set(floor)
                continue
            n_searched += 1
            bound = float(floor.relaxed.bound)
            try:
                bound = self._search_floor(floor)
            finally:
                floors.close(floor, bound)
            if self._watch.should_end:
                return

    def _find_some_set(self, floor: Floor) -> None:
        """Find some set of a floor, good or not, so that there is one whatever happens."""
        relaxed = self._relaxed(floor)
        if relaxed.n_missing + relaxed.faults <= parameters.SURE:
            self._dive(floor, relaxed).once()

    def _search_floor(self, floor: Floor) -> float:
        """Search until the floor's bound is reached; give the bound of the value proven here."""
        relaxed = self._relaxed(floor)
        best = self._incumbent.score - (floor.bound - whole(floor.relaxed.bound))
        if relaxed.n_missing + relaxed.faults > parameters.SURE or relaxed.value <= best:
            return floor.relaxed.bound
        self._dive(floor, relaxed).again_and_again()
        if self._incumbent.score < floor.bound and not self._watch.should_end:
            return self._prove(floor)
        return floor.relaxed.bound

    def _relaxed(self, floor: Floor) -> Relaxation:
        """Give the floor's relaxed set; solved again where the master has forgotten its columns."""
        if floor.relaxed.generation == self._master.generation:
            return floor.relaxed
        return self._master.solve(floor.floor, prove=False)

    def _dive(self, floor: Floor, relaxed: Relaxation) -> Dive:
        return Dive(self._master, floor.floor, relaxed, self._incumbent, self._limits)

    def _prove(self, floor: Floor) -> float:
        """Search all columns a better set can hold; give the bound of the value proven."""
        bound = float(floor.relaxed.bound)
        needed = self._incumbent.score + 1 - (floor.bound - whole(bound))
        least = min(0.0, needed - bound) - parameters.SURE
        columns = self._master.pool.worth_at_least(
            floor.relaxed.prices, floor.floor, least, parameters.PROOF_COLUMNS
        )
        if columns is None:
            return bound
        self._watch.enter("integer")
        columns = arranged(columns, parameters.PROOF_ORDERS) or columns
        none = np.zeros(len(columns), np.int64)
        work = self._limits.work(parameters.PROOF_UNITS)
        candidates = Candidates(columns, none, self._incumbent.crowded)
        choice = choose(candidates, Goal(needed=needed), work, self._limits.stop)
        if isinstance(choice, NoChoice):
            return needed - 1 if choice.proven else bound
        self._incumbent.offer(choice)
        return min(bound, choice.bound)

    def _best(self, bound: int) -> Best:
        assert self._incumbent.lines is not None  # noqa: S101
        n_lines, asked = len(self._incumbent.lines), self._problem.n_job_lines
        means = []
        if n_lines < asked:
            means.append(f"sets of {n_lines} lines")
        if self._feasible.dropped:
            means.append("sets without the dropped positions")
        if self._feasible.wishes:
            means.append("sets that serve the preferred pathways as well")
        return Best(
            self._incumbent.lines,
            bound,
            "Proven for " + " and ".join(means) + "." if means else "",
            proven=bound == self._incumbent.score,
            dropped=self._feasible.dropped,
            price_of_fairness=self._incumbent.price_of_fairness,
        )
