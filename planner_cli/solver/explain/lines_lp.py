"""How many lines are possible at most: a linear program over patterns, made for proofs.

The worth of a line plays no part here, so positions that only the score tells apart fall into one
kind and the program is small. Its value is an upper bound for whole lines too: what it finds
impossible is impossible.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.catalogue import RuleBook
from planner_cli.solver import capacity
from planner_cli.solver.exact.set_model import FreePosts
from planner_cli.solver.explain.plain import plain
from planner_cli.solver.highs import QuietHighs
from planner_cli.solver.kinds import Kinds, kinds_of
from planner_cli.solver.patterns import Patterns, StoppedEarly, enumerate_patterns
from planner_cli.solver.pricing import served
from planner_cli.solver.shape import Shape, coarsest

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


@dataclass(frozen=True, slots=True)
class MostLines:
    """What the linear program says.

    Parameters
    ----------
    lines
        Most lines of any legal set, locked ones included: an upper bound.
    never
        Not even fewer lines help: funded posts or pathways cannot be served by any number.
    """

    lines: int
    never: bool


#: Numbers of posts by position index and term (from 0).
Posts = dict[tuple[int, int], int]


def most_lines(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> MostLines:
    """Bound the lines of any legal set, whether or not fewer than asked for are allowed.

    Parameters
    ----------
    problem, book
        What is asked. Posts of locked lines are taken off first; positions that may be dropped
        need not be filled.
    stop
        Asked now and then; True ends the work with `StoppedEarly`.
    """
    kinds = kinds_of(_undemanding(plain(problem)), book)
    n_kept = len(kinds.locked)
    if kinds.overfull:
        return MostLines(0, never=True)
    if kinds.law.impossible or not kinds.n_kinds:
        return MostLines(n_kept, never=bool(kinds.fill and kinds.least.any()))
    demands = tuple(demand for demand in kinds.demands if not demand.wished)
    program = _program(coarsest(kinds.with_demands(demands)), stop)
    if program is None:
        lines = capacity.most_lines(_undemanding(plain(problem)), book, stop)
        return MostLines(lines, never=lines == 0)
    program.solve(stop)
    return MostLines(n_kept + int(program.lines + SURE), never=program.faults > SURE)


def more_posts(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest posts to add for all lines to be possible.

    Posts are added where a position has some in that term already, if that is enough; otherwise in
    any term. None when no number of them is enough, or the problem is too large.
    """
    return _added(problem, book, stop, anywhere=False) or _added(problem, book, stop, anywhere=True)


def fewer_funded(problem: Problem, book: RuleBook, stop: Callable[[], bool]) -> Posts | None:
    """Find the fewest funded posts that cannot be filled; None as for `more_posts`."""
    kinds = _kinds(problem, book)
    if kinds is None or kinds.demands:
        return None
    program = _program(coarsest(kinds), stop)
    if program is None:
        return None
    program.solve(stop)
    if program.lines < kinds.n_lines - SURE:
        return None
    posts: Posts = {}
    for (kind, term), amount in program.unfilled().items():
        left = int(np.ceil(amount - SURE))
        for index in kinds.members[kind]:
            taken = min(left, problem.positions[index].posts_min[term])
            if taken:
                posts[index, term] = taken
                left -= taken
    return posts


def _added(
    problem: Problem, book: RuleBook, stop: Callable[[], bool], *, anywhere: bool
) -> Posts | None:
    kinds = _kinds(_one_post_everywhere(problem) if anywhere else problem, book)
    if kinds is None:
        return None
    shape, real = coarsest(kinds), _with_posts_of(kinds, problem, book) if anywhere else kinds
    program = _program(shape, stop, more_than=real)
    if program is None:
        return None
    program.solve(stop)
    if program.faults > SURE or program.lines < kinds.n_lines - SURE:
        return None
    posts: Posts = {}
    for (kind, term), amount in program.extras().items():
        largest = max(kinds.members[kind], key=lambda i: problem.positions[i].posts_max[term])
        posts[largest, term] = int(np.ceil(amount - SURE))
    return posts


def _kinds(problem: Problem, book: RuleBook) -> Kinds | None:
    """Give the kinds a program can be made of; None where no line is possible at all."""
    kinds = kinds_of(_undemanding(plain(problem)), book)
    if kinds.overfull or kinds.law.impossible or not kinds.n_kinds:
        return None
    demands = tuple(demand for demand in kinds.demands if not demand.wished)
    return kinds.with_demands(demands)


def _one_post_everywhere(problem: Problem) -> Problem:
    positions = tuple(
        p.model_copy(update={"posts_max": tuple(max(1, n) for n in p.posts_max)})
        for p in problem.positions
    )
    return problem.model_copy(update={"positions": positions})


def _with_posts_of(kinds: Kinds, problem: Problem, book: RuleBook) -> Kinds:
    """Count the posts of another problem; what may be held where stays as it is."""
    kept = FreePosts(problem, book).n_kept
    most = [
        [
            sum(max(0, problem.positions[i].posts_max[t] - kept[t, i]) for i in members)
            for t in range(kinds.n_terms)
        ]
        for members in kinds.members
    ]
    return replace(kinds, most=np.array(most, dtype=np.int64))


def _undemanding(problem: Problem) -> Problem:
    """Ask nothing of positions that may be dropped."""
    nothing = (0,) * len(problem.terms)
    positions = tuple(
        position.model_copy(update={"posts_min": nothing}) if position.excludable else position
        for position in problem.positions
    )
    return problem.model_copy(update={"positions": positions})


def _program(
    shape: Shape, stop: Callable[[], bool], more_than: Kinds | None = None
) -> "_Program | None":
    """Make the program of a shape; with `more_than`, posts may be added to those of these kinds."""
    patterns = enumerate_patterns(shape, stop, MOST_LISTED)
    return None if patterns is None else _Program(shape, patterns, more_than)


class _Program:
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
        return np.array(self._highs.getSolution().col_value)

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
