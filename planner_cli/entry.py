"""Where the command `planner` begins: an interrupt is quiet even while everything is imported."""

# Both are there already when Python has started: nothing is imported before the hook is set.
import os
import sys

_INTERRUPTED = 130
_usual_hook = sys.excepthook


def _quietly(kind, error, trace):  # type: ignore[no-untyped-def]
    """End at once on an interrupt, without a traceback; leave everything else to the usual hook."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(_INTERRUPTED)
    _usual_hook(kind, error, trace)


sys.excepthook = _quietly


def main() -> None:
    """Import the command line and run it."""
    import signal  # noqa: PLC0415 - after the hook

    # A library may swallow KeyboardInterrupt while it is imported; it can't swallow this.
    usual = signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from planner_cli.cli import main as run  # noqa: PLC0415  (half of the start-up)

    signal.signal(signal.SIGINT, usual)
    run()
