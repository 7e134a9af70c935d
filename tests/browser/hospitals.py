"""Hospitals for the browser: small enough to be answered at once, large enough to look real."""

import json
from pathlib import Path
from typing import Any

_EXAMPLES = Path(__file__).parents[2] / "examples"


def example(file: str, /, **changes: Any) -> dict[str, Any]:
    """Return a shipped example, changed."""
    problem: dict[str, Any] = json.loads((_EXAMPLES / f"{file}.json").read_text("utf-8"))
    return {**problem, **changes}


def small_hospital(**changes: Any) -> dict[str, Any]:
    """Return the rural example under the name of this year's round."""
    return example("small_rural", name="Interns 2027", **changes)


def crowd(n_lines: int) -> dict[str, Any]:
    """Return the metropolitan example with posts for so many lines."""
    problem = example("large_metro", name=f"Statewide {n_lines}", n_job_lines=n_lines)
    each = -(-n_lines // len(problem["positions"])) + 1
    for position in problem["positions"]:
        position["posts_min"] = [1] * len(problem["terms"])
        position["posts_max"] = [each] * len(problem["terms"])
    return problem
