"""How long the database takes for large sets of lines: `python tests/benchmarks/commit.py`.

3,000 lines of five terms (15,000 rotations) on the embedded database: a hospital's first lines, and
the next ones, which replace as many. Prints medians in seconds: by the clock, and of the processor
in the backend, which a busy machine changes less.
"""

# ruff: noqa: T201 - the answer goes to stdout

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parents[2]))

from planner_cli.embedded import EmbeddedPostgres, apply_migrations, prepare_supabase_roles
from tests.database.house import RESULT, House, call
from tests.database.test_size import N_LINES, N_TERMS, big_lines, big_problem

_TICKS = os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """Adds up what calls take, by name: seconds of the clock, seconds of the backend."""

    def __init__(self) -> None:
        self.took: dict[str, list[tuple[float, float]]] = {}

    def call(
        self, name: str, connection: "psycopg.Connection[Any]", function: str, *values: object
    ) -> Any:
        pid = connection.info.backend_pid
        busy, start = _busy_seconds(pid), time.perf_counter()
        answer = call(connection, function, *values)
        connection.commit()
        took = (time.perf_counter() - start, _busy_seconds(pid) - busy)
        self.took.setdefault(name, []).append(took)
        return answer


def _busy_seconds(pid: int) -> float:
    """Return the processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def measure(times: int) -> Stopwatch:
    """Claim and commit, each over a connection of its own as in production."""
    watch = Stopwatch()
    with EmbeddedPostgres() as server:
        prepare_supabase_roles(server.dsn)
        apply_migrations(server.dsn)
        house = House(server.dsn)
        for n in range(times):
            hospital = house.add_hospital(f"Beta {n}", **big_problem())
            for shift, kind in enumerate(("the first lines", "over as many")):
                run = house.request(hospital, n=N_LINES)
                with psycopg.connect(server.dsn) as connection:
                    claimed = watch.call(
                        f"claim, {kind}", connection, "planner_claim_run", run, "bench", 1
                    )
                given = (run, claimed["token"], big_lines(shift), RESULT)
                with psycopg.connect(server.dsn) as connection:
                    outcome = watch.call(
                        f"commit, {kind}", connection, "planner_commit_lines", *given
                    )
                assert outcome == "COMPLETED"
            snapshot = house.history("snapshot")[0]
            with psycopg.connect(server.dsn) as connection:
                watch.call("diff", connection, "planner_diff_lines", snapshot)
        house.close()
    return watch


def main() -> None:
    """Print a median per call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    watch = measure(parser.parse_args().times)
    print(f"{N_LINES} lines, {N_LINES * N_TERMS} rotations, load {os.getloadavg()[0]:.1f}")
    for name, took in watch.took.items():
        clock, backend = (statistics.median(values) for values in zip(*took, strict=True))
        print(f"{name:24} {clock:6.3f} s by the clock {backend:6.3f} s in the backend")


if __name__ == "__main__":
    main()
