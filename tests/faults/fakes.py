"""A store without a database for tests of timing and of failing calls."""

# ruff: noqa: ARG002  (a fake does not look at everything)

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from planner_cli.store import Beat, Claimed, Committed, Ending, Finished, Nothing, Swept
from tests.contract.tiny import tiny_problem


def claimed(**changes: Any) -> Claimed:
    """Return a claim of a run of the tiny hospital."""
    fields: dict[str, Any] = {
        "outcome": "CLAIMED",
        "run": uuid4(),
        "token": uuid4(),
        "attempt": 1,
        "lease_seconds": 90,
        "deadline_seconds": 3600,
        "org": uuid4(),
        "allocation_run": uuid4(),
        "input_version": "1",
        "problem": tiny_problem(),
    }
    return Claimed(**{**fields, **changes})


class FakeStore:
    """Answers as told, and remembers what was written.

    Each attribute ending in `_answer` is a function that returns the answer or raises.
    """

    def __init__(self, claim: Any = None) -> None:
        self.claim_answer: Callable[[], Any] = lambda: claim or claimed()
        self.next_answer: Callable[[], Any] = lambda: Nothing(outcome="NONE")
        self.beat_answer: Callable[[], Beat] = lambda: Beat.OK
        self.commit_answer: Callable[[], Committed] = lambda: Committed.COMPLETED
        self.finish_answer: Callable[[], Finished] = lambda: Finished.FAILED
        self.log_answer: Callable[[], None] = lambda: None
        self.commits: list[tuple[Sequence[Any], Any]] = []
        self.endings: list[Ending] = []
        self.beats: list[Any] = []
        self.logged: list[Any] = []
        self.given_up: list[str] = []
        self.gives_up: UUID | None = None

    def contract_version(self) -> int:
        return 1

    def claim(self, run: UUID) -> Any:
        return self.claim_answer()

    def claim_next(self) -> Any:
        return self.next_answer()

    def give_up_claim(self, reason: str, message: str) -> UUID | None:
        self.given_up.append(reason)
        return self.gives_up

    def heartbeat(self, run: UUID, token: UUID, progress: Any) -> Beat:
        self.beats.append(dict(progress))
        return self.beat_answer()

    def commit(self, run: UUID, token: UUID, lines: Any, result: Any) -> Committed:
        self.commits.append((lines, result))
        return self.commit_answer()

    def finish(self, run: UUID, token: UUID, ending: Ending) -> Finished:
        self.endings.append(ending)
        return self.finish_answer()

    def fail_launch(self, run: UUID, reason: str) -> str:
        return "FAILED"

    def sweep(self, *, dry_run: bool = False) -> Swept:
        return Swept()

    def log(self, rows: Any) -> None:
        self.log_answer()
        self.logged.extend(rows)

    def close(self) -> None:
        """Nothing is open."""
