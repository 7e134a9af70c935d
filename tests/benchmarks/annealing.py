"""A strong local search as a rival: simulated annealing over whole lines, compiled by numba.

It moves one post at a time (two lines swap theirs, or a line takes a free one), keeps every funded
post it can, and pays for each broken rule of a line; own scores, floor and funded posts count as
in the planner's score. What it ends with is judged by the planner's own referee.
"""

from collections.abc import Callable
from time import monotonic

import numpy as np
from numba import njit

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.scoring import UNFILLED_COST, affinity_of
from planner_cli.solver.arrays import Ints
from planner_cli.solver.model.line_forms import line_constraints_of

#: Points a broken rule costs, first and last temperature, and moves between two looks at the clock.
_BROKEN, _HOT, _COLD, _MOVES = 250.0, 120.0, 1.5, 100_000


def anneal(
    problem: Problem,
    book: RuleBook,
    seconds: float,
    seed: int,
    on_better: Callable[[tuple[JobLine, ...]], None],
) -> None:
    """Search for `seconds`; hand on each better set whose lines keep every rule of a line."""
    table = _Table(problem, book)
    random = np.random.default_rng(seed)
    held, used = table.random_start(random)
    state = _state(held, *table.arrays)
    _anneal(held, used, state, *table.arrays, table.most, table.least, 1.0, 10, seed)
    started, best = monotonic(), -np.inf
    while (passed := monotonic() - started) < seconds:
        temperature = _HOT * (_COLD / _HOT) ** (passed / seconds)
        seed += 1
        args = (*table.arrays, table.most, table.least, temperature, _MOVES, seed)
        _anneal(held, used, state, *args)
        if not state[:, 1].any():
            worth = _worth(state, used, table.least)
            if worth > best:
                best = worth
                on_better(table.lines(held))


class _Table:
    """A problem as arrays."""

    def __init__(self, problem: Problem, book: RuleBook) -> None:
        self.problem = problem
        law = line_constraints_of(problem, book)
        affinity = affinity_of(problem)
        keys = [p.key for p in problem.positions]
        likes = np.array([[affinity.get((a, b), 0) for b in keys] for a in keys], dtype=np.int64)
        names = {
            key: i for i, key in enumerate(dict.fromkeys(p.team_key for p in problem.positions))
        }
        teams = np.array([names[p.team_key] for p in problem.positions], dtype=np.int64)
        n = len(problem.positions)
        caps = law.caps
        labels = np.array([c.labels for c in caps], dtype=np.int64).reshape(len(caps), n)
        limits = np.array(
            [[c.limits[x] if x >= 0 else 10**6 for x in c.labels] for c in caps], dtype=np.int64
        ).reshape(len(caps), n)
        weights = np.array([c.weights for c in caps], dtype=np.int64).reshape(len(caps), -1)
        masks, wanted = law.masks.astype(np.int64), np.int64(law.wanted)
        varieties = np.array([v.labels for v in law.varieties], dtype=np.int64)
        varieties = varieties.reshape(len(law.varieties), n)
        fewest = np.array([v.least for v in law.varieties], dtype=np.int64)
        once = law.single_stay
        self.arrays = (
            likes, teams, labels, limits, weights, masks, wanted, varieties, fewest, once,
        )  # fmt: skip
        self.most = np.array([p.posts_max for p in problem.positions], dtype=np.int64)
        self.least = np.array([p.posts_min for p in problem.positions], dtype=np.int64)

    def random_start(
        self, random: np.random.Generator
    ) -> tuple[
        Ints,
        Ints,
    ]:
        """Deal funded posts first, then free ones, at random; posts held and used."""
        n_lines, n_terms = self.problem.n_job_lines, len(self.problem.terms)
        held = np.zeros((n_lines, n_terms), dtype=np.int64)
        used = np.zeros_like(self.most)
        for term in range(n_terms):
            funded = np.repeat(np.arange(len(self.least)), self.least[:, term])
            free = np.repeat(np.arange(len(self.most)), (self.most - self.least)[:, term])
            seats = np.concatenate([random.permutation(funded), random.permutation(free)])[:n_lines]
            held[:, term] = random.permutation(seats)
            used[:, term] = np.bincount(seats, minlength=len(used))
        return held, used

    def lines(self, held: Ints) -> tuple[JobLine, ...]:
        """Give the lines the numbers stand for."""
        positions, terms = self.problem.positions, self.problem.terms
        return tuple(JobLine("", tuple(positions[i] for i in row), terms) for row in held.tolist())


@njit(cache=True)
def _line(row, likes, teams, labels, limits, weights, masks, wanted, varieties, fewest, once):  # type: ignore[no-untyped-def]
    n_terms = len(row)
    own, broken, bits = 0, 0, 0
    for t in range(n_terms):
        bits |= masks[row[t]]
        fresh = True
        for u in range(t):
            own += likes[row[t], row[u]]
            if teams[row[t]] == teams[row[u]]:
                fresh = False
            if once and row[t] == row[u]:
                broken += 1
        if fresh:
            own += 10
    missing = wanted & ~bits
    while missing:
        broken += missing & 1
        missing >>= 1
    for c in range(len(labels)):
        for t in range(n_terms):
            label = labels[c, row[t]]
            if label >= 0:
                weight = 0
                for u in range(n_terms):
                    if labels[c, row[u]] == label:
                        weight += weights[c, u]
                if weight > limits[c, row[t]]:
                    broken += 1
    for v in range(len(varieties)):
        distinct = 0
        for t in range(n_terms):
            fresh = varieties[v, row[t]] >= 0
            for u in range(t):
                if varieties[v, row[u]] == varieties[v, row[t]]:
                    fresh = False
            distinct += fresh
        broken += max(0, fewest[v] - distinct)
    return own, broken


@njit(cache=True)
def _state(held, likes, teams, labels, limits, weights, masks, wanted, varieties, fewest, once):  # type: ignore[no-untyped-def]
    state = np.zeros((len(held), 2), dtype=np.int64)
    for i in range(len(held)):
        own, broken = _line(
            held[i], likes, teams, labels, limits, weights, masks, wanted, varieties, fewest, once
        )
        state[i, 0], state[i, 1] = own, broken
    return state


@njit(cache=True)
def _worth(state, used, least):  # type: ignore[no-untyped-def]
    short = 0
    for p in range(used.shape[0]):
        for t in range(used.shape[1]):
            short += max(0, least[p, t] - used[p, t])
    return state[:, 0].sum() + len(state) * state[:, 0].min() - UNFILLED_COST * short


@njit(cache=True)
def _anneal(  # type: ignore[no-untyped-def]
    held, used, state, likes, teams, labels, limits, weights, masks, wanted, varieties, fewest,
    once, most, least, temperature, n_moves, seed,
):  # fmt: skip
    np.random.seed(seed)
    n_lines, n_terms = held.shape
    floor = state[:, 0].min()
    for _ in range(n_moves):
        t, a, b = np.random.randint(n_terms), np.random.randint(n_lines), -1
        old, new = held[a, t], 0
        gain = 0.0
        if np.random.random() < 0.7:
            b = np.random.randint(n_lines)
            new = held[b, t]
            if new == old:
                continue
            held[b, t] = old
        else:
            new = np.random.randint(len(most))
            if new == old or used[new, t] >= most[new, t]:
                continue
            if used[old, t] <= least[old, t]:
                gain -= UNFILLED_COST
            if used[new, t] < least[new, t]:
                gain += UNFILLED_COST
        held[a, t] = new
        own_a, broken_a = _line(
            held[a], likes, teams, labels, limits, weights, masks, wanted, varieties, fewest, once
        )
        gain += own_a - state[a, 0] - _BROKEN * (broken_a - state[a, 1])
        lowest, was_lowest = own_a, state[a, 0] <= floor
        own_b, broken_b = 0, 0
        if b >= 0:
            own_b, broken_b = _line(
                held[b], likes, teams, labels, limits, weights, masks, wanted, varieties, fewest,
                once,
            )  # fmt: skip
            gain += own_b - state[b, 0] - _BROKEN * (broken_b - state[b, 1])
            lowest = min(lowest, own_b)
            was_lowest = was_lowest or state[b, 0] <= floor
        now = min(floor, lowest)
        if was_lowest and lowest > floor:
            now = lowest
            for i in range(n_lines):
                if i not in (a, b) and state[i, 0] < now:
                    now = state[i, 0]
        gain += n_lines * (now - floor)
        if gain >= 0 or np.random.random() < np.exp(gain / temperature):
            state[a, 0], state[a, 1] = own_a, broken_a
            floor = now
            if b >= 0:
                state[b, 0], state[b, 1] = own_b, broken_b
            else:
                used[old, t] -= 1
                used[new, t] += 1
        else:
            held[a, t] = old
            if b >= 0:
                held[b, t] = new
