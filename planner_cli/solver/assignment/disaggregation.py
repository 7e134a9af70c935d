"""Positions for types: funded posts first, no position twice where ruled out, no equal sets."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from random import Random

import numpy as np

from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.stop import Stop, StoppedEarly


@dataclass(frozen=True, eq=False)
class Dealt:
    """Positions per line and term.

    Parameters
    ----------
    positions
        Index of the problem's position, shape (L, T).
    repeated
        Lines that hold a position twice; only looked for where that breaks a rule.
    equal
        Lines whose set of positions an earlier line has too.
    """

    positions: Ints
    repeated: tuple[int, ...]
    equal: tuple[int, ...]


def deal(types: PositionTypes, held: Ints, stop: Stop, seed: int = 0) -> Dealt:
    """Give each line a position in each term.

    The first deal fills funded posts; then lines with a repeated position or an equal set of
    positions swap a position with another line of the same type and term, or take a free seat,
    as long as that makes nothing worse.

    Parameters
    ----------
    types
        The problem in types.
    held
        Type per line and term, shape (L, T), within the posts of the types.
    stop
        Asked now and then.
    seed
        Of the order in which swaps are tried.

    Raises
    ------
    StoppedEarly
        If the stop signal comes.
    """
    hand = _Hand(types, held, seed)
    least, since = len(held) + 1, 0
    while since < parameters.DEAL_PATIENCE and (faulty := hand.faulty()):
        for line in faulty:
            if stop():
                raise StoppedEarly
            hand.mend(line, parameters.DEAL_MOVES)
        since = 0 if len(faulty) < least else since + 1
        least = min(least, len(faulty))
    return Dealt(hand.dealt, tuple(hand.repeated()), tuple(hand.equal()))


class _Hand:
    """A deal, and the moves that improve it."""

    def __init__(self, types: PositionTypes, held: Ints, seed: int) -> None:
        self.types, self.held = types, held.tolist()
        self._random = Random(seed)  # noqa: S311
        self._least, self._most = types.remaining.funded, types.remaining.accredited
        self._used = np.zeros_like(self._least)
        self._many = [len(m) > 1 for m in types.members]
        self._span = types.span.tolist()
        self._lines_of: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._rows = self._first_deal()
        index = {position.id: i for i, position in enumerate(types.problem.positions)}
        self._sets = Counter(
            frozenset(index[p.id] for p in line.positions) for line in types.locked
        )
        self._sets.update(map(frozenset, self._rows))

    @property
    def dealt(self) -> Ints:
        """Index of the problem's position per line and term."""
        return np.array(self._rows, dtype=np.int64).reshape(len(self._rows), self.types.n_terms)

    def faulty(self) -> list[int]:
        """Give the lines with a repeated position or a set another line has too."""
        return [line for line in range(len(self._rows)) if self._cost((line,)) > 0]

    def repeated(self) -> list[int]:
        """Give the lines that hold a position twice against the rule."""
        if not self.types.constraints.single_stay:
            return []
        return [line for line in range(len(self._rows)) if self.repeats(line)]

    def equal(self) -> list[int]:
        """Give the lines whose set of positions a locked or an earlier line has."""
        index = {position.id: i for i, position in enumerate(self.types.problem.positions)}
        seen = {frozenset(index[p.id] for p in line.positions) for line in self.types.locked}
        found = []
        for line, row in enumerate(self._rows):
            if frozenset(row) in seen:
                found.append(line)
            seen.add(frozenset(row))
        return found

    def repeats(self, line: int) -> int:
        """Count stays in positions the line holds already."""
        stays = Counter[int]()
        for position, type_ in zip(self._rows[line], self.held[line], strict=True):
            stays[position] += 3 - self._span[type_]
        return sum((n - 1) // 2 for n in stays.values())

    def mend(self, line: int, n_moves: int) -> int:
        """Try moves on a faulty line until it is faultless; give the number tried."""
        places = [t for t, type_ in enumerate(self.held[line]) if self._many[type_]]
        if not places:
            return n_moves
        for tried in range(n_moves):
            if not self._cost((line,)):
                return tried
            term = self._random.choice(places)
            others = self._lines_of[term, self.held[line][term]]
            members = self.types.members[self.held[line][term]]
            pick = self._random.randrange(len(others) + len(members))
            if pick < len(others):
                self._try_swap(line, others[pick], term)
            else:
                self._try_seat(line, members[pick - len(others)], term)
        return n_moves

    def _try_swap(self, line: int, other: int, term: int) -> None:
        here, there = self._rows[line][term], self._rows[other][term]
        if here == there:
            return
        before = self._cost((line, other))
        self._hold(line, term, there)
        self._hold(other, term, here)
        if self._cost((line, other)) > before:
            self._hold(line, term, here)
            self._hold(other, term, there)

    def _try_seat(self, line: int, position: int, term: int) -> None:
        here = self._rows[line][term]
        free = self._used[position, term] < self._most[position, term]
        needed = self._used[here, term] <= self._least[here, term]
        if here == position or not free or needed:
            return
        before = self._cost((line,))
        self._hold(line, term, position)
        if self._cost((line,)) > before:
            self._hold(line, term, here)

    def _hold(self, line: int, term: int, position: int) -> None:
        row = self._rows[line]
        self._sets[frozenset(row)] -= 1
        self._used[row[term], term] -= 1
        row[term] = position
        self._used[position, term] += 1
        self._sets[frozenset(row)] += 1

    def _cost(self, lines: tuple[int, ...]) -> int:
        sets = {frozenset(self._rows[line]) for line in lines}
        equal = sum(self._sets[held] - 1 for held in sets)
        if not self.types.constraints.single_stay:
            return equal
        return equal + parameters.REPEATED_SET_COST * sum(self.repeats(line) for line in lines)

    def _first_deal(self) -> list[list[int]]:
        """Deal term by term; a seat in a position not yet on the line comes first."""
        rows = [[-1] * self.types.n_terms for _ in self.held]
        for line, row in enumerate(self.held):
            for term, type_ in enumerate(row):
                self._lines_of[term, type_].append(line)
        for (term, type_), lines in sorted(self._lines_of.items()):
            seats = self._seats(type_, term, len(lines))
            for line in lines:
                had = rows[line][:term] if self._span[type_] == 1 else []
                seat = min(range(len(seats)), key=lambda i: (seats[i] in had, i))
                rows[line][term] = seats.pop(seat)
                self._used[rows[line][term], term] += 1
        return rows

    def _seats(self, type_: int, term: int, n: int) -> list[int]:
        """Name n seats of a type in a term: funded ones first, then turn by turn."""
        members = self.types.members[type_]
        funded = [p for p in members for _ in range(int(self._least[p, term]))]
        beyond = [
            (seat, p)
            for p in members
            for seat in range(int(self._most[p, term] - self._least[p, term]))
        ]
        return (funded + [p for _, p in sorted(beyond)])[:n]
