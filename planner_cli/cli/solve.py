"""`planner solve FILE`: the solver on a problem file, no database."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner_cli.errors import ExitCode, OutputLost

if TYPE_CHECKING:
    from planner_cli.cli.target import Target
    from planner_cli.domain.problem import Problem
    from planner_cli.domain.result import Result


def solve(  # noqa: PLR0913, PLR0917  (one parameter per option)
    file: Annotated[str, typer.Argument(help="A planner.problem/1 file, or - for stdin.")],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="Write the planner.result/1 here; - is stdout."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as one object.")
    ] = False,
    time_limit: Annotated[
        float | None, typer.Option(min=0.1, max=86_400, help="Seconds before giving up.")
    ] = None,
    target_gap: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Stop as soon as this gap is proven (0.01 is 1 %)."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Seed.")] = None,
    exit_status: Annotated[
        bool, typer.Option("--exit-status", help="Exit 10 when the problem is infeasible.")
    ] = False,
) -> None:
    """Solve a problem file: the lines, or why there are none.

    Ctrl-C gives the best lines found so far, with how good they are; a second one ends at once.
    """
    from planner_cli.cli.documents import load_problem
    from planner_cli.cli.progress import interruptible
    from planner_cli.cli.target import Target

    target = None if output is None else Target(output)
    problem = load_problem(file)
    if target is not None:
        target.check()
    given = {"time_limit_seconds": time_limit, "target_gap": target_gap, "seed": seed}
    with interruptible() as interruption:
        chosen = {k: v for k, v in given.items() if v is not None}
        result = _answer(problem, chosen, lambda: interruption.wanted)
    if interruption.wanted and result.status == "FAILED":
        _say_nothing_was_found(result, as_json=as_json)
    else:
        _give(problem, result, target, as_json=as_json)
    if interruption.wanted:
        raise typer.Exit(interruption.exit_code)
    if result.status == "FAILED":
        raise typer.Exit(ExitCode.UNDECIDED)
    if result.status == "INFEASIBLE" and exit_status:
        raise typer.Exit(ExitCode.INFEASIBLE)


def _say_nothing_was_found(result: "Result", *, as_json: bool) -> None:
    """Say so in a line; no file is written."""
    from planner_cli.cli import console

    if as_json:
        console.show_json(result.to_json())
    else:
        console.remark(result.message)


def _give(problem: "Problem", result: "Result", target: "Target | None", *, as_json: bool) -> None:
    """Write the result where it was asked for, and print it whether or not that succeeds.

    Raises
    ------
    OutputLost
        The file could not be written; the answer is on stdout all the same.
    """
    from planner_cli.cli import console
    from planner_cli.cli.documents import json_bytes

    lost = None
    if target is not None:
        try:
            target.write(json_bytes(result.to_json()))
            if not target.is_stdout:
                console.remark(f"The result is in {target}.")
        except OutputLost as error:
            lost = error
    if target is None or not target.is_stdout:
        _print(problem, result, as_json=as_json)
    if lost is not None:
        raise lost


def _print(problem: "Problem", result: "Result", *, as_json: bool) -> None:
    from planner_cli.cli import console

    if as_json:
        console.show_json(result.to_json())
        return
    from planner_cli.cli.summary import render

    console.show(render(problem, result, console.answers().width))


def _answer(problem: "Problem", given: dict[str, Any], finish: Callable[[], bool]) -> "Result":
    from planner_cli import __version__
    from planner_cli.cli.progress import shown_progress
    from planner_cli.domain.result import result_of
    from planner_cli.solver import solve as find_lines

    options = problem.options.model_copy(update=given)
    with shown_progress(problem.name) as on_progress:
        outcome = find_lines(problem, options, on_progress, finish=finish)
    return result_of(problem, outcome, seed=options.seed, version=__version__)
