"""The master problem as rows and variables: written once, for linear programs and whole numbers.

How often is each column used, so that every line has one, no post is overfilled, and each class has
its lines? Rows, in this order:

- one per type and class of terms: what the columns hold there are the posts used there;
- one per term: every line is somewhere;
- one per class of lines: all free lines first, then those that serve each pathway (convexity);
- for types with stays of two terms one per term: posts used are stays begun there or one before;
- two per type with several positions: how often columns told apart by one position alone can be
  used again (`multiplicity`).

`restricted.py` makes a linear program of it and adds columns by price; `integer.py` a CP-SAT model
over some columns. What is at fault (a line missing, a funded post empty, a pathway short) is a
variable with a price that depends on the aim, so that a value always exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
import numpy.typing as npt

from planner_cli.solver.arrays import Ints
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.columns.multiplicity import lone_type, position_sets, supplies
from planner_cli.solver.model.line_classes import members
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape

#: What a variable counts: funded posts filled, posts used beyond the funded ones, posts added
#: beyond the accredited ones, stays begun, lines missing, lines of a class too few or too many, and
#: lines of a class fewer than is wished for.
Role = Literal["filled", "beyond", "added", "begun", "missing", "misserved", "unwished"]


class Level(IntEnum):
    """A column's first uses, those after the first where one position tells lines apart, copies."""

    FIRST = 0
    AGAIN = 1
    DUPLICATE = 2


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is no column.

    Parameters
    ----------
    role
        What it counts.
    most
        Its upper bound; the lower one is 0.
    rows
        Its coefficients, by row.
    at
        Type and term, where it is about a post.
    """

    role: Role
    most: int
    rows: Mapping[int, int]
    at: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Entries:
    """Coefficients of columns, one column after the other.

    Parameters
    ----------
    starts
        Where each column's begin, shape (n,).
    rows, values
        Row and coefficient of each.
    """

    starts: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]
    values: npt.NDArray[np.float64]


class Formulation:
    """The rows and variables of the master problem of a shape.

    Parameters
    ----------
    shape
        How columns see the year.
    offered
        The posts there are, if more may be added to them at a price; None for those of the shape,
        and no more.

    Attributes
    ----------
    least, most
        Bounds of the rows, shape (rows,).
    variables
        Those that are no columns.
    """

    def __init__(self, shape: Shape, offered: PositionTypes | None = None) -> None:
        self.shape = shape
        self.posts = offered or shape.types
        types = shape.types
        self._supplies = supplies(types)
        self._supply_of = {supply.type_: i for i, supply in enumerate(self._supplies)}
        self._stays = {int(k): i for i, k in enumerate(np.flatnonzero(types.span == 2))}
        self.first_class = shape.n_units + types.n_terms
        self._first_stay = self.first_class + len(types.classes)
        self.first_supply = self._first_stay + len(self._stays) * types.n_terms
        self.least, self.most = self._sides()
        self.variables: list[Variable] = []
        self._add_posts(added=offered is not None)
        self._add_stays()
        self._add_faults()

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.least)

    @property
    def n_funded(self) -> int:
        """Funded posts the free lines should fill, open to them or not."""
        return int(self.posts.least.sum())

    def uses(self, columns: Columns, level: Level) -> Ints:
        """Give how often columns can be used at a level, shape (n,)."""
        n_lines = self.shape.types.n_lines
        if level is Level.DUPLICATE:
            return np.full(len(columns), n_lines, dtype=np.int64)
        sets = position_sets(self.shape.types, columns)
        if level is Level.AGAIN:
            return sets - 1
        return np.where((sets > 1) & (lone_type(self.shape.types, columns) >= 0), 1, sets)

    def is_lone(self, columns: Columns) -> npt.NDArray[np.bool_]:
        """Say which columns one position alone tells apart: further uses are rationed; (n,)."""
        several = position_sets(self.shape.types, columns) > 1
        lone: npt.NDArray[np.bool_] = (lone_type(self.shape.types, columns) >= 0) & several
        return lone

    def entries(self, columns: Columns, level: Level) -> Entries:
        """Give the coefficients of columns used at a level."""
        n, n_rows = len(columns), self.n_rows
        column = np.arange(n)
        held = (column[:, None] * n_rows + columns.units()).ravel()
        serving, class_ = np.nonzero(members(self.shape.types.classes, columns.types))
        cells = [held, serving * n_rows + self.first_class + class_]
        if level is Level.AGAIN:
            lone = lone_type(self.shape.types, columns).tolist()
            first = np.array([self._supply_row(type_) for type_ in lone], dtype=np.int64)
            cells += [column * n_rows + first, column * n_rows + first + 1]
        found, values = np.unique(np.concatenate(cells), return_counts=True)
        return Entries(
            np.searchsorted(found, column * n_rows).astype(np.int32),
            (found % n_rows).astype(np.int32),
            values.astype(np.float64),
        )

    def _supply_row(self, type_: int) -> int:
        return self.first_supply + 2 * self._supply_of[int(type_)]

    def _sides(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        types = self.shape.types
        held = np.zeros(self.shape.n_units)
        somewhere = np.full(types.n_terms, float(types.n_lines))
        least = np.array([float(min(one.least, one.most)) for one in types.classes])
        most = np.array([float(one.most) for one in types.classes])
        stays = np.zeros(len(self._stays) * types.n_terms)
        rationed = np.array([float(n) for s in self._supplies for n in (s.seats, s.funded)])
        return (
            np.concatenate([held, somewhere, least, stays, np.full(len(rationed), -np.inf)]),
            np.concatenate([held, somewhere, most, stays, rationed]),
        )

    def _add(
        self, role: Role, most: int, rows: Mapping[int, int], at: tuple[int, int] | None = None
    ) -> None:
        self.variables.append(Variable(role, most, rows, at))

    def _add_posts(self, *, added: bool) -> None:
        """Add posts used, funded, beyond them, and beyond what is accredited, by type and term."""
        types, shape = self.shape.types, self.shape
        class_of = {t: c for c, terms in enumerate(shape.classes) for t in terms}
        for type_, term in np.argwhere(types.open()).tolist():
            least, most = int(self.posts.least[type_, term]), int(self.posts.most[type_, term])
            unit = type_ * len(shape.classes) + class_of[term]
            rows = {unit: -1, shape.n_units + term: 1}
            if type_ in self._stays:
                rows[self._first_stay + self._stays[type_] * types.n_terms + term] = 1
            if least:
                self._add("filled", least, rows, (type_, term))
            if most > least:
                rationed = type_ in self._supply_of
                more = {self._supply_row(type_) + 1: -1} if rationed else {}
                self._add("beyond", most - least, rows | more, (type_, term))
            if added and types.n_lines > most:
                self._add("added", types.n_lines - most, rows, (type_, term))

    def _add_stays(self) -> None:
        types = self.shape.types
        for index in self._stays.values():
            first = self._first_stay + index * types.n_terms
            for term in range(types.n_terms - 1):
                self._add("begun", types.n_lines, {first + term: -1, first + term + 1: -1})

    def _add_faults(self) -> None:
        types = self.shape.types
        terms = range(self.shape.n_units, self.first_class + 1)
        self._add("missing", types.n_lines, dict.fromkeys(terms, 1))
        for index, one in enumerate(types.served, start=1):
            row = self.first_class + index
            if one.wished:
                self._add("unwished", one.least, {row: 1})
                continue
            for sign in (1, -1):
                self._add("misserved", 2 * types.problem.n_job_lines, {row: sign})
