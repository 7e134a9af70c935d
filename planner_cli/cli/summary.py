"""What an answer says to a manager: rules met, posts filled, fairness, or why there is no set."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from planner_cli.cli.grid import grid, legend
from planner_cli.domain.lines import JobLine
from planner_cli.domain.outcomes import closeness
from planner_cli.domain.problem import Problem
from planner_cli.domain.result import Explanation, Result
from planner_cli.domain.rules.base import Violation
from planner_cli.domain.rules.catalogue import rule_book

#: Unfilled posts and violations listed before the rest is only counted.
_SHOWN = 12


def render(problem: Problem, result: Result, width: int) -> Group:
    """Give a result as a manager reads it: the grid and the summary, or the explanation."""
    if result.status == "COMPLETED":
        return Group(*_completed(problem, result, width))
    if result.explanation is not None:
        return Group(*_infeasible(result.explanation, result.notes))
    return Group(Text.assemble((f"{result.status}  ", "bold red"), result.message))


def _completed(problem: Problem, result: Result, width: int) -> Iterator[RenderableType]:
    locked = {record.name for record in problem.locked_lines}
    lines = [JobLine.from_record(r, problem, locked=r.name in locked) for r in result.lines]
    scores = [record.score or 0 for record in result.lines]
    yield Text()
    yield grid(problem, lines, scores, width)
    yield Text()
    yield legend(problem, lines)
    yield Text()
    yield from _verdict(problem, result)
    yield _figures(problem, result)
    yield from _unfilled(problem, result)
    yield from _remarks(result.notes)


def _verdict(problem: Problem, result: Result) -> Iterator[RenderableType]:
    n_rules = len(rule_book(problem).rules)
    n_lines = len(result.lines)
    asked = "" if n_lines == problem.n_job_lines else f" of the {problem.n_job_lines} asked for"
    yield Text.assemble(
        ("✓ ", "bold green"),
        (f"{n_lines} job lines{asked}", "bold"),
        f" for {problem.name}.\n  Every line meets every rule ({n_rules} checked).",
    )
    yield Text()


def _figures(problem: Problem, result: Result) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2), pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, value in _rows(problem, result):
        table.add_row(label, value)
    return table


def _rows(problem: Problem, result: Result) -> Iterator[tuple[str, str]]:
    numbers, parts = result.statistics, result.components
    if numbers is None or parts is None:
        return
    rules = [c if isinstance(c, str) else str(c["name"]) for c in problem.constraints]
    yield "Rules", ", ".join(rules) or "none"
    all_filled = "all " if numbers.funded_posts_filled == numbers.funded_posts else ""
    filled = f"{all_filled}{numbers.funded_posts_filled} of {numbers.funded_posts} filled"
    yield "Funded posts", filled
    scores = f"worst {numbers.floor}, mean {numbers.mean:g}, best {numbers.best}"
    yield "Line scores", f"{scores} (spread {numbers.spread:g})"
    yield "Score", _proof(result)
    if numbers.price_of_fairness is not None:
        price = f"costs {numbers.price_of_fairness:,} points of the sum of lines"
        yield "Fairness", f"a worst line of {numbers.floor} {price}"
    duplicates = f"{parts.duplicates or 'no'} duplicate lines"
    yield "Variety", f"{duplicates}, {numbers.near_clones} pairs differ in one position only"
    if numbers.leave_weeks:
        share = numbers.leave_weeks_first_half / numbers.leave_weeks
        yield "Leave", f"{numbers.leave_weeks} weeks placed, {share:.0%} in the first half-year"
    for pathway in problem.pathways:
        n_lines = numbers.pathways.get(pathway.name, 0)
        yield f"Pathway {pathway.name}", f"{n_lines} lines, {pathway.n_lines} asked for"
    if result.dropped_positions:
        yield "Dropped", ", ".join(result.dropped_positions)
    total = result.seconds.get("total", sum(result.seconds.values()))
    yield "Time", f"{total:.1f} s"


def _proof(result: Result) -> str:
    score = result.score or 0
    if result.bound is None:
        return f"{score:,}, {closeness(None)}"
    meaning = f" ({result.bound_means})" if result.bound_means else ""
    return f"{score:,} of at most {result.bound:,}: {closeness(result.gap)}{meaning}"


def _unfilled(problem: Problem, result: Result) -> Iterator[RenderableType]:
    if not result.unfilled_posts:
        return
    yield Text()
    yield Text("Funded posts left empty", style="bold yellow")
    for post in result.unfilled_posts[:_SHOWN]:
        name = problem.position_by_id[post.position].name
        text = f"{post.posts} of {name} ({post.position}) in Term {post.term}"
        yield Padding(Text(f"{text}: {post.reason}" if post.reason else text), (0, 0, 0, 2))
    if len(result.unfilled_posts) > _SHOWN:
        yield Text(f"  and {len(result.unfilled_posts) - _SHOWN} more (see --json)")


def _infeasible(why: Explanation, notes: Sequence[str]) -> Iterator[RenderableType]:
    yield Text.assemble(("✗ ", "bold red"), ("No legal set of lines exists.", "bold"))
    yield Text()
    for sentence in why.sentences:
        yield Padding(Text(sentence), (0, 0, 0, 2))
    if why.conflict:
        yield Text()
        minimal = "" if why.conflict_is_minimal else " (more than needed may be named)"
        yield Text.assemble(
            ("Cannot hold together", "bold"), f"{minimal}: {', '.join(why.conflict)}"
        )
    if why.repairs:
        yield Text()
        yield Text("What would repair it (each one checked by solving)", style="bold")
        for repair in why.repairs:
            yield Padding(Text(f"· {repair.sentence}"), (0, 0, 0, 2))
    yield from _remarks(notes)


def _remarks(notes: Sequence[str]) -> Iterator[RenderableType]:
    if notes:
        yield Text()
        yield Text("Please note", style="bold yellow")
        for note in notes:
            yield Padding(Text(note), (0, 0, 0, 2))


def render_violations(found: Sequence[Violation], n_lines: int, n_rules: int) -> Group:
    """Give the referee's verdict on a line set: every violation, or that there is none."""
    illegal = [violation for violation in found if not violation.locked]
    if not found:
        return Group(
            Text.assemble(
                ("✓ ", "bold green"),
                (f"No violation in {n_lines} lines", "bold"),
                f" ({n_rules} rules and the accredited posts checked).",
            )
        )
    table = Table(box=None, padding=(0, 2), pad_edge=False, header_style="bold")
    table.add_column("Line", no_wrap=True)
    table.add_column("Rule", no_wrap=True)
    table.add_column("What is wrong", ratio=3, overflow="fold")
    table.add_column("Source", ratio=2, overflow="fold", style="dim")
    for violation in found:
        rule = f"{violation.rule} (locked)" if violation.locked else violation.rule
        table.add_row(violation.line or "whole set", rule, violation.message, violation.source)
    n_locked = len(found) - len(illegal)
    overridden = f", {n_locked} more on locked lines" if n_locked else ""
    head = Text.assemble(
        ("✗ " if illegal else "✓ ", "bold red" if illegal else "bold green"),
        (f"{len(illegal)} violations in {n_lines} lines{overridden}", "bold"),
    )
    return Group(head, Text(), table)
