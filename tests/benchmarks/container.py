"""Stages of one run, in the container and outside of it: `python -m tests.benchmarks.container`.

Answers the same hospital of ten lines on the local stack, in turn by a container and by a process
of this machine, and prints medians in seconds. Needs a Docker daemon, or root and `dockerd`.
"""

# ruff: noqa: T201 - the answer goes to stdout

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from deploy.image.build import build
from local_stack import Stack
from tests.container.containers import Containers, Ended
from tests.container.daemon import docker_client
from tests.contract.hospital import Database, Hospital

PROBLEM = Path(__file__).parent / "problems" / "synthetic_10.json"
STAGES = ("start to claim", "claim to solved", "solved to commit", "commit to exit", "whole")
Answer = Callable[[UUID], str]


def stages(hospital: Hospital, answer: Answer) -> list[float]:
    """Ask for a run, answer it, and return how long each stage took, seconds."""
    run = hospital.ask()
    started_at = time.time()
    log = answer(run)
    exited_at = time.time()
    row = hospital.row(run)
    assert row["status"] == "COMPLETED", row
    claimed_at, finished_at = (row[name].timestamp() for name in ("claimed_at", "finished_at"))
    solved_at = time_of_phase(log, "checking")
    marks = [started_at, claimed_at, solved_at, finished_at, exited_at]
    between = [after - before for before, after in pairwise(marks)]
    return [*between, exited_at - started_at]


def time_of_phase(log: str, phase: str) -> float:
    """Return when a phase began, by the log lines of level DEBUG."""
    for line in log.splitlines():
        record = json.loads(line)
        if record.get("context", {}).get("phase") == phase:
            return datetime.fromisoformat(record["at"]).timestamp()
    raise LookupError(f"no phase {phase} in the log")


def outside(environment: dict[str, str]) -> Answer:
    """Return a function that answers a run by a process of this interpreter."""

    def answer(run: UUID) -> str:
        command = [sys.executable, "-m", "planner_cli", "run", str(run)]
        inherited = {"PATH": os.environ["PATH"], **environment, "PLANNER_LOG_LEVEL": "DEBUG"}
        done = subprocess.run(command, env=inherited, capture_output=True, text=True, check=True)
        return done.stderr

    return answer


def inside(containers: Containers) -> Answer:
    """Return a function that answers a run by a container."""

    def answer(run: UUID) -> str:
        ended: Ended = containers.run("run", str(run), PLANNER_LOG_LEVEL="DEBUG")
        return ended.stderr

    return answer


def main() -> None:
    """Measure in pairs and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9)
    times = parser.parse_args().times
    with docker_client() as client:
        image = build(client, "planner:tests").tags[0]
        with Stack() as stack:
            environment = stack.runner_environment()
            hospital = Database(stack.dsn).hospital(json.loads(PROBLEM.read_text()))
            containers = Containers(client, image, environment)
            ways = (inside(containers), outside(environment))
            pairs = [[stages(hospital, way) for way in ways] for _ in range(times + 1)][1:]
            containers.end()
    show(pairs)


def show(pairs: list[list[list[float]]]) -> None:
    """Print medians of the stages, the median of the pairs' ratios, and the least of each."""
    print(f"{len(pairs)} pairs after one to warm up, {os.cpu_count()} cores,", end=" ")
    print(f"load {os.getloadavg()[0]:.1f}")
    print(f"{'':<18}{'container':>10}{'outside':>10}{'ratio':>8}{'least':>8}{'outside':>10}")
    for number, name in enumerate(STAGES):
        within, without = ([pair[way][number] for pair in pairs] for way in (0, 1))
        ratio = statistics.median(a / b for a, b in zip(within, without, strict=True))
        print(f"{name:<18}{statistics.median(within):>10.2f}", end="")
        print(f"{statistics.median(without):>10.2f}{ratio:>8.2f}", end="")
        print(f"{min(within):>8.2f}{min(without):>10.2f}")


if __name__ == "__main__":
    main()
