"""The processes of the soak: forked runners, and now and then the real command."""

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

COMMAND = "from planner_cli.cli import main; main()"
ROOT = Path(__file__).parents[2]
INJECTING = f"{Path(__file__).with_name('injected')}{os.pathsep}{ROOT}"


@dataclass
class Process:
    """A forked runner, and what is planned for it, by `time.monotonic()`."""

    pid: int
    started_at: float
    kill_at: float | None = None
    pause_at: float | None = None
    wake_at: float | None = None


def forked(act: Callable[[], None]) -> int:
    """Run something in a process of its own; what it says on stderr is dropped."""
    pid = os.fork()
    if pid:
        return pid
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        if not os.environ.get("SOAK_SHOUT"):
            for stream in (1, 2):
                os.dup2(silence, stream)
        act()
    except BaseException:  # noqa: BLE001 - nothing of the parent's may run here
        traceback.print_exc()
    finally:
        os._exit(0)


def command(run: UUID, writer: str, dsn: str) -> int:
    """Start the real command in an interpreter of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": INJECTING,
        "DATABASE_URL": dsn,
        "PLANNER_RUNNER": writer,
        "PLANNER_HEARTBEAT_SECONDS": "1",
        "INJECTED_SOLVER": "tests.faults.soak_runner:solve_for_command",
    }
    arguments = [sys.executable, "-c", COMMAND, "run", str(run), "--no-drain"]
    silence = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in (0, 1, 2)]
    return os.posix_spawn(sys.executable, arguments, environment, file_actions=silence)
