"""The solver's own process: stopped at once, missed when it dies, gone when the runner goes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from planner_cli.domain.outcomes import Infeasible, LineSet, Stopped
from planner_cli.domain.reading import read_problem
from planner_cli.errors import BadInput, SolverDied
from planner_cli.runs.apart import MeasuredProgress, solve_apart
from tests.contract.tiny import tiny_problem
from tests.faults.conftest import INJECTING

ROOT = Path(__file__).parents[2]


@pytest.fixture
def with_solver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Name the solver that the child process is to use."""

    def choose(name: str) -> None:
        monkeypatch.setenv("INJECTED_SOLVER", f"tests.faults.solvers:{name}")
        monkeypatch.setenv("PYTHONPATH", INJECTING)

    return choose


def test_an_answer_and_its_progress_come_back_from_the_process(with_solver: Any) -> None:
    with_solver("quick")
    seen: list[Any] = []
    outcome = solve_apart(read_problem(tiny_problem()), on_progress=seen.append)
    assert isinstance(outcome, LineSet)
    assert [line.name for line in outcome.lines] == ["Line 1", "Line 2", "Line 3"]
    assert isinstance(seen[0], MeasuredProgress)
    assert seen[0].memory_mib


def test_a_proof_comes_back_from_the_process(with_solver: Any) -> None:
    with_solver("proof")
    assert isinstance(solve_apart(read_problem(tiny_problem())), Infeasible)


@pytest.mark.parametrize("solver", ["stuck", "greedy"])
def test_a_solver_that_asks_nobody_is_stopped_within_a_second(
    with_solver: Any, solver: str
) -> None:
    """Faults 10, 11, 12 and 23."""
    with_solver(solver)
    asked_at: list[float] = []
    begun: list[Any] = []

    def stop() -> bool:
        if begun:
            asked_at.append(time.monotonic())
        return bool(begun)

    outcome = solve_apart(read_problem(tiny_problem()), on_progress=begun.append, stop=stop)
    assert isinstance(outcome, Stopped)
    assert time.monotonic() - asked_at[0] < 1


def test_a_killed_solver_is_reported_with_its_phase_and_memory(with_solver: Any) -> None:
    """Faults 9 and 20."""
    with_solver("killed")
    with pytest.raises(SolverDied, match=r"SIGKILL.*memory.*phase patterns.*MiB"):
        solve_apart(read_problem(tiny_problem()))


def test_running_out_of_memory_is_reported_as_such(with_solver: Any) -> None:
    """Fault 20."""
    with_solver("hungry")
    with pytest.raises(SolverDied, match="out of memory"):
        solve_apart(read_problem(tiny_problem()))


def test_an_error_with_a_name_keeps_its_name(with_solver: Any) -> None:
    """Fault 21."""
    with_solver("too_large")
    with pytest.raises(BadInput, match="40 GiB") as caught:
        solve_apart(read_problem(tiny_problem()))
    assert caught.value.hint == "Ask for fewer lines."


def test_the_solver_does_not_outlive_a_killed_runner() -> None:
    """Fault 9."""
    code = (
        "from planner_cli.runs.apart import solve_apart\n"
        "from planner_cli.domain.reading import read_problem\n"
        "from tests.contract.tiny import tiny_problem\n"
        "solve_apart(read_problem(tiny_problem()), on_progress=lambda p: print('on', flush=True))\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": INJECTING,
        "INJECTED_SOLVER": "tests.faults.solvers:stuck",
    }
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE
    ) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == b"on\n"
        children = _children_of(runner.pid)
        assert len(children) == 1
        runner.send_signal(signal.SIGKILL)
    until = time.monotonic() + 3
    while any(map(_is_alive, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(_is_alive, children))


def _children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
