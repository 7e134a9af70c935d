"""The catalogue holds every pack with its numbers, sources and certainty."""

import json
from pathlib import Path
from typing import Any

import pytest

from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.rules.catalogue import (
    RULE_TYPES,
    default_rule,
    evidence_by_id,
    packs,
    rule_book,
)
from planner_cli.domain.rules.leave import AnnualLeave
from planner_cli.domain.rules.posts import LockedLines
from planner_cli.domain.rules.spread import MaxSpecialtyShare

EXAMPLES = Path(__file__).parents[2] / "examples"

#: The bounds each pack must have, transcribed from the regulators' pages by hand.
PGY1 = {
    "REQUIRED_CATEGORIES": {"categories": ("A", "B", "C", "D")},
    "MIN_TERMS": {"min": 4, "min_weeks": 10, "level": "subspecialty", "service": False},
    "MIN_WEEKS": {"min": 47},
    "MAX_SPECIALTY_SHARE": {"max": 0.5},
    "MAX_SUBSPECIALTY_SHARE": {"max": 0.25},
    "MAX_SERVICE_SHARE": {"max": 0.2, "net_of_leave": False},
    "MIN_TEAM_SHARE": {"min": 0.5},
}
PGY2 = {
    "REQUIRED_CATEGORIES": {"categories": ("A", "B", "C")},
    "MIN_TERMS": {"min": 3, "min_weeks": 10, "level": "subspecialty", "service": False},
    "MIN_WEEKS": {"min": 47},
    "MAX_SUBSPECIALTY_SHARE": {"max": 0.25},
    "MAX_SERVICE_SHARE": {"max": 0.25, "net_of_leave": False},
    "MIN_TEAM_SHARE": {"min": 0.5},
}
QUARTERS = {"MIN_TERMS": {"min": 4, "min_weeks": 10, "level": "none", "service": True}}
EXPECTED: dict[str, dict[str, Any]] = {
    **{f"{place}_PGY1": PGY1 for place in
       ("AMC", "VIC", "QLD", "WA", "TAS", "NT_TOP_END", "NT_CENTRAL", "SA", "ACT")},
    "NSW_PGY1": PGY1 | {"MAX_SERVICE_TERMS": {"max": 1}},
    "AMC_PGY2": PGY2,
    "WA_PGY2": PGY2,
    "NSW_PGY2": PGY2,
    "VIC_PGY2": PGY2 | {"MAX_NON_CLINICAL_TERMS": {"max": 1}},
    "NZ_PGY1": QUARTERS,
    "NZ_PGY2": QUARTERS,
    "UK_FY1": {},
    "UK_FY2": {"MAX_SPECIALTY_SHARE": {"max": 0.5}},
    "UNRESTRICTED": {},
}  # fmt: skip


def example(name: str = "medium_regional", **changes: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return document | changes


def test_there_are_eighteen_packs_and_the_unrestricted_one() -> None:
    assert set(packs()) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_pack_has_the_bounds_its_regulator_sets(name: str) -> None:
    assert {rule.NAME: rule.bounds() for rule in packs()[name].rules} == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_rule_of_a_pack_names_its_source_and_certainty(name: str) -> None:
    for rule in packs()[name].rules:
        assert rule.evidence.sources, rule.NAME
        assert rule.evidence.certainty, rule.NAME
        assert rule.evidence.pack == name


def test_an_unverified_number_says_so_in_the_pack_and_in_every_result() -> None:
    book = rule_book(read_problem(example(constraints=["NSW_PGY1"])))
    assert any("UNVERIFIED" in note for note in book.notes)
    assert any(note.startswith("MAX_SERVICE_TERMS: unverified") for note in book.notes)


@pytest.mark.parametrize("name", RULE_TYPES)
def test_every_rule_has_a_source_line_a_meaning_and_known_evidence(name: str) -> None:
    kind = RULE_TYPES[name]
    assert "Source:" in (kind.__doc__ or "")
    assert kind.MEANS.endswith(".")
    assert set(kind.EVIDENCE) <= set(evidence_by_id())
    assert name == default_rule(name).NAME


def test_all_51_entries_of_the_evidence_are_there_with_sources() -> None:
    assert len(evidence_by_id()) == 51
    assert all(entry["source"] and entry["certainty"] for entry in evidence_by_id().values())


def test_a_bound_beside_a_pack_overrides_the_packs() -> None:
    beside = {"name": "MAX_SPECIALTY_SHARE", "max": 0.6}
    book = rule_book(read_problem(example(constraints=["VIC_PGY1", beside])))
    rule = book.find(MaxSpecialtyShare)
    assert rule is not None
    assert rule.max == 0.6
    assert "changed" in rule.evidence.note
    assert len(book.rules) == 7


def test_a_rule_named_beside_a_pack_without_bounds_keeps_the_packs() -> None:
    book = rule_book(read_problem(example(constraints=["VIC_PGY2", "MIN_TERMS"])))
    assert {r.NAME: r.bounds() for r in book.rules}["MIN_TERMS"]["min"] == 3


def test_leave_comes_from_the_problem_then_the_pack_then_none() -> None:
    def weeks(**changes: Any) -> int:
        return rule_book(read_problem(example(**changes))).leave_weeks

    assert weeks(annual_leave_weeks=3) == 3
    assert weeks(annual_leave_weeks=None) == 5
    assert weeks(annual_leave_weeks=None, constraints=["UNRESTRICTED"]) == 0


def test_annual_leave_takes_its_weeks_from_the_problem() -> None:
    problem = read_problem(example(constraints=["ANNUAL_LEAVE"], annual_leave_weeks=4))
    rule = rule_book(problem).find(AnnualLeave)
    assert rule is not None
    assert rule.weeks == 4


def test_one_rule_alone_can_cap_weeks_of_practice() -> None:
    """Leave is placed against one such cap: a second would need it placed against both."""
    terms = read_problem(example()).terms
    capping = [
        name
        for name, rule in RULE_TYPES.items()
        for bounds in ({}, {"net_of_leave": True})
        if bounds.keys() <= default_rule(name).bounds().keys()
        and RuleBook((default_rule(name).with_bounds(bounds),), 0).practice_cap(terms)
    ]
    assert capping == ["MAX_SERVICE_SHARE"]


def test_locked_lines_bring_their_rule_by_being_there() -> None:
    rotations = [{"term": term, "position": "ED-B"} for term in range(1, 6)]
    problem = read_problem(example(locked_lines=[{"name": "L1", "rotations": rotations}]))
    assert rule_book(problem).find(LockedLines) is not None


def test_a_year_of_an_unusual_shape_is_remarked_not_refused() -> None:
    notes = rule_book(read_problem(example("small_rural", constraints=["VIC_PGY1"]))).notes
    assert "VIC_PGY1: the year has 5 terms there, here 4." in notes
