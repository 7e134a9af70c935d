"""The solver beside a per-line CP-SAT model and a local search.

`just bench` writes docs/benchmarks.md: every problem file of `tests/benchmarks/problems` and the
examples, one process per trial, fixed seeds. Gaps of all methods are measured against the best
bound the planner proved in the same run. Takes about 12 minutes on two cores; `just bench --quick`
leaves out the rivals.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
SEED = 1
#: Seconds for the planner on each problem, smallest first.
LIMITS = {
    "synthetic_10": 60,
    "small_rural": 60,
    "synthetic_40": 60,
    "medium_regional": 60,
    "synthetic_140": 60,
    "large_metro": 60,
    "synthetic_500": 60,
    "synthetic_2000": 120,
}
RIVALS = ("per-line CP-SAT", "annealing")
RIVAL_PROBLEMS = ("synthetic_10", "synthetic_40", "synthetic_140")
RIVAL_SECONDS = 60

_MEANING = (
    "The *gap* is (bound - score) / |bound|; the bound is the one the planner proved for that "
    "problem in this run. Seconds count from the start of solving, the problem read; a dash says "
    "never. `violations` is the referee's count on the lines at the end."
)
_OURS = (
    "| problem | first legal set | 1 % proven | 0.5 % proven | gap at 10 s | gap at the end "
    "| seconds | peak memory | violations |\n|---|---|---|---|---|---|---|---|---|"
)
_RIVALS = (
    "`per-line CP-SAT`: a variable for each line, term and position, two workers "
    "(`planner_cli/solver/oracle`). `annealing`: whole lines, moves compiled by numba "
    "(`tests/benchmarks/annealing.py`). Both know no useful bound; theirs is the planner's."
)
_THEIRS = (
    "| problem | method | first legal set | to 1 % | gap at 10 s | gap at the end | peak memory "
    "| violations |\n|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Row:
    """One trial."""

    problem: str
    method: str
    report: dict[str, Any]

    def first(self, most: float, best: int) -> float | None:
        """Give the seconds until a set was within a gap of the best bound; None for never."""
        for seconds, score, _ in self.report["points"]:
            if score is not None and gap(score, best) <= most:
                return float(seconds)
        return None

    def at(self, seconds: float) -> int | None:
        """Give the best score known after so many seconds."""
        known = [s for t, s, _ in self.report["points"] if t <= seconds and s is not None]
        return max(known, default=None)

    def proven(self, most: float) -> float | None:
        """Give the seconds until the method itself had proven a gap; None for never."""
        for seconds, score, bound in self.report["points"]:
            if score is not None and bound is not None and gap(score, bound) <= most:
                return float(seconds)
        return None


def gap(score: int, bound: int) -> float:
    """Give the gap as the result defines it."""
    return (bound - score) / max(1, abs(bound))


def run(problem: str, method: str, seconds: float) -> Row:
    """Run one trial in its own process."""
    print(f"{problem}: {method} ...", file=sys.stderr, flush=True)  # noqa: T201
    command = [sys.executable, "-m", "tests.benchmarks.trial", method, str(path(problem))]
    done = subprocess.run(
        [*command, str(seconds), str(SEED)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return Row(problem, method, json.loads(done.stdout.splitlines()[-1]))


def path(problem: str) -> Path:
    """Find a problem's file."""
    example = ROOT / "examples" / f"{problem}.json"
    here = HERE / "problems" / f"{problem}.json"
    return here if here.exists() else example


def trials(*, quick: bool) -> Iterator[Row]:
    """Run every trial."""
    for problem, seconds in LIMITS.items():
        yield run(problem, "planner", seconds)
        if not quick and problem in RIVAL_PROBLEMS:
            for method in RIVALS:
                yield run(problem, method, RIVAL_SECONDS)


def page(rows: list[Row]) -> str:
    """Write the tables."""
    best = {row.problem: row.report["bound"] for row in rows if row.method == "planner"}
    ours = [row for row in rows if row.method == "planner"]
    made = (
        f"Made by `just bench` on {datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}, "
        f"OR-Tools {version('ortools')}, HiGHS {version('highspy')}, seed {SEED}. "
        f"Load of the machine when it ended: {os.getloadavg()[2]:.1f} (15 minutes)."
    )
    ours_by_line = [_our_line(row, best[row.problem]) for row in ours]
    compared = {row.problem for row in rows if row.method != "planner"}
    theirs = [_their_line(row, best[row.problem]) for row in rows if row.problem in compared]
    parts = ["# Benchmarks", "", made, "", _MEANING, "", "## The planner", "", _OURS, *ours_by_line]
    if theirs:
        title = f"## Beside two others, {RIVAL_SECONDS} s each"
        parts += ["", title, "", _RIVALS, "", _THEIRS, *theirs]
    parts.append("")
    return "\n".join(parts)


def _our_line(row: Row, best: int) -> str:
    report = row.report
    cells = [
        _seconds(row.first(float("inf"), best)),
        _seconds(row.proven(0.01)),
        _seconds(row.proven(0.005)),
        _gap(row.at(10), best),
        _gap(report["score"], best),
        _seconds(report["seconds"]),
        f"{report['peak_mb']} MB",
        str(report["violations"]),
    ]
    return f"| {row.problem} | " + " | ".join(cells) + " |"


def _their_line(row: Row, best: int) -> str:
    report = row.report
    cells = [
        row.method,
        _seconds(row.first(float("inf"), best)),
        _seconds(row.first(0.01, best)),
        _gap(row.at(10), best),
        _gap(report["score"], best),
        f"{report['peak_mb']} MB",
        "-" if report["violations"] is None else str(report["violations"]),
    ]
    return f"| {row.problem} | " + " | ".join(cells) + " |"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _gap(score: int | None, best: int) -> str:
    return "-" if score is None else f"{100 * gap(score, best):.2f} %"


def main() -> None:
    """Run the trials and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the planner only, page on stdout")
    quick = parser.parse_args().quick
    text = page(list(trials(quick=quick)))
    if quick:
        print(text)  # noqa: T201
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
