"""`planner check PROBLEM LINES`: the referee alone on any line set."""

from typing import Annotated

import typer

from planner_cli.errors import ExitCode


def check(
    problem: Annotated[str, typer.Argument(help="A planner.problem/1 file.")],
    lines: Annotated[
        str, typer.Argument(help="A planner.result/1 file or a list of lines; - for stdin.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
) -> None:
    """Check a line set against every rule; exits 10 when a rule is broken."""
    from dataclasses import asdict

    from planner_cli.cli import console
    from planner_cli.cli.documents import load_lines, load_problem
    from planner_cli.cli.summary import render_violations
    from planner_cli.domain.referee import objections, violations
    from planner_cli.domain.rules.catalogue import rule_book

    asked = load_problem(problem)
    records = load_lines(lines)
    book = rule_book(asked)
    found = violations(asked, records, book)
    if as_json:
        rows = [asdict(violation) for violation in found]
        legal = not objections(found)
        console.show_json({"legal": legal, "n_lines": len(records), "violations": rows})
    else:
        console.show(render_violations(found, len(records), len(book.rules)))
    if objections(found):
        raise typer.Exit(ExitCode.INFEASIBLE)
