"""The one face of the store: a method per SQL function, the same over every transport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from pydantic import JsonValue

from planner_cli.store.answers import Beat, ClaimAnswer, Committed, Finished, Swept

#: The contract between this program and the SQL functions it calls.
CONTRACT_VERSION = 1

Json = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends without lines: a machine code, a sentence, and what else is known."""

    status: Literal["INFEASIBLE", "FAILED", "CANCELLED"]
    reason: str
    message: str
    #: `planner.result/1` without lines, at most 64 kB.
    result: Json = field(default_factory=dict)


class RunStore(Protocol):
    """Where planner runs live.

    Every write may be repeated with the same token: the second time it answers ALREADY. So a
    method repeats a call whose answer was lost, and raises `StoreUnreachable` only after that.

    Raises
    ------
    StoreUnreachable
        The database did not answer, also after repeats.
    ConfigurationError
        The key is refused, or the functions are not there.
    ContractMismatch
        The schema speaks another version of the contract.
    WriteRejected
        The database refused what was sent; nothing was written.
    """

    def contract_version(self) -> int:
        """Return the version of the contract the schema speaks."""
        ...

    def claim(self, run: UUID) -> ClaimAnswer:
        """Take this run: PENDING becomes GENERATING, with a fresh token."""
        ...

    def claim_next(self) -> ClaimAnswer:
        """Take the run that has waited longest, round-robin between organisations."""
        ...

    def give_up_claim(self, reason: str, message: str) -> UUID | None:
        """Fail the run that this runner holds and cannot read; return which, if there was one."""
        ...

    def heartbeat(self, run: UUID, token: UUID, progress: Json) -> Beat:
        """Renew the lease and show progress; one attempt only, since the next beat repeats it."""
        ...

    def commit(self, run: UUID, token: UUID, lines: Sequence[Json], result: Json) -> Committed:
        """Replace the lines and complete the run, in one transaction.

        Parameters
        ----------
        lines
            The new lines as in `planner.result/1`: name, score, rotations and leave.
        result
            The rest of `planner.result/1`, at most 64 kB.
        """
        ...

    def finish(self, run: UUID, token: UUID, ending: Ending) -> Finished:
        """End the run without lines."""
        ...

    def fail_launch(self, run: UUID, reason: str) -> str:
        """Say that no runner could be started for this run."""
        ...

    def sweep(self, *, dry_run: bool = False) -> Swept:
        """End lost runs, name launches to repeat, apply retention."""
        ...

    def recording(self, run: UUID) -> Json:
        """Return what a run was given and what it answered, as `planner_recording` does."""
        ...

    def logs_of(self, run: UUID) -> Sequence[Json]:
        """Return the log rows of a run, oldest first."""
        ...

    def health(self) -> Json:
        """Return contract, clock, last sweep, numbers of live runs, and settings."""
        ...

    def log(self, rows: Sequence[Json]) -> None:
        """Append rows to `system_logs`; one attempt only."""
        ...

    def close(self) -> None:
        """Give back what the transport holds open."""
        ...
