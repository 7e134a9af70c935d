"""A problem that takes the solver far longer than any test waits."""

import json
from pathlib import Path
from typing import Any

_LARGE = Path(__file__).parents[1] / "benchmarks" / "problems" / "synthetic_500.json"


def slow_problem() -> dict[str, Any]:
    """Return a hospital of 500 lines."""
    problem: dict[str, Any] = json.loads(_LARGE.read_text())
    problem["options"] = {"time_limit_seconds": 600}
    return problem
