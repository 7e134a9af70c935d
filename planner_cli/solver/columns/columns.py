"""Columns: what one line may hold, with its own score, as the master problem uses it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner_cli.solver.arrays import Ints, Small
from planner_cli.solver.model.term_classes import Shape


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of a shape, best own score first.

    Parameters
    ----------
    shape
        How the columns see the year.
    types
        Type per place, shape (n, T); places of one class are ascending.
    score
        Own score of a line of this column, shape (n,).
    """

    shape: Shape
    types: Small
    score: Ints

    def __len__(self) -> int:
        return len(self.score)

    def units(self) -> npt.NDArray[np.int32]:
        """Give the row each place counts in: type times classes plus class, shape (n, T)."""
        n_classes = len(self.shape.classes)
        levels = np.array(self.shape.class_of_level, dtype=np.int32)
        return self.types.astype(np.int32) * np.int32(n_classes) + levels

    def take(self, chosen: Ints) -> "Columns":
        """Give some of the columns, in the order asked."""
        return Columns(self.shape, self.types[chosen], self.score[chosen])

    def joined(self, other: "Columns") -> "Columns":
        """Give these and those of another set that are not among them."""
        known = {row.tobytes() for row in self.types}
        fresh = [i for i, row in enumerate(other.types) if row.tobytes() not in known]
        more = other.take(np.array(fresh, dtype=np.int64))
        return Columns(
            self.shape,
            np.concatenate([self.types, more.types]),
            np.concatenate([self.score, more.score]),
        )

    def at_least(self, floor: int) -> int:
        """Count the columns with at least this score; they stand first."""
        return int(np.searchsorted(-self.score, -floor, side="right"))


def best_first(shape: Shape, types: Small, score: Ints) -> Columns:
    """Sort columns by their own score, the best first; equal scores stay in order."""
    order = np.argsort(-score, kind="stable")
    return Columns(shape, types[order], score[order])
