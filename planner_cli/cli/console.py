"""The two channels: answers go to stdout, everything else to stderr."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from planner_cli.errors import OutputLost, PlannerError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

#: Width of tables when the output is no terminal: wide enough for five terms with names.
PIPED_WIDTH = 120
#: What was printed as JSON so far.
_shown: list[str] = []
#: Errors shown before the rest is only counted.
_SHOWN_ISSUES = 20


@cache
def answers() -> "Console":
    """Give the console of answers: stdout, as wide as the terminal, 120 columns in a pipe."""
    from rich.console import Console

    class Answers(Console):
        """Goes on where the reader went away: rich itself would end the process with code 1."""

        def on_broken_pipe(self) -> None:
            """Print nothing more; the command goes on and keeps its own exit code."""
            _print_nothing_more()

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Answers(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


@cache
def remarks() -> "Console":
    """Give the console of everything else: stderr."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False)


def show(*renderables: "RenderableType") -> None:
    """Print answers on stdout; plain text is never read as markup."""
    with _a_reader_may_leave():
        for renderable in renderables:
            answers().print(renderable, markup=False)


def show_line(text: str) -> None:
    """Print one line on stdout, never folded: people search logs for it."""
    with _a_reader_may_leave():
        answers().print(text, markup=False, soft_wrap=True)


def show_json(document: Mapping[str, Any]) -> None:
    """Print exactly one JSON object on stdout, in plain ASCII where stdout is not UTF-8."""
    _shown.append("json")
    ascii_only = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf8")
    with _a_reader_may_leave():
        json.dump(document, sys.stdout, ensure_ascii=ascii_only, allow_nan=False)
        sys.stdout.write("\n")


def json_is_shown() -> bool:
    """Say whether this process has printed its one object."""
    return bool(_shown)


def open_channels() -> None:
    """Make stdout and stderr safe to write to, whatever the shell left of them.

    A closed one becomes /dev/null, so that no file or socket opened later takes its number. A
    character the terminal cannot show becomes a question mark instead of an error.
    """
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
        elif number:
            stream.reconfigure(errors="replace")


@contextmanager
def _a_reader_may_leave() -> Iterator[None]:
    """Flush what is printed; a reader that went away (planner ... | head) is no error.

    Raises
    ------
    OutputLost
        What was printed could not be written, for want of space for instance.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _print_nothing_more()
    except OSError as error:
        _print_nothing_more()
        raise OutputLost(
            f"The answer could not be printed: {(error.strerror or str(error)).lower()}.",
            "Print it somewhere else, or write it with -o FILE.",
        ) from None


def _print_nothing_more() -> None:
    """Let what is left in the buffer go nowhere, or the interpreter fails on it as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def remark(text: str) -> None:
    """Say something on stderr that is not the answer."""
    with _nobody_may_listen():
        remarks().print(text, markup=False, soft_wrap=True)


@contextmanager
def _nobody_may_listen() -> Iterator[None]:
    """Let a stderr that cannot be written to change nothing."""
    try:
        yield
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def report_error(error: PlannerError, details: Iterable[str] = ()) -> None:
    """Say on stderr what happened and what to do; never a traceback."""
    with _nobody_may_listen():
        _report(error, details)


def _report(error: PlannerError, details: Iterable[str]) -> None:
    from planner_cli.logs import redact

    console = remarks()
    console.print(f"[bold red]error[/] [dim]{error.code}[/]  ", end="")
    shown = [redact(detail) for detail in details]
    if len(shown) > 1:
        console.print(f"{len(shown)} things are wrong with the input:", markup=False)
        for detail in shown[:_SHOWN_ISSUES]:
            console.print(f"  - {detail}", markup=False)
        if len(shown) > _SHOWN_ISSUES:
            console.print(f"  and {len(shown) - _SHOWN_ISSUES} more", markup=False)
        return
    console.print(redact(error.message), markup=False)
    if error.hint:
        console.print(f"  {redact(error.hint)}", markup=False, style="dim")
