"""`python -m local_stack`: start everything, show how to use it, run until Ctrl-C."""

import argparse
import json
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from local_stack.folders import database_folder
from local_stack.parts import PartFailed
from local_stack.seed import PASSWORD, PEOPLE, seed
from local_stack.stack import ROOT, Options, Stack
from planner_cli.errors import PlannerError

_COLOURS = (36, 32, 33, 35, 34, 31)


def main() -> int:
    """Run the stack until it is told to stop; return the exit code."""
    arguments = _arguments()
    folder = None if arguments.temporary else Path(arguments.folder)
    if arguments.reset and folder is not None:
        shutil.rmtree(database_folder(folder), ignore_errors=True)
    options = Options(
        port=arguments.port,
        folder=folder,
        runners=arguments.runners,
        image=arguments.image,
        database_port=arguments.database_port,
        watch=True,
    )
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    begun = time.monotonic()
    try:
        with Stack(options, _printer(quiet=arguments.quiet)) as stack:
            seed(stack.dsn, stack.url, stack.keys)
            _show(stack, time.monotonic() - begun, as_json=arguments.json)
            _mind(stack, stopping)
    except (PlannerError, PartFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _mind(stack: Stack, stopping: threading.Event) -> None:
    """Start parts that end by themselves again, until told to stop."""
    while not stopping.wait(1.0):
        for name, part in stack.parts.items():
            if not part.is_running and not stopping.is_set():
                sys.stderr.write(f"{name} ended; it is started again.\n")
                try:
                    stack.restart(name)
                except PartFailed as error:
                    sys.stderr.write(f"{error}\n")
    sys.stderr.write("Stopping.\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local_stack",
        description="A Supabase project on this machine, for developing the planner.",
    )
    parser.add_argument("--port", type=int, default=54321, help="first port to try")
    parser.add_argument("--folder", default=str(ROOT / ".local_stack"), help="kept data")
    parser.add_argument("--temporary", action="store_true", help="keep nothing")
    parser.add_argument("--reset", action="store_true", help="begin with an empty database")
    parser.add_argument("--runners", type=int, default=2, help="runners at once")
    parser.add_argument("--image", help="run the runners as containers of this image")
    parser.add_argument(
        "--database-port", type=int, help="offer the database at a port too (Supabase CLI)"
    )
    parser.add_argument("--json", action="store_true", help="print one object once it is up")
    parser.add_argument("--quiet", action="store_true", help="show no logs of the parts")
    return parser.parse_args()


def _printer(*, quiet: bool) -> "_Printer":
    return _Printer(quiet=quiet, colour=sys.stderr.isatty())


class _Printer:
    """Prints the log lines of the parts on stderr, each part in its colour."""

    def __init__(self, *, quiet: bool, colour: bool) -> None:
        self._quiet = quiet
        self._colour = colour
        self._lock = threading.Lock()

    def __call__(self, part: str, text: str) -> None:
        if self._quiet and part != "stack":
            return
        label = f"{part:<12.30}"
        if self._colour:
            label = f"\033[{_COLOURS[sum(part.encode()) % len(_COLOURS)]}m{label}\033[0m"
        with self._lock:
            sys.stderr.write(f"{label} {text}\n")


def _show(stack: Stack, seconds: float, *, as_json: bool) -> None:
    """Print addresses, keys and people."""
    keys = stack.keys
    people = [{"email": p.email, "organisation": p.org, "role": p.role} for p in PEOPLE]
    document = {
        "SUPABASE_URL": stack.url,
        "SUPABASE_PUBLISHABLE_KEY": keys.publishable,
        "SUPABASE_ANON_KEY": keys.anon,
        "SUPABASE_SECRET_KEY": keys.secret,
        "SUPABASE_SERVICE_ROLE_KEY": keys.service_role,
        "DATABASE_URL": stack.database_url or stack.dsn,
    }
    if as_json:
        shown = json.dumps({**document, "password": PASSWORD, "people": people})
    else:
        rows = [f"  {name:<26} {value}" for name, value in document.items()]
        rows += ["", f"  Seeded users (password {PASSWORD}):"]
        rows += [f"  {p.email:<28} {p.role or 'no role'}, {p.org or 'nowhere'}" for p in PEOPLE]
        rows += ["", f"  Up in {seconds:.1f} s. Gateway, sign-in, realtime and Cloud Run are"]
        rows += ["  development stand-ins; Postgres and PostgREST are real. Ctrl-C stops all."]
        shown = "\n".join(["", *rows, ""])
    sys.stdout.write(shown + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
