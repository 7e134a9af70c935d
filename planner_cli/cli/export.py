"""`planner export RUN_ID|FILE`: the lines as a workbook or as csv."""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from planner_cli.workbook import LineSet

#: Signs a spreadsheet would take for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN_ID|FILE",
            help="A run, a bundle of `planner replay --save`, or a problem with --lines.",
        ),
    ],
    xlsx: Annotated[
        str | None, typer.Option("--xlsx", help="Write a workbook here; - is stdout.")
    ] = None,
    csv_file: Annotated[
        str | None, typer.Option("--csv", help="Write csv here; - is stdout.")
    ] = None,
    lines: Annotated[
        str | None, typer.Option("--lines", help="A planner.result/1 that answers the problem.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
) -> None:
    """Write lines as workforce units use them: a row each, weeks as blocks, unit fill, rules."""
    from planner_cli.cli import console
    from planner_cli.cli.target import Target

    if xlsx is None and csv_file is None:
        raise typer.BadParameter("say where to: --xlsx FILE, --csv FILE or both")
    if xlsx == csv_file == "-":
        raise typer.BadParameter("only one of the two can go to stdout")
    targets = [(Target(name), make) for name, make in ((xlsx, _workbook), (csv_file, _csv)) if name]
    for target, _ in targets:
        target.check()
    found = _line_set(what, lines)
    for target, make in targets:
        target.write(make(found))
        if not target.is_stdout:
            console.remark(f"{len(found.lines)} lines are in {target}.")
    if as_json and not any(target.is_stdout for target, _ in targets):
        files = [str(target.path) for target, _ in targets]
        console.show_json({"n_lines": len(found.lines), "files": files})


def _workbook(found: "LineSet") -> bytes:
    from planner_cli.errors import ConfigurationError
    from planner_cli.workbook import sheets

    try:
        from planner_cli.workbook.writing import workbook_bytes
    except ImportError:
        raise ConfigurationError(
            "Workbooks need openpyxl, which is not installed.",
            "pip install 'planner-cli[xlsx]'",
        ) from None
    return workbook_bytes(sheets(found))


def _line_set(what: str, lines: str | None) -> "LineSet":
    from planner_cli.cli.documents import load_lines, load_problem
    from planner_cli.cli.replay import _recording
    from planner_cli.domain.issues import InputIssue, ProblemInvalid
    from planner_cli.workbook import LineSet

    if lines is not None:
        problem, records = load_problem(what), load_lines(lines)
    else:
        recording = _recording(what)
        problem = recording.problem
        records = recording.result.lines if recording.result else ()
    if not records:
        remedy = "Give a run that completed, or a problem with --lines RESULT."
        raise ProblemInvalid([InputIssue("lines", what, "has no lines to export", remedy)])
    try:
        return LineSet.of(problem, records)
    except KeyError as unknown:
        remedy = "Give the problem these lines answer."
        issue = InputIssue("lines", str(unknown), "is not in the problem", remedy)
        raise ProblemInvalid([issue]) from None


def _csv(found: "LineSet") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(_csv_rows(found))
    return text.getvalue().encode("utf-8-sig")


def _csv_rows(found: "LineSet") -> Iterator[list[str | int | None]]:
    problem = found.problem
    heads = [
        f"Term {number}{part}"
        for number in range(1, len(problem.terms) + 1)
        for part in ("", " site", " leave weeks")
    ]
    yield ["Line", "Score", "Locked", *heads]
    for line, score in zip(found.lines, found.scores, strict=True):
        away = {w for b in line.leave for w in range(b.start_week, b.end_week + 1)}
        row: list[str | int | None] = [_safe(line.name), score, "yes" if line.locked else "no"]
        for first, (term, position) in zip(problem.first_weeks, line.rotations(), strict=True):
            weeks = (str(w) for w in range(first, first + term.weeks) if w in away)
            row += [_safe(position.name), _safe(position.site), " ".join(weeks)]
        yield row


def _safe(text: str) -> str:
    """Give a text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
