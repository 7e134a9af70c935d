"""How long `planner --help` takes beside a bare `import typer`: pairs in turn, medians, the ratio.

Run `just bench-startup`; it prints one line and never fails on a slow machine.
"""

import subprocess
import sys
from statistics import median
from time import perf_counter

PAIRS = 15
HELP = [sys.executable, "-m", "planner_cli", "--help"]
BARE = [sys.executable, "-c", "import typer"]


def seconds(command: list[str]) -> float:
    """Run a command as a whole process; give its wall seconds."""
    started_at = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - started_at


def main() -> None:
    """Time the pairs and print the medians."""
    for command in (HELP, BARE):
        seconds(command)
    pairs = [(seconds(HELP), seconds(BARE)) for _ in range(PAIRS)]
    ratio = median(a / b for a, b in pairs)
    ours, bare = (median(column) for column in zip(*pairs, strict=True))
    print(  # noqa: T201  (the report)
        f"planner --help {ours:.3f} s, import typer {bare:.3f} s, ratio {ratio:.2f} "
        f"(medians of {PAIRS} pairs)"
    )


if __name__ == "__main__":
    main()
