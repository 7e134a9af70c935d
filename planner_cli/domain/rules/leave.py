"""Annual leave: how much, in which blocks, how far apart, and how many at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Annotated, ClassVar

from pydantic import Field

from planner_cli.domain.constraints.clause import Template
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Problem
from planner_cli.domain.rules.base import Easing, Rule, Share, Violation, WeekCount, rule_dataclass
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
    EASIER: ClassVar[Mapping[str, Easing]] = {
        "max_share_on_leave": "more people",
        "min_gap_weeks": "fewer weeks apart",
    }

    def in_words(self) -> str:
        """Say the bounds in a few words."""
        return counted(self.weeks or 0, "week of leave", "weeks of leave")

    def set_violations(self, problem: Problem, lines: Sequence[JobLine]) -> Iterator[Violation]:
        """Yield each position and term in which too many are on leave in some week."""
        if self.max_share_on_leave is None:
            return
        holders = Counter((t, p.id) for line in lines for t, p in enumerate(line.positions))
        away = away_by_week(problem, lines)
        for (term, position), n_people in sorted(holders.items()):
            limit = self.most_away(n_people)
            first = problem.first_weeks[term]
            weeks = range(first, first + problem.terms[term].weeks)
            week, most = max(((w, away[position, w]) for w in weeks), key=lambda item: item[1])
            if most > limit:
                name = problem.position_by_id[position].name
                message = (
                    f"{most} of {n_people} on leave from {name} ({position}) in week {week} "
                    f"(Term {term + 1}), at most {limit} allowed"
                )
                yield Violation.of(self, None, message, most, limit)

    def most_away(self, n_people: int) -> int:
        """Give how many of a position's people may be on leave in one week."""
        if self.max_share_on_leave is None:
            return n_people
        return ceil(self.max_share_on_leave * n_people - 1e-9)


def away_by_week(problem: Problem, lines: Sequence[JobLine]) -> Counter[tuple[str, int]]:
    """Count people on leave by position id and week of the year (from 1)."""
    position_in = [term for term, block in enumerate(problem.terms) for _ in range(block.weeks)]
    away = Counter[tuple[str, int]]()
    for line in lines:
        for block in line.leave:
            for week in range(block.start_week, min(block.end_week, problem.year_weeks) + 1):
                away[line.positions[position_in[week - 1]].id, week] += 1
    return away
