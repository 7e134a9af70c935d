"""Variables and linear rows kept as data: written once, stamped into CP-SAT as often as needed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

#: Index of a variable of a row model.
Var = int
#: A sum over CP-SAT variables, or a number.
Expr = cp_model.LinearExpr | int


@dataclass(frozen=True, slots=True)
class Row:
    """A linear condition `low <= sum(coefficient * variable) <= high`.

    Parameters
    ----------
    coefficients
        By variable.
    low, high
        Bounds; None where there is none.
    """

    coefficients: Mapping[Var, int]
    low: int | None
    high: int | None

    def add_to(
        self,
        model: cp_model.CpModel,
        made: Sequence[cp_model.IntVar],
        times: Expr = 1,
    ) -> None:
        """Add `low * times <= sum <= high * times` over the variables made in a CP-SAT model.

        For one line `times` is 1 or its 0/1 "is used"; for sums over many lines, their number.
        """
        total = cp_model.LinearExpr.weighted_sum(
            [made[var] for var in self.coefficients], list(self.coefficients.values())
        )
        if isinstance(times, int):
            low = cp_model.INT_MIN if self.low is None else self.low * times
            high = cp_model.INT_MAX if self.high is None else self.high * times
            model.add_linear_constraint(total, low, high)
            return
        if self.low is not None:
            model.add(total - self.low * times >= 0)
        if self.high is not None:
            model.add(total - self.high * times <= 0)


class RowModel:
    """Whole-number variables from 0 to an upper bound, and rows over them."""

    def __init__(self) -> None:
        self.upper: list[int] = []
        self.rows: list[Row] = []

    def variable(self, upper: int = 1) -> Var:
        """Add a whole-number variable from 0 to `upper`."""
        self.upper.append(upper)
        return len(self.upper) - 1

    def require(
        self,
        coefficients: Mapping[Var, int] | Iterable[Var],
        *,
        low: int | None = None,
        high: int | None = None,
    ) -> None:
        """Add a row; variables without coefficients count 1."""
        if not isinstance(coefficients, Mapping):
            coefficients = dict.fromkeys(coefficients, 1)
        self.rows.append(Row(coefficients, low, high))

    def forbid_all(self) -> None:
        """Let nothing be legal."""
        self.require({}, low=1)

    def stamp(self, model: cp_model.CpModel, active: Expr = 1) -> list[cp_model.IntVar]:
        """Add the variables and rows to a CP-SAT model and give the variables made, in order.

        With `active` 0 all variables may be 0 whatever the rows ask.
        """
        made = [
            model.new_bool_var("") if upper == 1 else model.new_int_var(0, upper, "")
            for upper in self.upper
        ]
        for row in self.rows:
            row.add_to(model, made, active)
        return made
