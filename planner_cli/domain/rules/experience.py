"""What a year must contain: clinical experience, enough terms long enough, enough weeks."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from planner_cli.domain.constraints.clause import Template
from planner_cli.domain.problem import Category
from planner_cli.domain.rules.base import Easing, Rule, TermCount, WeekCount, rule_dataclass
from planner_cli.domain.words import counted, listed


@rule_dataclass
class RequiredCategories(Rule):
    """Every line holds each of these categories of clinical experience in some term.

    Source: Medical Board of Australia, Granting general registration to interns; PMCV, PGY1 & PGY2
    Requirements. https://www.medicalboard.gov.au/registration/interns.aspx
    """

    NAME: ClassVar[str] = "REQUIRED_CATEGORIES"
    MEANS: ClassVar[str] = "Each line has a term in every one of these categories."
    BLAME: ClassVar[int] = 1
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-cats",)

    categories: tuple[Category, ...] = ("A", "B", "C", "D")

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "for_each": "categories",
            "where": {"categories": [{"item": True}]},
            "at_least": 1,
            "says": "no term in category {item}",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"categories": "fewer of them"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        noun = "category" if len(self.categories) == 1 else "categories"
        return f"{noun} {listed(self.categories)}"


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
    BLAME: ClassVar[int] = -4
    EVIDENCE: ClassVar[tuple[str, ...]] = ("AU-1-terms", "AU-1-different", "AU-1-service-not-min")

    min: TermCount = 4
    min_weeks: WeekCount = 10
    level: Literal["subspecialty", "specialty", "none"] = "subspecialty"
    service: Annotated[bool, Field(strict=True)] = False

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "when": {"level": "none"},
            "where": {"service": {"pick": "service", "from": {"true": None, "false": False}}},
            "in_terms": {"terms_of": "min_weeks"},
            "at_least": {"bound": "min"},
            "says": "{found|term} of {min_weeks} weeks or more, {limit} needed",
        },
        {
            "kind": "distinct",
            "unless": {"level": "none"},
            "by": {"pick": "level", "from": {"subspecialty": "key", "specialty": "specialty"}},
            "where": {"service": {"pick": "service", "from": {"true": None, "false": False}}},
            "in_terms": {"terms_of": "min_weeks"},
            "at_least": {"bound": "min"},
            "says": {
                "pick": "level",
                "from": {
                    "subspecialty": "{found|term} of {min_weeks} weeks or more in different"
                    " subspecialties, {limit} needed",
                    "specialty": "{found|term} of {min_weeks} weeks or more in different"
                    " specialties, {limit} needed",
                },
            },
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"min": "fewer terms"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        different = "" if self.level == "none" else f" in different {self.level[:-1]}ies"
        return f"at least {counted(self.min, 'term')} of {self.min_weeks} weeks{different}"


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

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "count",
            "unit": "practice",
            "at_least": {"bound": "min"},
            "says": "{found|week} of practice beside leave, at least {limit} needed",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {"min": "fewer weeks"}

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return f"at least {counted(self.min, 'week')} beside leave"
