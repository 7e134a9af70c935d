"""From a problem to its best lines by patterns: bound, whole numbers, terms, positions, leave."""

from dataclasses import dataclass

import numpy as np

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.domain.scoring import score
from planner_cli.solver.deal import deal
from planner_cli.solver.exact.question import Best, NoSet, Unknown
from planner_cli.solver.finish import Choice, Work, finish
from planner_cli.solver.floors import FloorScan, scan_floors, whole
from planner_cli.solver.kinds import Kinds, kinds_of
from planner_cli.solver.law import Ints
from planner_cli.solver.leave import LeaveImpossible, place_leave
from planner_cli.solver.master import Master, Relaxation
from planner_cli.solver.patterns import Patterns, StoppedEarly, enumerate_patterns
from planner_cli.solver.placement import place
from planner_cli.solver.pricing import ListedPool, Pool
from planner_cli.solver.progress import Watch
from planner_cli.solver.searching import SearchedPool
from planner_cli.solver.sets import position_sets
from planner_cli.solver.shape import Shape, coarsest

#: More beginnings of patterns than this are not listed but searched.
MOST_LISTED = 1_500_000
_SURE = 1e-6
#: CP-SAT's deterministic units: with the whole part settled, from scratch, and to prove.
_SETTLED_WORK, _OPEN_WORK, _PROOF_WORK = 2.0, 10.0, 20.0
_MOST_PROOF_COLUMNS = 20_000
#: Times a deal that ends with equal sets is taken as a lesson.
_MOST_LESSONS = 6


@dataclass(frozen=True)
class Answered:
    """What the patterns say, and whether it is final."""

    outcome: Best | NoSet | Unknown
    final: bool


def answer(problem: Problem, book: RuleBook, options: Options, watch: Watch) -> Answered:
    """Search the best set of lines by patterns.

    Parameters
    ----------
    problem, book
        What is asked.
    options
        Seed and limits.
    watch
        Is told of phases, scores and bounds; ends the search.
    """
    kinds = kinds_of(problem, book)
    if fault := _never(kinds):
        return Answered(NoSet(fault), final=True)
    try:
        return _Search(kinds, book, options, watch).run()
    except StoppedEarly:
        return Answered(Unknown("The time ran out before a first set was found."), final=False)


def _never(kinds: Kinds) -> str | None:
    """Say why no set of any size can be legal, where that is plain."""
    for position, term in kinds.overfull:
        name = kinds.problem.positions[position].name
        return f"The locked lines alone hold more posts of {name} in Term {term + 1} than it has."
    if kinds.law.impossible and kinds.n_lines:
        return f"No line of this year can meet {', '.join(kinds.law.impossible)}."
    return None


class _Search:
    def __init__(self, kinds: Kinds, book: RuleBook, options: Options, watch: Watch) -> None:
        self.kinds, self.book, self.options, self.watch = kinds, book, options, watch
        self.problem = kinds.problem
        self.best: Best | None = None
        self.best_score = -(10**18)
        self.proven_at: dict[int, int] = {}

    def run(self) -> Answered:
        watch = self.watch
        watch.enter("patterns")
        shape = coarsest(self.kinds)
        pool = make_pool(shape, watch)
        watch.enter("bound")
        master = Master(shape, pool, self._stop)
        master.aim("score")
        if master.solve(None).missing > _SURE:
            master.aim("lines")
            most = master.solve(None)
            if most.missing > _SURE:
                return Answered(NoSet("no set of any size is legal"), final=True)
            n_most = int(most.value + _SURE)
            if n_most < self.kinds.n_lines:
                return Answered(NoSet(f"At most {n_most} lines are possible."), final=True)
            master.aim("score")
        values = self._floors(pool)
        scan = scan_floors(master, values)
        watch.improve(bound=scan.bound)
        try:
            self._finish_floors(pool, scan)
        except StoppedEarly:
            if self.best is None:
                raise
        if self.best is None:
            return Answered(Unknown("No whole set of lines was found."), final=False)
        bound = self._bound(scan)
        best = Best(
            self.best.lines, bound, proven=bound <= self.best_score, dropped=self.best.dropped
        )
        return Answered(best, final=True)

    def _stop(self) -> bool:
        return self.watch.stopped or self.watch.clock_struck

    def _floors(self, pool: Pool) -> Ints:
        values = pool.floors()
        if self.kinds.locked_scores:
            ceiling = min(self.kinds.locked_scores)
            values = np.append(values[values < ceiling], ceiling)
        return values

    def _bound(self, scan: FloorScan) -> int:
        """Give the bound over all floors, with what the integer search proved at some of them."""
        proven = [
            min(total, self.proven_at.get(floor, total)) for total, floor in scan.totals
        ]
        below = [t for t, floor in scan.totals if floor not in self.proven_at]
        return min(scan.bound, max([*proven, *below, self.best_score]))

    def _finish_floors(self, pool: Pool, scan: FloorScan) -> None:
        for total, floor in scan.totals:
            if total <= self.best_score or self.watch.should_end:
                return
            self._finish_floor(pool, scan.relaxations[floor], floor)

    def _finish_floor(self, pool: Pool, relaxed: Relaxation, floor: int) -> None:
        columns, kept = _candidates(pool, relaxed, floor)
        caps = position_sets(self.kinds, columns)
        short = int(np.ceil(relaxed.unfilled - _SURE))
        top = whole(relaxed.value)
        tries = [(kept, _SETTLED_WORK), (kept // 2, _SETTLED_WORK), (kept * 0, _OPEN_WORK)]
        learned = 0
        while tries and not self.watch.should_end:
            at_least, work = tries[0]
            self.watch.enter("integer")
            choice = finish(
                columns,
                at_least,
                caps,
                self._work(work),
                self._stop,
                most_short=short,
                good_enough=top,
            )
            equal = self._try(choice) if isinstance(choice, Choice) else None
            if equal and learned < _MOST_LESSONS:
                learned += 1
                caps = _lowered(columns, caps, choice, equal)
            elif equal is not None and isinstance(choice, Choice) and choice.value >= top:
                return
            else:
                tries.pop(0)
        if self._stop():
            raise StoppedEarly

    def _work(self, units: float) -> Work:
        return Work(units, self.watch.remaining_seconds, self.options.seed)

    def _try(self, choice: Choice) -> tuple[int, ...] | None:
        """Place and deal a choice, give it leave, and keep it if it is the best so far.

        Gives the lines that are duplicates, or None where no legal set came of it.
        """
        self.watch.enter("terms")
        for seed in range(4):
            placed = place(choice.patterns, choice.posts, self._stop, seed)
            if not placed.overfull:
                break
        else:
            return None
        dealt = deal(self.kinds, placed.kinds, self._stop)
        if dealt.repeated:
            return None
        lines = self._lines(dealt.positions)
        total = score(self.problem, lines).total
        if total <= self.best_score:
            return dealt.equal
        self.watch.enter("leave")
        with_leave = place_leave(self.problem, self.book, lines)
        if isinstance(with_leave, LeaveImpossible):
            return None
        self.best_score = total
        self.best = Best(with_leave, total)
        self.watch.improve(score=total)
        return dealt.equal

    def _lines(self, dealt: Ints) -> tuple[JobLine, ...]:
        positions, terms = self.problem.positions, self.problem.terms
        new = (
            JobLine("", tuple(positions[index] for index in row), terms)
            for row in dealt.tolist()
        )
        return (*self.kinds.locked, *new)


def make_pool(shape: Shape, watch: Watch) -> Pool:
    """List all patterns of a shape, or prepare to search them when they are too many."""

    def stop() -> bool:
        return watch.stopped or watch.clock_struck

    patterns = enumerate_patterns(shape, stop, MOST_LISTED)
    if patterns is None:
        return SearchedPool(shape, stop)
    return ListedPool(patterns, stop)


def _lowered(columns: Patterns, caps: Ints, choice: Choice, equal: tuple[int, ...]) -> Ints:
    """Learn from a deal: patterns it could not tell apart are used less often."""
    index = {row.tobytes(): i for i, row in enumerate(columns.kinds)}
    rows = [index[row.tobytes()] for row in choice.patterns.kinds]
    used = np.bincount(rows, minlength=len(columns))
    caps = caps.copy()
    for line in equal:
        column = rows[line]
        caps[column] = max(1, min(int(caps[column]), int(used[column]) - 1))
        used[column] -= 1
    return caps


def _candidates(pool: Pool, relaxed: Relaxation, floor: int) -> tuple[Patterns, Ints]:
    """Give columns for the integer finish, and how often the relaxation surely uses each."""
    used = np.flatnonzero(relaxed.use[: len(relaxed.columns)] > _SURE)
    base = relaxed.columns.take(used)
    columns = pool.cover(relaxed.prices, floor, 1000).joined(base)
    times: dict[bytes, float] = {}
    for row, use in zip(base.kinds, relaxed.use[used], strict=True):
        times[row.tobytes()] = times.get(row.tobytes(), 0.0) + float(use)
    kept = [int(times.get(row.tobytes(), 0.0) + _SURE) for row in columns.kinds]
    return columns, np.array(kept, dtype=np.int64)
