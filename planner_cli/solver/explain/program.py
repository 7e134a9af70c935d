"""The linear program of an explanation: fewest lines missing, over patterns listed once.

The worth of a line plays no part, so positions that only the score tells apart fall into one kind
and the program is small. Its value is an upper bound for whole lines too: what it finds
impossible is impossible.
"""

from collections.abc import Callable

import highspy
import numpy as np
from numpy.typing import NDArray

from planner_cli.solver.highs import QuietHighs
from planner_cli.solver.kinds import Kinds
from planner_cli.solver.patterns import Patterns, StoppedEarly, enumerate_patterns
from planner_cli.solver.pricing import served
from planner_cli.solver.shape import Shape

#: Beginnings of patterns beyond which a problem is too large to list them all.
MOST_LISTED = 1_500_000
#: What is less than this is nothing: HiGHS works to a millionth.
SURE = 1e-4
#: A funded post or a pathway's line that must be and is not costs more than any number of lines.
_FORBIDDEN = 1_000.0
_WORTH_A_LOOK = 1e-7
#: Patterns added at a time, of those looked at more closely.
_NEW_COLUMNS = 200
_LOOKED_AT = 20_000
#: Nodes HiGHS may search to make posts whole.
_NODES = 200


def program_of(
    shape: Shape, stop: Callable[[], bool], more_than: Kinds | None = None
) -> "Program | None":
    """Make the program of a shape; with `more_than`, posts may be added to those of these kinds."""
    patterns = enumerate_patterns(shape, stop, MOST_LISTED)
    return None if patterns is None else Program(shape, patterns, more_than)


class Program:
    """The linear program: least lines missing, by column generation over listed patterns.

    Rows: for each kind and class of terms, patterns hold what posts are used; for each term and
    for the whole, lines are complete or missing; each pathway; stays of two terms.
    """

    def __init__(self, shape: Shape, patterns: Patterns, more_than: Kinds | None) -> None:
        self._shape, self._patterns = shape, patterns
        self._kinds, self._open = more_than or shape.kinds, shape.kinds.open()
        self._units = patterns.units()
        self._serve = served(self._kinds.demands, patterns.kinds)
        self._known = np.zeros(len(patterns), dtype=np.bool_)
        self._highs = QuietHighs()
        self._frozen = np.zeros(0)
        kinds = self._kinds
        self._line_row = shape.n_units + kinds.n_terms
        self._n_rows = self._line_row + 1 + len(kinds.demands)
        self._add_rows()
        self._extras: dict[tuple[int, int], int] = {}
        self._faults: list[int] = []
        self._unfilled: dict[tuple[int, int], int] = {}
        self._missing = self._column(1.0, kinds.n_lines, self._each_line())
        self._add_posts(extras=more_than is not None)
        self._add_pathways()

    @property
    def lines(self) -> float:
        """Lines that are possible, as a fraction."""
        return self._kinds.n_lines - float(self._values()[self._missing])

    @property
    def faults(self) -> float:
        """Funded posts and pathways' lines that no set provides."""
        return float(self._values()[self._faults].sum()) if self._faults else 0.0

    def extras(self) -> dict[tuple[int, int], float]:
        """Give the posts added, by kind and term."""
        values = self._values()
        return {cell: values[c] for cell, c in self._extras.items() if values[c] > SURE}

    def make_whole(self) -> None:
        """Ask for whole posts added and whole posts unfilled, over the patterns known."""
        for column in (*self._extras.values(), *self._unfilled.values()):
            self._highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        self._highs.setOptionValue("mip_max_nodes", _NODES)
        before = self._values()
        self._highs.run()
        if not self._highs.getSolution().value_valid:
            self._frozen = before

    def unfilled(self) -> dict[tuple[int, int], float]:
        """Give the funded posts that stay empty, by kind and term."""
        values = self._values()
        return {cell: values[c] for cell, c in self._unfilled.items() if values[c] > SURE}

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
        return not self._extras and float(self._highs.getInfo().objective_function_value) < SURE

    def _values(self) -> NDArray[np.float64]:
        return self._frozen if len(self._frozen) else np.array(self._highs.getSolution().col_value)

    def _promising(self) -> NDArray[np.intp]:
        """Give patterns of negative reduced cost: the best, and the best of each kind and class."""
        duals = np.array(self._highs.getSolution().row_dual)
        cost = np.full(len(self._units), -duals[self._line_row])
        of_unit = duals[: self._shape.n_units]
        for place in range(self._units.shape[1]):
            cost -= of_unit[self._units[:, place]]
        if self._kinds.demands:
            cost -= self._serve @ duals[self._line_row + 1 : self._n_rows]
        cost[self._known] = 0.0
        helpful = np.flatnonzero(cost < -_WORTH_A_LOOK)
        if len(helpful) > _LOOKED_AT:
            helpful = helpful[np.argpartition(cost[helpful], _LOOKED_AT)[:_LOOKED_AT]]
        ordered = helpful[np.argsort(cost[helpful], kind="stable")]
        best = [ordered[:_NEW_COLUMNS]]
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
            np.full(n_new, float(self._kinds.n_lines)),
            len(cells),
            starts.astype(np.int32),
            (cells % self._n_rows).astype(np.int32),
            times.astype(np.float64),
        )

    def _add_rows(self) -> None:
        kinds = self._kinds
        sides = [0.0] * self._shape.n_units + [float(kinds.n_lines)] * (kinds.n_terms + 1)
        for side in sides:
            self._highs.addRow(side, side, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        for demand in kinds.demands:
            self._highs.addRow(
                float(demand.least), float(demand.most), 0, np.zeros(0, np.int32), np.zeros(0)
            )

    def _each_line(self) -> dict[int, float]:
        first, last = self._shape.n_units, self._line_row
        return dict.fromkeys(range(first, last + 1), 1.0)

    def _add_posts(self, *, extras: bool) -> None:
        """Add the posts used of each kind and term: funded, accredited, and more than those."""
        kinds, shape = self._kinds, self._shape
        stay_rows = self._add_stays()
        for class_, terms in enumerate(shape.classes):
            for term in terms:
                for kind in range(kinds.n_kinds):
                    unit = kind * len(shape.classes) + class_
                    rows = {unit: -1.0, shape.n_units + term: 1.0}
                    if kinds.span[kind] == 2:
                        rows[stay_rows + kind * kinds.n_terms + term] = 1.0
                    is_open = bool(self._open[kind, term])
                    self._add_post_columns(kind, term, rows if is_open else None, extras=extras)

    def _add_post_columns(
        self, kind: int, term: int, rows: dict[int, float] | None, *, extras: bool
    ) -> None:
        least = int(self._kinds.least[kind, term]) if self._kinds.fill else 0
        most = int(self._kinds.most[kind, term])
        if least:
            self._highs.addRow(float(least), float(least), 0, np.zeros(0, np.int32), np.zeros(0))
            filled = int(self._highs.getNumRow()) - 1
            self._unfilled[kind, term] = self._column(_FORBIDDEN, least, {filled: 1.0})
            self._faults.append(self._unfilled[kind, term])
            if rows is not None:
                self._column(0.0, least, {**rows, filled: 1.0})
        if rows is not None and most > least:
            self._column(0.0, most - least, rows)
        if rows is not None and extras:
            # A line needs at most one more post in each term, and is worth more than all of them.
            cost = 0.5 / self._kinds.n_terms
            n_more = max(0, self._kinds.n_lines - most)
            if n_more:
                self._extras[kind, term] = self._column(cost, n_more, rows)

    def _add_stays(self) -> int:
        """Tie the terms of a stay of two together; gives the first of these rows."""
        kinds = self._kinds
        first = int(self._highs.getNumRow())
        if not (kinds.span == 2).any():
            return first
        for _ in range(kinds.n_kinds * kinds.n_terms):
            self._highs.addRow(0.0, 0.0, 0, np.zeros(0, np.int32), np.zeros(0))
        for kind in np.flatnonzero(kinds.span == 2).tolist():
            for term in range(kinds.n_terms - 1):
                row = first + kind * kinds.n_terms + term
                self._column(0.0, kinds.n_lines, {row: -1.0, row + 1: -1.0})
        return first

    def _add_pathways(self) -> None:
        """Let pathways have too few or too many lines, at a price."""
        for index in range(len(self._kinds.demands)):
            row = self._line_row + 1 + index
            for sign in (1.0, -1.0):
                column = self._column(_FORBIDDEN, self._kinds.problem.n_job_lines, {row: sign})
                self._faults.append(column)

    def _column(self, cost: float, most: int, rows: dict[int, float]) -> int:
        index = np.array(list(rows), dtype=np.int32)
        values = np.array(list(rows.values()))
        self._highs.addCol(cost, 0.0, float(most), len(rows), index, values)
        return int(self._highs.getNumCol()) - 1
