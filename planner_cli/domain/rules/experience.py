"""What a year must contain: clinical experience, enough terms long enough, enough weeks."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Category, Position
from planner_cli.domain.rules.base import Rule, TermCount, Violation, WeekCount, rule_dataclass


@rule_dataclass
class RequiredCategories(Rule):
    """Every line holds each of these categories of clinical experience in some term.

    Source: Medical Board of Australia, Granting general registration to interns; PMCV, PGY1 & PGY2
    Requirements. https://www.medicalboard.gov.au/registration/interns.aspx
    """

    NAME: ClassVar[str] = "REQUIRED_CATEGORIES"
    MEANS: ClassVar[str] = "Each line has a term in every one of these categories."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-cats",)

    categories: tuple[Category, ...] = ("A", "B", "C", "D")

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation for each category no term of the line has."""
        held = {category for position in line.positions for category in position.categories}
        for category in self.categories:
            if category not in held:
                yield Violation.of(self, line, f"no term in category {category}", 0, 1)


@rule_dataclass
class MinTerms(Rule):
    """At least `min` terms of `min_weeks` weeks or more, in different (sub)specialties.

    `level` says what "different" means: subspecialty (the specialty where there is none),
    specialty, or none (any terms count). Service terms count only with `service`.

    Source: Medical Board of Australia; PMCV: "at least 4 terms of at least 10 weeks in different
    specialties"; PMCT: service terms do not count.
    https://www.pmcv.com.au/accreditation/pgy1-pgy2-requirements/
    """

    NAME: ClassVar[str] = "MIN_TERMS"
    MEANS: ClassVar[str] = "Each line has enough long terms in different specialties."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-terms", "AU-1-different", "AU-1-service-not-min")

    min: TermCount = 4
    min_weeks: WeekCount = 10
    level: Literal["subspecialty", "specialty", "none"] = "subspecialty"
    service: Annotated[bool, Field(strict=True)] = False

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when too few different terms count."""
        counted = set[object]()
        for number, (term, position) in enumerate(line.rotations()):
            if term.weeks >= self.min_weeks and (self.service or position.service is None):
                counted.add(number if self.level == "none" else self.area(position))
        if len(counted) < self.min:
            kind = "" if self.level == "none" else f" in different {self.level[:-1]}ies"
            yield Violation.of(
                self,
                line,
                f"{len(counted)} terms of {self.min_weeks} weeks or more{kind}, {self.min} needed",
                len(counted),
                self.min,
            )

    def area(self, position: Position) -> str:
        """Name what makes a position's term different from another's."""
        return position.key if self.level == "subspecialty" else position.specialty


@rule_dataclass
class MinWeeks(Rule):
    """At least `min` weeks of practice in the year, annual leave not counted.

    Source: Medical Board of Australia: 47 weeks full time equivalent of supervised practice.
    https://www.medicalboard.gov.au/registration/interns.aspx
    """

    NAME: ClassVar[str] = "MIN_WEEKS"
    MEANS: ClassVar[str] = "Each line has enough weeks of practice beside its annual leave."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-weeks",)

    min: WeekCount = 47

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when leave cuts the year too short."""
        worked = line.year_weeks - sum(block.weeks for block in line.leave)
        if worked < self.min:
            yield Violation.of(
                self,
                line,
                f"{worked} weeks of practice beside leave, at least {self.min} needed",
                worked,
                self.min,
            )
