"""What the database answers, as values: one type per answer, checked on arrival."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter


class Answer(BaseModel):
    """An answer of the database: frozen, and open to fields that a later contract adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Claimed(Answer):
    """The run is ours until the lease ends: every later call carries this token."""

    outcome: Literal["CLAIMED"]
    run: UUID
    token: UUID = Field(repr=False)
    attempt: int
    lease_seconds: float = Field(gt=0)
    deadline_seconds: float = Field(gt=0)
    org: UUID
    allocation_run: UUID
    input_version: str
    problem: dict[str, JsonValue] = Field(repr=False)


class Busy(Answer):
    """The run keeps its place in the queue: another one comes first, or is being answered.

    Parameters
    ----------
    behind
        The run that comes first; the run itself where another runner answers it.
    position
        Place in the queue, from 1.
    status
        GENERATING while a runner answers `behind`; PENDING where the lane is free for it.
    runner, heard_seconds_ago
        Who answers it, and when that runner was last heard of.
    """

    outcome: Literal["BUSY"]
    behind: UUID | None = None
    position: int | None = None
    status: str | None = None
    runner: str | None = None
    heard_seconds_ago: float | None = None

    @property
    def is_a_matter_of_turn(self) -> bool:
        """The lane is free, but for another run first."""
        return self.status == "PENDING"


class Final(Answer):
    """The run has its answer already: there is nothing to do."""

    outcome: Literal["FINAL"]
    status: str
    reason: str | None = None
    message: str | None = None


class Missing(Answer):
    """No run has this id."""

    outcome: Literal["MISSING"]


class Nothing(Answer):
    """No run waits."""

    outcome: Literal["NONE"]


ClaimAnswer = Claimed | Busy | Final | Missing | Nothing


class Beat(StrEnum):
    """The answer to a heartbeat."""

    OK = "OK"
    CANCELLED = "CANCELLED"
    LOST = "LOST"


class Committed(StrEnum):
    """The answer to a commit: PROPOSED kept the lines without overwriting what is newer."""

    COMPLETED = "COMPLETED"
    PROPOSED = "PROPOSED"
    ALREADY = "ALREADY"
    LOST = "LOST"


class Finished(StrEnum):
    """The answer to a finish without lines."""

    INFEASIBLE = "INFEASIBLE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    ALREADY = "ALREADY"
    LOST = "LOST"


class Swept(Answer):
    """What a sweep did, or would do."""

    lost: tuple[JsonValue, ...] = ()
    relaunch: tuple[JsonValue, ...] = ()
    expired: tuple[JsonValue, ...] = ()
    purged: JsonValue = None
    swept_at: str | None = None


CLAIM_ANSWER: TypeAdapter[ClaimAnswer] = TypeAdapter(
    Annotated[ClaimAnswer, Field(discriminator="outcome")]
)
