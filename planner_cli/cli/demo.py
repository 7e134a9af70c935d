"""`planner demo [EXAMPLE]`: one whole run on an embedded database, the lines on the screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from planner_cli.errors import ExitCode

if TYPE_CHECKING:
    from planner_cli.domain.problem import Problem


def demo(
    example: Annotated[
        str, typer.Argument(help="Name of an example hospital, or a problem file.")
    ] = "medium_regional",
    keep: Annotated[
        Path | None, typer.Option(help="Keep the database in this folder; absent: removed.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as one object.")
    ] = False,
) -> None:
    """Show a whole run: an embedded Postgres, a hospital, its job lines written and read back."""
    from planner_cli.cli import console
    from planner_cli.cli.documents import load_json
    from planner_cli.domain.reading import read_problem

    document = load_json(str(_example_path(example)))
    problem = read_problem(document)
    if problem.provenance:
        console.remark(f"{problem.name}. {problem.provenance}")
    stored = _run_on_embedded(problem, keep)
    result = {**stored.result, "lines": [_without_lock(line) for line in stored.lines]}
    if as_json:
        console.show_json(result)
    else:
        _show(problem, result)
    if stored.status == "FAILED":
        raise typer.Exit(ExitCode.UNFORESEEN)


def _run_on_embedded(problem: "Problem", keep: Path | None) -> Any:
    from planner_cli.cli.run import answer_run
    from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles
    from planner_cli.embedded.example import load_problem, request_run, stored_answer
    from planner_cli.settings import Settings

    with _step("An embedded Postgres starts"):
        server = EmbeddedPostgres(keep)
        server.start()
    try:
        with _step("Roles and migrations are applied"):
            prepare_supabase_roles(server.dsn)
            apply_migrations(server.dsn)
        with _step(f"{problem.name} goes into its tables"):
            hospital = load_problem(server.dsn, problem.model_dump(mode="json", by_alias=True))
            run: UUID = request_run(server.dsn, hospital.allocation_run, problem.n_job_lines)
        settings = Settings.model_validate({"DATABASE_URL": server.dsn, "log_level": "WARNING"})
        with _step(f"Run {run} is claimed, solved, checked and written back"):
            answered = answer_run(run, wait=False, drain=False, settings=settings)
        if answered.error is not None:
            raise answered.error
        return stored_answer(server.dsn, run)
    finally:
        server.stop()


@contextmanager
def _step(words: str) -> Iterator[None]:
    from planner_cli.cli.console import remark

    started_at = monotonic()
    yield
    remark(f"{words} ({monotonic() - started_at:.1f} s)")


def _show(problem: "Problem", document: dict[str, Any]) -> None:
    from planner_cli.cli import console
    from planner_cli.cli.summary import render
    from planner_cli.domain.result import Result

    result = Result.model_validate(document)
    console.show(render(problem, result, console.answers().width))


def _without_lock(line: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in line.items() if field != "locked"}


def _example_path(name: str) -> Path:
    """Find an example by name, in the wheel or the checkout; anything else is a path.

    Raises
    ------
    ProblemInvalid
        If there is neither an example nor a file of this name.
    """
    from planner_cli.domain.issues import InputIssue, ProblemInvalid, nearest

    known = {path.stem: path for path in _examples_folder().glob("*.json")}
    if name in known:
        return known[name]
    if Path(name).is_file():
        return Path(name)
    remedy = nearest(name, known)
    raise ProblemInvalid([InputIssue("EXAMPLE", name, "is no example and no file", remedy)])


def _examples_folder() -> Path:
    package = Path(str(files("planner_cli")))
    inside = package / "_resources" / "examples"
    return inside if inside.is_dir() else package.parent / "examples"
