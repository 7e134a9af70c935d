"""Ports of the loopback, held so that stacks started together never take the same one."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import IO

_TRIES = 200


class HeldPort:
    """A free port of the loopback, reserved among stacks until `release`.

    Parameters
    ----------
    wanted
        The first one to try; 0 takes any.
    """

    def __init__(self, wanted: int = 0) -> None:
        self.number, self._lock = _reserve(wanted)

    def release(self) -> None:
        """Let others have it."""
        self._lock.close()


def _reserve(wanted: int) -> tuple[int, IO[str]]:
    folder = Path(tempfile.gettempdir()) / f"planner-local-stack-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for attempt in range(_TRIES):
        number = _free(wanted + attempt if wanted else 0)
        if number is None:
            continue
        lock = (folder / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
        else:
            return number, lock
    raise OSError("There is no free port on the loopback.")


def _free(number: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return None
        bound: int = probe.getsockname()[1]
        return bound
