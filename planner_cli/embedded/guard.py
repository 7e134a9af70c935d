"""The guard of one embedded Postgres: outlives its parent just long enough to clean up.

Started by `planner_cli.embedded.server` as a script of its own, in a session of its own, with
a pipe as standard input that only the parent holds open. Whatever ends the parent (a return, an
exception, SIGTERM, Ctrl-C, SIGHUP or SIGKILL) closes that pipe; the guard then stops Postgres and
removes the temporary files. So nothing in the parent needs a signal handler. Standard library only.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

#: Seconds given to each way of stopping, from the polite one to the last.
_STOP_WITH = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def main() -> int:
    """Run `initdb` if asked, then Postgres, until standard input ends; then clean up.

    Returns
    -------
    int
        0 after a clean stop, else the exit code of `initdb` or of a Postgres that ended by itself.
    """
    order = json.loads(sys.stdin.buffer.readline())
    signal.signal(signal.SIGTERM, _leave)
    runtime = Path(order["runtime"])
    try:
        with (runtime / "server.log").open("ab") as log:
            return _serve(order, log)
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def _serve(order: dict[str, Any], log: Any) -> int:
    """Start what was ordered and watch it; the log stays readable for the parent on failure."""
    account = order["account"] or {}
    if order["initdb"]:
        done = subprocess.run(  # noqa: S603 - the command comes from the parent, not from outside
            order["initdb"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            check=False,
            **account,
        )
        if done.returncode:
            return _failed(done.returncode)
    postgres = subprocess.Popen(  # noqa: S603
        order["postgres"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **account
    )
    try:
        while postgres.poll() is None:
            readable, _, _ = select.select([sys.stdin], [], [], 0.5)
            if readable and not os.read(sys.stdin.fileno(), 64):
                return 0
        return _failed(postgres.returncode or 1)
    finally:
        _stop(postgres, quick=order["quick"])


def _failed(code: int) -> int:
    """Wait until the parent has read the log (it then closes the pipe), and pass the code on."""
    sys.stdout.write(f"{code}\n")
    sys.stdout.flush()
    with contextlib.suppress(OSError):
        sys.stdin.buffer.read()
    return code


def _stop(postgres: "subprocess.Popen[bytes]", *, quick: bool) -> None:
    """Stop Postgres; quick skips the last checkpoint, right when the files go anyway."""
    for how, seconds in _STOP_WITH[1:] if quick else _STOP_WITH:
        if postgres.poll() is not None:
            return
        postgres.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            postgres.wait(seconds)


def _leave(_signal: int, _frame: object) -> NoReturn:
    """End through the clean-up when someone stops the guard itself."""
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
