"""The steps of a run, by name, in the log of whoever wants to see each."""

import logging
from typing import Literal

_log = logging.getLogger(__name__)

Step = Literal[
    "claimed", "problem.read", "solved", "refereed", "committing", "committed", "finishing"
]


def reached(step: Step) -> None:
    """Say at which step the run is (level DEBUG)."""
    _log.debug("Reached the step %s.", step)
