"""Everything about a set of lines that a workbook shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import LineRecord, Problem
from planner_cli.domain.referee import violations
from planner_cli.domain.rules.base import Rule, Violation
from planner_cli.domain.rules.catalogue import rule_book


@dataclass(frozen=True)
class LineSet:
    """A set of lines with the problem it answers and what the referee says of it.

    Parameters
    ----------
    problem
        The problem.
    lines
        The lines, in order; `locked` where the problem locks them.
    scores
        Each line's own score; None where it was not recorded.
    rules
        The rules in force, in the catalogue's order.
    found
        The referee's objections.
    """

    problem: Problem
    lines: tuple[JobLine, ...]
    scores: tuple[int | None, ...]
    rules: tuple[Rule, ...]
    found: tuple[Violation, ...]

    @classmethod
    def of(cls, problem: Problem, records: Sequence[LineRecord]) -> "LineSet":
        """Look at recorded lines.

        Raises
        ------
        KeyError
            If a line names a position or term the problem does not have.
        """
        book = rule_book(problem)
        locked = {record.name for record in problem.locked_lines}
        lines = tuple(JobLine.from_record(r, problem, locked=r.name in locked) for r in records)
        found = violations(problem, records, book)
        return cls(problem, lines, tuple(r.score for r in records), book.rules, found)
