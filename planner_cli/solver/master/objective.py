"""What the master problem seeks, and what faults cost under each aim."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner_cli.domain.scoring import TEAM_POINTS, UNFILLED_COST
from planner_cli.solver import parameters
from planner_cli.solver.master.formulation import Role
from planner_cli.solver.model.position_types import PositionTypes

#: What is sought: a legal set at all (least faults), the most lines, the same with the fewest posts
#: added, the most wishes of preferred pathways at the least cost in posts, or the best score
#: without its floor.
Aim = Literal["legal", "lines", "posts", "wishes", "score"]


@dataclass(frozen=True)
class Objective:
    """What is worth something under an aim: faults have a price, so that a value always exists.

    Parameters
    ----------
    prices
        Price of a variable by what it counts; a funded post that is filled saves its price.
    per_line, per_point
        Worth of a line, and of a point of its own score.
    """

    prices: Mapping[Role, float]
    per_line: float = 0.0
    per_point: float = 0.0

    def cost(self, role: Role) -> float:
        """Give what a variable costs, to be minimised."""
        price = self.prices.get(role, 0.0)
        return -price if role == "filled" else price

    @property
    def only_faults(self) -> bool:
        """Say whether nothing but faults counts: without any there is no more to gain."""
        return not self.per_point


def objective(aim: Aim, types: PositionTypes) -> Objective:
    """Give the objective of an aim."""
    if aim == "legal":
        return Objective({"missing": 1.0, "misserved": 1.0, "filled": float(types.fill)})
    if aim in {"lines", "posts"}:
        fault = parameters.FORBIDDEN_COST
        # A line needs at most one more post in each term, and is worth more than all of them.
        added = 0.5 / types.n_terms if aim == "posts" else 0.0
        filled = fault * types.fill
        return Objective({"misserved": fault, "filled": filled, "added": added}, per_line=1.0)
    n_pairs = types.n_terms * (types.n_terms - 1) // 2
    most = n_pairs * int(np.abs(types.likes).max(initial=0)) + TEAM_POINTS * types.n_terms
    # More than any other choice of a few lines can gain; not much more, or prices grow coarse.
    fault = float(UNFILLED_COST + 3 * most)
    prices: dict[Role, float] = {
        "missing": fault,
        "misserved": fault,
        "filled": fault if types.fill else float(UNFILLED_COST),
    }
    if aim == "wishes":
        return Objective({**prices, "unwished": 1.0})
    return Objective(prices, per_point=1.0)
