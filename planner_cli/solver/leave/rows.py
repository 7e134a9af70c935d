"""Annual leave of one line as rows: which weeks are legal, whatever positions the line holds."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, pairwise

from ortools.sat.python import cp_model

from planner_cli.domain.constraints.on_line import Count
from planner_cli.domain.constraints.on_line import Leave as LeaveAsked
from planner_cli.domain.problem import Leave, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver.cp_sat import quiet_solver
from planner_cli.solver.rows import RowModel, Var


@dataclass(frozen=True, slots=True)
class LeaveDue:
    """The leave each line must take.

    Parameters
    ----------
    weeks
        Weeks of leave of each line.
    splits
        Allowed lengths of the blocks, in order of time; None allows any.
    min_gap_weeks
        Least weeks between two blocks.
    max_weeks_per_term
        Most weeks of leave in one term; None for any.
    """

    weeks: int
    splits: tuple[tuple[int, ...], ...] | None = None
    min_gap_weeks: int = 0
    max_weeks_per_term: int | None = None

    @classmethod
    def of(cls, problem: Problem, book: RuleBook) -> "LeaveDue":
        """Read what a rule book asks of each line's leave."""
        asked = leave_asked(problem, book)
        if asked is None:
            return cls(book.leave_weeks)
        splits = tuple(dict.fromkeys(s for s in asked.splits if sum(s) == book.leave_weeks))
        return cls(
            book.leave_weeks,
            splits if asked.splits else None,
            asked.min_gap_weeks,
            asked.most_in_term,
        )


class Absence:
    """The leave of one line in a row model.

    Parameters
    ----------
    model
        Gets the variables and rows.
    problem
        The terms of the year.
    due
        What is asked.

    Attributes
    ----------
    away
        0/1 variables "on leave in this week", by index of the week from 0.
    starts
        For each 0/1 variable "a block starts" its week (from 0) and its weeks; empty where any
        blocks are legal.
    """

    def __init__(self, model: RowModel, problem: Problem, due: LeaveDue) -> None:
        self._due = due
        self.starts: list[tuple[Var, int, int]] = []
        self.away = [model.variable() for _ in range(problem.year_weeks)]
        model.require(self.away, low=due.weeks, high=due.weeks)
        if due.splits is None:
            self._keep_gaps(model)
        else:
            self._split(model, due.splits)
        if due.max_weeks_per_term is not None:
            for weeks in weeks_of_terms(problem):
                row = [self.away[week] for week in weeks]
                model.require(row, high=due.max_weeks_per_term)

    def blocks(self, values: Sequence[int]) -> tuple[Leave, ...]:
        """Read the blocks of leave from the values of the model's variables."""
        if self._due.splits is not None:
            chosen = [(week, weeks) for var, week, weeks in self.starts if values[var]]
            return tuple(Leave(start_week=w + 1, weeks=n) for w, n in sorted(chosen))
        weeks = [week for week, var in enumerate(self.away) if values[var]]
        return blocks_of_weeks(weeks)

    def _keep_gaps(self, model: RowModel) -> None:
        """Any blocks: after the end of one, the next weeks are worked."""
        n_weeks = len(self.away)
        for week in range(n_weeks):
            for later in range(week + 2, min(week + self._due.min_gap_weeks, n_weeks - 1) + 1):
                row = {self.away[week]: 1, self.away[week + 1]: -1, self.away[later]: 1}
                model.require(row, high=1)

    def _split(self, model: RowModel, splits: Sequence[tuple[int, ...]]) -> None:
        """Given blocks: one start for each block of the one split chosen, in order."""
        n_weeks = len(self.away)
        covering: list[dict[Var, int]] = [{} for _ in range(n_weeks)]
        chosen_splits: list[Var] = []
        for split in splits:
            chosen = model.variable()
            chosen_splits.append(chosen)
            starts_of: list[list[Var]] = []
            for length in split:
                starts = [model.variable() for _ in range(max(0, n_weeks - length + 1))]
                row = {**dict.fromkeys(starts, 1), chosen: -1}
                model.require(row, low=0, high=0)
                for week, start in enumerate(starts):
                    self.starts.append((start, week, length))
                    for covered in range(week, week + length):
                        covering[covered][start] = -1
                starts_of.append(starts)
            self._keep_order(model, split, starts_of)
        model.require(chosen_splits, low=1, high=1)
        for away, starting in zip(self.away, covering, strict=True):
            model.require({away: 1, **starting}, low=0, high=0)

    def _keep_order(
        self, model: RowModel, split: tuple[int, ...], starts_of: list[list[Var]]
    ) -> None:
        """No block starts before the one before it has ended and the gap has passed."""
        for length, (before, after) in zip(split, pairwise(starts_of), strict=False):
            apart = length + self._due.min_gap_weeks
            for week in range(len(after)):
                early_enough = before[: max(0, week - apart + 1)]
                row = {**dict.fromkeys(early_enough, 1), **dict.fromkeys(after[: week + 1], -1)}
                model.require(row, low=0)


def leave_asked(problem: Problem, book: RuleBook) -> LeaveAsked | None:
    """Give what a rule book asks of a line's leave; None where any leave is legal."""
    asked = (clause.constraint for _, clause in book.clauses(problem.terms))
    return next((one for one in asked if isinstance(one, LeaveAsked)), None)


def weeks_of_terms(problem: Problem) -> list[range]:
    """Give the weeks of each term, as indices from 0."""
    lengths = [term.weeks for term in problem.terms]
    return [range(end - n, end) for end, n in zip(accumulate(lengths), lengths, strict=True)]


def blocks_of_weeks(weeks: Sequence[int]) -> tuple[Leave, ...]:
    """Join consecutive weeks (indices from 0, in order) to blocks."""
    blocks: list[list[int]] = []
    for week in weeks:
        if blocks and week == blocks[-1][-1] + 1:
            blocks[-1].append(week)
        else:
            blocks.append([week])
    return tuple(Leave(start_week=block[0] + 1, weeks=len(block)) for block in blocks)


def most_leave_within(problem: Problem, due: LeaveDue, terms: Collection[int]) -> int | None:
    """Give the most weeks of leave a line can take in some terms; None when no leave is legal."""
    model, rows = cp_model.CpModel(), RowModel()
    absence = Absence(rows, problem, due)
    made = rows.stamp(model)
    weeks = [
        week for t, in_term in enumerate(weeks_of_terms(problem)) if t in terms for week in in_term
    ]
    model.maximize(cp_model.LinearExpr.sum([made[absence.away[week]] for week in weeks]))
    solver = quiet_solver()
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    return round(solver.objective_value)


def leave_is_possible(problem: Problem, book: RuleBook) -> bool:
    """Say whether some leave is legal on a line by itself."""
    due = LeaveDue.of(problem, book)
    if due.max_weeks_per_term is not None:
        return most_leave_within(problem, due, ()) is not None
    if due.splits is None:
        return due.weeks <= problem.year_weeks
    return any(
        sum(split) + due.min_gap_weeks * max(0, len(split) - 1) <= problem.year_weeks
        for split in due.splits
    )


def terms_too_many(problem: Problem, book: RuleBook, cap: Count) -> list[tuple[int, ...]]:
    """Give the smallest sets of terms (from 0) that cannot all match a cap on weeks of practice.

    Leave taken in a term that matches does not count, so a set of them is legal exactly when some
    legal leave brings it under the limit.
    """
    assert cap.at_most is not None  # noqa: S101
    found: list[tuple[int, ...]] = []
    counted = [
        t for t in range(len(problem.terms)) if cap.in_terms is None or t + 1 in cap.in_terms
    ]
    for terms in _subsets(counted):
        if any(set(small) <= set(terms) for small in found):
            continue
        weeks = sum(problem.terms[t].weeks for t in terms)
        excess = weeks - cap.at_most
        if excess > 0 and not _can_take(problem, LeaveDue.of(problem, book), terms, excess):
            found.append(terms)
    return found


def _subsets(terms: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(terms) + 1):
        yield from combinations(terms, size)


def _can_take(problem: Problem, due: LeaveDue, terms: tuple[int, ...], weeks: int) -> bool:
    if weeks > due.weeks:
        return False
    most = most_leave_within(problem, due, terms)
    return most is not None and most >= weeks
