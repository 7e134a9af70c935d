"""The run store over any transport: arguments in, typed answers out, lost calls repeated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import JsonValue, TypeAdapter, ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_exponential, wait_random

from planner_cli.errors import ContractMismatch, StoreUnreachable, UnreadableClaim
from planner_cli.store.answers import CLAIM_ANSWER, Beat, ClaimAnswer, Committed, Finished, Swept
from planner_cli.store.contract import CONTRACT_VERSION, Ending, Json

T = TypeVar("T")

_VERSION: TypeAdapter[int] = TypeAdapter(int)
_BEAT: TypeAdapter[Beat] = TypeAdapter(Beat)
_COMMITTED: TypeAdapter[Committed] = TypeAdapter(Committed)
_FINISHED: TypeAdapter[Finished] = TypeAdapter(Finished)
_SWEPT: TypeAdapter[Swept] = TypeAdapter(Swept)
_TEXT: TypeAdapter[str] = TypeAdapter(str)
_RUN: TypeAdapter[UUID | None] = TypeAdapter(UUID | None)
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_ROWS: TypeAdapter[list[dict[str, JsonValue]]] = TypeAdapter(list[dict[str, JsonValue]])


class Transport(Protocol):
    """A way to call a SQL function: one round trip, one attempt."""

    def call(
        self, function: str, arguments: Mapping[str, object], *, timeout_seconds: float
    ) -> object:
        """Call `public.<function>` with named arguments and return its single value.

        Arguments that are mappings or lists travel as jsonb. Raises what
        `planner_cli.store.faults.fault` names.
        """
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an answer, and how often to ask.

    Parameters
    ----------
    timeout_seconds
        For a call that is repeated when its answer is lost.
    brief_seconds
        For a heartbeat and for log rows, which are sent once.
    attempts
        How often a call is sent before the store counts as unreachable.
    commit_seconds
        How long an answer is offered again to a store that does not take it: a failover lasts
        longer than a lost call.
    """

    timeout_seconds: float = 30.0
    brief_seconds: float = 5.0
    attempts: int = 5
    commit_seconds: float = 45.0


class SqlRunStore:
    """A `RunStore` over a transport.

    Parameters
    ----------
    transport
        The way to the SQL functions.
    runner
        The name of this process, different from every other's: the same runner asking again
        for a run it holds gets the same claim again, so a lost answer loses nothing.
    patience
        How long to wait for an answer, and how often to ask.
    pause
        Sleeps between attempts, seconds; may raise to end the waiting.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        runner: str,
        patience: Patience,
        pause: Callable[[float], None],
    ) -> None:
        self._transport = transport
        self._runner = runner
        self._patience = patience
        self._repeats = Retrying(
            retry=retry_if_exception_type(StoreUnreachable),
            stop=stop_after_attempt(patience.attempts),
            wait=wait_exponential(multiplier=0.3, max=8) + wait_random(0, 0.5),
            sleep=pause,
            reraise=True,
        )
        self._insists = self._repeats.copy(
            stop=stop_after_delay(patience.commit_seconds),
            wait=wait_exponential(multiplier=0.3, max=4) + wait_random(0, 0.5),
        )

    def contract_version(self) -> int:
        """Return the version of the contract the schema speaks."""
        return self._ask(_VERSION, "planner_contract_version", {})

    def claim(self, run: UUID) -> ClaimAnswer:
        """Take this run: PENDING becomes GENERATING, with a fresh token."""
        return self._ask_claim("planner_claim_run", {"p_run": str(run), **self._who()})

    def claim_next(self) -> ClaimAnswer:
        """Take the run that has waited longest, round-robin between organisations."""
        return self._ask_claim("planner_claim_next", self._who())

    def give_up_claim(self, reason: str, message: str) -> UUID | None:
        """Fail the run that this runner holds and cannot read; return which, if there was one."""
        arguments = {"p_runner": self._runner, "p_reason": reason, "p_message": message}
        return self._ask(_RUN, "planner_give_up_claim", arguments)

    def heartbeat(self, run: UUID, token: UUID, progress: Json) -> Beat:
        """Renew the lease and show progress; one attempt only, since the next beat repeats it."""
        arguments = {"p_run": str(run), "p_token": str(token), "p_progress": dict(progress)}
        return _read(_BEAT, self._call_once("planner_heartbeat", arguments))

    def commit(self, run: UUID, token: UUID, lines: Sequence[Json], result: Json) -> Committed:
        """Replace the lines and complete the run, in one transaction."""
        arguments = {
            "p_run": str(run),
            "p_token": str(token),
            "p_lines": [dict(line) for line in lines],
            "p_result": dict(result),
        }
        return self._ask(_COMMITTED, "planner_commit_lines", arguments, self._insists)

    def finish(self, run: UUID, token: UUID, ending: Ending) -> Finished:
        """End the run without lines."""
        arguments = {
            "p_run": str(run),
            "p_token": str(token),
            "p_status": ending.status,
            "p_reason": ending.reason,
            "p_message": ending.message,
            "p_result": dict(ending.result),
        }
        return self._ask(_FINISHED, "planner_finish_run", arguments, self._insists)

    def fail_launch(self, run: UUID, reason: str) -> str:
        """Say that no runner could be started for this run."""
        return self._ask(_TEXT, "planner_fail_launch", {"p_run": str(run), "p_reason": reason})

    def sweep(self, *, dry_run: bool = False) -> Swept:
        """End lost runs, name launches to repeat, apply retention."""
        return self._ask(_SWEPT, "planner_sweep", {"p_dry_run": dry_run})

    def recording(self, run: UUID) -> Json:
        """Return what a run was given and what it answered, as `planner_recording` does."""
        return self._ask(_OBJECT, "planner_recording", {"p_run": str(run)})

    def logs_of(self, run: UUID) -> Sequence[Json]:
        """Return the log rows of a run, oldest first."""
        return self._ask(_ROWS, "planner_logs", {"p_run": str(run)})

    def health(self) -> Json:
        """Return contract, clock, last sweep, numbers of live runs, and settings."""
        return self._ask(_OBJECT, "planner_health", {})

    def log(self, rows: Sequence[Json]) -> None:
        """Append rows to `system_logs`; one attempt only."""
        self._call_once("planner_log", {"p_rows": [dict(row) for row in rows]})

    def close(self) -> None:
        """Give back what the transport holds open."""
        self._transport.close()

    def _who(self) -> dict[str, object]:
        return {"p_runner": self._runner, "p_contract": CONTRACT_VERSION}

    def _ask_claim(self, function: str, arguments: Mapping[str, object]) -> ClaimAnswer:
        """Ask for a run; one whose inputs no reader can take in has a name of its own."""
        try:
            return self._ask(CLAIM_ANSWER, function, arguments)
        except (RecursionError, ValueError, MemoryError) as error:
            raise UnreadableClaim(
                f"The inputs of the run cannot be read ({type(error).__name__}).",
                "Correct the allocation run and ask again.",
            ) from None

    def _ask(
        self,
        answer: TypeAdapter[T],
        function: str,
        arguments: Mapping[str, object],
        repeats: Retrying | None = None,
    ) -> T:
        """Call until there is an answer, always with the same arguments."""
        timeout_seconds = self._patience.timeout_seconds
        value: object = (repeats or self._repeats)(
            self._transport.call, function, arguments, timeout_seconds=timeout_seconds
        )
        return _read(answer, value)

    def _call_once(self, function: str, arguments: Mapping[str, object]) -> object:
        """Call without repeating, and with little patience."""
        brief_seconds = self._patience.brief_seconds
        return self._transport.call(function, arguments, timeout_seconds=brief_seconds)


def _read(answer: TypeAdapter[T], value: object) -> T:
    """Check an answer on arrival: an unknown word must never pass for success."""
    try:
        return answer.validate_python(value)
    except ValidationError as error:
        issue = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in issue["loc"]) or "the answer"
        raise ContractMismatch(
            f"The database answered something else than agreed: {where}: {issue['msg']}.",
            "Check the address of the database, and that its migrations belong to this version.",
        ) from None
