"""Who holds which position, and who is away from it: counts over a set of lines."""

from collections import Counter
from collections.abc import Sequence

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem


def posts_used(lines: Sequence[JobLine]) -> Counter[tuple[str, int]]:
    """Count the posts used, by position id and index of the term (from 0)."""
    return Counter(
        (position.id, term) for line in lines for term, position in enumerate(line.positions)
    )


def weeks_of_leave(lines: Sequence[JobLine]) -> list[int]:
    """List the weeks of the year (from 1) spent on leave, once for each line."""
    return [
        week
        for line in lines
        for block in line.leave
        for week in range(block.start_week, block.end_week + 1)
    ]


def away_by_week(problem: Problem, lines: Sequence[JobLine]) -> Counter[tuple[str, int]]:
    """Count people on leave by position id and week of the year (from 1)."""
    position_in = [term for term, block in enumerate(problem.terms) for _ in range(block.weeks)]
    away = Counter[tuple[str, int]]()
    for line in lines:
        for block in line.leave:
            for week in range(block.start_week, min(block.end_week, problem.year_weeks) + 1):
                away[line.positions[position_in[week - 1]].id, week] += 1
    return away
