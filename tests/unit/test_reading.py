"""What is wrong with an input is named: the field, its value, and what to do."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from planner_cli.domain.issues import ProblemInvalid
from planner_cli.domain.reading import read_problem

EXAMPLES = sorted(Path(__file__).parents[2].glob("examples/*.json"))
MEASURED = sorted(Path(__file__).parents[1].glob("benchmarks/problems/*.json"))


@pytest.fixture
def hospital() -> dict[str, Any]:
    path = next(path for path in EXAMPLES if path.stem == "medium_regional")
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def issues_of(document: object) -> dict[str, str]:
    with pytest.raises(ProblemInvalid) as caught:
        read_problem(document)
    return {issue.field: str(issue) for issue in caught.value.issues}


@pytest.mark.parametrize("path", [*EXAMPLES, *MEASURED], ids=lambda path: path.stem)
def test_every_file_we_ship_is_a_valid_problem(path: Path) -> None:
    assert read_problem(json.loads(path.read_text())).year_weeks == 52


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_says_what_is_real_and_what_is_assumed(path: Path) -> None:
    provenance = json.loads(path.read_text())["provenance"]
    assert "real:" in provenance
    assert "assumed:" in provenance


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("planner.result/1", "Give the planner.problem/1 it answers."),
        ("planner.recording/1", "is not a problem"),
    ],
)
def test_another_document_is_refused_in_one_sentence(schema: str, words: str) -> None:
    issues = issues_of({"schema": schema, "lines": [], "gap": 0})
    assert list(issues) == ["schema"]
    assert words in issues["schema"]


SINGLE_FAULTS: list[tuple[str, Any, str, str]] = [
    # (path to set, value, field named, words the message must hold)
    ("n_job_lines", 0, "n_job_lines", "greater than or equal to 1"),
    ("n_job_lines", 10**9, "n_job_lines", "at most 10000"),
    ("n_job_lines", 4.5, "n_job_lines", "whole number"),
    ("n_job_lines", True, "n_job_lines", "whole number"),
    ("n_job_lines", float("nan"), "n_job_lines", "whole number"),
    ("annual_leave_weeks", -1, "annual_leave_weeks", "at least 0"),
    ("positions", [], "positions", "at least 1 item"),
    ("terms", [], "terms", "at least 1 item"),
    ("name", "", "name", "not empty"),
    ("schema", "planner.problem/9", "schema", "planner.problem/1"),
    ("constraints", ["VIC_PGY3"], "constraints[0].name", "Did you mean VIC_PGY"),
    ("constraints", ["MAX_RURAL_TERM"], "constraints[0].name", "MAX_RURAL_TERMS"),
    ("constraints", ["VIC_PGY1", "NSW_PGY1"], "constraints[1]", "two packs"),
    ("constraints", [{"max": 1}], "constraints[0]", "has no name"),
    (
        "constraints",
        [{"name": "MAX_SPECIALTY_SHARE", "max": 1.5}],
        "constraints[0].max",
        "out of range",
    ),
    (
        "constraints",
        [{"name": "MAX_SPECIALTY_SHARE", "max": float("nan")}],
        "constraints[0].max",
        "out of range",
    ),
    (
        "constraints",
        [{"name": "MAX_SPECIALTY_SHARE", "maximum": 0.5}],
        "constraints[0].maximum",
        "Did you mean max?",
    ),
    (
        "constraints",
        [{"name": "MAX_RURAL_TERMS", "max": -1}],
        "constraints[0].max",
        "out of range",
    ),
    ("constraints", ["NO_NIGHTS", "NO_NIGHTS"], "constraints[1]", "already at constraints[0]"),
    ("constraints", [{"name": "VIC_PGY1", "max": 1}], "constraints[0]", "takes no bounds"),
    (
        "constraints",
        [{"name": "ANNUAL_LEAVE", "blocks": [[2, 2]]}],
        "constraints.ANNUAL_LEAVE.blocks",
        "does not add up to the 5 weeks",
    ),
    ("terms.4.weeks", 11, "terms", "10 + 10 + 10 + 10 + 11 = 51"),
    ("terms.1.starts_on", "2026-03-09", "terms[1].starts_on", "overlaps Term 1 by 14 days"),
    ("terms.1.starts_on", "2026-04-06", "terms[1].starts_on", "leaves 14 days unused"),
    ("terms.1.starts_on", None, "terms[1].starts_on", "is missing while other terms"),
    ("terms.1.starts_on", "soon", "terms[1].starts_on", "date"),
    ("positions.1.id", "ED-B", "positions[1].id", "positions[0]"),
    (
        "positions.0.posts_min.2",
        9,
        "positions[0].posts_min[2]",
        "only 8 accredited posts in Term 3",
    ),
    ("positions.0.posts_max", [8, 8], "positions[0].posts_max", "2 numbers"),
    ("positions.0.posts_max.0", 10**12, "positions[0].posts_max[0]", "at most 1000"),
    ("positions.0.categories", ["A", "B", "C"], "positions[0].categories", "at most two"),
    ("positions.0.categories", ["E"], "positions[0].categories[0]", "'A', 'B', 'C' or 'D'"),
    ("positions.0.service", "days", "positions[0].service", "'relief' or 'nights'"),
    ("positions.0.span_terms", 3, "positions[0].span_terms", "Give one of"),
    ("affinity", {"A": {"B": 101}}, "affinity.A.B", "at most 100"),
    ("affinity", {"A": {"B": 1}, "B": {"A": 2}}, "affinity.A.B", "symmetric"),
    ("options", {"time_limit_seconds": 0}, "options.time_limit_seconds", "more than 0"),
    (
        "pathways",
        [{"name": "Rural", "n_lines": 2, "positions": ["ED-X"]}],
        "pathways[0].positions",
        "ED-E or ED-B",
    ),
    ("pathways", [{"name": "Rural", "n_lines": 2}], "pathways[0]", "asks for no position"),
    (
        "locked_lines",
        [{"name": "L", "rotations": [{"term": 1, "position": "ED-B"}]}],
        "locked_lines[0].rotations",
        "one rotation in each of the 5 terms",
    ),
]


@pytest.mark.parametrize(
    ("path", "value", "field", "words"), SINGLE_FAULTS, ids=lambda part: str(part)[:40]
)
def test_a_single_fault_is_named_with_its_field_and_remedy(
    hospital: dict[str, Any], path: str, value: object, field: str, words: str
) -> None:
    target: Any = hospital
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for parent in parents:
        target = target[parent]
    target[last] = value
    found = issues_of(hospital)
    assert field in found
    assert words in found[field]


@pytest.mark.parametrize("field", ["name", "n_job_lines", "terms", "positions", "constraints"])
def test_a_missing_field_is_named(hospital: dict[str, Any], field: str) -> None:
    del hospital[field]
    assert issues_of(hospital) == {field: f"{field}: is missing. Add it."}


def test_missing_categories_of_a_position_are_named(hospital: dict[str, Any]) -> None:
    del hospital["positions"][2]["categories"]
    assert list(issues_of(hospital)) == ["positions[2].categories"]


def test_a_misspelt_field_gets_the_nearest_name(hospital: dict[str, Any]) -> None:
    hospital["positions"][0]["specialtys"] = "Surgery"
    assert "specialty" in issues_of(hospital)["positions[0].specialtys"]


def test_all_faults_are_named_at_once(hospital: dict[str, Any]) -> None:
    hospital["constraints"] = ["NONSENSE"]
    hospital["terms"][4]["weeks"] = 20
    hospital["positions"][1]["id"] = "ED-B"
    assert set(issues_of(hospital)) == {"constraints[0].name", "terms", "positions[1].id"}


@pytest.mark.parametrize("document", [None, [], "text", 3, {}])
def test_what_is_no_problem_at_all_is_refused_without_a_traceback(document: object) -> None:
    assert issues_of(document)


def test_terms_that_do_not_start_on_mondays_are_accepted(hospital: dict[str, Any]) -> None:
    for term, (weeks, starts_on) in zip(
        hospital["terms"],
        [(13, "2020-02-03"), (13, "2020-05-06"), (12, "2020-08-05"), (7, "2020-10-28"), (7, None)],
        strict=True,
    ):
        term["weeks"] = weeks
        term["starts_on"] = starts_on or "2020-12-16"
    read_problem(hospital)


def test_a_calendar_that_misprints_a_term_is_caught(hospital: dict[str, Any]) -> None:
    # Mater Townsville's 2020 page prints a term of nine weeks as ten.
    dates = ["2020-01-20", "2020-03-30", "2020-06-08", "2020-08-10", "2020-10-19"]
    for term, starts_on in zip(hospital["terms"], dates, strict=True):
        term["starts_on"] = starts_on
    assert "Term 4 overlaps Term 3 by 7 days" in issues_of(hospital)["terms[3].starts_on"]


def test_reading_changes_nothing_in_the_document(hospital: dict[str, Any]) -> None:
    before = copy.deepcopy(hospital)
    read_problem(hospital)
    assert hospital == before


@pytest.mark.parametrize(
    ("case", "issue"),
    [
        ("e01_nested_hint", ("terms[0].start: is not a field there (found '2026-01-12'). "
         "Did you mean starts_on?")),
        ("e04_nested_option", ("options.timelimit: is not a field there (found 3). "
         "Did you mean time_limit_seconds?")),
        ("e05_pos", ("positions[0].min_posts: is not a field there (found [1]). "
         "Did you mean posts_min or posts_max?")),
    ],
)  # fmt: skip
def test_a_misspelt_field_deep_inside_is_told_once_with_the_names_of_its_own_level(
    case: str, issue: str
) -> None:
    document = json.loads((Path(__file__).with_name("cases") / f"{case}.json").read_text())
    with pytest.raises(ProblemInvalid) as caught:
        read_problem(document)
    assert [str(found) for found in caught.value.issues] == [issue]


def test_a_required_field_that_is_misspelt_is_not_called_missing_as_well() -> None:
    document = json.loads((Path(__file__).with_name("cases") / "e05_pos.json").read_text())
    position = document["positions"][0]
    position["speciality"] = position.pop("specialty")
    del position["min_posts"]
    with pytest.raises(ProblemInvalid) as caught:
        read_problem(document)
    (issue,) = caught.value.issues
    assert issue.field == "positions[0].speciality"
    assert "specialty" in issue.remedy
