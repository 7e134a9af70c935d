"""What the solver answers: lines, a proof that there are none, or neither in the time allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from planner_cli.domain.lines import JobLine
from planner_cli.domain.scoring import Score

Phase = Literal[
    "reading",
    "counting",
    "patterns",
    "bound",
    "columns",
    "integer",
    "terms",
    "leave",
    "checking",
    "explaining",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the solver is; None where a number is not known yet.

    Parameters
    ----------
    phase
        What is being done.
    seconds
        Since the start of the solve, by a monotonic clock.
    score, bound
        Best score found and upper bound proven so far, in points.
    """

    phase: Phase
    seconds: float
    score: int | None = None
    bound: int | None = None

    @property
    def gap(self) -> float | None:
        """How far the score is from the bound, as a fraction; None until both are known."""
        if self.score is None or self.bound is None or self.bound < self.score:
            return None
        return gap(self.score, self.bound)


@dataclass(frozen=True)
class LineSet:
    """A legal set of lines.

    Parameters
    ----------
    lines
        In the order of their names.
    score
        Its score and parts.
    bound
        Proven upper bound of the score over all legal sets; None where none is known.
    seconds
        Wall seconds by stage.
    bound_means
        Says in words for which part the bound is proven, when it is not proven for all of it.
    dropped_positions
        Ids of excludable positions that were dropped because only that saved the run.
    unfilled_reasons
        For each unfilled funded post (position id, term from 1) why it is empty.
    notes
        Sentences a reader should know: wall stop, unverified rules, pathways not met.
    stopped_by
        What ended the search: proof, target, work limit, the wall clock or an interrupt.
    """

    lines: tuple[JobLine, ...]
    score: Score
    bound: int | None
    seconds: Mapping[str, float] = field(default_factory=dict)
    bound_means: str = ""
    dropped_positions: tuple[str, ...] = ()
    unfilled_reasons: Mapping[tuple[str, int], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    stopped_by: Literal["proof", "target", "work", "clock", "interrupt"] = "work"
    #: Score of the best set found when fairness (the floor) is not asked for, less that of this
    #: set's lines: what the floor costs in points; None when it was not computed.
    price_of_fairness: int | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A smallest change that makes the problem solvable, verified by solving it.

    Parameters
    ----------
    kind
        posts, relax or fewer_lines.
    sentence
        The change in words.
    changes
        The change for machines: for posts ``{"position", "term", "posts"}`` rows, for relax the
        constraint with its new bounds, for fewer_lines the number of lines.
    """

    kind: Literal["posts", "relax", "drop_rule", "fewer_lines"]
    sentence: str
    changes: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class Infeasible:
    """A proof that no legal set exists, in words.

    Parameters
    ----------
    max_lines
        The most lines a legal set can have (proven upper bound; 0 when not even one); None when
        the number of lines is not what fails.
    conflict
        Names of constraints that cannot hold together, minimal where `conflict_is_minimal`.
    sentences
        Why, with numbers and names.
    repairs
        Smallest changes that help, each verified by solving.
    """

    max_lines: int | None
    conflict: tuple[str, ...]
    sentences: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()
    conflict_is_minimal: bool = True
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Undecided:
    """Neither lines nor a proof in the time allowed: never to be read as infeasible.

    Parameters
    ----------
    message
        How far the solver came.
    """

    message: str
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Stopped:
    """The solver was told to stop before it had an answer."""

    seconds: Mapping[str, float] = field(default_factory=dict)


Outcome = LineSet | Infeasible | Undecided | Stopped


def gap(score: int, bound: int) -> float:
    """Return how far a score is from its bound, as a fraction of the bound.

    Raises
    ------
    ValueError
        The bound is below the score: it bounds nothing.
    """
    if bound < score:
        raise ValueError(f"the bound {bound} is below the score {score}")
    return (bound - score) / max(1, abs(bound))


def closeness(distance: float | None) -> str:
    """Say how close to the best possible a gap of `distance` is, never closer than it is."""
    if distance is None or distance >= 1:
        return "no useful bound yet"
    if distance == 0:
        return "the best possible, proven"
    hundredths = ceil(round(distance * 10_000, 6))
    return f"proven within {hundredths / 100:.2f}% of the best possible"
