"""Orders of the kinds of a line over the terms: all legal ones, and the choice among them."""

from itertools import permutations

import numpy as np

from planner_cli.solver.kinds import Kinds
from planner_cli.solver.law import Ints
from planner_cli.solver.patterns import Patterns, Small, Stop, StoppedEarly, half_open
from planner_cli.solver.placement import Costs, Placed, judge, posts_of
from planner_cli.solver.shape import Flags, Shape, by_term

#: More terms than this have too many orders to list; lines of longer years are searched one by one.
_MOST_TERMS = 6
_MOST_ORDERS = 2_000
_SWEEPS = 60


def arranged(patterns: Patterns, most: int) -> Patterns | None:
    """Give every legal order of every pattern as columns of single terms; None if over `most`."""
    shape = by_term(patterns.shape.kinds)
    columns, scores, n_columns = [], [], 0
    for row, score in zip(patterns.kinds, patterns.score.tolist(), strict=True):
        orders = orders_of(patterns.shape, row)
        n_columns += len(orders)
        if n_columns > most:
            return None
        columns.append(orders)
        scores.append(np.full(len(orders), score, dtype=np.int64))
    if not columns:
        return Patterns(shape, patterns.kinds, patterns.score)
    return Patterns(shape, np.concatenate(columns), np.concatenate(scores))


def orders_of(shape: Shape, row: Small) -> Small:
    """Give the legal orders of one pattern over the terms, shape (n, T)."""
    kinds = shape.kinds
    if kinds.n_terms > _MOST_TERMS:
        return _some_orders(shape, row)
    places = np.array(list(permutations(range(kinds.n_terms))), dtype=np.int64)
    of_term = np.empty(kinds.n_terms, dtype=np.int64)
    for class_, terms in enumerate(shape.classes):
        of_term[list(terms)] = class_
    of_level = np.array(shape.class_of_level)
    places = places[(of_level[places] == of_term[None, :]).all(axis=1)]
    orders = np.unique(row[places], axis=0)
    return orders[_are_legal(kinds, orders)]


def arrange(patterns: Patterns, aim: Ints, stop: Stop, seed: int) -> Placed | None:
    """Choose a legal order for each line: one line after the other takes the cheapest.

    Parameters
    ----------
    patterns
        One row per line.
    aim
        Posts used by kind and term that would be ideal, shape (K, T).
    stop
        Asked after each sweep.
    seed
        Of the order of lines, and of the choice among equals.

    Returns
    -------
    Placed or None
        None when a line has no legal order.
    """
    kinds = patterns.shape.kinds
    random = np.random.default_rng(seed)
    known: dict[bytes, Small] = {}
    choices = []
    for row in patterns.kinds:
        orders = known.setdefault(row.tobytes(), orders_of(patterns.shape, row))
        if not len(orders):
            return None
        choices.append(orders.astype(np.int64))
    costs = Costs(kinds, aim, len(patterns))
    held = np.array([orders[random.integers(len(orders))] for orders in choices])
    used = posts_of(kinds, held)
    terms = np.arange(kinds.n_terms)
    best = judge(kinds, held.copy())
    for _ in range(_SWEEPS):
        if stop():
            raise StoppedEarly
        for line in random.permutation(len(choices)).tolist():
            np.subtract.at(used, (held[line], terms), 1)
            price = costs.next_person(used)[choices[line], terms].sum(axis=1)
            cheapest = np.flatnonzero(price == price.min())
            held[line] = choices[line][cheapest[random.integers(len(cheapest))]]
            np.add.at(used, (held[line], terms), 1)
        now = judge(kinds, held.copy())
        if (now.overfull, now.unfilled) < (best.overfull, best.unfilled):
            best = now
        if not best.overfull and not best.unfilled:
            break
    return best


def _are_legal(kinds: Kinds, orders: Small) -> Flags:
    """Say which orders keep to open posts, stays of two terms and changes of site."""
    legal = np.array(kinds.open()[orders, np.arange(kinds.n_terms)].all(axis=1), dtype=np.bool_)
    if (kinds.span == 2).any():
        half = np.zeros(len(orders), dtype=np.bool_)
        for term in range(kinds.n_terms):
            if term:
                legal &= ~half | (orders[:, term] == orders[:, term - 1])
            half = (kinds.span[orders[:, term]] == 2) & ~half
        legal &= ~half
    rows = np.arange(len(orders))
    for term in range(kinds.n_terms if kinds.law.orders else 0):
        legal &= _open(kinds, orders[:, :term])[rows, orders[:, term]]
    return legal


def _open(kinds: Kinds, held: Small) -> Flags:
    """Say which kinds may come next on lines filled so far, shape (n, K)."""
    inside = half_open(held, kinds.span)
    fine = np.ones((len(held), kinds.n_kinds), dtype=np.bool_)
    for order in kinds.law.orders:
        fine &= order.open(held, inside)
    return fine


def _some_orders(shape: Shape, row: Small) -> Small:
    """Find legal orders term by term, up to a number of them."""
    kinds = shape.kinds
    levels = {c: [i for i, cl in enumerate(shape.class_of_level) if cl == c] for c in range(12)}
    of_term = {t: c for c, terms in enumerate(shape.classes) for t in terms}
    usable = kinds.open()
    found: list[list[int]] = []

    def extend(held: list[int], left: tuple[int, ...]) -> None:
        term = len(held)
        if len(found) >= _MOST_ORDERS:
            return
        if term == kinds.n_terms:
            order = np.array([held], dtype=np.int16)
            if _are_legal(kinds, order)[0]:
                found.append(held)
            return
        tried = set()
        for level in left:
            kind = int(row[level])
            fits = level in levels[of_term[term]] and usable[kind, term]
            if kind not in tried and fits and _may_follow(kinds, held, kind):
                tried.add(kind)
                extend([*held, kind], tuple(other for other in left if other != level))

    extend([], tuple(range(kinds.n_terms)))
    return np.array(found, dtype=np.int16).reshape(len(found), kinds.n_terms)


def _may_follow(kinds: Kinds, held: list[int], kind: int) -> bool:
    half = False
    for before in held:
        half = kinds.span[before] == 2 and not half
    if half:
        return kind == held[-1]
    return bool(_open(kinds, np.array([held], dtype=np.int16).reshape(1, -1))[0, kind])
