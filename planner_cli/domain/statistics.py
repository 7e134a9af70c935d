"""The numbers a manager asks for: fairness, variety, posts, leave."""

from collections import Counter
from statistics import mean, pstdev
from typing import Annotated

from pydantic import Field

from planner_cli.domain.constraints.on_set import LinesServed
from planner_cli.domain.occupancy import posts_used, weeks_of_leave
from planner_cli.domain.outcomes import LineSet
from planner_cli.domain.problem import Document, Problem
from planner_cli.domain.scoring import near_clones, unfilled_posts


class Statistics(Document):
    """What a workforce manager wants to know of a set of lines."""

    n_lines: int
    floor: Annotated[int, Field(description="Score of the worst line.")]
    mean: float
    best: int
    spread: Annotated[float, Field(description="Standard deviation of the lines' scores.")]
    price_of_fairness: Annotated[
        int | None, Field(description="Points the sum of lines gives up for the floor.")
    ] = None
    near_clones: Annotated[
        int, Field(description="Pairs of lines that differ in at most one position.")
    ]
    funded_posts: int
    funded_posts_filled: int
    accredited_posts: int
    posts_used: int
    leave_weeks: int
    leave_weeks_first_half: int
    lines_per_position: Annotated[
        dict[str, int], Field(description="Lines that hold each position at least once.")
    ]
    pathways: dict[str, int] = Field(
        default_factory=dict, description="Lines that serve each pathway."
    )


def of(problem: Problem, found: LineSet) -> Statistics:
    """Compute the statistics of a set of lines."""
    lines, scores = found.lines, found.score.of_lines or (0,)
    funded = sum(sum(position.posts_min) for position in problem.positions)
    half = problem.year_weeks // 2
    on_leave = weeks_of_leave(lines)
    held = Counter(position for line in lines for position in {p.id for p in line.positions})
    return Statistics(
        n_lines=len(lines),
        floor=min(scores),
        mean=round(mean(scores), 2),
        best=max(scores),
        spread=round(pstdev(scores), 2),
        price_of_fairness=found.price_of_fairness,
        near_clones=near_clones(lines),
        funded_posts=funded,
        funded_posts_filled=funded - sum(unfilled_posts(problem, lines).values()),
        accredited_posts=sum(sum(position.posts_max) for position in problem.positions),
        posts_used=posts_used(lines).total(),
        leave_weeks=len(on_leave),
        leave_weeks_first_half=sum(week <= half for week in on_leave),
        lines_per_position={position.id: held[position.id] for position in problem.positions},
        pathways={
            pathway.name: LinesServed(**dict(pathway)).n_serving(lines)
            for pathway in problem.pathways
        },
    )
