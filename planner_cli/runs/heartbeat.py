"""The heartbeat of a run: renews the lease, carries progress out and a cancel in."""

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pydantic import JsonValue

from planner_cli.errors import PlannerError
from planner_cli.store import Beat, Claimed, RunStore

_log = logging.getLogger(__name__)

#: After a failed beat the next follows sooner.
_SOONER = 0.2
_JOIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two beats, and before the end of the lease when it is trusted no more."""

    every_seconds: float
    margin_seconds: float


class Heartbeat:
    """Beats from a thread while the run is worked on.

    The lease is trusted from the *start* of the last good beat (or of the claim), because the
    database may have renewed it then and no later, up to a margin before its end. Durations are
    monotonic; the runner's idea of the time of day plays no part.

    Parameters
    ----------
    store
        Where to beat; only `heartbeat` is called.
    claim
        The run and the token of its claim.
    claimed_at
        `time.monotonic()` just before the claim was asked for, seconds.
    rhythm
        How often to beat; a third of the lease at least.
    after_beat
        Called in the thread after each beat, to send logs along.
    """

    def __init__(
        self,
        store: RunStore,
        claim: Claimed,
        *,
        claimed_at: float,
        rhythm: Rhythm,
        after_beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._claim = claim
        self._good_at = claimed_at
        self._every_seconds = min(rhythm.every_seconds, claim.lease_seconds / 3)
        self._trust_seconds = max(
            claim.lease_seconds - rhythm.margin_seconds, claim.lease_seconds / 2
        )
        self._after_beat = after_beat
        self._progress: dict[str, JsonValue] = {}
        self._over = threading.Event()
        self._verdict = Beat.OK
        self._failure: PlannerError | None = None
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._beat_on,), name="heartbeat", daemon=True
        )

    @property
    def verdict(self) -> Beat:
        """The last word of the database: OK, CANCELLED or LOST."""
        return self._verdict

    @property
    def failure(self) -> PlannerError | None:
        """Why the last beat failed; None after a good one."""
        return self._failure

    @property
    def trusted(self) -> bool:
        """The lease certainly still holds."""
        return time.monotonic() < self._good_at + self._trust_seconds

    def show(self, progress: dict[str, JsonValue]) -> None:
        """Let the next beats carry this progress."""
        self._progress = progress

    def __enter__(self) -> Self:
        """Begin to beat, at once."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop beating; a beat under way is not waited for long."""
        self._over.set()
        self._thread.join(_JOIN_SECONDS)

    def _beat_on(self) -> None:
        """Beat until told to stop, or until the database says the run is no longer ours."""
        while not self._over.is_set() and self._verdict is Beat.OK:
            went_well = self._beat()
            self._after_beat()
            self._over.wait(self._every_seconds * (1 if went_well else _SOONER))

    def _beat(self) -> bool:
        """Beat once; failures are logged and leave the lease to run down."""
        started_at = time.monotonic()
        try:
            verdict = self._store.heartbeat(self._claim.run, self._claim.token, self._progress)
        except PlannerError as error:
            self._failure = error
            _log.warning(
                "A heartbeat failed: %s", error.message, extra={"context": {"code": error.code}}
            )
            return False
        except Exception:  # noqa: BLE001  (a heart does not stop for a surprise)
            _log.exception("A heartbeat failed.")
            return False
        self._failure = None
        if verdict is Beat.OK:
            self._good_at = started_at
        self._verdict = verdict
        return True
