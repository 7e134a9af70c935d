"""The two channels: answers go to stdout, everything else to stderr."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from planner_cli.errors import PlannerError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

#: Width of tables when the output is no terminal: wide enough for five terms with names.
PIPED_WIDTH = 120
#: Errors shown before the rest is only counted.
_SHOWN_ISSUES = 20


@cache
def answers() -> "Console":
    """Give the console of answers: stdout, as wide as the terminal, 120 columns in a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=False)


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


def show_json(document: Mapping[str, Any]) -> None:
    """Print exactly one JSON object on stdout."""
    with _a_reader_may_leave():
        json.dump(document, sys.stdout, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")


@contextmanager
def _a_reader_may_leave() -> Iterator[None]:
    """Flush what is printed; a reader that went away (planner ... | head) is no error."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def remark(text: str) -> None:
    """Say something on stderr that is not the answer."""
    remarks().print(text, markup=False, soft_wrap=True)


def report_error(error: PlannerError, details: Iterable[str] = ()) -> None:
    """Say on stderr what happened and what to do; never a traceback."""
    console = remarks()
    console.print(f"[bold red]error[/] [dim]{error.code}[/]  ", end="")
    shown = list(details)
    if len(shown) > 1:
        console.print(f"{len(shown)} things are wrong with the input:", markup=False)
        for detail in shown[:_SHOWN_ISSUES]:
            console.print(f"  - {detail}", markup=False)
        if len(shown) > _SHOWN_ISSUES:
            console.print(f"  and {len(shown) - _SHOWN_ISSUES} more", markup=False)
        return
    console.print(error.message, markup=False)
    if error.hint:
        console.print(f"  {error.hint}", markup=False, style="dim")
