"""Each rule by example: what it accepts at its very bound, and what it says one step beyond."""

import pytest

from planner_cli.domain.constraints.on_set import LinesServed
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Leave, Pathway, Position, Problem, Term
from planner_cli.domain.rules.base import Rule
from planner_cli.domain.rules.experience import MinTerms, MinWeeks, RequiredCategories
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.places import (
    MaxRuralTerms,
    MaxSiteChanges,
    MinCommunityTerms,
    MinHomeTerms,
)
from planner_cli.domain.rules.posts import FillPosts, PathwayLines
from planner_cli.domain.rules.service import (
    MaxNonClinicalTerms,
    MaxServiceShare,
    MaxServiceTerms,
    MinTeamShare,
    NoNights,
    NoRelief,
)
from planner_cli.domain.rules.spread import (
    MaxSpecialtyShare,
    MaxSubspecialtyShare,
    MinDistinctSpecialties,
    NoRepeatedPosition,
)

FIVE = (10, 10, 10, 10, 12)
QUARTERS = (13, 13, 13, 13)


def unit(id: str, **fields: object) -> Position:
    plain = {"id": id, "name": id, "site": "Home", "specialty": id, "categories": (),
             "posts_min": (), "posts_max": ()}  # fmt: skip
    return Position.model_validate(plain | fields)


def line(
    *positions: Position, weeks: tuple[int, ...] = (), leave: tuple[Leave, ...] = ()
) -> JobLine:
    lengths = weeks or {4: QUARTERS, 5: FIVE}[len(positions)]
    return JobLine("1", positions, tuple(Term(weeks=w) for w in lengths), leave)


def said(rule: Rule, subject: JobLine) -> list[str]:
    return [violation.message for violation in rule.violations(subject)]


ED, GP, PSY, PAED, SURG = (unit(name) for name in ("ED", "GP", "PSY", "PAED", "SURG"))
CARDIO = unit("CARDIO", specialty="Medicine", subspecialty="Cardiology")
RENAL = unit("RENAL", specialty="Medicine", subspecialty="Nephrology")
GENMED = unit("GENMED", specialty="Medicine", subspecialty="General medicine")
NIGHTS = unit("NIGHTS", specialty="Service", service="nights", clinical_team=False)
RELIEF = unit("RELIEF", specialty="Service", service="relief", clinical_team=False)


def test_each_missing_category_is_named() -> None:
    subject = line(unit("a", categories=("A", "C")), unit("b", categories=("B",)), GP, PSY)
    assert said(RequiredCategories(), subject) == ["no term in category D"]
    assert said(RequiredCategories(("A", "B", "C")), subject) == []


def test_twenty_weeks_of_general_practice_count_as_one_different_term() -> None:
    assert said(MinTerms(), line(GP, GP, ED, PSY, SURG)) == []
    assert said(MinTerms(), line(GP, GP, GP, PSY, SURG)) == [
        "3 terms of 10 weeks or more in different subspecialties, 4 needed"
    ]


def test_different_can_be_read_at_the_level_of_the_specialty() -> None:
    subject = line(CARDIO, RENAL, GENMED, ED)
    assert said(MinTerms(4), subject) == []
    assert said(MinTerms(4, level="specialty"), subject) == [
        "2 terms of 10 weeks or more in different specialties, 4 needed"
    ]


def test_service_terms_count_to_the_minimum_only_when_told() -> None:
    subject = line(ED, GP, PSY, NIGHTS)
    assert said(MinTerms(4), subject) != []
    assert said(MinTerms(4, service=True), subject) == []


def test_a_short_term_does_not_count() -> None:
    subject = line(ED, GP, PSY, PAED, SURG, weeks=(9, 9, 10, 12, 12))
    assert said(MinTerms(4), subject) == [
        "3 terms of 10 weeks or more in different subspecialties, 4 needed"
    ]


def test_without_a_level_any_terms_count() -> None:
    assert said(MinTerms(4, 10, "none", service=True), line(GP, GP, GP, NIGHTS)) == []


def test_leave_may_not_cut_the_year_below_47_weeks() -> None:
    assert said(MinWeeks(), line(ED, GP, PSY, PAED, leave=(Leave(start_week=1, weeks=5),))) == []
    seven = (Leave(start_week=1, weeks=7),)
    assert said(MinWeeks(), line(ED, GP, PSY, PAED, leave=seven)) == [
        "45 weeks of practice beside leave, at least 47 needed"
    ]


def test_half_the_year_in_one_specialty_is_legal_and_three_of_five_terms_are_not() -> None:
    assert said(MaxSpecialtyShare(), line(CARDIO, RENAL, ED, GP)) == []
    assert said(MaxSpecialtyShare(), line(CARDIO, RENAL, GENMED, ED, GP)) == [
        "30 weeks in Medicine (57.7 % of the year), at most 26 allowed"
    ]


def test_a_quarter_of_52_weeks_is_legal_in_one_subspecialty() -> None:
    assert said(MaxSubspecialtyShare(), line(CARDIO, ED, GP, PSY)) == []
    assert said(MaxSubspecialtyShare(), line(CARDIO, CARDIO, GP, PSY)) == [
        "26 weeks in Cardiology (50.0 % of the year), at most 13 allowed"
    ]


def test_a_specialty_without_subspecialties_meets_only_the_cap_of_half_the_year() -> None:
    assert said(MaxSubspecialtyShare(), line(GP, GP, ED, PSY)) == []
    assert said(MaxSpecialtyShare(), line(GP, GP, ED, PSY)) == []


def test_service_terms_do_not_count_towards_specialty_shares() -> None:
    assert said(MaxSpecialtyShare(), line(NIGHTS, RELIEF, NIGHTS, ED)) == []


def test_a_twelve_week_service_term_is_too_long_as_scheduled_and_legal_net_of_leave() -> None:
    two_weeks_off = (Leave(start_week=41, weeks=2),)
    subject = line(ED, GP, PSY, PAED, NIGHTS, leave=two_weeks_off)
    assert said(MaxServiceShare(), subject) == [
        "12 weeks of service terms (23.1 % of the year), at most 10 allowed"
    ]
    assert said(MaxServiceShare(net_of_leave=True), subject) == []


def test_a_quarter_of_service_is_legal_at_25_percent_and_not_at_20() -> None:
    subject = line(ED, GP, PSY, NIGHTS)
    assert said(MaxServiceShare(0.25), subject) == []
    assert len(said(MaxServiceShare(0.2), subject)) == 1


def test_half_the_year_must_be_in_a_clinical_team() -> None:
    assert said(MinTeamShare(), line(ED, GP, NIGHTS, RELIEF)) == []
    assert said(MinTeamShare(), line(ED, NIGHTS, RELIEF, NIGHTS)) == [
        "13 weeks in a clinical team (25.0 % of the year), at least 26 needed"
    ]


@pytest.mark.parametrize(
    ("rule", "position", "word"),
    [
        (MaxRuralTerms(1), unit("r", rural=True), "rural"),
        (MaxServiceTerms(1), NIGHTS, "service"),
        (MaxNonClinicalTerms(1), unit("n", non_clinical=True), "non-clinical"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_cap_on_terms_allows_its_number_and_no_more(
    rule: Rule, position: Position, word: str
) -> None:
    assert said(rule, line(position, ED, GP, PSY)) == []
    assert said(rule, line(position, ED, position, PSY)) == [f"2 {word} terms, at most 1 allowed"]


def test_a_minimum_of_community_terms_is_asked_for() -> None:
    assert said(MinCommunityTerms(1), line(ED, GP, PSY, unit("c", community=True))) == []
    assert said(MinCommunityTerms(1), line(ED, GP, PSY, PAED)) == [
        "0 community terms, at least 1 needed"
    ]


def test_nights_and_relief_are_forbidden_by_name_and_term() -> None:
    subject = line(ED, NIGHTS, RELIEF, GP)
    assert said(NoNights(), subject) == ["nights in Term 2 (NIGHTS)"]
    assert said(NoRelief(), subject) == ["relief in Term 3 (RELIEF)"]


def test_a_position_twice_is_a_repetition_and_a_block_of_two_terms_is_not() -> None:
    block = unit("GPB", span_terms=2)
    assert said(NoRepeatedPosition(), line(block, block, ED, GP)) == []
    assert said(NoRepeatedPosition(), line(ED, GP, ED, PSY)) == ["ED (ED) 2 times, once allowed"]
    assert said(NoRepeatedPosition(), line(block, block, block, block)) == [
        "GPB (GPB) 2 times, once allowed"
    ]


def test_distinct_specialties_are_counted_without_service() -> None:
    assert said(MinDistinctSpecialties(3), line(ED, GP, PSY, NIGHTS)) == []
    assert len(said(MinDistinctSpecialties(4), line(ED, GP, PSY, NIGHTS))) == 1


def test_home_is_the_named_site_or_the_lines_own_most_frequent_one() -> None:
    away = unit("AWAY", site="Away")
    subject = line(away, away, away, ED)
    assert said(MinHomeTerms(3), subject) == []
    assert said(MinHomeTerms(3, site="Home"), subject) == ["1 term at Home, at least 3 needed"]


def test_changes_of_site_are_counted_between_neighbouring_terms() -> None:
    away = unit("AWAY", site="Away")
    assert said(MaxSiteChanges(1), line(ED, GP, away, away)) == []
    assert said(MaxSiteChanges(1), line(ED, away, GP, PSY)) == [
        "2 changes of site, at most 1 allowed"
    ]


def test_leave_is_held_to_its_weeks_blocks_and_gap() -> None:
    rule = AnnualLeave(5, ((2, 3), (5,)), min_gap_weeks=13)

    def leave(*blocks: tuple[int, int]) -> JobLine:
        taken = tuple(Leave(start_week=start, weeks=weeks) for start, weeks in blocks)
        return line(ED, GP, PSY, PAED, leave=taken)

    assert said(rule, leave((1, 5))) == []
    assert said(rule, leave((1, 2), (16, 3))) == []
    assert said(rule, leave((1, 2), (15, 3))) == [
        "12 weeks between blocks of leave, at least 13 needed"
    ]
    assert said(rule, leave((1, 3), (30, 2))) == ["leave split 3+2, allowed 2+3 or 5"]
    assert said(rule, leave((1, 4))) == [
        "4 weeks of leave, 5 due", "leave split 4, allowed 2+3 or 5",
    ]  # fmt: skip


def test_leave_in_one_term_can_be_capped() -> None:
    rule = AnnualLeave(max_weeks_per_term=3)
    across = line(ED, GP, PSY, PAED, leave=(Leave(start_week=12, weeks=5),))
    assert said(rule, across) == []
    inside = line(ED, GP, PSY, PAED, leave=(Leave(start_week=1, weeks=5),))
    assert said(rule, inside) == ["5 weeks of leave in Term 1, at most 3 allowed"]


def problem(*positions: Position, **fields: object) -> Problem:
    plain = {"name": "test", "n_job_lines": 2, "terms": [{"weeks": 13}] * 4, "constraints": []}
    return Problem.model_validate(plain | fields | {"positions": positions})


def test_the_share_on_leave_is_rounded_up_to_whole_people() -> None:
    rule = AnnualLeave(max_share_on_leave=0.2)
    ward = unit("WARD", posts_min=(0,) * 4, posts_max=(9,) * 4)
    away = [line(ward, ED, GP, PSY, leave=(Leave(start_week=1, weeks=1),))] * 2
    present = [line(ward, ED, GP, PSY)] * 4
    asked = problem(ward, ED, GP, PSY)
    assert list(rule.set_violations(asked, [*away, *present])) == []
    assert [v.message for v in rule.set_violations(asked, [*away, *present[:3]])] == [
        "2 of 5 on leave from WARD (WARD) in week 1 (Term 1), at most 1 allowed"
    ]


def test_funded_posts_left_empty_are_named_under_fill_posts() -> None:
    ward = unit("WARD", posts_min=(2, 1, 0, 0), posts_max=(2,) * 4)
    asked = problem(ward, ED, GP, PSY)
    found = FillPosts().set_violations(asked, [line(ward, ward, GP, PSY)])
    assert [v.message for v in found] == ["WARD (WARD) in Term 1: 1 of 2 funded posts filled"]


def test_a_pathway_counts_the_lines_that_hold_all_it_asks_for() -> None:
    rural = Pathway(name="Rural", n_lines=1, positions=("GP",), specialties=("Nephrology",))
    served = LinesServed(**dict(rural))
    assert served.serves([GP, RENAL])
    assert not served.serves([GP, ED])
    asked = problem(GP, RENAL, ED, PSY, pathways=[rural.model_dump()])
    assert list(PathwayLines().set_violations(asked, [line(GP, RENAL, ED, PSY)])) == []
    assert [v.message for v in PathwayLines().set_violations(asked, [line(ED, GP, PSY, ED)])] == [
        "pathway Rural: 0 lines serve it, 1 needed"
    ]


def test_shares_are_of_the_year_also_when_it_has_53_weeks() -> None:
    subject = line(CARDIO, RENAL, ED, GP, weeks=(13, 14, 13, 13))
    assert said(MaxSpecialtyShare(), subject) == [
        "27 weeks in Medicine (50.9 % of the year), at most 26 allowed"
    ]
    assert said(MinTeamShare(), line(ED, NIGHTS, RELIEF, GP, weeks=(13, 14, 13, 13))) == [
        "26 weeks in a clinical team (49.1 % of the year), at least 27 needed"
    ]
