"""Where the command `planner` begins: an interrupt is quiet even while everything is imported."""

import os
import signal
from types import FrameType
from typing import NoReturn

_INTERRUPTED = 130


def _quietly(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(_INTERRUPTED)


def main() -> None:
    """Import the command line and run it."""
    usual = signal.signal(signal.SIGINT, _quietly)
    from planner_cli.cli import main as run  # noqa: PLC0415  (half of the start-up)

    try:
        signal.signal(signal.SIGINT, usual)
        run()
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
