"""What the linear program answers: the best fractional use of columns, with its proven bound."""

from dataclasses import dataclass

from planner_cli.solver.arrays import Floats
from planner_cli.solver.columns.columns import Columns
from planner_cli.solver.pricing.enumerated import Prices


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The best fractional use of columns.

    Parameters
    ----------
    value
        Value of the master problem over the columns it knows.
    bound
        Proven upper bound over all columns of the floor.
    columns, use
        The columns it knows, and how often each is used.
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
    columns: Columns
    use: Floats
    posts: Floats
    prices: Prices
    n_missing: float
    faults: float
    unfilled: float
    generation: int
