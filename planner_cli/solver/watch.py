"""The watch over one solve: keeps the time, reports how far it is, passes a stop on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from planner_cli.domain.outcomes import Phase, Progress, gap
from planner_cli.solver import parameters
from planner_cli.solver.stop import never


def ignore(_: Progress) -> None:
    """Take no notice of progress."""


class Watch:
    """Keeps the time of one solve, reports progress from a thread, and passes a stop on.

    Use it as a context; inside, every stage calls `enter`, and `improve` with what it knows.

    Parameters
    ----------
    on_progress
        Called from the thread about twice a second, and once at each new phase.
    stop
        Asked ten times a second; once True, the solve is stopped.
    limit_seconds
        The outer stop by the wall clock.
    target_gap
        Stop as soon as the gap is proven to be no more than this; None for never.
    finish
        Asked like `stop`; once True, the time counts as over: what was found is the answer.
    """

    def __init__(
        self,
        on_progress: Callable[[Progress], None] = ignore,
        stop: Callable[[], bool] = never,
        limit_seconds: float = float("inf"),
        target_gap: float | None = None,
        *,
        finish: Callable[[], bool] = never,
    ) -> None:
        self._finish = finish
        self._on_progress = on_progress
        self._stop = stop
        self._limit_seconds = limit_seconds
        self._target_gap = target_gap
        self._started_at = time.monotonic()
        self._phase: Phase = "reading"
        self._phase_at = self._started_at
        self._stages: dict[str, float] = {}
        self._score: int | None = None
        self._shown: int | None = None
        self._bound: int | None = None
        self._stopped = False
        self._clock_struck = self._cut_short = False
        self._interrupt: Callable[[], None] | None = None
        self._failure: BaseException | None = None
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="solver watch", daemon=True)

    def __enter__(self) -> Self:
        """Begin to report."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the thread; an error of `on_progress` or `stop` comes out here."""
        self._over.set()
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    @property
    def seconds(self) -> float:
        """Seconds since the start, by a monotonic clock."""
        return time.monotonic() - self._started_at

    @property
    def remaining_seconds(self) -> float:
        """Seconds until the wall clock strikes; 0 when it has struck."""
        return 0.0 if self.finishing else max(0.0, self._limit_seconds - self.seconds)

    @property
    def finishing(self) -> bool:
        """Somebody wants what was found so far."""
        return self._finish()

    @property
    def stopped(self) -> bool:
        """Somebody asked for a stop; asked afresh each time, and never taken back."""
        if not self._stopped and self._failure is None:
            self._stopped = self._stop()
        return self._stopped or self._failure is not None

    @property
    def clock_struck(self) -> bool:
        """The outer limit has passed while somebody still wanted to work."""
        if self.remaining_seconds <= 0:
            self._clock_struck = True
        return self._clock_struck

    @property
    def cut_short(self) -> bool:
        """The clock ended the work or a part of it: a replay may find other lines."""
        return self.clock_struck or self._cut_short

    @property
    def target_met(self) -> bool:
        """The gap asked for is proven."""
        if self._target_gap is None or self._score is None or self._bound is None:
            return False
        return self._score <= self._bound and gap(self._score, self._bound) <= self._target_gap

    @property
    def should_end(self) -> bool:
        """End the work: stopped, out of time, or good enough."""
        return self.stopped or self.clock_struck or self.target_met

    @property
    def score(self) -> int | None:
        """Best score so far, in points."""
        return self._score

    @property
    def bound(self) -> int | None:
        """Least upper bound proven so far, in points."""
        return self._bound

    def enter(self, phase: Phase) -> None:
        """Begin a phase; the time since the last one is booked on that one."""
        with self._lock:
            now = time.monotonic()
            self._book(now)
            self._phase, self._phase_at = phase, now
        self._report()

    def stages(self) -> dict[str, float]:
        """Give the wall seconds by phase so far, and their `total`."""
        with self._lock:
            now = time.monotonic()
            self._book(now)
            self._phase_at = now
            return {**self._stages, "total": now - self._started_at}

    def improve(self, *, score: int | None = None, bound: int | None = None) -> None:
        """Note a score found or a bound proven; worse ones than known are ignored."""
        with self._lock:
            if score is not None and (self._score is None or score > self._score):
                self._score = score
            if bound is not None and (self._bound is None or bound < self._bound):
                self._bound = bound

    def inner(self, seconds: float) -> "Watch":
        """Give a watch over a part of the work: it ends with this one, and shows nothing."""
        return Watch(stop=lambda: self.stopped or self.finishing, limit_seconds=seconds)

    @contextmanager
    def within(self, share: float) -> Iterator[None]:
        """Let the clock strike earlier inside: after a share of the seconds that are left."""
        limit = self._limit_seconds
        self._limit_seconds = min(limit, self.seconds + share * self.remaining_seconds)
        try:
            yield
        finally:
            self._cut_short |= self._clock_struck
            self._limit_seconds, self._clock_struck = limit, False

    def show(self, score: int) -> None:
        """Show a score in the progress that nothing depends on: a set found beside the search."""
        with self._lock:
            if self._shown is None or score > self._shown:
                self._shown = score

    def forget_bound(self) -> None:
        """Begin anew: the bound so far was that of another question."""
        with self._lock:
            self._bound = None

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` (several times, from the thread) once the work should end."""
        self._interrupt = interrupt
        try:
            yield
        finally:
            self._interrupt = None

    def _book(self, now: float) -> None:
        self._stages[self._phase] = self._stages.get(self._phase, 0.0) + now - self._phase_at

    def _report(self) -> None:
        known = [score for score in (self._score, self._shown) if score is not None]
        self._on_progress(
            Progress(self._phase, self.seconds, max(known, default=None), self._bound)
        )

    def _run(self) -> None:
        reported_at = 0.0
        while not self._over.wait(parameters.LOOK_SECONDS):
            try:
                interrupt = self._interrupt
                if interrupt is not None and self.should_end:
                    interrupt()
                if self.seconds - reported_at >= parameters.REPORT_SECONDS:
                    reported_at = self.seconds
                    self._report()
            except BaseException as failure:  # noqa: BLE001  (raised again when the watch ends)
                self._failure, self._stopped = failure, True
                self._keep_interrupting()
                return

    def _keep_interrupting(self) -> None:
        while not self._over.wait(parameters.LOOK_SECONDS):
            interrupt = self._interrupt
            if interrupt is not None:
                interrupt()
