"""A problem without its wishes: what is possible does not depend on what is liked."""

import random

from planner_cli.domain.constraints.on_set import PostsFilled
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters


def plain(problem: Problem) -> Problem:
    """Give the same problem without anything that only the score reads.

    Positions that only the score tells apart become alike, so that proofs are small.
    """
    positions = tuple(position.model_copy(update={"team": "any"}) for position in problem.positions)
    return problem.model_copy(update={"affinity": {}, "positions": positions})


def scattered(problem: Problem, book: RuleBook) -> Problem:
    """Give the same problem with an arbitrary worth of each pair of keys, always the same.

    A search for any legal set is quickest when the linear program has one best answer, most of it
    in whole lines, rather than thousands of equal ones in parts.
    """
    dice = random.Random(1)  # noqa: S311
    keys = sorted({position.key for position in problem.positions})
    affinity = {
        first: {second: dice.randint(1, parameters.ARBITRARY_AFFINITY) for second in keys[number:]}
        for number, first in enumerate(keys)
    }
    problem = plain(problem).model_copy(update={"affinity": affinity})
    return problem if book.on_set(problem, PostsFilled) else unfunded(problem)


def unfunded(problem: Problem) -> Problem:
    """Give the same problem without funded posts: where they need not be filled."""
    nothing = (0,) * len(problem.terms)
    positions = tuple(p.model_copy(update={"posts_min": nothing}) for p in problem.positions)
    return problem.model_copy(update={"positions": positions})
