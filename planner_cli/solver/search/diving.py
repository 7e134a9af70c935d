"""Diving: a relaxed set made whole, by fixing uses and solving the rest again."""

from collections import Counter

import numpy as np

from planner_cli.solver import parameters
from planner_cli.solver.arrays import Floats, Ints
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.master.integer import Candidates, Choice, Goal, choose
from planner_cli.solver.master.relaxation import Relaxation
from planner_cli.solver.master.restricted import Master, TooMuchSettled
from planner_cli.solver.pricing.enumerated import Pool
from planner_cli.solver.search.incumbent import Incumbent
from planner_cli.solver.search.limits import Limits
from planner_cli.solver.search.max_min import whole


class Dive:
    """Dives at one floor.

    What a deal teaches (a column cannot be dealt as so many different sets of positions) caps the
    column in the master problem, whose next solution goes around it.

    Parameters
    ----------
    master
        The master problem; its bounds are given back as they were.
    floor
        Least own score of a line.
    relaxed
        The relaxed set to begin with.
    incumbent
        Is offered every whole choice.
    limits
        Ends the work.
    """

    def __init__(
        self,
        master: Master,
        floor: int,
        relaxed: Relaxation,
        incumbent: Incumbent,
        limits: Limits,
    ) -> None:
        self._master, self._floor, self._relaxed = master, floor, relaxed
        self._incumbent, self._limits = incumbent, limits
        self._top = whole(relaxed.value)

    def once(self) -> tuple[Choice | None, tuple[int, ...] | None]:
        """Make sets whole until one is not proven too crowded; give it, and its duplicates."""
        choice = equal = None
        for _ in range(parameters.MOST_DEALS):
            n_known = len(self._incumbent.crowded)
            choice = self._whole_set()
            if choice is None or self._limits.watch.should_end:
                return None, None
            equal = self._incumbent.offer(choice)
            if len(self._incumbent.crowded) == n_known or self._is_crowded():
                break
        return choice, equal

    def again_and_again(self) -> None:
        """Dive, learn from the deal which columns repeat a set of positions, and dive again."""
        try:
            for _ in range(parameters.MOST_DEALS):
                choice, equal = self.once()
                if choice is None or not equal or self._limits.watch.should_end:
                    return
                if self._is_crowded():
                    return
                self._limits.watch.enter("bound")
                self._master.cap(_lessons(choice, equal))
                self._relaxed = self._master.solve(self._floor, prove=False)
        finally:
            self._master.reset_bounds()

    def _is_crowded(self) -> bool:
        return self._incumbent.is_crowded(self._master.shape)

    def _whole_set(self) -> Choice | None:
        """Make the relaxed set whole: fix what is whole, round up, relax the rest again."""
        relaxed, share = self._relaxed, parameters.DIVE_STEP
        try:
            for _ in range(parameters.MOST_DIVES):
                if self._limits.watch.should_end:
                    return None
                least = _rounded(relaxed.use, share)
                if least is None:
                    choice = _as_choice(relaxed)
                    if all(known.allows(choice.columns) for known in self._incumbent.crowded):
                        return choice
                    break
                fixed = self._fixed(least)
                if fixed is not None:
                    relaxed = fixed
                elif share:
                    share = 0.0
                else:
                    break
        finally:
            self._master.reset_bounds(caps=False)
        return self._searched()

    def _fixed(self, least: Floats) -> Relaxation | None:
        self._master.fix(least)
        try:
            relaxed = self._master.solve(self._floor, prove=False)
        except TooMuchSettled:
            return None
        return relaxed if relaxed.n_missing + relaxed.faults <= parameters.SURE else None

    def _searched(self) -> Choice | None:
        """Leave the relaxed set to the integer master, with more and more of it free."""
        relaxed = self._relaxed
        self._limits.watch.enter("integer")
        columns, kept = _candidates(self._master.pool, relaxed, self._floor)
        short = int(np.ceil(relaxed.unfilled - parameters.SURE))
        for at_least, units in ((kept, 2.0), (kept // 2, 4.0), (kept * 0, 10.0)):
            candidates = Candidates(columns, at_least, self._incumbent.crowded)
            work = self._limits.work(units)
            choice = choose(candidates, Goal(short, None, self._top), work, self._limits.stop)
            if isinstance(choice, Choice) or self._limits.watch.should_end:
                return choice if isinstance(choice, Choice) else None
        return None


def _rounded(use: Floats, share: float) -> Floats | None:
    """Round each use down and a few of the largest parts up; None where all are whole."""
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
    """Say how often each column could be dealt as different sets of positions."""
    rows = [row.tobytes() for row in choice.columns.types]
    used = Counter(rows)
    taught: dict[bytes, int] = {}
    for line in equal:
        taught[rows[line]] = max(1, taught.get(rows[line], used[rows[line]]) - 1)
    return taught


def _candidates(pool: Pool, relaxed: Relaxation, floor: int) -> tuple[Columns, Ints]:
    """Give columns for the integer master, and how often the relaxation surely uses each."""
    used = np.flatnonzero(relaxed.use[: len(relaxed.columns)] > parameters.SURE)
    base = relaxed.columns.take(used)
    columns = pool.cover(relaxed.prices, floor, 1000).joined(base)
    times: dict[bytes, float] = {}
    for row, use in zip(base.types, relaxed.use[used], strict=True):
        times[row.tobytes()] = times.get(row.tobytes(), 0.0) + float(use)
    kept = [int(times.get(row.tobytes(), 0.0) + parameters.SURE) for row in columns.types]
    return columns, np.array(kept, dtype=np.int64)
