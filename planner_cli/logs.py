"""Logs: JSON lines on stderr, plain ones on a terminal, rows in `system_logs`; never a secret.

Modules log as usual, `logging.getLogger(__name__)`, with figures under `extra={"context": {...}}`.
A log that cannot be written never fails a run.
"""

import contextlib
import json
import logging
import math
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import JsonValue

REDACTED = "[redacted]"
ROWS_KEPT = 1_000
LONGEST_TEXT = 20_000

_HIDDEN_KEY = re.compile(
    r"[\w-]{0,40}(?:password|passwd|pwd|api[-_]?key|secret|token|assertion|authorization)",
    re.IGNORECASE,
)
#: The edge function reads a copy of the same list, in which a `$1` stands for our `\1`.
_PATTERNS = tuple(
    (
        re.compile(rule["pattern"], re.IGNORECASE | re.ASCII),
        re.sub(r"\$(\d)", r"\\\1", rule["instead"]),
    )
    for rule in json.loads(Path(__file__).with_name("redaction.json").read_text(encoding="utf-8"))
)
_known_secrets: set[str] = set()
_run: ContextVar[tuple[str, str | None] | None] = ContextVar("planner_run", default=None)


def hide(secret: str) -> None:
    """Never let this very text appear in a log: a key, a password, the token of a claim."""
    if len(secret) >= 6:
        _known_secrets.add(secret)


def redact(text: str) -> str:
    """Return the text without keys, tokens and passwords."""
    for secret in _known_secrets:
        text = text.replace(secret, REDACTED)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def clean(value: object) -> JsonValue:
    """Return a value ready for JSON, without secrets, whatever it was."""
    if isinstance(value, bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {
            str(k): REDACTED if _HIDDEN_KEY.fullmatch(str(k)) else clean(v)
            for k, v in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [clean(item) for item in value]
    return redact(str(value))[:LONGEST_TEXT]


@contextlib.contextmanager
def about_run(run: object, org: object | None = None) -> Iterator[None]:
    """Name the run and its organisation, if known, in every record logged within."""
    mark = _run.set((str(run), None if org is None else str(org)))
    try:
        yield
    finally:
        _run.reset(mark)


class JsonLines(logging.Formatter):
    """One JSON object per record: at, level, source, run_id, message, context, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        row = _row(record)
        line: dict[str, JsonValue] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": row["level"],
            "source": row["source"],
            "run_id": row["run"],
            "message": row["message"],
        }
        if row["context"]:
            line["context"] = row["context"]
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """A line for people at a terminal; the level is named from WARNING up."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        message = redact(record.getMessage())
        if record.levelno < logging.WARNING:
            return message
        return f"{record.levelname.lower()}: {message}"


class RowsForStore(logging.Handler):
    """Keeps records as rows for `system_logs` until somebody sends them, in batches."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: deque[dict[str, JsonValue]] = deque(maxlen=ROWS_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record, unless it is about no run or marked `stream_only`."""
        with contextlib.suppress(Exception):
            if getattr(record, "stream_only", False):
                return
            row = _row(record)
            if row["run"] is not None:
                self._rows.append(row)

    def send(self, log: Callable[[Sequence[Mapping[str, JsonValue]]], None]) -> None:
        """Hand what is kept to the store; on failure drop it, since stderr has it too."""
        rows = [self._rows.popleft() for _ in range(len(self._rows))]
        if rows:
            with contextlib.suppress(Exception):
                log(rows)


class _QuietStream(logging.StreamHandler[TextIO]):
    """A stream handler that does not complain when the stream is gone."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Stay silent: there is nowhere left to say it."""


def configure(
    level: str, stream: TextIO, *, rows: RowsForStore | None = None, plain: bool | None = None
) -> None:
    """Send the planner's records to a stream, and to the rows if given.

    Parameters
    ----------
    level
        The least level shown, by name.
    stream
        Usually stderr.
    rows
        Keeps records for `system_logs`; None keeps nothing.
    plain
        Lines for people instead of JSON; None asks the stream whether it is a terminal.
    """
    logging.raiseExceptions = False
    handler = _QuietStream(stream)
    handler.setFormatter(
        PlainLines() if (plain or (plain is None and stream.isatty())) else JsonLines()
    )
    planner = logging.getLogger("planner_cli")
    for old in tuple(planner.handlers):
        planner.removeHandler(old)
    planner.setLevel(level)
    planner.propagate = False
    planner.addHandler(handler)
    if rows is not None:
        planner.addHandler(rows)


def _row(record: logging.LogRecord) -> dict[str, Any]:
    """Return the record as a row of `system_logs`, without secrets."""
    about = _run.get()
    given = getattr(record, "context", None)
    context = clean(given) if isinstance(given, Mapping) else {}
    row: dict[str, Any] = {
        "level": record.levelname,
        "source": record.name,
        "run": about[0] if about else None,
        "org": about[1] if about else None,
        "message": redact(record.getMessage())[:LONGEST_TEXT],
        "context": context,
    }
    if record.exc_info:
        text = logging.Formatter().formatException(record.exc_info)
        row["context"] = {**row["context"], "traceback": redact(text)[-LONGEST_TEXT:]}
    return row
