"""What every rule is: a frozen value with a name, its evidence, and what it objects to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, cast, dataclass_transform

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as validated

from planner_cli.domain.constraints.clause import Clause, SetClause, Template, bind, bind_on_set
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem, Term

T = TypeVar("T")

Certainty = Literal["A", "B", "C", "D"]
#: Which way a bound becomes easier to meet.
Easing = Literal[
    "more terms",
    "fewer terms",
    "fewer weeks",
    "more of the year",
    "less of the year",
    "fewer of them",
    "more people",
    "fewer weeks apart",
]

#: How sure we are of a rule's numbers; the worst of its sources counts.
CERTAINTY_MEANS: dict[str, str] = {
    "A": "read on the regulator's own page",
    "B": "second-hand: a hospital page or an older document of the regulator",
    "C": "UNVERIFIED: one informal source only",
    "D": "derived or assumed",
}

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
TermCount = Annotated[int, Field(strict=True, ge=0, le=12)]
WeekCount = Annotated[int, Field(strict=True, ge=0, le=53)]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a rule's numbers come from.

    Parameters
    ----------
    ids
        Entries of `evidence.json`.
    sources
        Addresses or titles of the documents.
    certainty
        A to D, see `CERTAINTY_MEANS`; None for a local habit that no regulator asks for.
    note
        What a reader should know before relying on it.
    pack
        The pack that brought the rule; None when it was named by itself.
    """

    ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    certainty: Certainty | None = None
    note: str = ""
    pack: str | None = None

    @property
    def text(self) -> str:
        """The source in one line, with a warning where it is not verified."""
        if not self.sources:
            return "local rule of the hospital"
        warning = f" [{CERTAINTY_MEANS[self.certainty]}]" if self.certainty in {"C", "D"} else ""
        return self.sources[0] + warning


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def rule_dataclass(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass whose bounds are validated when it is built."""
    return cast("type[T]", validated(frozen=True, config=ConfigDict(extra="forbid"))(cls))


@dataclass(frozen=True)
class Rule:
    """A rule of the catalogue; the subclasses' fields are its bounds.

    What it asks is data: templates of constraints with its bounds by name (see
    `domain/constraints/clause.py`), on one line in `CLAUSES`, on the whole set in `SET_CLAUSES`.
    """

    NAME: ClassVar[str] = ""
    #: One sentence for a manager.
    MEANS: ClassVar[str] = ""
    #: What it asks of one line.
    CLAUSES: ClassVar[tuple[Template, ...]] = ()
    #: What it asks of the whole set of lines.
    SET_CLAUSES: ClassVar[tuple[Template, ...]] = ()
    #: What it means to do without it, in repairs; empty: drop it.
    WITHOUT: ClassVar[str] = ""
    #: How its bounds can be eased, by name, in repairs; others are not the planner's to change.
    EASIER: ClassVar[Mapping[str, Easing]] = {}
    #: How often it is to blame where no set is legal: what is seldom to blame, and tells many
    #: positions apart, is left out first in the search for a conflict.
    BLAME: ClassVar[int] = 0
    #: Default evidence, as ids of `evidence.json`; empty for local habits.
    EVIDENCE: ClassVar[tuple[str, ...]] = ()

    evidence: Evidence = field(default=Evidence(), kw_only=True, compare=False, repr=False)

    def clauses(self, terms: tuple[Term, ...]) -> tuple[Clause, ...]:
        """Compile the rule for a year of these terms: its constraints on one line."""
        return _compiled(self, terms)

    def set_clauses(self, problem: Problem) -> tuple[SetClause, ...]:
        """Compile the rule for a problem: its constraints on the whole set of lines."""
        return tuple(bind_on_set(self.SET_CLAUSES, self.bounds(), problem))

    def bounds(self) -> dict[str, Any]:
        """Give the bounds by name, as they are written in `constraints`."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "evidence"}

    def with_bounds(self, bounds: Mapping[str, Any]) -> Self:
        """Give the same rule with some bounds changed."""
        return replace(self, **bounds)

    def in_words(self) -> str:
        """Say the bounds in a few words; empty where there are none."""
        return ""

    def violations(self, line: JobLine) -> Iterator["Violation"]:
        """Yield what this rule objects to in one line."""
        for clause in self.clauses(line.terms):
            for breach in clause.constraint.breaches(line):
                message = clause.sentence(breach, line)
                yield Violation.of(self, line, message, breach.found, breach.limit)

    def set_violations(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator["Violation"]:
        """Yield what this rule objects to in the whole set of lines."""
        for clause in self.set_clauses(problem):
            for breach in clause.constraint.breaches(problem, lines):
                if not breach.wished:
                    message = clause.sentence(breach)
                    yield Violation.of(self, None, message, breach.found, breach.limit)

    def unmet_wishes(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[str]:
        """Yield what this rule wishes for and the set of lines does not have, in sentences."""
        for clause in self.set_clauses(problem):
            for breach in clause.constraint.breaches(problem, lines):
                if breach.wished:
                    yield clause.sentence(breach)


@lru_cache(maxsize=4_096)
def _compiled(rule: Rule, terms: tuple[Term, ...]) -> tuple[Clause, ...]:
    return tuple(bind(rule.CLAUSES, rule.bounds(), terms))


@dataclass(frozen=True, slots=True)
class Violation:
    """One objection of the referee.

    Parameters
    ----------
    rule
        Name of the rule.
    line
        Name of the line, or None when the whole set is at fault.
    message
        What is wrong, with the numbers.
    found, limit
        The numbers, in the rule's own unit (weeks, terms, posts or people); None where it has none.
    source
        Where the rule comes from.
    locked
        The line is locked by hand: reported, but it does not make the set illegal.
    """

    rule: str
    line: str | None
    message: str
    found: float | None = None
    limit: float | None = None
    source: str = ""
    locked: bool = False

    @classmethod
    def of(
        cls,
        rule: Rule,
        line: JobLine | None,
        message: str,
        found: float | None = None,
        limit: float | None = None,
    ) -> "Violation":
        """Build a violation of a rule, on a line or on the set."""
        return cls(
            rule.NAME,
            line.name if line else None,
            message,
            found,
            limit,
            rule.evidence.text,
            line.locked if line else False,
        )
