"""The `planner` command: one file per command; heavy libraries are imported where they are used."""

import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

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

    SIGTERM ends every command, also as the first process of a container, which the kernel ends
    only when it has said what that signal does; `planner run` listens in a way of its own.
    """
    from planner_cli.cli.console import open_channels

    open_channels()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except PlannerError as error:
        from planner_cli.cli.console import report_error

        report_error(error, map(str, getattr(error, "issues", ())))
        sys.exit(error.exit_code)


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(ExitCode.TERMINATED)
