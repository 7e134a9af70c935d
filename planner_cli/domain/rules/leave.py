"""Annual leave: how much, in which blocks, how far apart, and how many at once."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from planner_cli.domain.constraints.clause import Template
from planner_cli.domain.rules.base import Easing, Rule, Share, WeekCount, rule_dataclass
from planner_cli.domain.words import counted

Block = Annotated[int, Field(strict=True, ge=1, le=26)]


@rule_dataclass
class AnnualLeave(Rule):
    """Each line takes `weeks` of leave in one of the allowed splits into blocks.

    Parameters
    ----------
    weeks
        Weeks of leave of each line; None takes the problem's `annual_leave_weeks`.
    blocks
        Allowed splits, each the lengths of its blocks in order of time; empty allows any.
    min_gap_weeks
        Least weeks between the end of a block and the start of the next.
    max_share_on_leave
        Of the people of a position in a week, the share that may be on leave, rounded up to
        whole people; None allows any.
    first_half_target
        Share of all leave wished for in the first half of the year: a wish, reported and never
        a reason to refuse a line.
    max_weeks_per_term
        Most weeks of leave in one term of a line: NZ wants ten weeks worked in each quarter.

    Source: enterprise agreements (Victoria: 5 weeks, usually 2 + 3); STONZ for New Zealand.
    """

    NAME: ClassVar[str] = "ANNUAL_LEAVE"
    MEANS: ClassVar[str] = "Each line takes its annual leave in allowed blocks, few at once."
    EVIDENCE: ClassVar[tuple[str, ...]] = ("VIC-leave",)

    weeks: WeekCount | None = None
    blocks: tuple[tuple[Block, ...], ...] = ()
    min_gap_weeks: WeekCount = 0
    max_share_on_leave: Share | None = None
    first_half_target: Share | None = None
    max_weeks_per_term: WeekCount | None = None

    CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "leave",
            "weeks": {"bound": "weeks"},
            "splits": {"bound": "blocks"},
            "min_gap_weeks": {"bound": "min_gap_weeks"},
            "most_in_term": {"bound": "max_weeks_per_term"},
            "says": {
                "weeks": "{found|week} of leave, {limit} due",
                "split": "leave split {found}, allowed {limit}",
                "gap": "{found|week} between blocks of leave, at least {limit} needed",
                "term": "{found|week} of leave in Term {term}, at most {limit} allowed",
            },
        },
    )
    SET_CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "leave_together",
            "unless": {"max_share_on_leave": None},
            "most_share": {"bound": "max_share_on_leave"},
            "says": "{found} of {people} on leave from {name} ({position}) in week {week} "
            "(Term {term}), at most {limit} allowed",
        },
        {
            "kind": "leave_spread",
            "unless": {"first_half_target": None},
            "first_half": {"bound": "first_half_target"},
            "says": "{share} of the leave is in the first half of the year, {wished} wished for.",
        },
    )
    EASIER: ClassVar[Mapping[str, Easing]] = {
        "max_share_on_leave": "more people",
        "min_gap_weeks": "fewer weeks apart",
    }

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return counted(self.weeks or 0, "week of leave", "weeks of leave")
