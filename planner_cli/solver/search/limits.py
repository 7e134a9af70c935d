"""What a search may use: the time that is left, work counted without a clock, and the seed."""

from dataclasses import dataclass

from planner_cli.solver.master.integer import Work
from planner_cli.solver.watch import Watch


@dataclass(frozen=True)
class Limits:
    """The limits of one search.

    Parameters
    ----------
    watch
        Is told of phases and scores; ends the work.
    seed
        Of everything that draws lots.
    seconds
        The time limit of the whole: what work is measured out by, so that it does not depend on
        how fast the machine was so far.
    """

    watch: Watch
    seed: int
    seconds: float

    def stop(self) -> bool:
        """Say whether to end now: somebody asked for it, or the time is up."""
        return self.watch.stopped or self.watch.clock_struck

    def work(self, units: float) -> Work:
        """Allow so many units of deterministic work, within what is left of the time."""
        return Work(units, self.watch.remaining_seconds, self.seed)
