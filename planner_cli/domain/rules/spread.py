"""How a year is spread: caps on one specialty or subspecialty, variety, no repetition."""

from collections.abc import Mapping
from typing import ClassVar

from planner_cli.domain.constraints.clause import Template
from planner_cli.domain.rules.base import Easing, Rule, Share, TermCount, rule_dataclass
from planner_cli.domain.words import counted, percentage


@rule_dataclass
class MaxSpecialtyShare(Rule):
    """No more than `max` of the year in any one specialty, its subspecialties included.

    Service terms do not count. `max` is a fraction of the year's weeks.

    Source: PMCV, PGY1 & PGY2 Requirements: maximum of 50 % in any one specialty (PGY1).
    https://www.pmcv.com.au/accreditation/pgy1-pgy2-requirements/
    """

    NAME: ClassVar[str] = "MAX_SPECIALTY_SHARE"
    MEANS: ClassVar[str] = "No line has too much of the year in one specialty."
    BLAME: ClassVar[int] = -1
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-spec50",)

    max: Share = 0.5

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "unit": "weeks",
            "where": {"service": False},
            "by": "specialty",
            "at_most": {"share": "max"},
            "says": "{found|week} in {label} ({share} of the year), at most {limit} allowed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"max": "more of the year"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at most {percentage(self.max)} of the year in one specialty"


@rule_dataclass
class MaxSubspecialtyShare(Rule):
    """No more than `max` of the year in any one subspecialty.

    Positions without a subspecialty, and service terms, do not count.

    Source: PMCV, PGY1 & PGY2 Requirements, Structure: "Maximum of 25% (one term/rotation) in any
    one subspecialty". https://www.pmcv.com.au/accreditation/pgy1-pgy2-requirements/
    """

    NAME: ClassVar[str] = "MAX_SUBSPECIALTY_SHARE"
    MEANS: ClassVar[str] = "No line has too much of the year in one subspecialty."
    BLAME: ClassVar[int] = -6
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-sub25",)

    max: Share = 0.25

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "unit": "weeks",
            "where": {"service": False},
            "by": "subspecialty",
            "at_most": {"share": "max"},
            "says": "{found|week} in {label} ({share} of the year), at most {limit} allowed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"max": "more of the year"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at most {percentage(self.max)} of the year in one subspecialty"


@rule_dataclass
class MinDistinctSpecialties(Rule):
    """At least `min` different specialties on each line; service terms do not count.

    Source: local rule of a hospital; no regulator asks for it beyond MIN_TERMS.
    """

    NAME: ClassVar[str] = "MIN_DISTINCT_SPECIALTIES"
    MEANS: ClassVar[str] = "Each line sees enough different specialties."
    BLAME: ClassVar[int] = -2

    min: TermCount = 3

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "distinct",
            "by": "specialty",
            "where": {"service": False},
            "at_least": {"bound": "min"},
            "says": "{found} different specialties, at least {limit} needed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"min": "fewer terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at least {counted(self.min, 'different specialty', 'different specialties')}"


@rule_dataclass
class NoRepeatedPosition(Rule):
    """No position twice on one line; a stay of two terms is one stay.

    Source: local rule of many hospitals; real published lines break it, no regulator asks for it.
    """

    NAME: ClassVar[str] = "NO_REPEATED_POSITION"
    MEANS: ClassVar[str] = "No line holds the same position twice."
    BLAME: ClassVar[int] = -5

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "unit": "stays",
            "by": "position",
            "at_most": 1,
            "says": "{name} ({position}) {found} times, once allowed",
        },
    )
