"""Terms too crowded for a choice of columns: a proof that is right, and only given where it is."""

from itertools import permutations, product

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.solver.arrays import Ints
from planner_cli.solver.assignment.placement_cuts import crowding
from planner_cli.solver.assignment.terms import place
from planner_cli.solver.columns.enumeration import enumerate_columns
from planner_cli.solver.model.position_types import position_types_of
from planner_cli.solver.model.term_classes import Shape, coarsest
from tests.unit.strategies import tiny_problems


def _orders(shape: Shape, row: list[int]) -> set[tuple[int, ...]]:
    """Every order of a column over the terms of its classes."""
    groups = []
    for class_, terms in enumerate(shape.classes):
        held = [k for k, c in zip(row, shape.class_of_level, strict=True) if c == class_]
        groups.append([dict(zip(terms, order, strict=True)) for order in permutations(held)])
    usable = shape.types.open()
    found = set()
    for parts in product(*groups):
        held_in = {term: kind for part in parts for term, kind in part.items()}
        if all(usable[kind, term] for term, kind in held_in.items()):
            found.add(tuple(held_in[t] for t in range(shape.types.n_terms)))
    return found


def _fits(shape: Shape, rows: list[list[int]], left: Ints) -> bool:
    """Try every order of every line."""
    if not rows:
        return True
    for order in _orders(shape, rows[0]):
        after = left.copy()
        for term, kind in enumerate(order):
            after[kind, term] -= 1
        if (after >= 0).all() and _fits(shape, rows[1:], after):
            return True
    return False


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=tiny_problems(), chosen=st.lists(st.integers(0, 10_000), min_size=1, max_size=4))
def test_lines_that_fit_are_never_called_too_crowded(problem: Problem, chosen: list[int]) -> None:
    types = position_types_of(problem, rule_book(problem))
    shape = coarsest(types)
    columns = enumerate_columns(shape, lambda: False, 100_000)
    if columns is None or not len(columns) or not shape.exact_columns:
        return
    lines = columns.take(np.array([number % len(columns) for number in chosen]))
    fits = _fits(shape, lines.types.tolist(), np.where(types.open(), types.most, 0))
    proof = crowding(lines)
    assert not (fits and proof is not None)
    if proof is not None:
        assert not proof.allows(lines)
        assert place(lines, np.zeros_like(types.most), lambda: False).overfull > 0
