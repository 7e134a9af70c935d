"""`planner solve FILE`: the solver on a problem file, no database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner_cli.errors import ExitCode

if TYPE_CHECKING:
    from planner_cli.domain.problem import Problem
    from planner_cli.domain.result import Result


def solve(  # noqa: PLR0913, PLR0917  (one parameter per option)
    file: Annotated[str, typer.Argument(help="A planner.problem/1 file, or - for stdin.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the planner.result/1 here.")
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
    """Solve a problem file: the lines, or why there are none."""
    from planner_cli.cli import console
    from planner_cli.cli.documents import load_problem, save_json
    from planner_cli.errors import PlannerError

    try:
        problem = load_problem(file)
        given = {"time_limit_seconds": time_limit, "target_gap": target_gap, "seed": seed}
        result = _answer(problem, {k: v for k, v in given.items() if v is not None})
        if output is not None:
            save_json(output, result.to_json())
    except PlannerError as error:
        if as_json:
            console.show_json(_failed(error))
        raise
    if as_json:
        console.show_json(result.to_json())
    else:
        from planner_cli.cli.summary import render

        console.show(render(problem, result, console.answers().width))
    if result.status == "FAILED":
        raise typer.Exit(ExitCode.UNDECIDED)
    if result.status == "INFEASIBLE" and exit_status:
        raise typer.Exit(ExitCode.INFEASIBLE)


def _answer(problem: "Problem", given: dict[str, Any]) -> "Result":
    from planner_cli import __version__
    from planner_cli.cli.progress import shown_progress
    from planner_cli.domain.result import result_of
    from planner_cli.solver import solve as find_lines

    options = problem.options.model_copy(update=given)
    with shown_progress(problem.name) as (on_progress, stop):
        outcome = find_lines(problem, options, on_progress, stop)
    return result_of(problem, outcome, seed=options.seed, version=__version__)


def _failed(error: Any) -> dict[str, Any]:
    from planner_cli.domain.result import Result

    failed = Result(status="FAILED", reason=error.code, message=error.message).to_json()
    issues = [
        {"field": i.field, "value": i.value, "message": i.message, "remedy": i.remedy}
        for i in getattr(error, "issues", ())
    ]
    return {**failed, "issues": issues}
