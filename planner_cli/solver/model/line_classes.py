"""Classes of lines: all free lines, and those that serve a pathway; each is a convexity row.

A locked line is a class of one column that is used once: what it holds is a constant, so it is
taken off the posts (`remaining_posts`) and off what the other classes still need.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner_cli.domain.constraints.on_set import LinesServed
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Position
from planner_cli.solver.arrays import Flags, Ints


@dataclass(frozen=True, eq=False)
class LineClass:
    """How many of the free lines must (or should) hold certain things.

    Parameters
    ----------
    asks
        A bit per thing asked for, per type, shape (K,).
    whole
        All bits: a line whose types hold them all is of the class; 0 for the class of all lines.
    least, most
        Free lines of the class, those that are locked taken off; `most` is negative when the
        locked lines alone are too many.
    wished
        `least` is wished for, no rule.
    exact
        No more than `most`, however many lines there are.
    """

    asks: Ints
    whole: int
    least: int
    most: int
    wished: bool = False
    exact: bool = False

    def holds(self, types: npt.NDArray[np.int16]) -> Flags:
        """Say which columns, given by their types, shape (n, T), are of the class; shape (n,)."""
        held = np.zeros(len(types), dtype=np.int64)
        for place in range(types.shape[1]):
            held |= self.asks[types[:, place]]
        of_class: Flags = held == self.whole
        return of_class


def every_line(n_types: int, n_lines: int) -> LineClass:
    """Give the class of all free lines."""
    return LineClass(np.zeros(n_types, dtype=np.int64), 0, n_lines, n_lines, exact=True)


def serving(
    asked: LinesServed, samples: tuple[Position, ...], locked: tuple[JobLine, ...], n_lines: int
) -> LineClass:
    """Give the class of the lines that serve what is asked.

    Parameters
    ----------
    asked
        What is asked of the whole set.
    samples
        One position of each type.
    locked
        The locked lines: those that serve are taken off.
    n_lines
        Lines of the whole set.
    """
    already, tests = asked.n_serving(locked), asked.asks()
    asks = [sum(1 << bit for bit, test in enumerate(tests) if test(p)) for p in samples]
    exact = asked.strength == "exactly"
    return LineClass(
        np.array(asks, dtype=np.int64),
        (1 << len(tests)) - 1,
        max(0, asked.n_lines - already),
        asked.n_lines - already if exact else n_lines,
        wished=asked.wished,
        exact=exact,
    )


def with_lines(classes: tuple[LineClass, ...], n_lines: int) -> tuple[LineClass, ...]:
    """Give the same classes for another number of free lines; with more, more may be of each."""
    every, *others = classes
    return (
        replace(every, least=n_lines, most=n_lines),
        *(one if one.exact else replace(one, most=max(one.most, n_lines)) for one in others),
    )


def members(classes: tuple[LineClass, ...], types: npt.NDArray[np.int16]) -> Flags:
    """Say which columns are of which class, shape (n, classes)."""
    of_class = np.zeros((len(types), len(classes)), dtype=np.bool_)
    for index, one in enumerate(classes):
        of_class[:, index] = one.holds(types)
    return of_class
