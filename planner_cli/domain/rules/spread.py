"""How a year is spread: caps on one specialty or subspecialty, variety, no repetition."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from planner_cli.domain.lines import JobLine
from planner_cli.domain.rules.base import (
    Rule,
    Share,
    TermCount,
    Violation,
    most_weeks,
    percent,
    rule_dataclass,
)


@rule_dataclass
class MaxSpecialtyShare(Rule):
    """No more than `max` of the year in any one specialty, its subspecialties included.

    Service terms do not count. `max` is a fraction of the year's weeks.

    Source: PMCV, PGY1 & PGY2 Requirements: maximum of 50 % in any one specialty (PGY1).
    https://www.pmcv.com.au/accreditation/pgy1-pgy2-requirements/
    """

    NAME: ClassVar[str] = "MAX_SPECIALTY_SHARE"
    MEANS: ClassVar[str] = "No line has too much of the year in one specialty."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-spec50",)

    max: Share = 0.5

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield each specialty held for too many weeks."""
        weeks_in = Counter[str]()
        for term, position in line.rotations():
            if position.service is None:
                weeks_in[position.specialty] += term.weeks
        yield from _over(self, line, weeks_in, self.max)


@rule_dataclass
class MaxSubspecialtyShare(Rule):
    """No more than `max` of the year in any one subspecialty.

    Positions without a subspecialty, and service terms, do not count.

    Source: PMCV, PGY1 & PGY2 Requirements, Structure: "Maximum of 25% (one term/rotation) in any
    one subspecialty". https://www.pmcv.com.au/accreditation/pgy1-pgy2-requirements/
    """

    NAME: ClassVar[str] = "MAX_SUBSPECIALTY_SHARE"
    MEANS: ClassVar[str] = "No line has too much of the year in one subspecialty."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-sub25",)

    max: Share = 0.25

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield each subspecialty held for too many weeks."""
        weeks_in = Counter[str]()
        for term, position in line.rotations():
            if position.service is None and position.subspecialty is not None:
                weeks_in[position.subspecialty] += term.weeks
        yield from _over(self, line, weeks_in, self.max)


@rule_dataclass
class MinDistinctSpecialties(Rule):
    """At least `min` different specialties on each line; service terms do not count.

    Source: local rule of a hospital; no regulator asks for it beyond MIN_TERMS.
    """

    NAME: ClassVar[str] = "MIN_DISTINCT_SPECIALTIES"
    MEANS: ClassVar[str] = "Each line sees enough different specialties."

    min: TermCount = 3

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line sees too few specialties."""
        specialties = {p.specialty for p in line.positions if p.service is None}
        if len(specialties) < self.min:
            yield Violation.of(
                self,
                line,
                f"{len(specialties)} different specialties, at least {self.min} needed",
                len(specialties),
                self.min,
            )


@rule_dataclass
class NoRepeatedPosition(Rule):
    """No position twice on one line; a stay of two terms is one stay.

    Source: local rule of many hospitals; real published lines break it, no regulator asks for it.
    """

    NAME: ClassVar[str] = "NO_REPEATED_POSITION"
    MEANS: ClassVar[str] = "No line holds the same position twice."

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield each position held more than once."""
        stays = Counter(position.id for position in line.stays)
        names = {position.id: position.name for position in line.stays}
        for position, n_stays in stays.items():
            if n_stays > 1:
                message = f"{names[position]} ({position}) {n_stays} times, once allowed"
                yield Violation.of(self, line, message, n_stays, 1)


def _over(rule: Rule, line: JobLine, weeks_in: Counter[str], share: float) -> Iterator[Violation]:
    limit = most_weeks(share, line.year_weeks)
    for area, weeks in weeks_in.items():
        if weeks > limit:
            message = (
                f"{weeks} weeks in {area} ({percent(weeks, line.year_weeks)} of the year), "
                f"at most {limit} allowed"
            )
            yield Violation.of(rule, line, message, weeks, limit)
