"""Problems far larger than a hospital's: whether a time limit holds at any size.

`python -m tests.benchmarks.huge` solves random problems of thousands of positions and lines under
several time limits, and prints how many seconds each whole `planner solve` took.
"""

# ruff: noqa: S311 T201 - chance, not secrecy; the answer goes to stdout

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CASES = ((5_000, 500), (5_000, 10_000), (400, 200))
LIMITS = (2.0, 10.0)


def huge_problem(n_positions: int, n_lines: int, seed: int = 1) -> dict[str, Any]:
    """Return a random `planner.problem/1`: one post a term in each position, or enough for all."""
    chance = random.Random(seed)
    posts = max(1, -(-n_lines // n_positions))
    return {
        "schema": "planner.problem/1",
        "name": f"{n_positions} positions, {n_lines} lines",
        "n_job_lines": n_lines,
        "terms": [{"weeks": 10}] * 4 + [{"weeks": 12}],
        "positions": [
            {
                "id": f"P{n}",
                "name": f"Unit {n}",
                "site": f"H{n % 5}",
                "specialty": f"S{chance.randint(0, 30)}",
                "subspecialty": f"U{chance.randint(0, 200)}",
                "categories": [chance.choice("ABCD")],
                "posts_min": [0] * 5,
                "posts_max": [posts] * 5,
            }
            for n in range(n_positions)
        ],
        "constraints": ["VIC_PGY1"],
    }


def main() -> None:
    """Print a row for each size and limit: seconds over the limit, and how it ended."""
    print("| positions | lines | limit, s | whole command, s | ended |\n|---|---|---|---|---|")
    for n_positions, n_lines in CASES:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(huge_problem(n_positions, n_lines), file)
            file.flush()
            for limit in LIMITS:
                row = _solved(Path(file.name), limit)
                print(f"| {n_positions:,} | {n_lines:,} | {limit:g} | {row[0]:.1f} | {row[1]} |")


def _solved(path: Path, limit: float) -> tuple[float, str]:
    command = [sys.executable, "-m", "planner_cli", "solve", str(path), "--json"]
    started_at = time.monotonic()
    ended = subprocess.run(
        [*command, "--time-limit", str(limit)], capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - started_at
    result = json.loads(ended.stdout)
    return seconds, f"{result['status']}: {result['message']}"


if __name__ == "__main__":
    main()
