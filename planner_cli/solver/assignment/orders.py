"""Orders of the types of a line over the terms: all legal ones, and the choice among them."""

from itertools import permutations

import numpy as np

from planner_cli.solver import parameters
from planner_cli.solver.arrays import Flags, Ints, Small
from planner_cli.solver.assignment.terms import Costs, Placed, judge, posts_of
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.columns.enumeration import half_open
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape, by_term
from planner_cli.solver.stop import Stop, StoppedEarly


def arranged(columns: Columns, most: int) -> Columns | None:
    """Give every legal order of every column as rows of single terms; None if over `most`."""
    shape = by_term(columns.shape.types)
    rows, scores, n_columns = [], [], 0
    for row, score in zip(columns.types, columns.score.tolist(), strict=True):
        orders = orders_of(columns.shape, row)
        n_columns += len(orders)
        if n_columns > most:
            return None
        rows.append(orders)
        scores.append(np.full(len(orders), score, dtype=np.int64))
    if not rows:
        return Columns(shape, columns.types, columns.score)
    return Columns(shape, np.concatenate(rows), np.concatenate(scores))


def orders_of(shape: Shape, row: Small) -> Small:
    """Give the legal orders of one column over the terms, shape (n, T)."""
    types = shape.types
    if types.n_terms > parameters.MOST_PERMUTED_TERMS:
        return _some_orders(shape, row)
    places = np.array(list(permutations(range(types.n_terms))), dtype=np.int64)
    of_term = np.empty(types.n_terms, dtype=np.int64)
    for class_, terms in enumerate(shape.classes):
        of_term[list(terms)] = class_
    of_level = np.array(shape.class_of_level)
    places = places[(of_level[places] == of_term[None, :]).all(axis=1)]
    orders = np.unique(row[places], axis=0)
    return orders[_are_legal(types, orders)]


def arrange(columns: Columns, aim: Ints, stop: Stop, seed: int) -> Placed | None:
    """Choose a legal order for each line: one line after the other takes the cheapest.

    Parameters
    ----------
    columns
        One row per line.
    aim
        Posts used by type and term that would be ideal, shape (K, T).
    stop
        Asked after each sweep.
    seed
        Of the order of lines, and of the choice among equals.

    Returns
    -------
    Placed or None
        None when a line has no legal order.
    """
    types = columns.shape.types
    random = np.random.default_rng(seed)
    known: dict[bytes, Small] = {}
    choices = []
    for row in columns.types:
        orders = known.setdefault(row.tobytes(), orders_of(columns.shape, row))
        if not len(orders):
            return None
        choices.append(orders.astype(np.int64))
    costs = Costs(types, aim, len(columns))
    held = np.array([orders[random.integers(len(orders))] for orders in choices])
    used = posts_of(types, held)
    terms = np.arange(types.n_terms)
    best = judge(types, held.copy())
    for _ in range(parameters.ORDER_SWEEPS):
        if stop():
            raise StoppedEarly
        for line in random.permutation(len(choices)).tolist():
            np.subtract.at(used, (held[line], terms), 1)
            price = costs.next_person(used)[choices[line], terms].sum(axis=1)
            cheapest = np.flatnonzero(price == price.min())
            held[line] = choices[line][cheapest[random.integers(len(cheapest))]]
            np.add.at(used, (held[line], terms), 1)
        now = judge(types, held.copy())
        if (now.overfull, now.unfilled) < (best.overfull, best.unfilled):
            best = now
        if not best.overfull and not best.unfilled:
            break
    return best


def _are_legal(types: PositionTypes, orders: Small) -> Flags:
    """Say which orders keep to open posts, stays of two terms and changes of site."""
    legal = np.array(types.open()[orders, np.arange(types.n_terms)].all(axis=1), dtype=np.bool_)
    if (types.span == 2).any():
        half = np.zeros(len(orders), dtype=np.bool_)
        for term in range(types.n_terms):
            if term:
                legal &= ~half | (orders[:, term] == orders[:, term - 1])
            half = (types.span[orders[:, term]] == 2) & ~half
        legal &= ~half
    rows = np.arange(len(orders))
    for term in range(types.n_terms if types.constraints.orders else 0):
        legal &= _open(types, orders[:, :term])[rows, orders[:, term]]
    return legal


def _open(types: PositionTypes, held: Small) -> Flags:
    """Say which types may come next on lines filled so far, shape (n, K)."""
    inside = half_open(held, types.span)
    fine = np.ones((len(held), types.n_types), dtype=np.bool_)
    for order in types.constraints.orders:
        fine &= order.open(held, inside)
    return fine


def _some_orders(shape: Shape, row: Small) -> Small:
    """Find legal orders term by term, up to a number of them."""
    types = shape.types
    levels = {c: [i for i, cl in enumerate(shape.class_of_level) if cl == c] for c in range(12)}
    of_term = {t: c for c, terms in enumerate(shape.classes) for t in terms}
    usable = types.open()
    found: list[list[int]] = []

    def extend(held: list[int], left: tuple[int, ...]) -> None:
        term = len(held)
        if len(found) >= parameters.MOST_ORDERS:
            return
        if term == types.n_terms:
            order = np.array([held], dtype=np.int16)
            if _are_legal(types, order)[0]:
                found.append(held)
            return
        tried = set()
        for level in left:
            type_ = int(row[level])
            fits = level in levels[of_term[term]] and usable[type_, term]
            if type_ not in tried and fits and _may_follow(types, held, type_):
                tried.add(type_)
                extend([*held, type_], tuple(other for other in left if other != level))

    extend([], tuple(range(types.n_terms)))
    return np.array(found, dtype=np.int16).reshape(len(found), types.n_terms)


def _may_follow(types: PositionTypes, held: list[int], type_: int) -> bool:
    half = False
    for before in held:
        half = types.span[before] == 2 and not half
    if half:
        return type_ == held[-1]
    return bool(_open(types, np.array([held], dtype=np.int16).reshape(1, -1))[0, type_])
