"""Running the TypeScript beside these tests under Deno, with the real supabase-js."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_stack.programs import deno

SCRIPTS = Path(__file__).parent / "scripts"


def command(script: str, *arguments: str) -> list[str]:
    """Return the command that runs a script with the network and nothing else."""
    config = str(SCRIPTS / "deno.json")
    rights = ["--allow-net", "--allow-env"]
    return [str(deno()), "run", *rights, "--config", config, str(SCRIPTS / script), *arguments]


def run_script(script: str, *arguments: str, timeout: float = 120) -> list[str]:
    """Run a script to its end and return the lines it printed."""
    done = subprocess.run(
        command(script, *arguments),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


class Listener:
    """A script that listens; its lines so far, read as JSON."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.heard: list[dict[str, Any]] = []
        self._process = process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def statuses(self) -> list[str]:
        """The status of each row heard of, in order, repeats left out."""
        statuses: list[str] = []
        for status in (event["row"]["status"] for event in self.heard if "row" in event):
            if statuses[-1:] != [status]:
                statuses.append(status)
        return statuses

    def wait(self, reached: Callable[["Listener"], bool], timeout: float = 90) -> None:
        """Wait until something has been heard."""
        until = time.monotonic() + timeout
        while not reached(self):
            assert time.monotonic() < until, f"only heard {self.heard}"
            time.sleep(0.02)

    def stop(self) -> None:
        """End the script."""
        self._process.terminate()
        self._process.wait(10)
        self._reader.join(2)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.heard.append(json.loads(line))


@contextmanager
def listening(*arguments: str) -> Iterator[Listener]:
    """Run the listening script, subscribed before the block begins."""
    process = subprocess.Popen(
        command("listen.ts", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    listener = Listener(process)
    try:
        listener.wait(lambda it: any(event.get("state") == "ok" for event in it.heard))
        yield listener
    finally:
        listener.stop()
