"""Reading and writing the JSON files of the command line."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from planner_cli.domain.issues import InputIssue, ProblemInvalid, shorten
from planner_cli.domain.problem import LineRecord, Problem

#: Far above any real problem: 10,000 lines of 12 terms are about 10 MB.
MAX_BYTES = 64_000_000


def load_problem(path: str) -> Problem:
    """Read a problem file ("-" is stdin).

    Raises
    ------
    ProblemInvalid
        If it cannot be read, is no JSON, or is no valid problem.
    """
    from planner_cli.domain.reading import read_problem

    return read_problem(load_json(path))


def load_lines(path: str) -> tuple[LineRecord, ...]:
    """Read lines: a planner.result/1, an object with `lines`, or a list of lines.

    Raises
    ------
    ProblemInvalid
        If it cannot be read or holds no lines.
    """
    from pydantic import TypeAdapter, ValidationError

    document = load_json(path)
    lines = document.get("lines") if isinstance(document, dict) else document
    if not isinstance(lines, list):
        raise _invalid(path, shorten(document), "holds no lines", "Give a planner.result/1.")
    try:
        return TypeAdapter(tuple[LineRecord, ...]).validate_python(lines)
    except ValidationError as error:
        raise ProblemInvalid(
            InputIssue(
                "lines" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in e["loc"]),
                shorten(e["input"]),
                str(e["msg"]).lower(),
                "See docs/result.schema.json.",
            )
            for e in error.errors()
        ) from None


def load_json(path: str) -> Any:
    """Read one JSON document; NaN and infinity are refused.

    Raises
    ------
    ProblemInvalid
        If the file cannot be read or is no JSON.
    """
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if path == "-" else _read(path)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise _invalid(path, "", reason, "Check the path.") from None
    if len(raw) > MAX_BYTES:
        raise _invalid(path, "", f"is larger than {MAX_BYTES:,} bytes", "Is it the right file?")
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _invalid(path, "", "is not UTF-8 text", "Save it as UTF-8 JSON.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _invalid(path, where, f"is not JSON: {error.msg.lower()}", "Correct it.") from None
    except ValueError as error:
        raise _invalid(path, str(error), "is not JSON: no such number", "Give a number.") from None
    except RecursionError:
        raise _invalid(path, "", "is nested too deeply", "Is it the right file?") from None


def json_bytes(document: object) -> bytes:
    """Return one JSON document as it is written to files: indented, UTF-8, one line at the end."""
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _invalid(field: str, value: str, message: str, remedy: str) -> ProblemInvalid:
    return ProblemInvalid([InputIssue(field, value, message, remedy)])
