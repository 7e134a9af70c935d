"""The referee: what any line set, also a broken one, is told."""

from collections.abc import Callable

import pytest

from planner_cli.domain.problem import LineRecord, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.referee import objections, violations


def hospital(**fields: object) -> Problem:
    positions = [
        {"id": id, "name": f"Ward {id}", "site": "Home", "specialty": id, "categories": [],
         "posts_min": [0] * 4, "posts_max": [1] * 4, "span_terms": span}
        for id, span in (("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1), ("block", 2))
    ]  # fmt: skip
    plain = {"name": "t", "n_job_lines": 1, "terms": [{"weeks": 13}] * 4,
             "constraints": ["NO_REPEATED_POSITION"]}  # fmt: skip
    return read_problem({**plain, "positions": positions, **fields})


def record(ids: str, name: str = "Line 1", **fields: object) -> LineRecord:
    rotations = [{"term": t, "position": id} for t, id in enumerate(ids.split(), start=1)]
    return LineRecord.model_validate({"name": name, "rotations": rotations, **fields})


def said(problem: Problem, *records: LineRecord) -> list[str]:
    return [f"{v.rule}: {v.message}" for v in violations(problem, records)]


def test_a_legal_line_is_met_with_silence() -> None:
    assert said(hospital(), record("a b c d")) == []


def test_a_block_of_two_terms_must_be_held_whole() -> None:
    assert said(hospital(), record("block block c d")) == []
    assert said(hospital(), record("block b c d")) == [
        "LINE_SHAPE: Ward block (block) takes 2 consecutive terms, found alone in Term 1"
    ]
    assert said(hospital(), record("a b c block")) != []


def test_more_people_than_accredited_posts_are_an_objection() -> None:
    problem = hospital(n_job_lines=2)
    assert said(problem, record("a b c d"), record("a c d e", "Line 2")) == [
        "ACCREDITED_POSTS: Ward a (a) in Term 1: 2 people on 1 accredited posts"
    ]


def test_the_number_of_lines_must_be_what_was_asked_for() -> None:
    assert said(hospital(n_job_lines=2), record("a b c d")) == ["LINE_COUNT: 1 lines, 2 asked for"]
    assert said(hospital(n_job_lines=2, allow_partial=True), record("a b c d")) == []
    both = record("a b c d"), record("b c d e", "Line 2")
    assert said(hospital(allow_partial=True), *both) == ["LINE_COUNT: 2 lines, 1 asked for"]


def test_two_lines_may_not_share_a_name() -> None:
    assert said(hospital(n_job_lines=2), record("a b c d"), record("b c d e")) == [
        "LINE_COUNT: 2 lines are named Line 1"
    ]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda: record("a b c"), "0 positions in Term 4, one needed"),
        (lambda: record("a b c d e"), "a rotation in Term 5, the year has 4"),
        (lambda: record("a b c x"), "unknown position x in Term 4"),
        (
            lambda: record("a b c d", leave=[{"start_week": 50, "weeks": 5}]),
            "leave ends in week 54, the year has 52",
        ),
        (
            lambda: record(
                "a b c d", leave=[{"start_week": 3, "weeks": 2}, {"start_week": 4, "weeks": 1}]
            ),
            "blocks of leave overlap in week 4",
        ),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_line_of_the_wrong_shape_is_an_objection_and_no_crash(
    broken: Callable[[], LineRecord], words: str
) -> None:
    assert f"LINE_SHAPE: {words}" in said(hospital(), broken())


def test_a_rule_broken_on_a_locked_line_is_reported_but_no_objection() -> None:
    locked = record("a b a d", "Kept")
    problem = hospital(locked_lines=[locked.model_dump()])
    found = violations(problem, [locked])
    assert [v.rule for v in found] == ["NO_REPEATED_POSITION"]
    assert objections(found) == ()


def test_a_changed_or_missing_locked_line_is_an_objection() -> None:
    locked = record("a b c d", "Kept")
    problem = hospital(locked_lines=[locked.model_dump()])
    assert said(problem, record("a b c e", "Kept")) == [
        "LOCKED_LINES: locked line Kept was changed"
    ]
    assert said(problem, record("a b c d", "Other")) == [
        "LOCKED_LINES: locked line Kept is missing"
    ]


def test_a_violation_carries_rule_line_numbers_and_source() -> None:
    problem = hospital(constraints=["VIC_PGY1"])
    (team, *_) = [
        v for v in violations(problem, [record("a b c d")]) if v.rule == "REQUIRED_CATEGORIES"
    ]
    assert team.line == "Line 1"
    assert (team.found, team.limit) == (0, 1)
    assert team.source.startswith("https://")
