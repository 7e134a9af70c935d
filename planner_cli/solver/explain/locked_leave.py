"""Locked lines that are on leave together where the rules let fewer people be away."""

from collections import defaultdict
from collections.abc import Iterator

from planner_cli.domain.constraints.on_set import LeaveTogether, LinesKept
from planner_cli.domain.lines import JobLine
from planner_cli.domain.words import counted, listed
from planner_cli.solver.explain.supply import Contradiction, Supply
from planner_cli.solver.explain.words import ACCREDITED_POSTS


def locked_leave(supply: Supply) -> Iterator[Contradiction]:
    """Find positions from which more locked lines are away in a week than may ever be.

    How many may be away grows with the people who hold the position, and these are never more
    than its accredited posts in the term (or than the locked lines already hold there).

    Parameters
    ----------
    supply
        The problem with its locked lines.
    """
    problem, caps = supply.problem, supply.book.on_set(supply.problem, LeaveTogether)
    if not caps:
        return
    rules = supply.book.brought_by(LeaveTogether), supply.book.brought_by(LinesKept)
    term_of = [term for term, block in enumerate(problem.terms) for _ in range(block.weeks)]
    index_of = {position.id: index for index, position in enumerate(problem.positions)}
    away: dict[tuple[int, int], list[JobLine]] = defaultdict(list)
    for line in supply.free.kept:
        for block in line.leave:
            for week in range(block.start_week, min(block.end_week, problem.year_weeks) + 1):
                away[index_of[line.positions[term_of[week - 1]].id], week].append(line)
    said: set[tuple[int, int]] = set()
    for (index, week), lines in sorted(away.items()):
        term, position = term_of[week - 1], problem.positions[index]
        most_people = min(
            max(position.posts_max[term], supply.free.n_kept[term, index]), problem.n_job_lines
        )
        limit = min(cap.most_away(most_people) for cap in caps)
        if len(lines) <= limit or (index, term) in said:
            continue
        said.add((index, term))
        names = listed([line.name for line in lines])
        yield Contradiction(
            (*rules, ACCREDITED_POSTS),
            f"{names} are locked and on leave from {position.name} ({position.id}) together in "
            f"week {week} (Term {term + 1}), where {counted(most_people, 'person', 'people')} "
            f"at most work and {limit} may be away.",
            None,
            about=f"leave from {position.id} in Term {term + 1}",
        )
