"""Local search over whole lines: segments swapped between two lines, and posts exchanged.

Many moves are tried at once, in arrays: for a few lines, those that break something first, one
segment of terms is swapped with every other line (or a sample of them), or one term's post is
exchanged for each free one. Of each line's moves the best is made, with noise that falls as the
search cools. A broken constraint costs more than any score, so that lines become legal first.

The same seed gives the same lines: work is counted in sweeps, never in time.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner_cli.domain.scoring import (
    DUPLICATE_COST,
    UNFILLED_COST,
)
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Ints, Small
from planner_cli.solver.search.whole_lines import Hospital, Worths
from planner_cli.solver.stop import Stop


@dataclass
class Schedule:
    """How long and how hot.

    Parameters
    ----------
    sweeps
        Sweeps over a few lines at a time.
    hot, cold
        Noise at the beginning and the end, in points.
    """

    sweeps: int
    hot: float
    cold: float

    def noise(self, sweep: int) -> float:
        """Give the noise of a sweep, in points."""
        share = sweep / max(1, self.sweeps - 1)
        return float(self.hot * (self.cold / self.hot) ** share)


class LocalSearch:
    """One search, from random lines or from given ones.

    Parameters
    ----------
    hospital
        The problem.
    seed
        Of the noise and the draws.
    on_better
        Is told of each better set without a breach, as positions, shape (L, T), and its score.
    """

    def __init__(
        self, hospital: Hospital, seed: int, on_better: Callable[[Small, int], None]
    ) -> None:
        self._hospital, self._on_better = hospital, on_better
        self._chance = np.random.default_rng(seed)
        self.best: Small | None = None
        self.best_score = -(10**18)
        self._floor = 0.0
        self._pull = 1.0

    def run(self, schedule: Schedule, stop: Stop, start: Small | None = None) -> Small | None:
        """Search; give the best set without a breach, or None where none was found."""
        hospital = self._hospital
        if hospital.impossible or not hospital.n_lines:
            return None
        first = self._first_lines() if start is None else start.copy()
        if first is None:
            return None
        self._take(first)
        for sweep in range(schedule.sweeps):
            if stop():
                break
            noise = schedule.noise(sweep)
            (self._swap, self._exchange, self._swap, self._chain)[sweep % 4](noise)
            self._note()
            if sweep % parameters.FLOOR_SWEEPS == 0:
                self._set_floor()
        return self.best

    def _take(self, held: Small) -> None:
        hospital = self._hospital
        self._held = held
        self._used = np.zeros_like(hospital.most)
        for term in range(hospital.n_terms):
            np.add.at(self._used[:, term], held[:, term], 1)
        self._own, self._over = hospital.own(held), hospital.excess.of(held)
        self._sets = Counter(map(_set_of, held.tolist()))
        for known in hospital.locked_sets:
            index = {p.id: n for n, p in enumerate(hospital.problem.positions)}
            self._sets[frozenset(index[name] for name in known)] += 1
        self._serving = [served.by(held) for served in hospital.served]
        self._set_floor()
        self._note()

    def _first_lines(self) -> Small | None:
        """Deal funded posts and then others to lines at random; None where posts are too few."""
        hospital, chance = self._hospital, self._chance
        n_lines, n_terms = hospital.n_lines, hospital.n_terms
        held = np.full((n_lines, n_terms), -1, dtype=np.int16)
        left = hospital.most.copy()
        for position in np.flatnonzero(hospital.span > 1).tolist():
            for term in range(n_terms - 1):
                wanted = int(hospital.least[position, term : term + 2].min())
                free = np.flatnonzero((held[:, term] < 0) & (held[:, term + 1] < 0))
                n = min(wanted, int(left[position, term : term + 2].min()), len(free))
                for line in chance.permutation(free)[:n]:
                    held[line, term : term + 2] = position
                left[position, term : term + 2] -= n
        for term in range(n_terms):
            lines = np.flatnonzero(held[:, term] < 0)
            short = np.where(hospital.span > 1, 0, left[:, term])
            funded = np.minimum(short, hospital.least[:, term])
            seats = [
                chance.permutation(np.repeat(np.arange(len(short)), funded)),
                chance.permutation(np.repeat(np.arange(len(short)), short - funded)),
            ]
            dealt = np.concatenate(seats)[: len(lines)]
            if len(dealt) < len(lines):
                return None
            held[chance.permutation(lines), term] = dealt
        return held

    def _worth(self, held: Small) -> tuple[Worths, Worths, Worths]:
        """Give what lines are worth to the search, their own scores and their excess."""
        own, over = self._hospital.own(held), self._hospital.excess.of(held)
        return self._value(own, over), own, over

    def _value(self, own: Worths, over: Worths) -> Worths:
        below = np.minimum(own - np.float32(self._floor), 0)
        value: Worths = (
            own + np.float32(self._pull) * below - np.float32(parameters.BREACH_COST) * over
        )
        return value

    def _set_floor(self) -> None:
        """Aim a little above the worst line's score: lines below the aim count more."""
        own = self._own
        n_all = len(own) + len(self._hospital.locked_scores)
        lowest = float(own.min())
        step = max(1.0, parameters.FLOOR_STEP * float(np.abs(own).mean()))
        self._floor = min([lowest + step, *map(float, self._hospital.locked_scores)])
        n_below = int((own < self._floor).sum())
        self._pull = min(parameters.MOST_PULL, n_all / (1 + n_below))

    def _chosen(self) -> Ints:
        """Choose lines to move: some that break something, the worst, and others at random."""
        n_lines, n = len(self._held), min(len(self._held), parameters.MOVED_LINES)
        faulty = np.flatnonzero(self._over > 0)
        if len(faulty) > n // 2:
            faulty = self._chance.choice(faulty, n // 2, replace=False)
        worst = np.argpartition(self._own, min(n_lines - 1, n // 8))[: n // 8]
        rest = self._chance.permutation(n_lines)[: n - len(faulty)]
        chosen = np.concatenate([faulty, worst, rest])
        _, first = np.unique(chosen, return_index=True)
        return chosen[np.sort(first)][:n].astype(np.int64)

    def _segment(self) -> tuple[int, int]:
        n_terms = self._hospital.n_terms
        length = int(self._chance.choice(parameters.SEGMENTS)) if n_terms > 1 else 1
        length = min(length, max(1, n_terms - 1))
        start = int(self._chance.integers(0, n_terms - length + 1))
        return start, start + length

    def _swap(self, noise: float) -> None:
        """Swap one segment of some lines with every other line, or a sample, and make the best."""
        rows, (start, end) = self._chosen(), self._segment()
        others = np.arange(len(self._held))
        if len(others) > parameters.SWAP_PARTNERS:
            others = self._chance.choice(others, parameters.SWAP_PARTNERS, replace=False)
        ours = np.repeat(self._held[rows], len(others), axis=0)
        theirs = np.tile(self._held[others], (len(rows), 1))
        differ = (ours[:, start:end] != theirs[:, start:end]).any(axis=1)
        pairs = np.flatnonzero(differ)
        ours, theirs = ours[pairs], theirs[pairs]
        ours[:, start:end], theirs[:, start:end] = (
            theirs[:, start:end].copy(),
            ours[:, start:end].copy(),
        )
        row, other = rows[pairs // len(others)], others[pairs % len(others)]
        value_ours, own_ours, over_ours = self._worth(ours)
        value_theirs, own_theirs, over_theirs = self._worth(theirs)
        now = self._value(self._own, self._over)
        gain = value_ours + value_theirs - now[row] - now[other]
        gain += self._serving_gain(row, ours) + self._serving_gain(other, theirs)
        gain += np.float32(noise) * self._gumbel(len(gain))
        moved: set[int] = set()
        for pick in self._best_of_each(pairs // len(others), gain, noise):
            a, b = int(row[pick]), int(other[pick])
            if (
                a in moved
                or b in moved
                or not self._is_new((a, b), (ours[pick], theirs[pick]), gain[pick])
            ):
                continue
            moved |= {a, b}
            self._put(a, ours[pick], own_ours[pick], over_ours[pick])
            self._put(b, theirs[pick], own_theirs[pick], over_theirs[pick])

    def _exchange(self, noise: float) -> None:
        """Exchange one term of some lines for each free post of it, and make the best."""
        hospital, chance = self._hospital, self._chance
        rows, term = self._chosen(), int(chance.integers(0, hospital.n_terms))
        free = np.flatnonzero(self._used[:, term] < hospital.most[:, term])
        long = free[hospital.span[free] > 1]
        if term + 1 < hospital.n_terms:
            long = long[self._used[long, term + 1] < hospital.most[long, term + 1]]
        else:
            long = long[:0]
        short = free[hospital.span[free] == 1]
        seats = np.concatenate([short, long])
        if len(seats) > parameters.SEATS_LOOKED_AT:
            seats = chance.choice(seats, parameters.SEATS_LOOKED_AT, replace=False)
        if not len(seats):
            return
        made = np.repeat(self._held[rows], len(seats), axis=0)
        row, seat = np.repeat(rows, len(seats)), np.tile(seats, len(rows)).astype(np.int16)
        old = made.copy()
        made[:, term] = seat
        twice = hospital.span[seat] > 1
        if twice.any():
            made[twice, term + 1] = seat[twice]
        value, own, over = self._worth(made)
        now = self._value(self._own, self._over)
        gain = value - now[row] + self._serving_gain(row, made)
        gain += self._filling_gain(old, made, term)
        if twice.any():
            second = self._filling_gain(old, made, min(term + 1, hospital.n_terms - 1))
            gain += np.where(twice, second, 0)
        gain += np.float32(noise) * self._gumbel(len(gain))
        for pick in self._best_of_each(np.repeat(np.arange(len(rows)), len(seats)), gain, noise):
            line = int(row[pick])
            if self._has_room(line, made[pick]) and self._is_new(
                (line,), (made[pick],), gain[pick]
            ):
                self._put(line, made[pick], own[pick], over[pick])

    def _chain(self, noise: float) -> None:
        """Fill an empty funded post by two lines: one takes it, another takes what that one held.

        What the second held must be more than funded. Without an empty post, exchange instead.
        """
        hospital, chance = self._hospital, self._chance
        short = (self._used < hospital.least) & (hospital.span == 1)[:, None]
        empty = np.argwhere(short)
        if not len(empty):
            self._exchange(noise)
            return
        post, term = (int(n) for n in empty[chance.integers(len(empty))])
        held = self._held[:, term]
        surplus = (self._used[:, term] > hospital.least[:, term]) & (hospital.span == 1)
        donors = np.flatnonzero(surplus[held])
        takers = np.flatnonzero((hospital.span[held] == 1) & (held != post))
        if len(donors) > parameters.MOVED_LINES:
            donors = chance.choice(donors, parameters.MOVED_LINES, replace=False)
        if len(takers) > parameters.SWAP_PARTNERS:
            takers = chance.choice(takers, parameters.SWAP_PARTNERS, replace=False)
        if not len(donors) or not len(takers):
            return
        donor, taker = np.repeat(donors, len(takers)), np.tile(takers, len(donors))
        pairs = np.flatnonzero(donor != taker)
        if not len(pairs):
            return
        donor, taker = donor[pairs], taker[pairs]
        given, taken = self._held[donor].copy(), self._held[taker].copy()
        given[:, term], taken[:, term] = taken[:, term].copy(), np.int16(post)
        value_given, own_given, over_given = self._worth(given)
        value_taken, own_taken, over_taken = self._worth(taken)
        now = self._value(self._own, self._over)
        gain = value_given + value_taken - now[donor] - now[taker]
        gain += self._serving_gain(donor, given) + self._serving_gain(taker, taken)
        gain += np.float32(parameters.BREACH_COST if hospital.must_fill else float(UNFILLED_COST))
        gain += np.float32(noise) * self._gumbel(len(gain))
        pick = int(gain.argmax())
        a, b = int(donor[pick]), int(taker[pick])
        if gain[pick] > 0 and self._is_new((a, b), (given[pick], taken[pick]), gain[pick]):
            self._put(a, given[pick], own_given[pick], over_given[pick])
            self._put(b, taken[pick], own_taken[pick], over_taken[pick])

    def _filling_gain(self, old: Small, made: Small, term: int) -> Worths:
        """Give what moves fill of funded posts in a term, less what they empty."""
        hospital = self._hospital
        cost = parameters.BREACH_COST if hospital.must_fill else float(UNFILLED_COST)
        used, least = self._used[:, term], hospital.least[:, term]
        fills = (used < least)[made[:, term]].astype(np.float32)
        empties = (used <= least)[old[:, term]] & (least[old[:, term]] > 0)
        gain: Worths = np.float32(cost) * (fills - empties.astype(np.float32))
        gain[old[:, term] == made[:, term]] = 0
        return gain

    def _serving_gain(self, rows: Ints, made: Small) -> Worths:
        """Give what moves bring pathways that lack lines, less what they take from them."""
        gain = np.zeros(len(made), dtype=np.float32)
        for served, serving in zip(self._hospital.served, self._serving, strict=True):
            change = served.by(made).astype(np.int64) - serving[rows]
            n = int(serving.sum())
            more = served.fault(n) - served.fault(n + 1)
            fewer = served.fault(n) - served.fault(n - 1)
            gain += np.float32(parameters.BREACH_COST) * np.where(
                change > 0, more, np.where(change < 0, fewer, 0)
            ).astype(np.float32)
        return gain

    def _gumbel(self, n: int) -> Worths:
        return self._chance.gumbel(size=n).astype(np.float32)

    def _best_of_each(self, of: Ints, gain: Worths, noise: float) -> list[int]:
        """Give the best move of each line, best first, that is better than to stay."""
        order = np.argsort(-gain, kind="stable")
        _, first = np.unique(of[order], return_index=True)
        picks = order[np.sort(first)]
        stay = noise * self._gumbel(len(picks)) if noise else np.zeros(len(picks), np.float32)
        return [int(p) for p, least in zip(picks, stay, strict=True) if gain[p] > max(least, 1e-3)]

    def _has_room(self, line: int, made: Small) -> bool:
        """Say whether the posts a line changes to are still free."""
        return all(
            old == new or self._used[new, term] < self._hospital.most[new, term]
            for term, (old, new) in enumerate(zip(self._held[line], made, strict=True))
        )

    def _is_new(self, lines: tuple[int, ...], made: tuple[Small, ...], gain: float) -> bool:
        """Say whether a move is still worth it when duplicates are counted."""
        before = [_set_of(self._held[line].tolist()) for line in lines]
        after = [_set_of(row.tolist()) for row in made]
        change = 0
        for known in before:
            self._sets[known] -= 1
            change -= self._sets[known] > 0
        for known in after:
            change += self._sets[known] > 0
            self._sets[known] += 1
        for known in after:
            self._sets[known] -= 1
        for known in before:
            self._sets[known] += 1
        return gain - DUPLICATE_COST * change > 0

    def _put(self, line: int, made: Small, own: np.float32, over: np.float32) -> None:
        terms = np.arange(self._hospital.n_terms)
        old = self._held[line].copy()
        self._sets[_set_of(old.tolist())] -= 1
        self._sets[_set_of(made.tolist())] += 1
        np.subtract.at(self._used, (old, terms), 1)
        np.add.at(self._used, (made, terms), 1)
        self._held[line], self._own[line], self._over[line] = made, own, over
        for served, serving in zip(self._hospital.served, self._serving, strict=True):
            serving[line] = served.by(made[None, :])[0]

    def _note(self) -> None:
        """Keep the set where it breaks nothing and is better than the best so far."""
        if self._over.any() or any(
            served.fault(int(serving.sum()))
            for served, serving in zip(self._hospital.served, self._serving, strict=True)
        ):
            return
        unfilled = int(np.maximum(self._hospital.least - self._used, 0).sum())
        if self._hospital.must_fill and unfilled:
            return
        scores = [*self._own.tolist(), *self._hospital.locked_scores]
        n_duplicates = len(scores) - sum(n > 0 for n in self._sets.values())
        total = round(sum(scores) + len(scores) * min(scores))
        total -= DUPLICATE_COST * n_duplicates + UNFILLED_COST * unfilled
        if total > self.best_score:
            self.best, self.best_score = self._held.copy(), total
            self._on_better(self.best, total)


def _set_of(row: list[int]) -> frozenset[int]:
    return frozenset(row)
