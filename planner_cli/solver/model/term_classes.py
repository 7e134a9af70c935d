"""How columns see the year: terms no rule tells apart form one class."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner_cli.solver.arrays import Flags, Ints
from planner_cli.solver.model.line_constraints import Cap, Variety
from planner_cli.solver.model.position_types import PositionTypes


@dataclass(frozen=True, eq=False)
class LevelCap:
    """A cap as the enumeration reads it, with one weight per class of terms.

    Parameters
    ----------
    same
        Where two types share a label, the first one's factor, shape (K, K); else 0.
    counts
        The type counts at all, shape (K,).
    limits
        The limit of each type's label, shape (K,); huge where it does not count.
    weights
        Weight of a term of each class, shape (C,).
    factors
        By which a type's weights are multiplied, shape (K,).
    """

    same: npt.NDArray[np.int8]
    counts: Flags
    limits: Ints
    weights: Ints
    factors: Ints


@dataclass(frozen=True, eq=False)
class Shape:
    """The classes of terms a column distinguishes; inside a class its types have no order.

    Parameters
    ----------
    types
        The problem in types.
    classes
        Indices of terms per class.
    class_of_level
        Class of each of the T places of a column; places of a class stand together.
    caps
        The caps, per class.
    allowed
        Types a place of a class may hold, shape (C, K).
    in_order
        Classes are single terms in order of time: order rules are exact in the column itself.
    """

    types: PositionTypes
    classes: tuple[tuple[int, ...], ...]
    class_of_level: tuple[int, ...]
    caps: tuple[LevelCap, ...]
    allowed: Flags
    in_order: bool

    @property
    def n_units(self) -> int:
        """Rows a column can touch: one per type and class."""
        return self.types.n_types * len(self.classes)

    @property
    def exact_columns(self) -> bool:
        """Say whether a column of this shape tells all the constraints ask of a line."""
        return self.in_order or not (self.types.constraints.orders or (self.types.span == 2).any())

    def of(self, types: PositionTypes) -> "Shape":
        """Give this shape for another number of lines, or other pathways, of the same types."""
        return replace(self, types=types)


def coarsest(types: PositionTypes) -> Shape:
    """Give the fewest classes of terms that keep every rule on weeks exact.

    A cap on weeks whose every number of allowed terms is either always or never within its limit
    is the same as a cap on that number of terms; only other caps tell terms apart.
    """
    constraints = types.constraints
    tells = [
        tuple(cap.weights.tolist())
        for cap in constraints.caps
        if not all(
            _counts_only(cap.weights * factor, int(limit))
            for limit in set(cap.limits.tolist())
            for factor in set(cap.factors[cap.labels >= 0].tolist())
        )
    ]
    tells += [tuple(int(flag) for flag in variety.counted) for variety in constraints.varieties]
    groups: dict[tuple[int, ...], list[int]] = {}
    for term in range(constraints.n_terms):
        groups.setdefault(tuple(tell[term] for tell in tells), []).append(term)
    return _shape(types, tuple(tuple(group) for group in groups.values()), in_order=False)


def by_term(types: PositionTypes) -> Shape:
    """Give one class per term, in order of time: a column is a whole arranged line."""
    return _shape(types, tuple((term,) for term in range(types.n_terms)), in_order=True)


def counted_classes(shape: Shape, variety: Variety) -> Flags:
    """Say which classes of terms a variety rule counts, shape (C,)."""
    return np.array([bool(variety.counted[terms[0]]) for terms in shape.classes], dtype=np.bool_)


def _shape(types: PositionTypes, classes: tuple[tuple[int, ...], ...], *, in_order: bool) -> Shape:
    open_posts = types.open()
    return Shape(
        types=types,
        classes=classes,
        class_of_level=tuple(c for c, terms in enumerate(classes) for _ in terms),
        caps=tuple(_level_cap(cap, classes) for cap in types.constraints.caps),
        allowed=np.array([open_posts[:, list(terms)].any(axis=1) for terms in classes]),
        in_order=in_order,
    )


def _level_cap(cap: Cap, classes: tuple[tuple[int, ...], ...]) -> LevelCap:
    counts = cap.labels >= 0
    together = (cap.labels[:, None] == cap.labels[None, :]) & counts[:, None] & counts[None, :]
    same = together * cap.factors[:, None]
    per_class = [set(cap.weights[list(terms)].tolist()) for terms in classes]
    limits, weights = cap.limits, np.ones(len(classes), dtype=np.int64)
    if all(len(weights_of) == 1 for weights_of in per_class):
        weights = np.array([weights_of.pop() for weights_of in per_class], dtype=np.int64)
    else:
        limits = np.array([_most_terms(cap.weights, int(n)) for n in cap.limits], dtype=np.int64)
    huge = np.iinfo(np.int32).max
    return LevelCap(
        same.astype(np.int8), counts, np.append(limits, huge)[cap.labels], weights, cap.factors
    )


def _allowed_weights(weights: Ints, limit: int) -> list[int]:
    return sorted(int(weight) for weight in weights if weight <= limit)


def _counts_only(weights: Ints, limit: int) -> bool:
    allowed = _allowed_weights(weights, limit)
    return not any(
        sum(allowed[:n]) <= limit < sum(allowed[-n:]) for n in range(1, len(allowed) + 1)
    )


def _most_terms(weights: Ints, limit: int) -> int:
    allowed = _allowed_weights(weights, limit)
    return max(n for n in range(len(allowed) + 1) if sum(allowed[:n]) <= limit)
