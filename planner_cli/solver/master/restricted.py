"""The master problem: how often to use each column, as a linear program with a proven bound."""

from typing import get_args

import highspy
import numpy as np

from planner_cli.domain.scoring import DUPLICATE_COST
from planner_cli.solver import parameters
from planner_cli.solver.arrays import Floats, Ints
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.highs import QuietHighs
from planner_cli.solver.master.alike_rows import AlikeRows
from planner_cli.solver.master.formulation import Formulation, Level, Role
from planner_cli.solver.master.objective import Aim, objective
from planner_cli.solver.master.relaxation import Relaxation
from planner_cli.solver.model.position_types import PositionTypes
from planner_cli.solver.model.term_classes import Shape
from planner_cli.solver.pricing.enumerated import Pool, Prices
from planner_cli.solver.stop import Stop, StoppedEarly


class TooMuchSettled(Exception):
    """The uses settled by hand do not fit together."""


class Master:
    """A linear program over the columns known so far; columns are added by price.

    Its rows and variables are those of the formulation. A column is used no more often than it can
    be dealt as different sets of positions, unless the price of a duplicate is worth it; where only
    one position tells its lines apart, every use after the first counts against the supply of such
    positions.

    Parameters
    ----------
    shape
        How columns see the year.
    pool
        Where columns come from.
    stop
        Asked between two linear programs; True ends the work with `StoppedEarly`.
    offered
        The posts there are, if more may be added to them; see `Formulation`.
    """

    def __init__(
        self, shape: Shape, pool: Pool, stop: Stop, offered: PositionTypes | None = None
    ) -> None:
        self.shape, self.pool, self._stop = shape, pool, stop
        self._rows = Formulation(shape, offered)
        self._highs = QuietHighs()
        self._highs.setOptionValue("presolve", "off")
        # Columns are added to a basis that stays feasible: the primal simplex goes on from there.
        self._highs.setOptionValue("simplex_strategy", parameters.PRIMAL_SIMPLEX)
        self._of_role: dict[Role, Ints] = {}
        self._write()
        self._first = len(self._rows.variables)
        self._objective = objective("legal", self.types)
        self._floor: int | None = None
        none = np.zeros((0, self.types.n_terms), np.int16)
        self.columns = Columns(shape, none, np.zeros(0, np.int64))
        self._caps = np.zeros(0, dtype=np.int64)
        self._natural = np.zeros(0, dtype=np.int64)
        self._least = np.zeros(0, dtype=np.float64)
        self._level = np.zeros(0, dtype=np.int64)
        #: Columns, and the levels at which they have been added again.
        self._next: set[tuple[int, Level]] = set()
        self._alike = AlikeRows(self._highs, self._first)
        #: Grows when columns are forgotten: what was solved before names others by their number.
        self.generation = 0
        self.aim("legal")

    def _write(self) -> None:
        """Write the rows and the variables that are no columns."""
        n, none = self._rows.n_rows, np.zeros(0, dtype=np.int32)
        least, most = self._rows.least, self._rows.most
        self._highs.addRows(n, least, most, 0, np.zeros(n, np.int32), none, np.zeros(0))
        for variable in self._rows.variables:
            index = np.array(list(variable.rows), dtype=np.int32)
            values = np.array(list(variable.rows.values()), dtype=np.float64)
            self._highs.addCol(0.0, 0.0, float(variable.most), len(index), index, values)
        roles = np.array([variable.role for variable in self._rows.variables])
        self._of_role = {role: np.flatnonzero(roles == role) for role in get_args(Role)}

    @property
    def types(self) -> PositionTypes:
        """The problem in types."""
        return self.shape.types

    def aim(self, aim: Aim) -> None:
        """Choose what is sought."""
        self._objective = objective(aim, self.types)
        costs = np.array([self._objective.cost(v.role) for v in self._rows.variables])
        self._highs.changeColsCost(self._first, np.arange(self._first, dtype=np.int32), costs)
        n = len(self.columns)
        index = np.arange(self._first, self._first + n, dtype=np.int32)
        if n:
            self._highs.changeColsCost(n, index, self._worth(self.columns.score, self._level))
        self._bounds()

    def add(self, columns: Columns, level: Level = Level.FIRST) -> None:
        """Let the master use these columns too: at first, again, or as duplicates."""
        n = len(columns)
        if not n:
            return
        uses, levels = self._rows.uses(columns, level), np.full(n, level)
        entries = self._rows.entries(columns, level)
        self._highs.addCols(
            n,
            self._worth(columns.score, levels),
            np.zeros(n),
            self._uppers(columns.score, uses),
            len(entries.rows),
            entries.starts,
            entries.rows,
            entries.values,
        )
        self._alike.join(columns, level)
        self._caps = np.concatenate([self._caps, uses])
        self._natural = np.concatenate([self._natural, uses])
        self._least = np.concatenate([self._least, np.zeros(n)])
        self._level = np.concatenate([self._level, levels])
        self.columns = Columns(
            self.shape,
            np.concatenate([self.columns.types, columns.types]),
            np.concatenate([self.columns.score, columns.score]),
        )

    def _count_alike(self) -> bool:
        """Count alike columns together where they are used too often; False where none are."""
        # Where columns are sets, few are alike, and the rows cost more than they tell.
        counts = self.pool.heeds_alike and self.shape.in_order
        if not (counts and self._objective.per_point):
            return False
        uses = np.array(self._highs.getSolution().col_value)[self._first :]
        uses[self._level == Level.DUPLICATE] = 0.0
        return self._alike.add_overused(self.columns, uses)

    def cap(self, caps: dict[bytes, int]) -> None:
        """Let known columns be used no more often than this without the price of a duplicate.

        Values are no bounds any more until `reset_bounds`.
        """
        for column, row in enumerate(self.columns.types):
            cap = caps.get(row.tobytes())
            if cap is not None and self._level[column] != Level.DUPLICATE:
                cap -= self._level[column] == Level.AGAIN
                self._caps[column] = min(int(self._caps[column]), cap)
        self._bounds()

    def fix(self, least: Floats) -> None:
        """Use each known column at least this often; until `reset_bounds` nothing is proven."""
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
        """Add columns of a floor until none is worth it, or the bound is under `good_enough`.

        Without `prove` the work ends when no more columns come quickly: then only the value
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
            while self._count_alike():
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
            settled = not any(map(len, again.values())) and not len(priced.columns)
            close = bound - value <= self.types.n_lines * forgiven * parameters.CLOSE_ENOUGH
            if settled or close or bound <= good_enough:
                return self._relaxation(value, bound, prices)
            known = self.columns
            self.add(priced.columns)
            for level, repeated in again.items():
                self.add(known.take(repeated), level)

    def _thin_out(self) -> None:
        """Forget the columns least worth knowing, once there are many."""
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
        self.pool.forget(self.columns.take(gone[self._level[gone] == Level.FIRST]))
        renamed = {int(old): new for new, old in enumerate(kept)}
        self._next = {(renamed[c], level) for c, level in self._next if c in renamed}
        self.columns = self.columns.take(kept)
        self._alike.keep(kept)
        self._caps, self._level = self._caps[kept], self._level[kept]
        self._natural, self._least = self._natural[kept], self._least[kept]

    def _forgiven(self, value: float, floor: int | None) -> float:
        """Give the worth of a column that changes the score by a hair only.

        Where only faults count: so little that the faults would remain.
        """
        n_lines = max(1, self.types.n_lines)
        if not self._objective.per_point and not self._objective.per_line:
            return max(parameters.WORTH_A_LOOK, -(value + self._constant()) / (5 * n_lines))
        total = abs(value + self._constant()) / n_lines + abs(floor or 0)
        return max(parameters.WORTH_A_LOOK, self.pool.forgives * total)

    def _cannot_gain(self, value: float) -> bool:
        """No fault is left where only faults count: there is no more to prove."""
        most = self._objective.per_line * self.types.n_lines - self._constant()
        soft = not self.types.fill and self._objective.prices.get("filled")
        return self._objective.only_faults and not soft and value >= most - parameters.WORTH_A_LOOK

    def _run(self) -> None:
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise TooMuchSettled
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"the master problem ended as {status}")

    def _prices(self) -> Prices:
        duals = -np.array(self._highs.getSolution().row_dual)
        first = self._rows.first_class
        self._alike.read(duals)
        return Prices(
            of_unit=duals[: self.shape.n_units],
            of_line=float(duals[first]),
            of_class=duals[first + 1 : first + len(self.types.classes)],
            score_weight=self._objective.per_point,
            reward=self._objective.per_line,
            of_alike=self._alike.prices,
        )

    def _relaxation(self, value: float, bound: float, prices: Prices) -> Relaxation:
        values = np.array(self._highs.getSolution().col_value)
        posts = np.zeros((self.types.n_types, self.types.n_terms))
        for variable, amount in zip(self._rows.variables, values, strict=False):
            if variable.at is not None:
                posts[variable.at] += amount
        unfilled = self._rows.n_funded - float(values[self._of_role["filled"]].sum())
        faults = float(values[self._of_role["misserved"]].sum())
        return Relaxation(
            value + self._constant(),
            bound + self._constant(),
            self.columns,
            values[self._first :],
            posts,
            prices,
            float(values[self._of_role["missing"]].sum()),
            faults + (unfilled if self.types.fill else 0.0),
            unfilled,
            self.generation,
        )

    def make_whole(self) -> "dict[Role, dict[tuple[int, int], float]]":
        """Ask for whole posts filled and added, over the columns known; give both by type and term.

        Where no whole numbers are found in the work allowed, the parts are given.
        """
        parts = np.array(self._highs.getSolution().col_value)
        roles: tuple[Role, ...] = ("filled", "added")
        for column in np.concatenate([self._of_role[role] for role in roles]).tolist():
            self._highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        self._highs.setOptionValue("mip_max_nodes", parameters.EXPLAIN_NODES)
        self._highs.run()
        solution = self._highs.getSolution()
        values = np.array(solution.col_value) if solution.value_valid else parts
        return {
            role: {
                at: float(values[column])
                for column in self._of_role[role].tolist()
                if (at := self._rows.variables[column].at) is not None
            }
            for role in roles
        }

    def _constant(self) -> float:
        """Cost of all funded posts empty: the variables count those that are filled."""
        return -self._objective.prices.get("filled", 0.0) * self._rows.n_funded

    def _worth_repeating(self) -> dict[Level, Ints]:
        """Give the columns at their cap that may be worth using again, or as duplicates.

        Both are seen by the first uses: what is used again may be held back by its supply, and a
        duplicate never is.
        """
        if not self._objective.per_point:
            return {}
        gain = -np.array(self._highs.getSolution().col_dual)[self._first :]
        capped = (self._level == Level.FIRST) & (self._caps < self.types.n_lines)
        grouped = self._alike.of_columns()
        held_back = (self._level == Level.FIRST) & (grouped > 0)
        if self._floor is not None:
            capped &= self.columns.score >= self._floor
        lone = np.zeros(len(gain), dtype=np.bool_)
        rows = np.flatnonzero(capped & (gain > parameters.WORTH_A_LOOK))
        lone[rows] = self._rows.is_lone(self.columns.take(rows))
        fair = np.ones(len(gain), dtype=np.bool_)
        if self._floor is not None:
            fair = self.columns.score >= self._floor
        dear = gain + grouped > DUPLICATE_COST - parameters.WORTH_A_LOOK
        duplicate = capped & (gain > DUPLICATE_COST + parameters.WORTH_A_LOOK)
        duplicate |= held_back & dear & fair
        return {
            level: self._fresh(np.flatnonzero(wanted), level)
            for level, wanted in ((Level.AGAIN, lone), (Level.DUPLICATE, duplicate))
        }

    def _fresh(self, wanted: Ints, level: Level) -> Ints:
        fresh = [column for column in wanted.tolist() if (column, level) not in self._next]
        self._next.update((column, level) for column in fresh)
        return np.array(fresh, dtype=np.int64)

    def _worth(self, score: Ints, level: Ints) -> Floats:
        cost = DUPLICATE_COST * (level == Level.DUPLICATE).astype(np.float64)
        worth: Floats = self._objective.per_point * (cost - score) - self._objective.per_line
        return worth

    def _uppers(self, score: Ints, caps: Ints) -> Floats:
        upper = np.where(caps < self.types.n_lines, caps, highspy.kHighsInf).astype(np.float64)
        if not self._objective.per_point:
            upper[:] = highspy.kHighsInf
        if self._floor is not None:
            upper[score < self._floor] = 0.0
        return upper

    def _bounds(self) -> None:
        self._alike.hold(active=bool(self._objective.per_point))
        n = len(self.columns)
        if n:
            index = np.arange(self._first, self._first + n, dtype=np.int32)
            upper = self._uppers(self.columns.score, self._caps)
            self._highs.changeColsBounds(n, index, self._least, np.maximum(upper, self._least))
