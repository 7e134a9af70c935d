"""The linear program of an explanation: fewest lines missing, over patterns listed once.

The worth of a line plays no part, so positions that only the score tells apart fall into one type
and the program is small. Its value is an upper bound for whole lines too: what it finds
impossible is impossible.
"""

from collections.abc import Callable

import highspy
import numpy as np
from numpy.typing import NDArray

from planner_cli.solver import parameters
from planner_cli.solver.columns.enumeration import Patterns, StoppedEarly, enumerate_patterns
from planner_cli.solver.highs import QuietHighs
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.pricing.enumerated import served


def program_of(
    shape: Shape, stop: Callable[[], bool], more_than: PositionTypes | None = None
) -> "Program | None":
    """Make the program of a shape; with `more_than`, posts may be added to those of these types."""
    patterns = enumerate_patterns(shape, stop, parameters.EXPLAIN_MOST_LISTED)
    return None if patterns is None else Program(shape, patterns, more_than)


class Program:
    """The linear program: least lines missing, by column generation over listed patterns.

    Rows: for each type and class of terms, patterns hold what posts are used; for each term and
    for the whole, lines are complete or missing; each pathway; stays of two terms.
    """

    def __init__(self, shape: Shape, patterns: Patterns, more_than: PositionTypes | None) -> None:
        self._shape, self._patterns = shape, patterns
        self._types, self._open = more_than or shape.types, shape.types.open()
        self._units = patterns.units()
        self._serve = served(self._types.demands, patterns.types)
        self._known = np.zeros(len(patterns), dtype=np.bool_)
        self._highs = QuietHighs()
        self._frozen = np.zeros(0)
        types = self._types
        self._line_row = shape.n_units + types.n_terms
        self._n_rows = self._line_row + 1 + len(types.demands)
        self._add_rows()
        self._extras: dict[tuple[int, int], int] = {}
        self._faults: list[int] = []
        self._unfilled: dict[tuple[int, int], int] = {}
        self._missing = self._column(1.0, types.n_lines, self._each_line())
        self._add_posts(extras=more_than is not None)
        self._add_pathways()

    @property
    def lines(self) -> float:
        """Lines that are possible, as a fraction."""
        return self._types.n_lines - float(self._values()[self._missing])

    @property
    def faults(self) -> float:
        """Funded posts and pathways' lines that no set provides."""
        return float(self._values()[self._faults].sum()) if self._faults else 0.0

    def extras(self) -> dict[tuple[int, int], float]:
        """Give the posts added, by type and term."""
        values = self._values()
        return {
            cell: values[c]
            for cell, c in self._extras.items()
            if values[c] > parameters.EXPLAIN_SURE
        }

    def make_whole(self) -> None:
        """Ask for whole posts added and whole posts unfilled, over the patterns known."""
        for column in (*self._extras.values(), *self._unfilled.values()):
            self._highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        self._highs.setOptionValue("mip_max_nodes", parameters.EXPLAIN_NODES)
        before = self._values()
        self._highs.run()
        if not self._highs.getSolution().value_valid:
            self._frozen = before

    def unfilled(self) -> dict[tuple[int, int], float]:
        """Give the funded posts that stay empty, by type and term."""
        values = self._values()
        return {
            cell: values[c]
            for cell, c in self._unfilled.items()
            if values[c] > parameters.EXPLAIN_SURE
        }

    def solve(self, stop: Callable[[], bool]) -> None:
        """Add patterns until none would help."""
        while True:
            self._highs.run()
            if stop():
                raise StoppedEarly
            if self._nothing_is_missing():
                return
            fresh = self._promising()
            if not len(fresh):
                return
            self._add_patterns(fresh)

    def _nothing_is_missing(self) -> bool:
        """Say whether all lines are possible already: there is no more to prove."""
        return (
            not self._extras
            and float(self._highs.getInfo().objective_function_value) < parameters.EXPLAIN_SURE
        )

    def _values(self) -> NDArray[np.float64]:
        return self._frozen if len(self._frozen) else np.array(self._highs.getSolution().col_value)

    def _promising(self) -> NDArray[np.intp]:
        """Give patterns of negative reduced cost: the best, and the best of each type and class."""
        duals = np.array(self._highs.getSolution().row_dual)
        cost = np.full(len(self._units), -duals[self._line_row])
        of_unit = duals[: self._shape.n_units]
        for place in range(self._units.shape[1]):
            cost -= of_unit[self._units[:, place]]
        if self._types.demands:
            cost -= self._serve @ duals[self._line_row + 1 : self._n_rows]
        cost[self._known] = 0.0
        helpful = np.flatnonzero(cost < -parameters.EXPLAIN_WORTH_A_LOOK)
        if len(helpful) > parameters.EXPLAIN_COLUMNS_LOOKED_AT:
            helpful = helpful[
                np.argpartition(cost[helpful], parameters.EXPLAIN_COLUMNS_LOOKED_AT)[
                    : parameters.EXPLAIN_COLUMNS_LOOKED_AT
                ]
            ]
        ordered = helpful[np.argsort(cost[helpful], kind="stable")]
        best = [ordered[: parameters.EXPLAIN_COLUMNS_ADDED]]
        for place in range(self._units.shape[1]):
            _, first = np.unique(self._units[ordered, place], return_index=True)
            best.append(ordered[first])
        return np.unique(np.concatenate(best))

    def _add_patterns(self, chosen: NDArray[np.intp]) -> None:
        self._known[chosen] = True
        n_new, n_terms = len(chosen), self._units.shape[1]
        pattern = np.repeat(np.arange(n_new), n_terms)
        entries = [pattern * self._n_rows + self._units[chosen].ravel()]
        entries.append(np.arange(n_new) * self._n_rows + self._line_row)
        serving, pathway = np.nonzero(self._serve[chosen])
        entries.append(serving * self._n_rows + self._line_row + 1 + pathway)
        cells, times = np.unique(np.concatenate(entries), return_counts=True)
        starts = np.searchsorted(cells, np.arange(n_new) * self._n_rows)
        self._highs.addCols(
            n_new,
            np.zeros(n_new),
            np.zeros(n_new),
            np.full(n_new, float(self._types.n_lines)),
            len(cells),
            starts.astype(np.int32),
            (cells % self._n_rows).astype(np.int32),
            times.astype(np.float64),
        )

    def _add_rows(self) -> None:
        types = self._types
        sides = [0.0] * self._shape.n_units + [float(types.n_lines)] * (types.n_terms + 1)
        for side in sides:
            self._highs.addRow(side, side, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        for demand in types.demands:
            self._highs.addRow(
                float(demand.least), float(demand.most), 0, np.zeros(0, np.int32), np.zeros(0)
            )

    def _each_line(self) -> dict[int, float]:
        first, last = self._shape.n_units, self._line_row
        return dict.fromkeys(range(first, last + 1), 1.0)

    def _add_posts(self, *, extras: bool) -> None:
        """Add the posts used of each type and term: funded, accredited, and more than those."""
        types, shape = self._types, self._shape
        stay_rows = self._add_stays()
        for class_, terms in enumerate(shape.classes):
            for term in terms:
                for type_ in range(types.n_types):
                    unit = type_ * len(shape.classes) + class_
                    rows = {unit: -1.0, shape.n_units + term: 1.0}
                    if types.span[type_] == 2:
                        rows[stay_rows + type_ * types.n_terms + term] = 1.0
                    is_open = bool(self._open[type_, term])
                    self._add_post_columns(type_, term, rows if is_open else None, extras=extras)

    def _add_post_columns(
        self, type_: int, term: int, rows: dict[int, float] | None, *, extras: bool
    ) -> None:
        least = int(self._types.least[type_, term]) if self._types.fill else 0
        most = int(self._types.most[type_, term])
        if least:
            self._highs.addRow(float(least), float(least), 0, np.zeros(0, np.int32), np.zeros(0))
            filled = int(self._highs.getNumRow()) - 1
            self._unfilled[type_, term] = self._column(
                parameters.FORBIDDEN_COST, least, {filled: 1.0}
            )
            self._faults.append(self._unfilled[type_, term])
            if rows is not None:
                self._column(0.0, least, {**rows, filled: 1.0})
        if rows is not None and most > least:
            self._column(0.0, most - least, rows)
        if rows is not None and extras:
            # A line needs at most one more post in each term, and is worth more than all of them.
            cost = 0.5 / self._types.n_terms
            n_more = max(0, self._types.n_lines - most)
            if n_more:
                self._extras[type_, term] = self._column(cost, n_more, rows)

    def _add_stays(self) -> int:
        """Tie the terms of a stay of two together; gives the first of these rows."""
        types = self._types
        first = int(self._highs.getNumRow())
        if not (types.span == 2).any():
            return first
        for _ in range(types.n_types * types.n_terms):
            self._highs.addRow(0.0, 0.0, 0, np.zeros(0, np.int32), np.zeros(0))
        for type_ in np.flatnonzero(types.span == 2).tolist():
            for term in range(types.n_terms - 1):
                row = first + type_ * types.n_terms + term
                self._column(0.0, types.n_lines, {row: -1.0, row + 1: -1.0})
        return first

    def _add_pathways(self) -> None:
        """Let pathways have too few or too many lines, at a price."""
        for index in range(len(self._types.demands)):
            row = self._line_row + 1 + index
            for sign in (1.0, -1.0):
                column = self._column(
                    parameters.FORBIDDEN_COST, self._types.problem.n_job_lines, {row: sign}
                )
                self._faults.append(column)

    def _column(self, cost: float, most: int, rows: dict[int, float]) -> int:
        index = np.array(list(rows), dtype=np.int32)
        values = np.array(list(rows.values()))
        self._highs.addCol(cost, 0.0, float(most), len(rows), index, values)
        return int(self._highs.getNumCol()) - 1
