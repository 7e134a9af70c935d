"""Service and team: relief, nights, non-clinical terms, and enough time in a clinical team."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from planner_cli.domain.lines import JobLine
from planner_cli.domain.rules.base import (
    Rule,
    Share,
    TermCount,
    Violation,
    least_weeks,
    most_weeks,
    percent,
    rule_dataclass,
)


@rule_dataclass
class MaxServiceShare(Rule):
    """No more than `max` of the year in service terms (relief and nights).

    With `net_of_leave` weeks of annual leave taken in a service term do not count: a 12-week
    service term is 23 % of the year as scheduled, and 19.2 % net of two weeks of leave.

    Source: PMCWA, PGY1 requirements: service terms at most 20 % of the year (PGY2: 25 %).
    https://pmcwa.org.au/junior-doctors/pgy1-requirements
    """

    NAME: ClassVar[str] = "MAX_SERVICE_SHARE"
    MEANS: ClassVar[str] = "No line has too much relief and nights."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-service20",)

    max: Share = 0.2
    net_of_leave: Annotated[bool, Field(strict=True)] = False

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line has too many service weeks."""
        weeks = sum(
            term.weeks - (on_leave if self.net_of_leave else 0)
            for (term, position), on_leave in zip(line.rotations(), line.leave_by_term, strict=True)
            if position.service is not None
        )
        limit = most_weeks(self.max, line.year_weeks)
        if weeks > limit:
            share = percent(weeks, line.year_weeks)
            message = (
                f"{weeks} weeks of service terms ({share} of the year), at most {limit} allowed"
            )
            yield Violation.of(self, line, message, weeks, limit)


@rule_dataclass
class MinTeamShare(Rule):
    """At least `min` of the year embedded in a clinical team.

    Source: PMCWA, PGY1 requirements: at least half of the year in a clinical team.
    https://pmcwa.org.au/junior-doctors/pgy1-requirements
    """

    NAME: ClassVar[str] = "MIN_TEAM_SHARE"
    MEANS: ClassVar[str] = "Each line spends enough of the year in a clinical team."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-team",)

    min: Share = 0.5

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line has too few weeks in a clinical team."""
        weeks = sum(term.weeks for term, position in line.rotations() if position.clinical_team)
        limit = least_weeks(self.min, line.year_weeks)
        if weeks < limit:
            share = percent(weeks, line.year_weeks)
            message = (
                f"{weeks} weeks in a clinical team ({share} of the year), at least {limit} needed"
            )
            yield Violation.of(self, line, message, weeks, limit)


@rule_dataclass
class MaxServiceTerms(Rule):
    """No more than `max` service terms (relief and nights) on a line.

    Source: local rule; vendor documents name it for NSW, no regulator's page was found.
    """

    NAME: ClassVar[str] = "MAX_SERVICE_TERMS"
    MEANS: ClassVar[str] = "No line has too many service terms."

    max: TermCount = 1

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line has too many service terms."""
        n_terms = sum(position.service is not None for position in line.positions)
        if n_terms > self.max:
            message = f"{n_terms} service terms, at most {self.max} allowed"
            yield Violation.of(self, line, message, n_terms, self.max)


@rule_dataclass
class MaxNonClinicalTerms(Rule):
    """No more than `max` non-clinical terms (pathology, research, administration) on a line.

    Source: PMCV, PGY1 & PGY2 Requirements (PGY2): at most one non-clinical term.
    https://www.pmcv.com.au/accreditation/pgy1-pgy2-requirements/
    """

    NAME: ClassVar[str] = "MAX_NON_CLINICAL_TERMS"
    MEANS: ClassVar[str] = "No line has too many non-clinical terms."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-2-nonclin",)

    max: TermCount = 1

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line has too many non-clinical terms."""
        n_terms = sum(position.non_clinical for position in line.positions)
        if n_terms > self.max:
            message = f"{n_terms} non-clinical terms, at most {self.max} allowed"
            yield Violation.of(self, line, message, n_terms, self.max)


@rule_dataclass
class NoNights(Rule):
    """No line holds a nights term.

    Source: local rule of a hospital.
    """

    NAME: ClassVar[str] = "NO_NIGHTS"
    MEANS: ClassVar[str] = "No line has a nights term."

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation for each term of nights."""
        for number, position in enumerate(line.positions, start=1):
            if position.service == "nights":
                yield Violation.of(self, line, f"nights in Term {number} ({position.id})", 1, 0)


@rule_dataclass
class NoRelief(Rule):
    """No line holds a relief term.

    Source: local rule of a hospital.
    """

    NAME: ClassVar[str] = "NO_RELIEF"
    MEANS: ClassVar[str] = "No line has a relief term."

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation for each term of relief."""
        for number, position in enumerate(line.positions, start=1):
            if position.service == "relief":
                yield Violation.of(self, line, f"relief in Term {number} ({position.id})", 1, 0)
