"""A first legal set: all lines if possible; else without droppable positions; else fewer lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from planner_cli.domain.constraints.on_set import PostsFilled
from planner_cli.solver.oracle.question import FirstSet, Lines, NoSet, Question, Unknown
from planner_cli.solver.oracle.search import Status, Values, Work, run
from planner_cli.solver.oracle.set_model import SetModel
from planner_cli.solver.rows import Expr
from planner_cli.solver.watch import Watch


@dataclass
class _Kept:
    """The last solution of a search: its lines and the values of some variables."""

    status: Status = "unknown"
    lines: Lines = ()
    values: list[int] = field(default_factory=list)


def first_set(question: Question, work: Work, watch: Watch) -> FirstSet | NoSet | Unknown:
    """Find a legal set, settling how many lines it has and which positions are dropped.

    Parameters
    ----------
    question
        What is asked; its number of lines is the most.
    work, watch
        The limits.

    Returns
    -------
    FirstSet, NoSet (a proof) or Unknown
    """
    if question.free.overdrawn():
        return NoSet("The locked lines alone hold more posts than are accredited.")
    if question.n_new < 0:
        return NoSet("There are more locked lines than lines asked for.")
    if question.too_large:
        return Unknown(
            f"{question.n_new} lines of {len(question.problem.positions)} positions are too many "
            "for the exact model."
        )
    found = _all_lines(question, work, watch)
    if isinstance(found, NoSet) and question.problem.allow_partial:
        found = _fewer_lines(question, work, watch, may_drop=False)
    if isinstance(found, NoSet) and _can_drop(question):
        found = _all_lines_with_drops(question, work, watch)
        if isinstance(found, NoSet) and question.problem.allow_partial:
            found = _fewer_lines(question, work, watch, may_drop=True)
    return found


def _all_lines(question: Question, work: Work, watch: Watch) -> FirstSet | NoSet | Unknown:
    lines = SetModel(question.line(), question.free, n_lines=question.n_lines)
    kept = _search(question, lines, work, watch)
    return _settle(question, lines, kept)


def _all_lines_with_drops(
    question: Question, work: Work, watch: Watch
) -> FirstSet | NoSet | Unknown:
    """Drop as few positions as possible."""
    lines = SetModel(question.line(), question.free, n_lines=question.n_lines, may_drop=True)
    dropped = list(lines.dropped.values())
    lines.model.minimize(cp_model.LinearExpr.sum(dropped))
    return _settle(question, lines, _search(question, lines, work, watch, dropped))


def _fewer_lines(
    question: Question, work: Work, watch: Watch, *, may_drop: bool
) -> FirstSet | NoSet | Unknown:
    """Use as many lines as possible, one at least, and then drop as few positions as possible."""
    lines = SetModel(
        question.line(),
        question.free,
        n_lines=question.n_lines,
        may_be_fewer=True,
        may_drop=may_drop,
    )
    if not lines.kept:
        lines.model.add(lines.n_used >= 1)
    dropped = list(lines.dropped.values())
    costs: list[Expr] = [-drop for drop in dropped]
    lines.model.maximize(cp_model.LinearExpr.sum([lines.n_used * (len(dropped) + 1), *costs]))
    return _settle(question, lines, _search(question, lines, work, watch, dropped))


def _can_drop(question: Question) -> bool:
    """Say whether dropping could help: only where funded posts must be filled."""
    problem = question.problem
    return bool(question.book.on_set(problem, PostsFilled)) and any(
        position.excludable and any(position.posts_min) for position in problem.positions
    )


def _search(
    question: Question,
    lines: SetModel,
    work: Work,
    watch: Watch,
    variables: Sequence[cp_model.IntVar] = (),
) -> _Kept:
    kept = _Kept()

    def keep(values: Values) -> None:
        kept.lines = question.read(lines, values)
        kept.values = [values(variable) for variable in variables]
        kept.status = "feasible"

    found = kept.status
    status = run(lines.model, work, watch, on_solution=keep)
    if kept.status == found or status == "optimal":
        kept.status = status
    return kept


def _settle(question: Question, lines: SetModel, kept: _Kept) -> FirstSet | NoSet | Unknown:
    if kept.status == "infeasible":
        return NoSet("No set of lines meets every rule.")
    if kept.status == "unknown":
        return Unknown("Neither a legal set nor a proof that there is none was found in time.")
    not_used = tuple(i for i, gone in zip(lines.dropped, kept.values, strict=False) if gone)
    settled = question.settle(len(kept.lines), not_used)
    return FirstSet(settled, kept.lines, kept.status == "optimal")
