"""Where a year is spent: rural and community terms, the home hospital, changes of site."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar

from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Name
from planner_cli.domain.rules.base import Rule, TermCount, Violation, rule_dataclass


@rule_dataclass
class MaxRuralTerms(Rule):
    """No more than `max` rural terms on a line.

    Source: local choice of fairness; no accreditor caps rural terms, rural programmes have many.
    """

    NAME: ClassVar[str] = "MAX_RURAL_TERMS"
    MEANS: ClassVar[str] = "No line has too many rural terms."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("VIC-rural",)

    max: TermCount = 1

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line has too many rural terms."""
        n_terms = sum(position.rural for position in line.positions)
        if n_terms > self.max:
            message = f"{n_terms} rural terms, at most {self.max} allowed"
            yield Violation.of(self, line, message, n_terms, self.max)


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

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line has too few community terms."""
        n_terms = sum(position.community for position in line.positions)
        if n_terms < self.min:
            message = f"{n_terms} community terms, at least {self.min} needed"
            yield Violation.of(self, line, message, n_terms, self.min)


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

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line is at home for too few terms."""
        terms_at = Counter(position.site for position in line.positions)
        home, n_terms = max(terms_at.items(), key=lambda item: item[1])
        if self.site is not None:
            home, n_terms = self.site, terms_at[self.site]
        if n_terms < self.min:
            message = f"{n_terms} terms at {home}, at least {self.min} needed"
            yield Violation.of(self, line, message, n_terms, self.min)


@rule_dataclass
class MaxSiteChanges(Rule):
    """No more than `max` changes of site from one term to the next.

    Source: HETI Network Principles, safe transition between sites; the number is local.
    """

    NAME: ClassVar[str] = "MAX_SITE_CHANGES"
    MEANS: ClassVar[str] = "No line changes site too often."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("NSW-net-trans",)

    max: TermCount = 2

    def violations(self, line: JobLine) -> Iterator[Violation]:
        """Yield one violation when the line changes site too often."""
        n_changes = sum(before.site != after.site for before, after in pairwise(line.positions))
        if n_changes > self.max:
            message = f"{n_changes} changes of site, at most {self.max} allowed"
            yield Violation.of(self, line, message, n_changes, self.max)
