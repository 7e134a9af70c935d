"""Placing annual leave on lines whose positions are settled: few away at once, wishes met."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner_cli.domain.constraints.on_set import LeaveSpread, LeaveTogether
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Leave, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.leave.exact import LeaveImpossible, leave_needed, repair
from planner_cli.solver.leave.rows import LeaveDue, weeks_of_terms
from planner_cli.solver.leave.ways import ways_of
from planner_cli.solver.stop import Stop, heed, never

__all__ = ["LeaveImpossible", "place_leave"]


def place_leave(
    problem: Problem, book: RuleBook, lines: Sequence[JobLine]
) -> tuple[JobLine, ...] | LeaveImpossible:
    """Give every unlocked line its annual leave.

    Parameters
    ----------
    problem, book
        The rules; without ANNUAL_LEAVE any blocks are legal, and ones that suit are chosen.
    lines
        Unlocked ones without leave; locked ones keep theirs, which counts towards the caps.

    Returns
    -------
    tuple of JobLine or LeaveImpossible
        The lines in the same order.
    """
    board = _Board(problem, book, lines)
    placed = board.place()
    if board.is_legal():
        return placed
    return repair(problem, book, placed)


def deal_leave(
    problem: Problem, book: RuleBook, lines: Sequence[JobLine], stop: Stop
) -> tuple[JobLine, ...] | None:
    """Give every unlocked line its leave as `place_leave` does first; None where that fails.

    Raises
    ------
    StoppedEarly
        If `stop` answers True.
    """
    board = _Board(problem, book, lines)
    placed = board.place(stop)
    return placed if board.is_legal() else None


class _Board:
    """Who is away from which position in which week, while leave is dealt out.

    Arrays are by position index, week (from 0) and term (from 0).
    """

    def __init__(self, problem: Problem, book: RuleBook, lines: Sequence[JobLine]) -> None:
        self._lines = list(lines)
        self._caps = book.on_set(problem, LeaveTogether)
        self._spread = book.on_set(problem, LeaveSpread)
        self._ways = ways_of(tuple(t.weeks for t in problem.terms), LeaveDue.of(problem, book))
        self._half = problem.year_weeks // 2
        n_weeks = problem.year_weeks
        term_of = np.empty(n_weeks, dtype=np.intp)
        for term, weeks in enumerate(weeks_of_terms(problem)):
            term_of[weeks.start : weeks.stop] = term
        index_of = {position.id: index for index, position in enumerate(problem.positions)}
        held = np.array([[index_of[p.id] for p in line.positions] for line in lines], dtype=np.intp)
        self._held = held.reshape(len(lines), len(problem.terms))[:, term_of]
        self._needed = [leave_needed(problem, book, line) for line in lines]
        cap = book.practice_cap(problem.terms)
        self._counted = np.array(
            [
                [cap is not None and cap.counts(int(t) + 1, p) for t in term_of]
                for p in problem.positions
            ]
        )
        self._relief = np.array([p.service == "relief" for p in problem.positions])
        self._weeks = np.arange(n_weeks)
        self._away = np.zeros((len(problem.positions), n_weeks), dtype=np.int32)
        people = np.zeros_like(self._away)
        for row in self._held:
            people[row, self._weeks] += 1
        self._people = np.maximum(people, 1)
        self._limit = self._limits(people)
        self._chosen: dict[int, int] = {}
        for line, row in zip(self._lines, self._held, strict=True):
            if line.locked:
                self._add(row, _weeks_off(line.leave, n_weeks), 1)

    def place(self, stop: Stop = never) -> tuple[JobLine, ...]:
        """Deal leave out line by line, then move that of lines in weeks with too many away."""
        new = [n for n, line in enumerate(self._lines) if not line.locked]
        if not self._ways.starts:
            return tuple(self._lines)
        new.sort(key=lambda number: -self._needed[number])
        for number in new:
            heed(stop)
            self._choose(number)
        for number in new:
            heed(stop)
            self._choose_again(number)
        for _ in range(parameters.LEAVE_SWEEPS):
            crowded = [number for number in new if self._is_crowded(number)]
            if not crowded:
                break
            for number in crowded:
                heed(stop)
                self._choose_again(number)
        return tuple(
            line if line.locked else replace(line, leave=self._ways.blocks(self._chosen[number]))
            for number, line in enumerate(self._lines)
        )

    def is_legal(self) -> bool:
        """Say whether every line has its leave and nowhere too many are away."""
        n_new = sum(not line.locked for line in self._lines)
        enough = all(
            self._where_it_counts(number)[chosen] >= self._needed[number]
            for number, chosen in self._chosen.items()
        )
        return len(self._chosen) == n_new and enough and bool((self._away <= self._limit).all())

    def _limits(self, people: NDArray[np.int32]) -> NDArray[np.int32]:
        most = np.arange(int(people.max(initial=0)) + 1, dtype=np.int32)
        for cap in self._caps:
            most = np.minimum(most, [cap.most_away(n) for n in range(len(most))])
        return most[people]

    def _add(self, held: NDArray[np.intp], off: NDArray[np.int32], sign: int) -> None:
        self._away[held, self._weeks] += sign * off

    def _where_it_counts(self, number: int) -> NDArray[np.int32]:
        """Give for each way of taking leave its weeks where a cap counts weeks of practice."""
        counted = self._counted[self._held[number], self._weeks].astype(np.int32)
        weeks: NDArray[np.int32] = self._ways.off @ counted
        return weeks

    def _choose_again(self, number: int) -> None:
        self._add(self._held[number], self._ways.off[self._chosen.pop(number)], -1)
        self._choose(number)

    def _choose(self, number: int) -> None:
        """Take the way that costs least as things stand; of equal ones the first."""
        held = self._held[number]
        costs = self._ways.off @ self._cost_by_week(held) + self._ways.cost
        costs += self._half_cost()
        if self._needed[number]:
            costs += parameters.LEAVE_OVER_CAP * (
                self._where_it_counts(number) < self._needed[number]
            )
        chosen = int(costs.argmin())
        self._chosen[number] = chosen
        self._add(held, self._ways.off[chosen], 1)

    def _cost_by_week(self, held: NDArray[np.intp]) -> NDArray[np.float64]:
        away, weeks = self._away[held, self._weeks], self._weeks
        cost = away / self._people[held, weeks]
        cost += parameters.LEAVE_OVER_CAP * (away >= self._limit[held, weeks])
        cost += parameters.LEAVE_WHOLE_HOSPITAL * self._away.sum(axis=0) / len(self._lines)
        cost[: self._half] += parameters.LEAVE_EARLY_RELIEF * self._relief[held[: self._half]]
        return cost

    def _half_cost(self) -> NDArray[np.float64]:
        """Steer towards the share of leave wished for in the first half of the year."""
        cost = np.zeros(len(self._ways.cost))
        for spread in self._spread:
            in_first = self._away[:, : self._half].sum() + self._ways.in_first_half
            wished = spread.first_half * (self._away.sum() + self._ways.weeks)
            cost += parameters.LEAVE_HALF_WISH * np.abs(in_first - wished)
        return cost

    def _is_crowded(self, number: int) -> bool:
        held = self._held[number]
        over = self._away[held, self._weeks] > self._limit[held, self._weeks]
        return bool((over & (self._ways.off[self._chosen[number]] > 0)).any())


def _weeks_off(leave: Sequence[Leave], n_weeks: int) -> NDArray[np.int32]:
    off = np.zeros(n_weeks, dtype=np.int32)
    for block in leave:
        off[block.start_week - 1 : block.end_week] = 1
    return off
