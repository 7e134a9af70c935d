"""A conflict of rules in sentences: what cannot hold together, and the numbers behind it."""

from collections.abc import Iterator

from planner_cli.domain.problem import Category, Position, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.words import counted, listed
from planner_cli.solver import parameters
from planner_cli.solver.explain.conflict import Conflict, without_rules
from planner_cli.solver.explain.judge import Judge, lines_wanted
from planner_cli.solver.explain.lines_lp import MostLines
from planner_cli.solver.explain.portions import Portion, all_portions, categories_needed
from planner_cli.solver.explain.supply import Supply, Test
from planner_cli.solver.explain.words import ACCREDITED_POSTS, named
from planner_cli.solver.search.feasibility import at_most


def say_most(problem: Problem, most: MostLines, book: RuleBook) -> Iterator[str]:
    """Yield how many lines are possible at most, where that is fewer than wanted."""
    if most.never:
        yield "No number of lines can meet every rule on the whole set."
    elif most.lines < lines_wanted(problem, book):
        yield at_most(most.lines, problem.n_job_lines)


def say_conflict(problem: Problem, conflict: Conflict, judge: Judge) -> Iterator[str]:
    """Yield what cannot hold together, the places it is about, and what each rule costs."""
    names = [named(name, conflict.book) for name in conflict.names]
    if conflict.names == (ACCREDITED_POSTS,):
        yield "The accredited posts do not fit together into so many lines, whatever the rules."
    elif len(names) == 1:
        yield f"This cannot be met: {names[0]}."
    else:
        yield f"These cannot hold together: {listed(names)}."
    yield from _scarce_categories(problem, conflict)
    yield from _what_ifs(problem, conflict, judge)


def _scarce_categories(problem: Problem, conflict: Conflict) -> Iterator[str]:
    """Yield the places of each category needed, and how many of them another rule rations."""
    if ACCREDITED_POSTS not in conflict.names:
        return
    supply = Supply(problem, conflict.book)
    name, categories = categories_needed(supply)
    rationed = [
        portion
        for portion in all_portions(supply)
        if portion.rule != name and portion.most < supply.n_terms and not portion.in_weeks
    ]
    for category in categories:
        n_places = supply.places(_in_category(category))
        if n_places >= parameters.SCARCE_PLACES * supply.n_new:
            continue
        parts = [part for portion in rationed if (part := _part(supply, category, portion))]
        among = f", {listed(parts)}" if parts else ""
        yield (
            f"Category {category}: {counted(n_places, 'place')} in the year "
            f"for {counted(supply.n_new, 'line')}{among}."
        )


def _in_category(category: Category) -> Test:
    return lambda position: category in position.categories


def _part(supply: Supply, category: Category, portion: Portion) -> str:
    def counted(position: Position) -> bool:
        return category in position.categories and bool(portion.test(position))

    n_places = supply.places(counted)
    label = portion.label[0].lower() + portion.label[1:]
    return f"{n_places} of them {label}" if n_places else ""


def _what_ifs(problem: Problem, conflict: Conflict, judge: Judge) -> Iterator[str]:
    """Yield for each rule of the conflict how many lines the others leave room for."""
    for name in conflict.names:
        if name == ACCREDITED_POSTS or len(conflict.names) == 1:
            continue
        most = judge.most_lines(problem, without_rules(conflict.book, {name}))
        if not most.never and most.lines >= lines_wanted(problem, conflict.book):
            yield f"Without {name} the others leave room for all lines."
