"""Service and team: relief, nights, non-clinical terms, and enough time in a clinical team."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from planner_cli.domain.constraints.clause import Template
from planner_cli.domain.rules.base import Easing, Rule, Share, TermCount, rule_dataclass
from planner_cli.domain.words import counted, percentage


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

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "unit": {"pick": "net_of_leave", "from": {"true": "practice", "false": "weeks"}},
            "where": {"service": True},
            "at_most": {"share": "max"},
            "says": "{found|week} of service terms ({share} of the year), at most {limit} allowed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"max": "more of the year"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        net = ", net of leave" if self.net_of_leave else ""
        return f"at most {percentage(self.max)} of the year in service terms{net}"


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

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "unit": "weeks",
            "where": {"clinical_team": True},
            "at_least": {"share": "min"},
            "says": "{found|week} in a clinical team ({share} of the year),"
            " at least {limit} needed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"min": "less of the year"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at least {percentage(self.min)} of the year in a clinical team"


@rule_dataclass
class MaxServiceTerms(Rule):
    """No more than `max` service terms (relief and nights) on a line.

    Source: local rule; vendor documents name it for NSW, no regulator's page was found.
    """

    NAME: ClassVar[str] = "MAX_SERVICE_TERMS"
    MEANS: ClassVar[str] = "No line has too many service terms."

    max: TermCount = 1

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "where": {"service": True},
            "at_most": {"bound": "max"},
            "says": "{found|service term}, at most {limit} allowed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"max": "more terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at most {counted(self.max, 'service term')}"


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

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "where": {"non_clinical": True},
            "at_most": {"bound": "max"},
            "says": "{found|non-clinical term}, at most {limit} allowed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"max": "more terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at most {counted(self.max, 'non-clinical term')}"


@rule_dataclass
class NoNights(Rule):
    """No line holds a nights term.

    Source: local rule of a hospital.
    """

    NAME: ClassVar[str] = "NO_NIGHTS"
    MEANS: ClassVar[str] = "No line has a nights term."

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "where": {"service": "nights"},
            "at_most": 0,
            "each": True,
            "says": "nights in Term {term} ({position})",
        },
    )


@rule_dataclass
class NoRelief(Rule):
    """No line holds a relief term.

    Source: local rule of a hospital.
    """

    NAME: ClassVar[str] = "NO_RELIEF"
    MEANS: ClassVar[str] = "No line has a relief term."

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "where": {"service": "relief"},
            "at_most": 0,
            "each": True,
            "says": "relief in Term {term} ({position})",
        },
    )
