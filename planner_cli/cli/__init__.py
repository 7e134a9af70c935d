"""The `planner` command: one file per command; heavy libraries are imported where they are used."""

import contextlib
import signal
import sys
from collections.abc import Iterable
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from planner_cli import __version__
from planner_cli.cli.check import check
from planner_cli.cli.demo import demo
from planner_cli.cli.doctor import doctor
from planner_cli.cli.export import export
from planner_cli.cli.logs import logs
from planner_cli.cli.replay import replay
from planner_cli.cli.rules import rules
from planner_cli.cli.run import run
from planner_cli.cli.solve import solve
from planner_cli.cli.sweep import sweep
from planner_cli.errors import ExitCode, PlannerError

app = typer.Typer(
    name="planner",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"planner {__version__}")
        raise typer.Exit


@app.callback()
def planner(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Make job lines for junior doctors: legal, fair, varied, proven close to the best possible."""


for command in (demo, solve, check, rules, export, run, sweep, replay, logs, doctor):
    app.command()(command)


def main() -> None:
    """Run the command line; every error becomes one message and its exit code.

    With `--json` stdout gets exactly one object, whatever happens. SIGTERM ends every command, also
    as the first process of a container, which the kernel ends only when it has said what that
    signal does; `planner run` and `planner solve` listen in ways of their own.
    """
    from planner_cli.cli import console

    console.open_channels()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = app(standalone_mode=False)
    except PlannerError as error:
        issues = getattr(error, "issues", ())
        console.report_error(error, map(str, issues))
        _say_json(error.code, error.message, error.hint, error.exit_code, issues)
        code = error.exit_code
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        _say_json("interrupted", "Interrupted.", "", code)
    except Exception as error:  # noqa: BLE001  (raised again unless it is Typer's own)
        code = _of_typer(error)
    sys.exit(code or 0)


def _of_typer(error: Exception) -> int:
    """Say what was wrong with the words of the command; anything else is a fault of ours."""
    code: int | None = getattr(error, "exit_code", None)
    show = getattr(error, "show", None)
    if type(error).__name__ == "Abort":
        _say_json("interrupted", "Interrupted.", "", ExitCode.INTERRUPTED)
        return ExitCode.INTERRUPTED
    if code is None or show is None:
        what = f"The planner failed ({type(error).__name__})."
        hint = "This is a fault of the planner: report it with the traceback."
        _say_json("unforeseen", what, hint, ExitCode.UNFORESEEN)
        raise error
    show()
    message = str(error.format_message())  # type: ignore[attr-defined]
    _say_json("usage", message, "See planner --help.", code)
    return code


def _say_json(
    code: str, message: str, hint: str, exit_code: int, issues: Iterable[Any] = ()
) -> None:
    """Print an error as one object where one was asked for and nothing was printed yet."""
    from planner_cli.cli import console
    from planner_cli.logs import redact

    if "--json" not in sys.argv or console.json_is_shown():
        return
    document = {
        "status": "FAILED",
        "reason": code,
        "message": redact(message),
        "hint": redact(hint),
        "exit_code": int(exit_code),
        "issues": [
            {"field": i.field, "value": i.value, "message": i.message, "remedy": i.remedy}
            for i in issues
        ],
    }
    with contextlib.suppress(PlannerError):
        console.show_json(document)


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(ExitCode.TERMINATED)
