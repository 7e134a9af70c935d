"""Answer one planner run, then the ones that wait behind it."""

import logging
import time
from collections.abc import Callable
from uuid import UUID

from planner_cli import logs
from planner_cli.domain.outcomes import Progress
from planner_cli.errors import PlannerError, RunNotFound, UnreadableClaim
from planner_cli.runs.apart import Solve
from planner_cli.runs.attempt import Answered, Attempt
from planner_cli.runs.heartbeat import Heartbeat, Rhythm
from planner_cli.runs.signals import Interruption
from planner_cli.settings import Settings
from planner_cli.store import Busy, Claimed, Final, Nothing, RunStore

_log = logging.getLogger(__name__)


class Runner:
    """Answers runs, one after the other.

    Parameters
    ----------
    store
        Where the runs live.
    solve
        The solver, or anything with its face.
    settings
        How often to beat, how long to wait.
    interruption
        Whether the process should end.
    rows
        Log records to send along with the heartbeats; None sends none.
    on_progress
        Shows the solver's progress to whoever started this process.
    """

    def __init__(  # noqa: PLR0913  (ports, by name only)
        self,
        *,
        store: RunStore,
        solve: Solve,
        settings: Settings,
        interruption: Interruption,
        rows: logs.RowsForStore | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._solve = solve
        self._settings = settings
        self._interruption = interruption
        self._rows = rows
        self._on_progress = on_progress
        self._rhythm = Rhythm(settings.heartbeat_seconds, settings.lease_margin_seconds)
        self._started_at = time.monotonic()

    def answer(self, run: UUID, *, wait: bool = False, in_turn: bool = True) -> Answered:
        """Answer one run.

        Parameters
        ----------
        run
            Its id.
        wait
            While the lane is busy, wait for it instead of leaving the run in the queue.
        in_turn
            Where the lane is free but other runs come first, answer those first; otherwise leave
            the run in the queue for whoever does.

        Returns
        -------
        Answered
            What the row says now. While the lane is busy: PENDING, for the runner that holds
            the lane will drain it.

        Raises
        ------
        RunNotFound
            No run has this id.
        Terminated
            A signal came while nothing was claimed.
        PlannerError
            The store cannot be reached or refuses us, before anything was claimed.
        """
        with logs.about_run(run):
            try:
                return self._answer(run, wait=wait, in_turn=in_turn)
            except PlannerError:
                raise
            except Exception as error:  # noqa: BLE001  (logged, and reported as unforeseen)
                _log.exception("The planner failed before it had the run.")
                self._send_logs()
                kind = type(error).__name__
                raise PlannerError(f"The planner failed ({kind}).", "See the logs.") from None

    def _answer(self, run: UUID, *, wait: bool, in_turn: bool) -> Answered:
        try:
            asked_at, claim = self._claim(run, wait=wait, in_turn=in_turn)
        except UnreadableClaim as error:
            return self._give_up(run, error)
        match claim:
            case Claimed():
                return self._work(claim, asked_at)
            case Busy():
                answered = Answered(run, "PENDING", "busy", _behind(run, claim))
                _log.info("%s", answered.message)
            case Final(status=status, reason=reason, message=message):
                answered = Answered(run, status, reason or "", message or "")
                _log.info("Run %s has its answer already: %s.", run, status)
            case _:
                raise RunNotFound(f"No run has the id {run}.", "Check the id.")
        self._send_logs()
        return answered

    def _claim(self, run: UUID, *, wait: bool, in_turn: bool) -> tuple[float, object]:
        """Ask for the run, again and again if told to wait; and say when it was asked for."""
        waiting = False
        while True:
            self._interruption.check()
            asked_at = time.monotonic()
            claim = self._store.claim(run)
            if not isinstance(claim, Busy):
                return asked_at, claim
            if in_turn and claim.is_a_matter_of_turn:
                asked_at = time.monotonic()
                first = self._next()
                if isinstance(first, Claimed):
                    if first.run == run:
                        return asked_at, first
                    self._work(first, asked_at)
                    continue
                if first is None:
                    continue
            if not wait:
                return asked_at, claim
            if not waiting:
                _log.info("%s", _behind(run, claim))
            waiting = True
            self._interruption.sleep(self._settings.wait_poll_seconds)

    def drain(self) -> None:
        """Answer waiting runs until none is left, the process is old, or it should end.

        What becomes of them is in their rows and in the logs. A store that fails meanwhile is
        logged, and no error of the run asked for.
        """
        while not self._interruption.wanted and self._is_young():
            asked_at = time.monotonic()
            try:
                claim = self._next()
            except PlannerError as error:
                _log.warning("The waiting runs were left to others: %s", error.message)
                return
            if claim is None:
                continue
            if not isinstance(claim, Claimed):
                return
            if not self._work(claim, asked_at).frees_the_lane:
                return

    def _next(self) -> object | None:
        """Claim the run whose turn it is; None after one that could not be read, which ended."""
        try:
            return self._store.claim_next()
        except UnreadableClaim as error:
            return None if self._give_up(None, error).claimed else Nothing(outcome="NONE")

    def _give_up(self, run: UUID | None, error: UnreadableClaim) -> Answered:
        """End a run whose inputs this process cannot take in; it holds no token for it."""
        _log.error("%s", error.message, extra={"context": {"code": error.code}})
        ended = self._store.give_up_claim(error.code, f"{error.message} {error.hint}")
        known = run or ended or UUID(int=0)
        status = "FAILED" if ended else "GENERATING"
        return Answered(known, status, error.code, error.message, error, claimed=ended is not None)

    def _is_young(self) -> bool:
        return time.monotonic() - self._started_at < self._settings.drain_seconds

    def _work(self, claim: Claimed, asked_at: float) -> Answered:
        """Make an attempt at a claimed run, with its heart beating until the row is final."""
        logs.hide(str(claim.token))
        with logs.about_run(claim.run, claim.org):
            _log.info("Claimed run %s, attempt %d.", claim.run, claim.attempt)
            heartbeat = Heartbeat(
                self._store,
                claim,
                claimed_at=asked_at,
                rhythm=self._rhythm,
                after_beat=self._send_logs,
            )
            attempt = Attempt(
                claim,
                store=self._store,
                heartbeat=heartbeat,
                interruption=self._interruption,
                deadline_at=asked_at + self._solving_seconds(claim),
                on_progress=self._on_progress,
                keep_dir=self._settings.keep_dir,
            )
            with heartbeat:
                answered = attempt.make(self._solve)
            _log.info("Run %s: %s (%s).", claim.run, answered.status, answered.reason)
            self._send_logs()
        return answered

    def _solving_seconds(self, claim: Claimed) -> float:
        """Return how long the solver may take, so that the answer is written in time."""
        whole = claim.deadline_seconds
        return max(whole - self._settings.deadline_margin_seconds, whole / 2)

    def _send_logs(self) -> None:
        if self._rows is not None:
            self._rows.send(self._store.log)


def _behind(run: UUID, busy: Busy) -> str:
    """Say behind which run this one waits; the runner of that one will drain it."""
    who = f"runner {busy.runner}" if busy.runner else "another runner"
    heard = busy.heard_seconds_ago
    last = "" if heard is None else f" (last heard {heard:.0f} s ago)"
    if busy.behind in {None, run}:
        return f"Run {run} is being answered by {who}{last}."
    if busy.is_a_matter_of_turn:
        return f"Run {run} waits: it is the turn of run {busy.behind}."
    return f"Run {run} waits behind run {busy.behind}, which {who} is answering{last}."
