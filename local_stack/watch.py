"""Run one part of the stack and end it, with all it started, as soon as the parent is gone.

A script of its own: standard input is a pipe that only the parent holds open, so whatever ends
the parent, SIGKILL included, ends the part too. Standard library only.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys

_PATIENCE_SECONDS = 5.0


def main() -> int:
    """Run the command of the arguments; return its exit code."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    part = subprocess.Popen(  # noqa: S603 - the command comes from the parent
        sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True
    )
    while part.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], 0.1)
        if readable and not os.read(sys.stdin.fileno(), 64):
            break
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            part.wait(_PATIENCE_SECONDS)
    return part.returncode or 0


if __name__ == "__main__":
    sys.exit(main())
