"""Real problems made impossible, each in one way a workforce unit knows."""

import copy
import json
from pathlib import Path
from typing import Any

from planner_cli.domain.problem import Problem
from planner_cli.domain.reading import read_problem

ROOT = Path(__file__).parents[2]
Document = dict[str, Any]


def document(name: str) -> Document:
    """A problem of the examples or of the benchmarks, as read from its file."""
    for folder in (ROOT / "examples", ROOT / "tests" / "benchmarks" / "problems"):
        path = folder / f"{name}.json"
        if path.exists():
            found: Document = json.loads(path.read_text(encoding="utf-8"))
            return found
    raise FileNotFoundError(name)


def too_few_places(name: str, category: str = "D", short: int = 3) -> Problem:
    """A few places too few in one category; enough posts in all."""
    problem = copy.deepcopy(document(name))
    left = problem["n_job_lines"] - short
    for position in problem["positions"]:
        held = category in position["categories"]
        for term, posts in enumerate(position["posts_max"]):
            kept = min(posts, left) if held else posts + 4 * (posts > 0)
            left -= kept if held else 0
            position["posts_max"][term] = kept
            position["posts_min"][term] = min(position["posts_min"][term], kept)
    return read_problem(problem)


def more_lines_than_posts(name: str, more: int = 20) -> Problem:
    """Lines for which there are no posts."""
    problem = copy.deepcopy(document(name))
    fewest = min(
        sum(position["posts_max"][term] for position in problem["positions"])
        for term in range(len(problem["terms"]))
    )
    problem["n_job_lines"] = fewest + more
    return read_problem(problem)


def funded_above_a_specialty_cap(name: str, above: int = 15) -> Problem:
    """FILL_POSTS, with more funded posts of one specialty than the lines may hold of it."""
    problem = copy.deepcopy(document(name))
    problem["constraints"].append("FILL_POSTS")
    positions = problem["positions"]
    sizes: dict[str, int] = {}
    for position in positions:
        position["excludable"] = False
        position["posts_min"] = [0] * len(problem["terms"])
        if not position["service"]:
            sizes[position["specialty"]] = sizes.get(position["specialty"], 0) + 1
    specialty = max(sizes, key=lambda name: sizes[name])
    left = 2 * problem["n_job_lines"] + above
    while left:
        for position in positions:
            if position["specialty"] == specialty and not position["service"]:
                for term in range(len(problem["terms"])):
                    funded = min(1, left)
                    position["posts_min"][term] += funded
                    position["posts_max"][term] = max(
                        position["posts_max"][term], position["posts_min"][term]
                    )
                    left -= funded
    return read_problem(problem)


def rural_b_and_d(name: str, share: float = 0.8) -> Problem:
    """Most posts of category B or D rural, none of both, and one rural term at most.

    Every count is high enough: only the rules together are impossible. Each line needs a post of
    category B or D that is not rural, and there are so many for a share of the lines only.
    """
    problem = copy.deepcopy(document(name))
    n_lines, n_terms = problem["n_job_lines"], len(problem["terms"])
    left = int(share * n_lines)
    for position in problem["positions"]:
        categories = position["categories"]
        if "B" in categories or "D" in categories:
            if {"B", "D"} <= set(categories):
                categories.remove("D")
            places = sum(position["posts_max"])
            position["rural"] = places > left
            left -= 0 if position["rural"] else places
            position["posts_max"] = [
                posts + (2 if position["rural"] else 0) for posts in position["posts_max"]
            ]
        else:
            position["rural"] = False
            position["posts_max"] = [n_lines] * n_terms
            position["service"] = None
        position["posts_min"] = [0] * n_terms
    names = [c if isinstance(c, str) else c["name"] for c in problem["constraints"]]
    if "MAX_RURAL_TERMS" not in names:
        problem["constraints"].append({"name": "MAX_RURAL_TERMS", "max": 1})
    return read_problem(problem)
