"""The search for a set of a fixed number of lines, floor by floor, the most promising first."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Options
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import Score, score
from planner_cli.solver import parameters
from planner_cli.solver.assignment.disaggregation import deal
from planner_cli.solver.assignment.orders import arrange, arranged
from planner_cli.solver.assignment.placement_cuts import Crowding
from planner_cli.solver.assignment.terms import Placed, judge, place
from planner_cli.solver.columns.enumeration import Patterns, StoppedEarly
from planner_cli.solver.leave.placing import LeaveImpossible, place_leave
from planner_cli.solver.master.integer import Candidates, Choice, Goal, NoChoice, Work, choose
from planner_cli.solver.master.restricted import Master, Relaxation, TooMuchSettled
from planner_cli.solver.model.line_constraints import Ints
from planner_cli.solver.oracle.question import Best, NoSet, Unknown
from planner_cli.solver.pricing.enumerated import Floats, Pool
from planner_cli.solver.search.feasibility import Feasible
from planner_cli.solver.search.max_min import Floor, Floors, whole
from planner_cli.solver.watch import Watch


@dataclass(frozen=True)
class Answered:
    """What the patterns say.

    Parameters
    ----------
    outcome
        Lines, a proof that there are none, or neither.
    bound
        Proven upper bound of the score; None where none is known.
    cramped
        Indices of positions whose types could not be dealt without a position coming twice.
    """

    outcome: Best | NoSet | Unknown
    bound: int | None = None
    cramped: frozenset[int] = frozenset()


class Search:
    """The search for a fixed number of lines, floor by floor, the most promising first."""

    def __init__(
        self, master: Master, settled: Feasible, book: RuleBook, options: Options, watch: Watch
    ) -> None:
        self.master, self.settled = master, settled
        self.pool, self.types = master.pool, master.types
        self.book, self.options, self.watch = book, options, watch
        self.problem = settled.problem
        self.best: tuple[JobLine, ...] | None = None
        self.best_score = -(10**18)
        self._best_worth: int | None = None
        self.cramped: frozenset[int] = frozenset()
        self.crowded: tuple[Crowding, ...] = ()

    def run(self) -> Answered:
        """Search floors until none promises more, or work or time is used up."""
        if not self.types.n_lines:
            return self._locked_only()
        self.watch.enter("bound")
        self.master.aim("score")
        floors = Floors(self.master, self._floors(), 2 * self.pool.forgives, self._told)
        try:
            self._search(self.master, floors)
        except StoppedEarly:
            if self.best is None:
                raise
        if self.best is None:
            nothing = Unknown("No whole set of lines was found.")
            return Answered(nothing, floors.bound, self.cramped)
        return Answered(self._best(floors.bound), floors.bound)

    def _told(self, bound: int) -> bool:
        self.watch.improve(bound=bound)
        return self.watch.should_end

    def _locked_only(self) -> Answered:
        self.best = self.types.locked
        self.best_score = score(self.problem, self.best).total
        return Answered(self._best(self.best_score), self.best_score)

    def _search(self, master: Master, floors: Floors) -> None:
        lowest = floors.lowest()
        self.watch.improve(bound=floors.bound)
        _AtFloor(self, master, lowest).first()
        if self.best is None and self.cramped:
            return
        n_searched = 0
        while n_searched < parameters.MOST_FLOORS and not self.watch.target_met:
            self.watch.enter("bound")
            floor = floors.most_promising(self.best_score)
            if floor is not None:
                self.watch.improve(bound=max(floors.bound, floor.bound))
            if floor is None:
                return
            if floor.by_the_way:
                _AtFloor(self, master, floor).first()
                continue
            n_searched += 1
            bound = float(floor.relaxed.bound)
            try:
                bound = _AtFloor(self, master, floor).run()
            finally:
                floors.close(floor, bound)
            if self.watch.should_end:
                return

    def _best(self, bound: int) -> Best:
        assert self.best is not None  # noqa: S101
        n_lines, asked = len(self.best), self.problem.n_job_lines
        means = []
        if n_lines < asked:
            means.append(f"sets of {n_lines} lines")
        if self.settled.dropped:
            means.append("sets without the dropped positions")
        if self.settled.wishes:
            means.append("sets that serve the preferred pathways as well")
        return Best(
            self.best,
            bound,
            "Proven for " + " and ".join(means) + "." if means else "",
            proven=bound == self.best_score,
            dropped=self.settled.dropped,
            price_of_fairness=self._price_of_fairness(),
        )

    def _price_of_fairness(self) -> int | None:
        """Compare with the sets found before the floor was raised."""
        if self.best is None or self._best_worth is None:
            return None
        return self._best_worth - _without_floor(score(self.problem, self.best))

    def stop(self) -> bool:
        """Say whether to end at once: somebody asked for it, or the time is over."""
        return self.watch.stopped or self.watch.clock_struck

    def _floors(self) -> Ints:
        values = self.pool.floors() if self.types.n_lines else np.zeros(0, dtype=np.int64)
        if self.types.locked_scores:
            ceiling = min(self.types.locked_scores)
            values = np.append(values[values < ceiling], ceiling)
        return values

    def work(self, units: float) -> Work:
        """Allow so many units of deterministic work, within what is left of the time."""
        return Work(units, self.watch.remaining_seconds, self.options.seed)

    def keep(self, choice: Choice) -> tuple[int, ...] | None:
        """Place and deal a choice, give it leave, and keep it if it is the best so far.

        Gives the lines that are duplicates, or None where no legal set came of it.
        """
        for attempt in range(parameters.MOST_PLACEMENTS):
            self.watch.enter("terms")
            placed = self._place(choice, self.options.seed + attempt * parameters.OTHER_SEED)
            if placed is not None and placed.crowding:
                self.crowded = (*self.crowded, placed.crowding)
            if placed is None or placed.overfull:
                return None
            dealt = deal(self.types, placed.types, self.stop)
            lines = self._lines(dealt.positions)
            found = score(self.problem, lines)
            if dealt.repeated:
                self.cramped |= self._tight(placed.types[list(dealt.repeated)])
                return None
            if self.types.fill and found.unfilled:
                return None
            if found.total <= self.best_score or self._has_leave(lines, found):
                return dealt.equal
        return None

    def _tight(self, held: Ints) -> frozenset[int]:
        """Give the positions of the types that some of these lines hold more than once."""
        more = {type_ for row in held.tolist() for type_, n in Counter(row).items() if n > 1}
        members = (self.types.members[type_] for type_ in more)
        return frozenset(p for group in members if len(group) > 1 for p in group)

    def _has_leave(self, lines: tuple[JobLine, ...], found: Score) -> bool:
        """Place leave; keep the lines if that succeeds."""
        self.watch.enter("leave")
        with_leave = place_leave(self.problem, self.book, lines)
        if isinstance(with_leave, LeaveImpossible):
            return False
        self.best_score, self.best = found.total, with_leave
        self._best_worth = max(_without_floor(found), self._best_worth or _without_floor(found))
        self.watch.improve(score=found.total)
        return True

    def _place(self, choice: Choice, seed: int) -> Placed | None:
        shape = choice.patterns.shape
        if shape.in_order:
            return judge(self.types, choice.patterns.types.astype(np.int64))
        if shape.exact_columns:
            return place(choice.patterns, choice.posts, self.stop, seed)
        return arrange(choice.patterns, choice.posts, self.stop, seed)

    def _lines(self, dealt: Ints) -> tuple[JobLine, ...]:
        positions, terms = self.problem.positions, self.problem.terms
        new = (
            JobLine("", tuple(positions[index] for index in row), terms) for row in dealt.tolist()
        )
        return (*self.types.locked, *new)


class _AtFloor:
    """The search at one floor: a relaxed set made whole, dealt, and relaxed again where it fails.

    What a deal teaches (a pattern cannot be dealt as so many different sets of positions) caps
    the pattern in the master problem, whose next solution goes around it.
    """

    def __init__(self, search: Search, master: Master, floor: Floor) -> None:
        self._search, self._master, self._floor = search, master, floor
        self._relaxed = floor.relaxed
        if floor.relaxed.generation != master.generation:
            self._relaxed = master.solve(floor.floor, prove=False)
        self._top = whole(floor.relaxed.value)

    def first(self) -> None:
        """Find some set, good or not, so that there is one whatever happens."""
        if self._relaxed.n_missing + self._relaxed.faults <= parameters.SURE:
            self._keep_whole_set()

    def run(self) -> float:
        """Search until the floor's bound is reached; give the bound of the value proven here."""
        best = self._search.best_score - (self._floor.bound - whole(self._floor.relaxed.bound))
        if (
            self._relaxed.n_missing + self._relaxed.faults > parameters.SURE
            or self._relaxed.value <= best
        ):
            return self._floor.relaxed.bound
        try:
            self._dive()
        finally:
            self._master.reset_bounds()
        if self._search.best_score < self._floor.bound and not self._search.watch.should_end:
            return self._prove()
        return self._floor.relaxed.bound

    def _dive(self) -> None:
        for _ in range(parameters.MOST_DEALS):
            choice, equal = self._keep_whole_set()
            if choice is None or not equal or self._search.watch.should_end:
                return
            self._search.watch.enter("bound")
            self._master.cap(_lessons(choice, equal))
            self._relaxed = self._master.solve(self._floor.floor, prove=False)

    def _keep_whole_set(self) -> tuple[Choice | None, tuple[int, ...] | None]:
        """Make sets whole until one is not proven too crowded; give it, and its duplicates."""
        choice = equal = None
        for _ in range(parameters.MOST_DEALS):
            n_known = len(self._search.crowded)
            choice = self._whole_set()
            if choice is None or self._search.watch.should_end:
                return None, None
            equal = self._search.keep(choice)
            if len(self._search.crowded) == n_known:
                break
        return choice, equal

    def _prove(self) -> float:
        """Search all patterns a better set can hold; give the bound of the value proven."""
        bound = float(self._floor.relaxed.bound)
        needed = self._search.best_score + 1 - (self._floor.bound - whole(bound))
        least = min(0.0, needed - bound) - parameters.SURE
        prices, floor = self._floor.relaxed.prices, self._floor.floor
        columns = self._search.pool.worth_at_least(prices, floor, least, parameters.PROOF_COLUMNS)
        if columns is None:
            return bound
        self._search.watch.enter("integer")
        columns = arranged(columns, parameters.PROOF_ORDERS) or columns
        none = np.zeros(len(columns), np.int64)
        work = self._search.work(parameters.PROOF_UNITS)
        candidates = Candidates(columns, none, self._search.crowded)
        goal = Goal(needed=needed)
        choice = choose(candidates, goal, work, self._search.stop)
        if isinstance(choice, NoChoice):
            return needed - 1 if choice.proven else bound
        self._search.keep(choice)
        return min(bound, choice.bound)

    def _whole_set(self) -> Choice | None:
        """Make the relaxed set whole: settle what is whole, round up, relax the rest again."""
        start = relaxed = self._relaxed
        share = parameters.DIVE_STEP
        try:
            for _ in range(parameters.MOST_DIVES):
                if self._search.watch.should_end:
                    return None
                least = _rounded(relaxed.use, share)
                if least is None:
                    choice = _as_choice(relaxed)
                    if all(known.allows(choice.patterns) for known in self._search.crowded):
                        return choice
                    break
                settled = self._settled(least)
                if settled is not None:
                    relaxed = settled
                elif share:
                    share = 0.0
                else:
                    break
        finally:
            self._master.reset_bounds(caps=False)
        return self._searched(start)

    def _settled(self, least: Floats) -> Relaxation | None:
        self._master.fix(least)
        try:
            relaxed = self._master.solve(self._floor.floor, prove=False)
        except TooMuchSettled:
            return None
        return relaxed if relaxed.n_missing + relaxed.faults <= parameters.SURE else None

    def _searched(self, relaxed: Relaxation) -> Choice | None:
        self._search.watch.enter("integer")
        columns, kept = _candidates(self._search.pool, relaxed, self._floor.floor)
        short = int(np.ceil(relaxed.unfilled - parameters.SURE))
        for at_least, units in ((kept, 2.0), (kept // 2, 4.0), (kept * 0, 10.0)):
            candidates = Candidates(columns, at_least, self._search.crowded)
            goal = Goal(short, None, self._top)
            work = self._search.work(units)
            choice = choose(candidates, goal, work, self._search.stop)
            if isinstance(choice, Choice) or self._search.watch.should_end:
                return choice if isinstance(choice, Choice) else None
        return None


def _without_floor(found: Score) -> int:
    """Give a score without the worth of its floor."""
    return found.total - len(found.of_lines) * found.floor


def _rounded(use: Floats, share: float) -> Floats | None:
    """Settle the whole part of each use and round the largest parts up; None where all is whole."""
    whole_part = np.floor(use + parameters.SURE)
    part = use - whole_part
    parts = np.flatnonzero(part > parameters.SURE)
    if not len(parts):
        return None
    up = parts[np.argsort(-part[parts], kind="stable")][: max(1, int(len(parts) * share))]
    whole_part[up] += 1
    return whole_part


def _as_choice(relaxed: Relaxation) -> Choice:
    """Read a relaxed set without parts of lines as a choice."""
    times = np.rint(relaxed.use).astype(np.int64)
    lines = relaxed.columns.take(np.repeat(np.arange(len(times)), times))
    posts = np.rint(relaxed.posts).astype(np.int64)
    return Choice(lines, posts, whole(relaxed.value), 0.0, proven=False)


def _lessons(choice: Choice, equal: tuple[int, ...]) -> dict[bytes, int]:
    """Say how often each pattern could be dealt as different sets of positions."""
    rows = [row.tobytes() for row in choice.patterns.types]
    used = Counter(rows)
    taught: dict[bytes, int] = {}
    for line in equal:
        taught[rows[line]] = max(1, taught.get(rows[line], used[rows[line]]) - 1)
    return taught


def _candidates(pool: Pool, relaxed: Relaxation, floor: int) -> tuple[Patterns, Ints]:
    """Give columns for the integer finish, and how often the relaxation surely uses each."""
    used = np.flatnonzero(relaxed.use[: len(relaxed.columns)] > parameters.SURE)
    base = relaxed.columns.take(used)
    columns = pool.cover(relaxed.prices, floor, 1000).joined(base)
    times: dict[bytes, float] = {}
    for row, use in zip(base.types, relaxed.use[used], strict=True):
        times[row.tobytes()] = times.get(row.tobytes(), 0.0) + float(use)
    kept = [int(times.get(row.tobytes(), 0.0) + parameters.SURE) for row in columns.types]
    return columns, np.array(kept, dtype=np.int64)
