"""One attempt at a claimed run: read, solve, check, write; the row always ends in a final state."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, assert_never
from uuid import UUID

from pydantic import JsonValue

from planner_cli import __version__, errors
from planner_cli.domain.issues import ProblemInvalid
from planner_cli.domain.outcomes import Infeasible, LineSet, Progress, Stopped, Undecided
from planner_cli.domain.problem import Options, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.referee import objections, violations
from planner_cli.domain.result import Result, result_of
from planner_cli.errors import PlannerError
from planner_cli.logs import redact
from planner_cli.runs.apart import Solve
from planner_cli.runs.heartbeat import Heartbeat
from planner_cli.runs.kept_lines import keep_lines
from planner_cli.runs.signals import Interruption
from planner_cli.runs.steps import reached
from planner_cli.store import Beat, Claimed, Committed, Ending, Final, Finished, RunStore

_log = logging.getLogger(__name__)

_RESULT_BYTES = 60_000
_MORE_TIME = "Give the run a longer time limit (options.time_limit_seconds)."


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a run, for people and for the exit code.

    Parameters
    ----------
    run
        The run.
    status
        The row's status as far as known; LOST when the row belongs to somebody else by now.
    reason, message
        Machine code and sentence.
    error
        Why there is no answer; it carries the exit code.
    problem, result
        The whole question and answer, where this process found it.
    claimed
        This process had the run.
    """

    run: UUID
    status: str
    reason: str
    message: str
    error: PlannerError | None = None
    problem: Problem | None = None
    result: Result | None = None
    claimed: bool = False

    @property
    def frees_the_lane(self) -> bool:
        """The run was ours and is final: the next one may begin."""
        return self.claimed and self.status in {"COMPLETED", "INFEASIBLE", "FAILED", "CANCELLED"}


class _NotOursAnyMore(Exception):
    """The run was cancelled, or belongs to another attempt."""

    def __init__(self, verdict: Beat) -> None:
        super().__init__(verdict)
        self.verdict = verdict


class Attempt:
    """One attempt at one claimed run.

    Parameters
    ----------
    claim
        The run, its token and its problem.
    store, heartbeat, interruption
        Where to write; whether the run is still ours; whether the process should end.
    deadline_at
        When the solver has to be done, by `time.monotonic()`, seconds.
    on_progress
        Shows the solver's progress besides the heartbeat.
    keep_dir
        Where lines that cannot be stored are kept; None is a folder of this account's own.
    """

    def __init__(  # noqa: PLR0913  (ports, by name only)
        self,
        claim: Claimed,
        *,
        store: RunStore,
        heartbeat: Heartbeat,
        interruption: Interruption,
        deadline_at: float,
        on_progress: Callable[[Progress], None],
        keep_dir: Path | None = None,
    ) -> None:
        self._claim = claim
        self._store = store
        self._heartbeat = heartbeat
        self._interruption = interruption
        self._deadline_at = deadline_at
        self._on_progress = on_progress
        self._keep_dir = keep_dir
        self._problem: Problem | None = None

    def make(self, solve: Solve) -> Answered:
        """Answer the run; whatever happens, the row says it and so does the returned value."""
        try:
            return self._answer(solve)
        except _NotOursAnyMore as ending:
            return self._let_go(ending.verdict)
        except PlannerError as error:
            _log.error("%s", error.message, extra={"context": {"code": error.code}})
            return self._fail(error)
        except Exception as error:  # noqa: BLE001  (every surprise ends in the row)
            _log.exception("The run failed in an unforeseen way.")
            kind = type(error).__name__
            return self._fail(PlannerError(f"The planner failed ({kind}).", "See the logs."))

    def _answer(self, solve: Solve) -> Answered:
        reached("claimed")
        self._show({"phase": "reading"})
        self._problem = problem = read_problem(self._claim.problem)
        reached("problem.read")
        options = self._within_deadline(problem.options)
        outcome = solve(problem, options, on_progress=self._progress, stop=self._must_stop)
        reached("solved")
        if isinstance(outcome, Stopped):
            raise self._why_stopped()
        result = result_of(problem, outcome, seed=options.seed, version=__version__)
        match outcome:
            case LineSet():
                return self._commit(problem, result)
            case Infeasible():
                return self._finish(result)
            case Undecided():
                raise errors.Undecided(outcome.message, _MORE_TIME)
            case _:
                assert_never(outcome)

    def _commit(self, problem: Problem, result: Result) -> Answered:
        """Let the referee look, then write: lines, result and status in one transaction."""
        self._show({"phase": "checking"})
        if found := objections(violations(problem, result.lines)):
            raise errors.IllegalLines(f"{len(found)} violations, first: {found[0].message}.")
        reached("refereed")
        self._show({"phase": "writing"})
        whole = result.to_json()
        reached("committing")
        try:
            answer = self._store.commit(
                self._claim.run, self._claim.token, whole["lines"], _fitting(result)
            )
        except PlannerError as error:
            # Only a database that looked at the lines and refused them makes them worthless.
            if not isinstance(error, errors.WriteRejected):
                self._keep(whole)
            raise
        reached("committed")
        match answer:
            case Committed.COMPLETED:
                return self._answered("COMPLETED", result.reason, result.message, result)
            case Committed.PROPOSED:
                message = "The lines or the inputs changed meanwhile: kept as a proposal."
                return self._answered("COMPLETED", "stale", message, result)
            case Committed.ALREADY:
                return self._settled(result)
            case Committed.LOST:
                raise _NotOursAnyMore(Beat.LOST)
            case _:
                assert_never(answer)

    def _finish(self, result: Result) -> Answered:
        """Write the proof that there are no lines."""
        reached("finishing")
        ending = Ending("INFEASIBLE", result.reason, result.message, _fitting(result))
        answer = self._store.finish(self._claim.run, self._claim.token, ending)
        if answer is Finished.LOST:
            raise _NotOursAnyMore(Beat.LOST)
        return self._answered("INFEASIBLE", result.reason, result.message, result)

    def _fail(self, error: PlannerError) -> Answered:
        """Write why there is no answer, where the error says that the row should know."""
        if error.row_status is None:
            return self._unwritten(error)
        message = redact(f"{error.message} {error.hint}".strip())
        ending = Ending(error.row_status, error.code, message, _failed(error))
        try:
            answer = self._store.finish(self._claim.run, self._claim.token, ending)
        except PlannerError as worse:
            _log.error("The failure could not be written: %s", worse.message)
            return self._unwritten(worse)
        if answer is Finished.ALREADY:
            return self._settled(None)
        if answer is Finished.LOST and not isinstance(error, errors.Terminated):
            return self._let_go(self._heartbeat.verdict)
        return self._failed_with(error, error.row_status)

    def _unwritten(self, error: PlannerError) -> Answered:
        """Report an error the row does not know: the sweep ends or repeats the run."""
        return self._failed_with(error, "GENERATING")

    def _failed_with(self, error: PlannerError, status: str) -> Answered:
        return Answered(self._claim.run, status, error.code, error.message, error, claimed=True)

    def _settled(self, result: Result | None) -> Answered:
        """Read what the row says, after an earlier try of ours was written unnoticed."""
        try:
            row = self._store.claim(self._claim.run)
        except PlannerError as error:
            return self._unwritten(error)
        if isinstance(row, Final):
            return self._answered(row.status, row.reason or "", row.message or "", result)
        return self._let_go(Beat.LOST)

    def _let_go(self, verdict: Beat) -> Answered:
        """Write nothing: the row is cancelled, or another attempt's."""
        if Beat.CANCELLED in {verdict, self._heartbeat.verdict}:
            return self._answered("CANCELLED", "cancelled", "The run was cancelled.")
        message = "The run is not ours any more: nothing was written."
        _log.warning("%s", message)
        return self._answered("LOST", "lost", message)

    def _answered(
        self, status: str, reason: str, message: str, result: Result | None = None
    ) -> Answered:
        return Answered(
            self._claim.run,
            status,
            reason,
            message,
            problem=self._problem,
            result=result,
            claimed=True,
        )

    def _must_stop(self) -> bool:
        return (
            self._interruption.wanted
            or self._heartbeat.verdict is not Beat.OK
            or not self._heartbeat.trusted
            or time.monotonic() > self._deadline_at
        )

    def _why_stopped(self) -> Exception:
        """Name the reason for which the solver was stopped, the database's word first."""
        if self._heartbeat.verdict is not Beat.OK:
            return _NotOursAnyMore(self._heartbeat.verdict)
        if self._interruption.wanted:
            return self._interruption.take()
        if not self._heartbeat.trusted:
            if isinstance(self._heartbeat.failure, errors.ConfigurationError):
                return self._heartbeat.failure
            return errors.StoreUnreachable(
                "The database did not answer for so long that the run may be somebody else's.",
                "Nothing was written; the sweep ends the run or repeats it.",
            )
        return errors.DeadlinePassed("The run's deadline came before an answer.", _MORE_TIME)

    def _within_deadline(self, options: Options) -> Options:
        """Cut the solver's own time limit so that it ends before the run's deadline."""
        left = max(1.0, self._deadline_at - time.monotonic())
        limit = min(options.time_limit_seconds, left)
        return options.model_copy(update={"time_limit_seconds": limit})

    def _progress(self, progress: Progress) -> None:
        self._show({**asdict(progress), "gap": progress.gap})
        self._on_progress(progress)

    def _show(self, progress: dict[str, JsonValue]) -> None:
        self._heartbeat.show(progress)
        _log.debug("Progress.", extra={"context": progress})

    def _keep(self, whole: Mapping[str, Any]) -> None:
        """Save lines that could not be stored, on stderr and in a file: they took an hour."""
        claim, path = self._claim, None
        try:
            path = keep_lines(self._keep_dir, claim.run, claim.attempt, whole)
        except OSError as error:
            _log.warning("The lines could not be kept in a file: %s", error)
        context = {"file": str(path) if path else None, "result": whole}
        where = f"in {path} and in this record" if path else "in this record"
        _log.error(
            "The lines could not be stored; they are %s.",
            where,
            extra={"context": context, "stream_only": True},
        )


def _fitting(result: Result) -> dict[str, JsonValue]:
    """Return a result without lines that fits the row, dropping the longest lists if need be."""
    document: dict[str, Any] = result.to_json(with_lines=False)
    for name in ("unfilled_posts", "notes", "statistics"):
        if len(json.dumps(document)) <= _RESULT_BYTES:
            break
        document.pop(name, None)
    return document


def _failed(error: PlannerError) -> dict[str, JsonValue]:
    """Return a failure as `planner.result/1`; a bad input names every field at fault."""
    issues = error.issues[:100] if isinstance(error, ProblemInvalid) else ()
    result = Result(
        status="FAILED",
        reason=error.code,
        message=redact(error.message),
        notes=tuple(str(issue) for issue in issues),
        planner_version=__version__,
    )
    return _fitting(result)
