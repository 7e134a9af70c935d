"""What every rule is: a frozen value with a name, its evidence, and what it objects to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Annotated, ClassVar, Literal, TypeVar, cast, dataclass_transform

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as validated

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem

T = TypeVar("T")

Certainty = Literal["A", "B", "C", "D"]

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

#: A hair against binary fractions: 0.1 * 30 must allow 3 weeks.
_HAIR = 1e-9


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

    A line rule answers in `violations(line)`; a rule on the whole set in `set_violations`.
    """

    NAME: ClassVar[str] = ""
    #: One sentence for a manager.
    MEANS: ClassVar[str] = ""
    #: Default evidence, as ids of `evidence.json`; empty for local habits.
    EVIDENCE: ClassVar[tuple[str, ...]] = ()

    evidence: Evidence = field(default=Evidence(), kw_only=True, compare=False, repr=False)

    def violations(self, line: JobLine) -> Iterator["Violation"]:  # noqa: ARG002
        """Yield what this rule objects to in one line."""
        yield from ()

    def set_violations(
        self,
        problem: Problem,  # noqa: ARG002
        lines: Sequence[JobLine],  # noqa: ARG002
    ) -> Iterator["Violation"]:
        """Yield what this rule objects to in the whole set of lines."""
        yield from ()


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


def most_weeks(share: float, year_weeks: int) -> int:
    """Most whole weeks a share of the year allows: 25 % of 52 weeks is 13."""
    return floor(share * year_weeks + _HAIR)


def least_weeks(share: float, year_weeks: int) -> int:
    """Least whole weeks a share of the year asks for: half of 53 weeks is 27."""
    return ceil(share * year_weeks - _HAIR)


def percent(weeks: int, year_weeks: int) -> str:
    """Give weeks as a percentage of the year with one decimal."""
    return f"{100 * weeks / year_weeks:.1f} %"
