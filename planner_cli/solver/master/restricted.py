"""The master problem: how often to use each pattern, as a linear program with a proven bound."""

from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np

from planner_cli.domain.scoring import DUPLICATE_COST, TEAM_POINTS, UNFILLED_COST
from planner_cli.solver import parameters
from planner_cli.solver.columns.enumeration import Patterns, Stop, StoppedEarly
from planner_cli.solver.highs import QuietHighs
from planner_cli.solver.model.line_constraints import Ints
from planner_cli.solver.model.multiplicity import lone_type, position_sets, supplies
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.pricing.enumerated import Floats, Pool, Prices, served

#: What is sought: a legal set at all (least faults), the most lines, the most wishes of preferred
#: pathways at the least cost in posts, or the best score without its floor.
Aim = Literal["legal", "lines", "wishes", "score"]


@dataclass(frozen=True)
class _Tariff:
    """What faults cost under an aim: a price instead of a wall, so that a value always exists.

    Parameters
    ----------
    line, pathway, hard_post, soft_post, wish
        One line missing, one line too few or too many on a pathway, one funded post empty under
        FILL_POSTS and without it, one line short of a preferred pathway.
    per_line, per_point
        Worth of a line, and of a point of its own score.
    """

    line: float
    pathway: float
    hard_post: float
    soft_post: float
    wish: float
    per_line: float = 0.0
    per_point: float = 0.0


def _tariff(aim: Aim, types: PositionTypes) -> _Tariff:
    if aim == "legal":
        return _Tariff(1.0, 1.0, 1.0, 0.0, 0.0)
    if aim == "lines":
        return _Tariff(0.0, 1_000.0, 1_000.0, 0.0, 0.0, per_line=1.0)
    n_pairs = types.n_terms * (types.n_terms - 1) // 2
    most = n_pairs * int(np.abs(types.likes).max(initial=0)) + TEAM_POINTS * types.n_terms
    # More than any other choice of a few lines can gain; not much more, or prices grow coarse.
    fault = float(UNFILLED_COST + 3 * most)
    if aim == "wishes":
        return _Tariff(fault, fault, fault, float(UNFILLED_COST), 1.0)
    return _Tariff(fault, fault, fault, float(UNFILLED_COST), 0.0, per_point=1.0)


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The best fractional use of patterns.

    Parameters
    ----------
    value
        Value of the master problem over the patterns it knows.
    bound
        Proven upper bound over all patterns of the floor.
    columns, use
        The patterns it knows, and how often each is used.
    posts
        Posts used by type and term, shape (K, T).
    prices
        The prices that prove the bound.
    n_missing
        Lines that are not.
    faults
        Posts and pathways that must be served and are not.
    unfilled
        Funded posts left empty.
    generation
        That of the master when it was solved.
    """

    value: float
    bound: float
    columns: Patterns
    use: Floats
    posts: Floats
    prices: Prices
    n_missing: float
    faults: float
    unfilled: float
    generation: int


#: A pattern's first uses, those after the first where one position tells lines apart, duplicates.
_FIRST, _AGAIN, _DUPLICATE = 0, 1, 2


class TooMuchSettled(Exception):
    """The uses settled by hand do not fit together."""


class Master:
    """A linear program over the patterns known so far; patterns are added by price.

    Rows: one per type and class (patterns hold what posts are used), one per term (every line is
    somewhere), one for the number of lines, one per pathway; for stays of two terms one more per
    type and term. A pattern is used no more often than it can be dealt as different sets of
    positions, unless the price of a duplicate is worth it; where only one position tells its lines
    apart, every use after the first counts against the supply of such positions.

    Parameters
    ----------
    shape
        How columns see the year.
    pool
        Where patterns come from.
    stop
        Asked between two linear programs; True ends the work with `StoppedEarly`.
    """

    def __init__(self, shape: Shape, pool: Pool, stop: Stop) -> None:
        self.shape, self.pool, self._stop = shape, pool, stop
        types = shape.types
        self._highs = QuietHighs()
        self._highs.setOptionValue("presolve", "off")
        # Patterns are added to a basis that stays feasible: the primal simplex goes on from there.
        self._highs.setOptionValue("simplex_strategy", parameters.PRIMAL_SIMPLEX)
        self._supplies = supplies(types)
        self._supply_of = {supply.type_: i for i, supply in enumerate(self._supplies)}
        self._sum_row = shape.n_units + types.n_terms
        self._n_rows = self._sum_row + 1 + len(types.demands)
        self._costs: list[tuple[float, str]] = []
        self._rows()
        self._filled = self._post_columns()
        self._slack = self._slack_columns()
        self._first = int(self._highs.getNumCol())
        self._tariff = _tariff("legal", types)
        self._floor: int | None = None
        none = np.zeros((0, types.n_terms), np.int16)
        self.columns = Patterns(shape, none, np.zeros(0, np.int64))
        self._caps = np.zeros(0, dtype=np.int64)
        self._natural = np.zeros(0, dtype=np.int64)
        self._least = np.zeros(0, dtype=np.float64)
        self._level = np.zeros(0, dtype=np.int64)
        self._next: set[int] = set()
        #: Grows when patterns are forgotten: what was solved before names others by their number.
        self.generation = 0
        self.aim("legal")

    @property
    def types(self) -> PositionTypes:
        """The problem in types."""
        return self.shape.types

    def aim(self, aim: Aim) -> None:
        """Choose what is sought."""
        self._tariff = _tariff(aim, self.types)
        costs = [sign * self._price_of(fault) for sign, fault in self._costs]
        n_fixed = len(costs)
        self._highs.changeColsCost(n_fixed, np.arange(n_fixed, dtype=np.int32), np.array(costs))
        n = len(self.columns)
        index = np.arange(self._first, self._first + n, dtype=np.int32)
        if n:
            self._highs.changeColsCost(n, index, self._worth(self.columns.score, self._level))
        self._bounds()

    def _price_of(self, fault: str) -> float:
        return float(getattr(self._tariff, fault)) if fault else 0.0

    def add(self, patterns: Patterns, level: int = _FIRST) -> None:
        """Let the master use these patterns too: at first, again, or as duplicates."""
        n = len(patterns)
        if not n:
            return
        caps = self._caps_at(patterns, level)
        levels = np.full(n, level)
        starts, index, value = self._entries(patterns, level)
        self._highs.addCols(
            n,
            self._worth(patterns.score, levels),
            np.zeros(n),
            self._uppers(patterns.score, caps),
            len(index),
            starts,
            index,
            value,
        )
        self._caps = np.concatenate([self._caps, caps])
        self._natural = np.concatenate([self._natural, caps])
        self._least = np.concatenate([self._least, np.zeros(n)])
        self._level = np.concatenate([self._level, levels])
        self.columns = Patterns(
            self.shape,
            np.concatenate([self.columns.types, patterns.types]),
            np.concatenate([self.columns.score, patterns.score]),
        )

    def _caps_at(self, patterns: Patterns, level: int) -> Ints:
        """Give how often patterns can be used at a level."""
        if level == _DUPLICATE:
            return np.full(len(patterns), self.types.n_lines, dtype=np.int64)
        sets = position_sets(self.types, patterns)
        lone = (lone_type(self.types, patterns) >= 0) & (sets > 1)
        return sets - 1 if level == _AGAIN else np.where(lone, 1, sets)

    def cap(self, caps: dict[bytes, int]) -> None:
        """Let known patterns be used no more often than this without the price of a duplicate.

        Values are no bounds any more until `reset_bounds`.
        """
        for column, row in enumerate(self.columns.types):
            cap = caps.get(row.tobytes())
            if cap is not None and self._level[column] != _DUPLICATE:
                cap -= self._level[column] == _AGAIN
                self._caps[column] = min(int(self._caps[column]), cap)
        self._bounds()

    def fix(self, least: Floats) -> None:
        """Use each known pattern at least so often; values are no bounds until `reset_bounds`."""
        self._least = np.zeros(len(self.columns))
        self._least[: len(least)] = least
        self._bounds()

    def reset_bounds(self, *, caps: bool = True) -> None:
        """Take back what was fixed, and every cap."""
        self._least[:] = 0.0
        if caps:
            self._caps = self._natural.copy()
        self._bounds()

    def solve(
        self, floor: int | None, good_enough: float = -np.inf, *, prove: bool = True
    ) -> Relaxation:
        """Add patterns of a floor until none is worth it, or the bound is under `good_enough`.

        Without `prove` the work ends when no more patterns come quickly: then only the value
        holds, and the bound may be far.

        Raises
        ------
        StoppedEarly
            If the stop signal comes.
        TooMuchSettled
            If settled uses do not fit together.
        """
        if floor != self._floor:
            self._floor = floor
            self._thin_out()
            self._bounds()
        bound = np.inf
        while True:
            if self._stop():
                raise StoppedEarly
            self._run()
            prices, value = self._prices(), -float(self._highs.getInfo().objective_function_value)
            if self._cannot_gain(value):
                return self._relaxation(value, min(bound, value), prices)
            again = self._worth_repeating()
            forgiven = self._forgiven(value, floor)
            priced = self.pool.price(
                prices, floor, parameters.MOST_COLUMNS_ADDED, forgiven, prove=prove
            )
            if not any(map(len, again.values())):
                extra = min(self.types.n_lines * max(0.0, priced.most), priced.surplus)
                bound = min(bound, value + extra)
            settled = not any(map(len, again.values())) and not len(priced.patterns)
            close = bound - value <= self.types.n_lines * forgiven * parameters.CLOSE_ENOUGH
            if settled or close or bound <= good_enough:
                return self._relaxation(value, bound, prices)
            known = self.columns
            self.add(priced.patterns)
            for level, repeated in again.items():
                self.add(known.take(repeated), level)

    def _thin_out(self) -> None:
        """Forget the patterns least worth knowing, once there are many."""
        n = len(self.columns)
        if n <= parameters.MOST_COLUMNS_KNOWN:
            return
        solution = self._highs.getSolution()
        gain = -np.array(solution.col_dual)[self._first :]
        gain[np.array(solution.col_value)[self._first :] > 0] = np.inf
        gone = np.sort(np.argsort(gain, kind="stable")[: n - parameters.MOST_COLUMNS_KNOWN // 2])
        kept = np.setdiff1d(np.arange(n), gone)
        self.generation += 1
        self._highs.deleteCols(len(gone), (self._first + gone).astype(np.int32))
        self.pool.forget(self.columns.take(gone[self._level[gone] == _FIRST]))
        renamed = {int(old): new for new, old in enumerate(kept)}
        self._next = {renamed[c] for c in self._next if c in renamed}
        self.columns = self.columns.take(kept)
        self._caps, self._level = self._caps[kept], self._level[kept]
        self._natural, self._least = self._natural[kept], self._least[kept]

    def _forgiven(self, value: float, floor: int | None) -> float:
        """Give the worth of a pattern that changes the score by a hair only.

        Where only faults count: so little that the faults would remain.
        """
        n_lines = max(1, self.types.n_lines)
        if not self._tariff.per_point and not self._tariff.per_line:
            return max(parameters.WORTH_A_LOOK, -(value + self._constant()) / (5 * n_lines))
        total = abs(value + self._constant()) / n_lines + abs(floor or 0)
        return max(parameters.WORTH_A_LOOK, self.pool.forgives * total)

    def _cannot_gain(self, value: float) -> bool:
        """No fault is left where only faults count: there is no more to prove."""
        tariff = self._tariff
        most = tariff.per_line * self.types.n_lines - self._constant()
        return (
            not (tariff.per_point or tariff.soft_post) and value >= most - parameters.WORTH_A_LOOK
        )

    def _run(self) -> None:
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise TooMuchSettled
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"the master problem ended as {status}")

    def _prices(self) -> Prices:
        duals = -np.array(self._highs.getSolution().row_dual)
        return Prices(
            of_unit=duals[: self.shape.n_units],
            of_line=float(duals[self._sum_row]),
            of_pathway=duals[self._sum_row + 1 : self._n_rows],
            score_weight=self._tariff.per_point,
            reward=self._tariff.per_line,
        )

    def _relaxation(self, value: float, bound: float, prices: Prices) -> Relaxation:
        solution = self._highs.getSolution()
        values = np.array(solution.col_value)
        posts = np.zeros((self.types.n_types, self.types.n_terms))
        np.add.at(posts, tuple(self._post_cells.T), values[self._post_index])
        unfilled = float(self.types.least.sum()) - float(values[self._filled].sum())
        slack = values[self._slack]
        faults = float(slack[1:].sum()) + (unfilled if self.types.fill else 0.0)
        return Relaxation(
            value + self._constant(),
            bound + self._constant(),
            self.columns,
            values[self._first :],
            posts,
            prices,
            float(slack[0]),
            faults,
            unfilled,
            self.generation,
        )

    def _constant(self) -> float:
        """Cost of all funded posts empty: the columns count those that are filled."""
        return -self._price_of(self._post_fault) * float(self.types.least.sum())

    @property
    def _post_fault(self) -> str:
        return "hard_post" if self.types.fill else "soft_post"

    def _worth_repeating(self) -> dict[int, Ints]:
        """Give the patterns at their cap that may be worth using at the next level."""
        if not self._tariff.per_point:
            return {}
        gain = -np.array(self._highs.getSolution().col_dual)[self._first :]
        capped = (self._level != _DUPLICATE) & (self._caps < self.types.n_lines)
        if self._floor is not None:
            capped &= self.columns.score >= self._floor
        lone = np.zeros(len(gain), dtype=np.bool_)
        rows = np.flatnonzero(capped & (gain > parameters.WORTH_A_LOOK))
        chosen = self.columns.take(rows)
        lone[rows] = lone_type(self.types, chosen) >= 0
        lone[rows] &= position_sets(self.types, chosen) > 1
        again = lone & (self._level == _FIRST)
        duplicate = capped & ~again & (gain > DUPLICATE_COST + parameters.WORTH_A_LOOK)
        return {
            level: self._fresh(np.flatnonzero(wanted))
            for level, wanted in ((_AGAIN, again), (_DUPLICATE, duplicate))
        }

    def _fresh(self, wanted: Ints) -> Ints:
        fresh = [column for column in wanted.tolist() if column not in self._next]
        self._next.update(fresh)
        return np.array(fresh, dtype=np.int64)

    def _worth(self, score: Ints, level: Ints) -> Floats:
        tariff = self._tariff
        cost = DUPLICATE_COST * (level == _DUPLICATE).astype(np.float64)
        worth: Floats = tariff.per_point * (cost - score) - tariff.per_line
        return worth

    def _uppers(self, score: Ints, caps: Ints) -> Floats:
        upper = np.where(caps < self.types.n_lines, caps, highspy.kHighsInf).astype(np.float64)
        if not self._tariff.per_point:
            upper[:] = highspy.kHighsInf
        if self._floor is not None:
            upper[score < self._floor] = 0.0
        return upper

    def _bounds(self) -> None:
        n = len(self.columns)
        if n:
            index = np.arange(self._first, self._first + n, dtype=np.int32)
            upper = self._uppers(self.columns.score, self._caps)
            self._highs.changeColsBounds(n, index, self._least, np.maximum(upper, self._least))

    def _entries(
        self, patterns: Patterns, level: int
    ) -> tuple[
        np.ndarray[tuple[int], np.dtype[np.int32]],
        np.ndarray[tuple[int], np.dtype[np.int32]],
        Floats,
    ]:
        serve = served(self.types.demands, patterns.types)
        starts: list[int] = []
        index: list[int] = []
        value: list[int] = []
        lone = lone_type(self.types, patterns).tolist()
        for units, paths, type_ in zip(patterns.units().tolist(), serve, lone, strict=True):
            starts.append(len(index))
            rows = {unit: units.count(unit) for unit in units}
            rows[self._sum_row] = 1
            rows.update({self._sum_row + 1 + int(p): 1 for p in np.flatnonzero(paths)})
            if level == _AGAIN:
                rows |= dict.fromkeys(self._supply_rows(type_), 1)
            index += rows.keys()
            value += rows.values()
        return (
            np.array(starts, dtype=np.int32),
            np.array(index, dtype=np.int32),
            np.array(value, dtype=np.float64),
        )

    def _rows(self) -> None:
        types = self.types
        # Stays of two terms: seats used in a term are stays begun there or the term before.
        n_stays = int((types.span == 2).sum()) * types.n_terms
        held = np.zeros(self.shape.n_units)
        lines = np.full(types.n_terms + 1, float(types.n_lines))
        stays = np.zeros(n_stays)
        self._first_supply = self._n_rows + n_stays
        supply = [float(n) for s in self._supplies for n in (s.seats, s.funded)]
        unbounded = np.full(len(supply), -highspy.kHighsInf)
        least = np.concatenate([held, lines, [d.least for d in types.demands], stays, unbounded])
        most = np.concatenate([held, lines, [d.most for d in types.demands], stays, supply])
        n = len(least)
        none = np.zeros(0, dtype=np.int32)
        self._highs.addRows(
            n, np.minimum(least, most), most, 0, np.zeros(n, np.int32), none, np.zeros(0)
        )

    def _supply_rows(self, type_: int) -> tuple[int, int]:
        first = self._first_supply + 2 * self._supply_of[type_]
        return first, first + 1

    def _post_columns(self) -> Ints:
        """Add posts used, funded and beyond, per type and term; stays begun, per type and term."""
        types, shape = self.types, self.shape
        n_classes = len(shape.classes)
        class_of = {t: c for c, terms in enumerate(shape.classes) for t in terms}
        stays = {int(k): i for i, k in enumerate(np.flatnonzero(types.span == 2))}
        filled, cells, posts = [], [], []
        for type_, term in np.argwhere(types.open()).tolist():
            least, most = int(types.least[type_, term]), int(types.most[type_, term])
            rows = {type_ * n_classes + class_of[term]: -1.0, shape.n_units + term: 1.0}
            if type_ in stays:
                rows[self._n_rows + stays[type_] * types.n_terms + term] = 1.0
            if least:
                filled.append(self._column(least, rows, -1.0, self._post_fault))
                posts.append(filled[-1])
                cells.append((type_, term))
            if most > least:
                if type_ in self._supply_of:
                    rows[self._supply_rows(type_)[1]] = -1.0
                posts.append(self._column(most - least, rows))
                cells.append((type_, term))
        for index in stays.values():
            first = self._n_rows + index * types.n_terms
            for term in range(types.n_terms - 1):
                rows = {first + term: -1.0, first + term + 1: -1.0}
                self._column(types.n_lines, rows)
        self._post_cells = np.array(cells, dtype=np.int64).reshape(len(cells), 2)
        self._post_index = np.array(posts, dtype=np.int64)
        return np.array(filled, dtype=np.int64)

    def _slack_columns(self) -> Ints:
        """Add missing lines, and lines too few or too many on a pathway, each at a high price."""
        types = self.types
        rows = {self.shape.n_units + t: 1.0 for t in range(types.n_terms)} | {self._sum_row: 1.0}
        slack = [self._column(types.n_lines, rows, 1.0, "line")]
        for index, demand in enumerate(types.demands):
            row = self._sum_row + 1 + index
            if demand.wished:
                self._column(demand.least, {row: 1.0}, 1.0, "wish")
                continue
            for sign in (1.0, -1.0):
                most = 2 * types.problem.n_job_lines
                slack.append(self._column(most, {row: sign}, 1.0, "pathway"))
        return np.array(slack, dtype=np.int64)

    def _column(self, most: int, rows: dict[int, float], sign: float = 0.0, fault: str = "") -> int:
        self._costs.append((sign, fault))
        index = np.array(list(rows), dtype=np.int32)
        values = np.array(list(rows.values()))
        self._highs.addCol(0.0, 0.0, float(most), len(rows), index, values)
        return int(self._highs.getNumCol()) - 1
