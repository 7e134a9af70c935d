"""Where a year is spent: rural and community terms, the home hospital, changes of site."""

from collections.abc import Mapping
from typing import ClassVar

from planner_cli.domain.constraints.clause import Template
from planner_cli.domain.problem import Name
from planner_cli.domain.rules.base import Easing, Rule, TermCount, rule_dataclass
from planner_cli.domain.words import counted


@rule_dataclass
class MaxRuralTerms(Rule):
    """No more than `max` rural terms on a line.

    Source: local choice of fairness; no accreditor caps rural terms, rural programmes have many.
    """

    NAME: ClassVar[str] = "MAX_RURAL_TERMS"
    MEANS: ClassVar[str] = "No line has too many rural terms."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("VIC-rural",)

    max: TermCount = 1

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "where": {"rural": True},
            "at_most": {"bound": "max"},
            "says": "{found|rural term}, at most {limit} allowed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"max": "more terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at most {counted(self.max, 'rural term')}"


@rule_dataclass
class MinCommunityTerms(Rule):
    """At least `min` community terms on a line.

    Source: MCNZ asks one community attachment over the first two years: a hospital that gives it
    in this one sets min 1. https://www.mcnz.org.nz
    """

    NAME: ClassVar[str] = "MIN_COMMUNITY_TERMS"
    MEANS: ClassVar[str] = "Each line has enough community terms."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("NZ-2",)

    min: TermCount = 1

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "where": {"community": True},
            "at_least": {"bound": "min"},
            "says": "{found|community term}, at least {limit} needed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"min": "fewer terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at least {counted(self.min, 'community term')}"


@rule_dataclass
class MinHomeTerms(Rule):
    """At least `min` terms at the home hospital.

    Home is `site`; without it, each line's own most frequent site.

    Source: HETI Network Principles (2012/2018): at least 3 of the first year's terms at the home
    hospital.
    """

    NAME: ClassVar[str] = "MIN_HOME_TERMS"
    MEANS: ClassVar[str] = "Each line spends enough terms at its home hospital."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("NSW-net-home",)

    min: TermCount = 3
    site: Name | None = None

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "when": {"site": None},
            "by": "site",
            "at_least": {"bound": "min"},
            "says": "{found|term} at {label}, at least {limit} needed",
        },
        {
            "kind": "count",
            "unless": {"site": None},
            "where": {"sites": [{"bound": "site"}]},
            "at_least": {"bound": "min"},
            "says": "{found|term} at {site}, at least {limit} needed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"min": "fewer terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        where = f"at {self.site}" if self.site else "at one site"
        return f"at least {counted(self.min, 'term')} {where}"


@rule_dataclass
class MaxSiteChanges(Rule):
    """No more than `max` changes of site from one term to the next.

    Source: HETI Network Principles, safe transition between sites; the number is local.
    """

    NAME: ClassVar[str] = "MAX_SITE_CHANGES"
    MEANS: ClassVar[str] = "No line changes site too often."
    BLAME: ClassVar[int] = -3
    EVIDENCE: ClassVar[tuple[str, ...]] = ("NSW-net-trans",)

    max: TermCount = 2

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "changes",
            "by": "site",
            "at_most": {"bound": "max"},
            "says": "{found|change} of site, at most {limit} allowed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"max": "more terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at most {counted(self.max, 'change of site')}"
