"""Replay: repeat a recorded run, write nothing, and say what differs."""

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from planner_cli import __version__
from planner_cli.domain.issues import InputIssue, ProblemInvalid, shorten
from planner_cli.domain.outcomes import Progress
from planner_cli.domain.problem import LineRecord, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.result import Result, result_of
from planner_cli.runs.apart import Solve

BUNDLE = "planner.bundle/1"
#: Libraries whose version can change an answer.
_SOLVERS = ("ortools", "highspy", "numpy")


@dataclass(frozen=True)
class Recording:
    """What a run was given and what it answered.

    Parameters
    ----------
    source
        Id of the run, or path of the bundle.
    problem
        The recorded inputs, options and seed included.
    result
        The recorded answer, lines included; None when it had none.
    versions
        Versions recorded with the bundle, by library; empty when read from the database.
    """

    source: str
    problem: Problem
    result: Result | None
    versions: Mapping[str, str]

    def to_bundle(self) -> dict[str, Any]:
        """Give the recording as a document another machine can replay offline."""
        return {
            "schema": BUNDLE,
            "source": self.source,
            "versions": dict(self.versions or versions()),
            "problem": self.problem.model_dump(mode="json", by_alias=True),
            "result": self.result.to_json() if self.result else None,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between the recorded answer and the repeated one.

    Parameters
    ----------
    what
        The field, or the line and term.
    recorded, repeated
        The two values as text.
    """

    what: str
    recorded: str
    repeated: str


@dataclass(frozen=True)
class Replayed:
    """What a replay found.

    Parameters
    ----------
    verdict
        identical; different; or new, when nothing was recorded to compare with.
    differences
        What differs, in the order of importance.
    reasons
        Why it may differ: versions, a wall stop.
    result
        The repeated answer.
    """

    verdict: Literal["identical", "different", "new"]
    differences: tuple[Difference, ...]
    reasons: tuple[str, ...]
    result: Result


def replay(
    recording: Recording,
    solve: Solve,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Replayed:
    """Solve the recorded inputs again and compare; nothing is written anywhere."""
    problem = recording.problem
    outcome = solve(problem, problem.options, on_progress, stop)
    again = result_of(problem, outcome, seed=problem.options.seed, version=__version__)
    if recording.result is None:
        return Replayed("new", (), (), again)
    differences = tuple(compare(recording.result, again))
    reasons = tuple(_reasons(recording, again)) if differences else ()
    return Replayed("different" if differences else "identical", differences, reasons, again)


def compare(recorded: Result, repeated: Result) -> Iterator[Difference]:
    """Yield what differs between two answers; times do not count."""
    for name in ("status", "reason", "score", "bound", "dropped_positions", "explanation"):
        before, after = getattr(recorded, name), getattr(repeated, name)
        if before != after:
            yield Difference(name, _text(before), _text(after))
    lines_before = {line.name: line for line in recorded.lines}
    lines_after = {line.name: line for line in repeated.lines}
    for name in dict.fromkeys([*lines_before, *lines_after]):
        yield from _line_differences(name, lines_before.get(name), lines_after.get(name))


def recording_from(source: str, document: Mapping[str, Any]) -> Recording:
    """Read a recording: a bundle, or what `planner_recording` answers for a run.

    Raises
    ------
    ProblemInvalid
        If it holds no inputs, or they or the answer cannot be read.
    """
    if not document.get("problem"):
        issue = InputIssue(
            "problem", shorten(document.get("problem")), "no inputs are recorded",
            "They are recorded at the first claim, and kept for the days of the retention.",
        )  # fmt: skip
        raise ProblemInvalid([issue])
    problem = read_problem(document["problem"])
    recorded = document.get("result") or None
    if recorded is not None and "lines" in document:
        recorded = {**recorded, "lines": [_line(line) for line in document["lines"] or ()]}
    try:
        result = Result.model_validate(recorded) if recorded else None
    except ValidationError as error:
        first = error.errors()[0]
        path = "result." + ".".join(str(part) for part in first["loc"])
        remedy = "It was written by another version; take that one to replay it."
        raise ProblemInvalid(
            [InputIssue(path, shorten(first["input"]), first["msg"].lower(), remedy)]
        ) from None
    return Recording(source, problem, result, document.get("versions") or {})


def versions() -> dict[str, str]:
    """Give the versions that can change an answer."""
    from importlib.metadata import version  # noqa: PLC0415  (slow to import, rarely needed)

    found = {name: version(name) for name in _SOLVERS}
    return {"planner": __version__, "python": platform.python_version(), **found}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in line.items() if field in LineRecord.model_fields}


def _line_differences(
    name: str, before: LineRecord | None, after: LineRecord | None
) -> Iterator[Difference]:
    if before is None or after is None:
        yield Difference(name, "there" if before else "missing", "there" if after else "missing")
        return
    was = {rotation.term: rotation.position for rotation in before.rotations}
    for rotation in after.rotations:
        if was.get(rotation.term) != rotation.position:
            what = f"{name}, Term {rotation.term}"
            yield Difference(what, str(was.get(rotation.term)), rotation.position)
    if before.leave != after.leave:
        yield Difference(f"{name}, leave", _leave(before), _leave(after))


def _leave(line: LineRecord) -> str:
    blocks = [f"weeks {block.start_week} to {block.end_week}" for block in line.leave]
    return ", ".join(blocks) or "none"


def _reasons(recording: Recording, again: Result) -> Iterator[str]:
    before, now = dict(recording.versions), versions()
    if recording.result and recording.result.planner_version:
        before["planner"] = recording.result.planner_version
    for name, version in before.items():
        if name in now and now[name] != version:
            yield f"{name} was {version}, here it is {now[name]}."
    for result, when in ((recording.result, "recorded"), (again, "repeated")):
        if result is not None and result.stopped_by == "clock":
            yield f"The wall clock ended the {when} run: its answer depends on the machine's speed."
    if again.reason in {"solver.stopped", "solver.undecided"}:
        yield "The replay came to no answer in its time limit."


def _text(value: object) -> str:
    return "none" if value is None else shorten(value)
