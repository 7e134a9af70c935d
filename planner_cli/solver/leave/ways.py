"""The ways one line can take its leave: every legal one where they are few, else a fair sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations
from math import ceil, comb

import numpy as np
from numpy.typing import NDArray

from planner_cli.domain.problem import Leave
from planner_cli.solver import parameters
from planner_cli.solver.leave.rows import LeaveDue


@dataclass(frozen=True)
class Ways:
    """Ways of taking leave, with what each costs by itself.

    Parameters
    ----------
    starts
        By way: the weeks (from 0) in which its blocks start, and their lengths.
    off
        By way and week (from 0): 1 when on leave.
    cost
        By way: how little it suits.
    in_first_half
        By way: weeks in the first half of the year.
    weeks
        Weeks of leave of every way.
    """

    starts: list[tuple[tuple[int, ...], tuple[int, ...]]]
    off: NDArray[np.int32]
    cost: NDArray[np.float64]
    in_first_half: NDArray[np.int32]
    weeks: int

    def blocks(self, way: int) -> tuple[Leave, ...]:
        """Give the blocks of a way."""
        return tuple(
            Leave(start_week=start + 1, weeks=weeks)
            for start, weeks in zip(*self.starts[way], strict=True)
        )


@lru_cache(maxsize=8)
def ways_of(term_weeks: tuple[int, ...], due: LeaveDue) -> Ways:
    """List ways to take the leave due, each legal on a line by itself.

    Parameters
    ----------
    term_weeks
        Weeks of each term.
    due
        What is asked of each line.
    """
    n_weeks = sum(term_weeks)
    starts: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    offs: list[NDArray[np.int32]] = [np.zeros((0, n_weeks), dtype=np.int32)]
    costs: list[float] = []
    for split in splits_of(due):
        found = _starts(n_weeks, split, _gap(n_weeks, due, split))
        off = _weeks_off(n_weeks, split, found)
        legal = _within_terms(term_weeks, due, off)
        starts.extend((tuple(map(int, row)), split) for row in found[legal])
        offs.append(off[legal])
        costs.extend([_unsuited(split) if due.splits is None else 0.0] * int(legal.sum()))
    all_off = np.concatenate(offs)
    in_first = all_off[:, : n_weeks // 2].sum(axis=1, dtype=np.int32)
    return Ways(starts, all_off, np.array(costs, dtype=np.float64), in_first, due.weeks)


def _weeks_off(n_weeks: int, split: Sequence[int], starts: NDArray[np.intp]) -> NDArray[np.int32]:
    off = np.zeros((len(starts), n_weeks), dtype=np.int32)
    ways = np.arange(len(starts))[:, None]
    for block, weeks in enumerate(split):
        off[ways, starts[:, block : block + 1] + np.arange(weeks)[None, :]] = 1
    return off


def splits_of(due: LeaveDue) -> list[tuple[int, ...]]:
    """Give the splits to look at: the allowed ones, or those of one or two blocks that suit."""
    if due.splits is not None:
        return list(due.splits)
    if due.weeks == 0:
        return [()]
    longest = due.weeks if due.max_weeks_per_term is None else max(1, due.max_weeks_per_term)
    splits = [(due.weeks,), *((n, due.weeks - n) for n in range(1, due.weeks))]
    short = [split for split in splits if max(split) <= longest]
    if short:
        return short
    n_blocks = ceil(due.weeks / longest)
    return [(*[longest] * (n_blocks - 1), due.weeks - longest * (n_blocks - 1))]


def _unsuited(split: Sequence[int]) -> float:
    if len(split) == 1:
        return parameters.LEAVE_ONE_BLOCK if split[0] > 2 else 0.0
    return parameters.LEAVE_UNEVEN * max(0, max(split) - min(split) - 1) if split else 0.0


def _gap(n_weeks: int, due: LeaveDue, split: Sequence[int]) -> int:
    """Give the weeks between blocks: the rule's, or more where the year leaves room."""
    if due.splits is not None or len(split) < 2:
        return due.min_gap_weeks
    room = (n_weeks - sum(split)) // len(split)
    return max(due.min_gap_weeks, min(parameters.LEAVE_APART_WEEKS, room))


def _starts(n_weeks: int, split: Sequence[int], gap: int) -> NDArray[np.intp]:
    """Give starts (by way and block, weeks from 0) that keep the order and the gap."""
    n_blocks = len(split)
    slack = n_weeks - sum(split) - gap * max(0, n_blocks - 1)
    if slack < 0:
        return np.empty((0, n_blocks), dtype=np.intp)
    before = list(accumulate((weeks + gap - 1 for weeks in split), initial=0))[:n_blocks]
    places = slack + n_blocks
    if comb(places, n_blocks) <= parameters.MOST_LEAVE_WAYS:
        rows = list(combinations(range(places), n_blocks))
    else:
        random = np.random.default_rng(0)
        draws = random.random((parameters.MOST_LEAVE_WAYS, places)).argsort(axis=1)[:, :n_blocks]
        rows = sorted({tuple(sorted(map(int, draw))) for draw in draws})
    return np.array(rows, dtype=np.intp).reshape(len(rows), n_blocks) + np.array(
        before, dtype=np.intp
    )


def _within_terms(
    term_weeks: Sequence[int], due: LeaveDue, off: NDArray[np.int32]
) -> NDArray[np.bool_]:
    legal = np.ones(len(off), dtype=np.bool_)
    if due.max_weeks_per_term is not None:
        for last, weeks in zip(accumulate(term_weeks), term_weeks, strict=True):
            legal &= off[:, last - weeks : last].sum(axis=1) <= due.max_weeks_per_term
    return legal
