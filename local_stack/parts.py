"""One part of the stack as a child process: its log lines, its readiness, its end."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str, str], None]

_WATCH = Path(__file__).with_name("watch.py")
_START_SECONDS = 30.0


class PartFailed(RuntimeError):
    """A part of the stack did not start; the message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a part is.

    Parameters
    ----------
    name
        What its log lines begin with. A line `other | text` goes to the part it names.
    command, environment, folder
        What to run, with exactly which variables, and where.
    ready_url
        Answers once the part works, with any status below 500.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    folder: Path
    ready_url: str


class Part:
    """A child process of the stack.

    Parameters
    ----------
    program
        What it is.
    say
        Takes each log line: name of the part, text.
    """

    def __init__(self, program: Program, say: Say) -> None:
        self.name = program.name
        self._program = program
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._last: list[str] = []

    def start(self) -> None:
        """Start it; `wait` until it is ready."""
        self._process = subprocess.Popen(  # noqa: S603 - our own script and command
            [sys.executable, "-I", "-S", str(_WATCH), *map(str, self._program.command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self._program.environment),
            cwd=self._program.folder,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def wait(self) -> None:
        """Wait until it answers.

        Raises
        ------
        PartFailed
            It ended, or did not answer in time.
        """
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self.is_running:
            try:
                with urllib.request.urlopen(self._program.ready_url, timeout=2):  # noqa: S310 - loopback
                    return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        self.stop()
        raise PartFailed(f"{self.name} did not start: {' / '.join(self._last[-5:]) or 'no word'}")

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it and all it started; a second call does nothing."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
        if self._reader is not None:
            self._reader.join(2)
        if process.stdout is not None:
            process.stdout.close()

    def kill(self) -> None:
        """End it without warning (SIGKILL), as a crash or an out-of-memory would."""
        process = self._process
        if process is None:
            return
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        for child in children.read_text().split():
            os.killpg(int(child), signal.SIGKILL)
        self.stop()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe, see `start`
        with contextlib.suppress(ValueError):
            for line in process.stdout:
                text = line.decode(errors="replace").rstrip()
                self._last = [*self._last[-20:], text]
                part, separator, rest = text.partition(" | ")
                if separator and len(part) < 20:
                    self._say(part, rest)
                elif text:
                    self._say(self.name, text)
