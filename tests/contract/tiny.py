"""The smallest hospital: three positions of two posts in each of two terms, and three lines."""

from typing import Any


def tiny_problem(**changes: Any) -> dict[str, Any]:
    """Return a `planner.problem/1` that every order of its positions answers."""
    problem: dict[str, Any] = {
        "schema": "planner.problem/1",
        "name": "Tiny hospital",
        "n_job_lines": 3,
        "terms": [
            {"weeks": 26, "starts_on": "2027-01-11"},
            {"weeks": 26, "starts_on": "2027-07-12"},
        ],
        "positions": [_position(name) for name in ("Emergency", "Medicine", "Surgery")],
        "constraints": ["UNRESTRICTED"],
        "affinity": {},
    }
    return {**problem, **changes}


def _position(specialty: str) -> dict[str, Any]:
    return {
        "id": specialty.upper()[:3],
        "name": f"{specialty} ward",
        "site": "Base",
        "specialty": specialty,
        "categories": ["B"],
        "posts_min": [0, 0],
        "posts_max": [2, 2],
    }
