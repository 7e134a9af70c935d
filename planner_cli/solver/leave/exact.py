"""Exact placing of leave by CP-SAT, for the rare sets on which dealing it out is not enough."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ortools.sat.python import cp_model

from planner_cli.domain.constraints.on_set import LeaveTogether
from planner_cli.domain.lines import JobLine
from planner_cli.domain.occupancy import posts_used
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.solver import parameters
from planner_cli.solver.cp_sat import quiet_solver
from planner_cli.solver.leave.rows import Absence, LeaveDue, weeks_of_terms
from planner_cli.solver.rows import RowModel


@dataclass(frozen=True, slots=True)
class LeaveImpossible:
    """Leave cannot be placed on these lines.

    Parameters
    ----------
    message
        Why.
    proven
        No legal leave exists for these lines; otherwise none was found in the work allowed.
    """

    message: str
    proven: bool


def leave_needed(problem: Problem, book: RuleBook, line: JobLine) -> int:
    """Give the weeks of leave a line must take where a cap counts weeks of practice."""
    cap = book.practice_cap(problem.terms)
    if cap is None or cap.at_most is None or line.locked:
        return 0
    weeks = sum(
        term.weeks
        for number, (term, position) in enumerate(line.rotations(), start=1)
        if cap.counts(number, position)
    )
    return max(0, weeks - cap.at_most)


def repair(
    problem: Problem, book: RuleBook, lines: Sequence[JobLine]
) -> tuple[JobLine, ...] | LeaveImpossible:
    """Move leave so that it is legal: near the crowded weeks first, then everywhere.

    Parameters
    ----------
    problem, book
        The rules.
    lines
        With the leave that was not good enough; the unlocked ones may get any other.
    """
    everywhere = {number for number, line in enumerate(lines) if not line.locked}
    nearby = _lines_in_trouble(problem, book, lines) & everywhere
    if nearby and nearby != everywhere:
        found = _Repair(problem, book, lines, nearby).solve()
        if not isinstance(found, LeaveImpossible):
            return found
    return _Repair(problem, book, lines, everywhere).solve()


def leave_counted(problem: Problem, book: RuleBook, line: JobLine) -> int:
    """Give the weeks of leave a line takes where a cap counts weeks of practice."""
    cap = book.practice_cap(problem.terms)
    return sum(
        weeks
        for number, (weeks, position) in enumerate(
            zip(line.leave_by_term, line.positions, strict=True), start=1
        )
        if cap is not None and cap.counts(number, position)
    )


def _lines_in_trouble(problem: Problem, book: RuleBook, lines: Sequence[JobLine]) -> set[int]:
    """Give the lines without good leave, and all that hold a position in a crowded term."""
    caps, due = book.on_set(problem, LeaveTogether), LeaveDue.of(problem, book)
    people, away = posts_used(lines), _away_now(problem, lines)
    terms = weeks_of_terms(problem)
    crowded = {
        (position, term)
        for (position, term), n_people in people.items()
        if max((away[position, week] for week in terms[term]), default=0)
        > min((cap.most_away(n_people) for cap in caps), default=n_people)
    }
    return {
        number
        for number, line in enumerate(lines)
        if sum(block.weeks for block in line.leave) != due.weeks
        or leave_counted(problem, book, line) < leave_needed(problem, book, line)
        or any((p.id, term) in crowded for term, p in enumerate(line.positions))
    }


def _away_now(problem: Problem, lines: Sequence[JobLine]) -> dict[tuple[str, int], int]:
    away: dict[tuple[str, int], int] = defaultdict(int)
    for line in lines:
        off = {w - 1 for b in line.leave for w in range(b.start_week, b.end_week + 1)}
        for weeks, position in zip(weeks_of_terms(problem), line.positions, strict=True):
            for week in off.intersection(weeks):
                away[position.id, week] += 1
    return away


class _Repair:
    """Places the leave of some lines exactly, all other leave as it is."""

    def __init__(
        self, problem: Problem, book: RuleBook, lines: Sequence[JobLine], movable: set[int]
    ) -> None:
        self._problem = problem
        self._book = book
        self._lines = lines
        self._model = cp_model.CpModel()
        rows = RowModel()
        self._absence = Absence(rows, problem, LeaveDue.of(problem, book))
        self._made = {number: rows.stamp(self._model) for number in sorted(movable)}
        self._away: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
        for number, variables in self._made.items():
            self._follow(lines[number], [variables[week] for week in self._absence.away])
        self._keep_caps([line for number, line in enumerate(lines) if number not in movable])

    def solve(self) -> tuple[JobLine, ...] | LeaveImpossible:
        solver = quiet_solver()
        solver.parameters.max_deterministic_time = parameters.LEAVE_UNITS
        status = solver.solve(self._model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return LeaveImpossible(
                "The annual leave of these lines does not fit under its caps.",
                proven=status == cp_model.INFEASIBLE,
            )
        placed = list(self._lines)
        for number, variables in self._made.items():
            blocks = self._absence.blocks([solver.value(variable) for variable in variables])
            placed[number] = replace(self._lines[number], leave=blocks)
        return tuple(placed)

    def _follow(self, line: JobLine, off: Sequence[cp_model.IntVar]) -> None:
        """Count a line's weeks off by position, and as many where a cap counts as it needs."""
        counted: list[cp_model.IntVar] = []
        cap = self._book.practice_cap(self._problem.terms)
        terms = zip(weeks_of_terms(self._problem), line.positions, strict=True)
        for number, (weeks, position) in enumerate(terms, start=1):
            for week in weeks:
                self._away[position.id, week].append(off[week])
                if cap is not None and cap.counts(number, position):
                    counted.append(off[week])
        needed = leave_needed(self._problem, self._book, line)
        if needed:
            self._model.add(cp_model.LinearExpr.sum(counted) >= needed)

    def _keep_caps(self, fixed: Sequence[JobLine]) -> None:
        caps = self._book.on_set(self._problem, LeaveTogether)
        if not caps:
            return
        people, gone = posts_used(self._lines), _away_now(self._problem, fixed)
        for term, weeks in enumerate(weeks_of_terms(self._problem)):
            for position in self._problem.positions:
                limit = min(cap.most_away(people[position.id, term]) for cap in caps)
                for week in weeks:
                    cell = position.id, week
                    if self._away[cell] or gone[cell]:
                        off = cp_model.LinearExpr.sum(self._away[cell])
                        self._model.add(off + gone[cell] <= limit)
