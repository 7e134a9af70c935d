"""Real `planner run` processes on a real database, over both transports."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.contract.conftest import (
    database,
    found_hospital,
    gateway,
    hospital,
    neighbour,
    running_gateway,
)
from tests.contract.gateway import SECRET_KEY
from tests.contract.hospital import Database

__all__ = ["database", "found_hospital", "gateway", "hospital", "neighbour", "running_gateway"]

ROOT = Path(__file__).parents[2]
#: What reaches into the processes a test starts; see there.
INJECTED = Path(__file__).with_name("injected")
INJECTING = f"{INJECTED}{os.pathsep}{ROOT}"
COMMAND = [sys.executable, "-c", "from planner_cli.cli import main; main()"]


class Planner:
    """Starts `planner` as its users do: a process, its arguments, its environment.

    Parameters
    ----------
    address
        The variables that say where the runs live.
    """

    def __init__(self, address: dict[str, str]) -> None:
        self.address = address
        self._started: list[subprocess.Popen[str]] = []

    def start(
        self, run: UUID | str, *options: str, solver: str = "quick", **variables: str
    ) -> "subprocess.Popen[str]":
        """Start `planner run`; a solver of `tests.faults.solvers` takes the place of ours."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": INJECTING,
            "PYTHONWARNINGS": "error",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108
            **self.address,
            **variables,
        }
        if solver:
            environment["INJECTED_SOLVER"] = f"tests.faults.solvers:{solver}"
        process = subprocess.Popen(
            [*COMMAND, "run", str(run), *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, run: UUID | str, *options: str, **how: Any) -> "subprocess.CompletedProcess[str]":
        """Run `planner run` to its end."""
        return finished(self.start(run, *options, **how))

    def start_paused(self, run: UUID, step: str, **how: Any) -> "subprocess.Popen[str]":
        """Start `planner run` and wait until it has stopped itself dead at a step."""
        process = self.start(run, INJECTED_PAUSE=step, **how)
        wait_until(lambda: state_of(process.pid) == "T", process)
        return process

    def end(self) -> None:
        """Kill what is left."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def finished(process: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    """Wait for a process and return what it said."""
    stdout, stderr = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill a process as the system does when memory runs out."""
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def state_of(pid: int) -> str:
    """Return the state of a process: R, S, T (stopped), Z ..., or an empty string."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def wait_until(
    condition: Callable[[], bool], process: "subprocess.Popen[str] | None" = None
) -> None:
    """Wait up to 30 seconds for a condition; fail early when the process ends without it."""
    until = time.monotonic() + 30
    while not condition():
        if process is not None and process.poll() is not None:
            pytest.fail(f"ended with {process.returncode}: {process.communicate()[1]}")
        if time.monotonic() > until:
            pytest.fail("waited in vain")
        time.sleep(0.02)


def _over_postgres(request: pytest.FixtureRequest) -> dict[str, str]:
    found: Database = request.getfixturevalue("database")
    return {"DATABASE_URL": found.dsn}


def _over_supabase(request: pytest.FixtureRequest) -> dict[str, str]:
    if url := os.environ.get("SUPABASE_URL"):
        key = os.environ["SUPABASE_SERVICE_ROLE_KEY"]
        return {"SUPABASE_URL": url, "SUPABASE_SERVICE_ROLE_KEY": key}
    url = request.getfixturevalue("gateway").url
    return {"SUPABASE_URL": url, "SUPABASE_SERVICE_ROLE_KEY": SECRET_KEY}


@pytest.fixture
def planner(request: pytest.FixtureRequest) -> Iterator[Planner]:
    """`planner` over a direct connection."""
    found = Planner(_over_postgres(request))
    yield found
    found.end()


@pytest.fixture
def planner_over_supabase(request: pytest.FixtureRequest) -> Iterator[Planner]:
    """`planner` over supabase-py and the real PostgREST."""
    found = Planner(_over_supabase(request))
    yield found
    found.end()


@pytest.fixture(params=["postgres", "supabase"])
def each_planner(request: pytest.FixtureRequest) -> Planner:
    """`planner` over either transport."""
    name = "planner" if request.param == "postgres" else "planner_over_supabase"
    found: Planner = request.getfixturevalue(name)
    return found
