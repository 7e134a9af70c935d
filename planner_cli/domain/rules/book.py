"""The rules one problem asks for, with their bounds, compiled for its year."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from planner_cli.domain.constraints.clause import Clause, SetClause
from planner_cli.domain.constraints.on_line import Count
from planner_cli.domain.constraints.on_set import SetConstraint
from planner_cli.domain.problem import Problem, Term
from planner_cli.domain.rules.base import Rule

R = TypeVar("R", bound=Rule)
S = TypeVar("S", bound=SetConstraint)


@dataclass(frozen=True)
class RuleBook:
    """The rules a problem asks for, each with its bounds, and what a reader should know.

    Parameters
    ----------
    rules
        At most one of each type, in the catalogue's order.
    leave_weeks
        Weeks of annual leave of each line.
    notes
        Sentences on unverified numbers and unusual shapes of the year.
    scheduled
        Caps on weeks of practice count every week as scheduled, on leave or not.
    """

    rules: tuple[Rule, ...]
    leave_weeks: int
    notes: tuple[str, ...] = ()
    scheduled: bool = False

    def clauses(self, terms: tuple[Term, ...]) -> Iterator[tuple[Rule, Clause]]:
        """Compile the rules for a year of these terms: each rule's constraints on one line."""
        for rule in self.rules:
            for clause in rule.clauses(terms):
                yield rule, _as_scheduled(clause) if self.scheduled else clause

    def set_clauses(self, problem: Problem) -> Iterator[tuple[Rule, SetClause]]:
        """Compile the rules for a problem: each rule's constraints on the whole set of lines."""
        for rule in self.rules:
            for clause in rule.set_clauses(problem):
                yield rule, clause

    def on_set(self, problem: Problem, kind: type[S]) -> tuple[S, ...]:
        """Give the constraints of one kind on the whole set; empty when no rule asks for one."""
        asked = (clause.constraint for _, clause in self.set_clauses(problem))
        return tuple(constraint for constraint in asked if isinstance(constraint, kind))

    def brought_by(self, kind: type[SetConstraint]) -> str:
        """Name the rule that asks for constraints of one kind on the whole set; empty if none."""
        kinds = (
            (rule.NAME, template["kind"]) for rule in self.rules for template in rule.SET_CLAUSES
        )
        return next((name for name, asked in kinds if asked == kind.KIND), "")

    def practice_cap(self, terms: tuple[Term, ...]) -> Count | None:
        """Give the cap on weeks of practice, which leave can bring a line under; None where none.

        Raises
        ------
        NotImplementedError
            If two rules set such a cap. Only one rule of the catalogue can (a test holds that),
            and a book has at most one of each.
        """
        caps = [
            clause.constraint
            for _, clause in self.clauses(terms)
            if isinstance(clause.constraint, Count)
            and clause.constraint.unit == "practice"
            and clause.constraint.at_most is not None
        ]
        if len(caps) > 1:
            raise NotImplementedError("two rules cap weeks of practice")
        return caps[0] if caps else None

    def as_scheduled(self) -> "RuleBook":
        """Give the same book with caps that count every week as scheduled, on leave or not."""
        return replace(self, scheduled=True)

    def find(self, kind: type[R]) -> R | None:
        """Give the rule of this type, or None when the problem does not ask for it."""
        return next((rule for rule in self.rules if isinstance(rule, kind)), None)

    def without(self, name: str) -> "RuleBook":
        """Give the same book without one rule: what-if for explanations."""
        kept = tuple(rule for rule in self.rules if name != rule.NAME)
        return replace(self, rules=kept)


def _as_scheduled(clause: Clause) -> Clause:
    count = clause.constraint
    if not isinstance(count, Count) or count.unit != "practice" or count.at_most is None:
        return clause
    return replace(clause, constraint=replace(count, unit="weeks"))
