"""A hook for the fault tests: stop the process dead at a named step of a run.

`PLANNER_PAUSE_AT=<step>` in the environment sends the process SIGSTOP there, as if the machine
had been paused; the test then kills it or lets it go on with SIGCONT. Without the variable a
step costs one look-up.
"""

import os
import signal
from typing import Literal

Step = Literal[
    "claimed", "problem.read", "solved", "refereed", "committing", "committed", "finishing"
]


def reached(step: Step) -> None:
    """Stop here if the environment says so."""
    if os.environ.get("PLANNER_PAUSE_AT") == step:
        os.kill(os.getpid(), signal.SIGSTOP)
