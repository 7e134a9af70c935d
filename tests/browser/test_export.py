"""`planner export`: the same workbook from the command line as from the page."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from planner_cli.cli.export import export
from planner_cli.domain.issues import ProblemInvalid
from planner_cli.domain.reading import read_problem
from planner_cli.domain.rules.catalogue import default_rule
from planner_cli.workbook.words import bounds_text
from tests.contract.tiny import tiny_problem

_LINE = {
    "name": "=L1", "score": 40,
    "rotations": [{"term": 1, "position": "EME"}, {"term": 2, "position": "MED"}],
    "leave": [{"start_week": 25, "weeks": 3}],
}  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A problem and the one line that answers it."""
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(tiny_problem(n_job_lines=1)))
    lines = tmp_path / "lines.json"
    lines.write_text(json.dumps([_LINE]))
    return str(problem), str(lines)


def test_a_line_is_blocks_of_weeks_with_its_leave_between_them(
    files: tuple[str, str], tmp_path: Path
) -> None:
    book = tmp_path / "book.xlsx"
    export(files[0], xlsx=str(book), lines=files[1])
    sheet = load_workbook(book)["Lines"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert [sheet["B4"].value, sheet["Z4"].value] == ["Emergency ward", "Leave"]
    # Leave over the change of term: two blocks, then the rest of the second term.
    assert {"B4:Y4", "Z4:AA4", "AC4:BA4"} <= merged
    assert sheet["AB4"].value == "Leave"
    assert sheet["B5"].value == "B · Base"
    assert sheet["BB4"].value == 40


def test_a_name_is_never_a_formula(files: tuple[str, str], tmp_path: Path) -> None:
    book, text = tmp_path / "book.xlsx", tmp_path / "lines.csv"
    export(files[0], xlsx=str(book), csv_file=str(text), lines=files[1])
    assert load_workbook(book)["Lines"]["A4"].data_type == "s"
    rows = list(csv.reader(text.read_text("utf-8-sig").splitlines()))
    assert rows[1][:5] == ["'=L1", "40", "no", "Emergency ward", "Base"]
    assert rows[1][5] == "25 26"


def test_a_bundle_of_replay_is_exported_too(files: tuple[str, str], tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.json"
    result = {"status": "COMPLETED", "reason": "solved", "message": "1 line.", "lines": [_LINE]}
    problem = read_problem(tiny_problem(n_job_lines=1)).model_dump(mode="json", by_alias=True)
    bundle.write_text(json.dumps({"problem": problem, "result": result}))
    book = tmp_path / "book.xlsx"
    export(str(bundle), xlsx=str(book))
    assert load_workbook(book).sheetnames == ["Lines", "Unit fill", "Rules"]


def test_a_problem_without_lines_says_what_to_give(files: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(ProblemInvalid, match="no lines"):
        export(files[0], xlsx=str(tmp_path / "book.xlsx"))


def test_lines_of_another_problem_are_refused(files: tuple[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    rotations = [{"term": 1, "position": "NOWHERE"}, {"term": 2, "position": "MED"}]
    other.write_text(json.dumps([_LINE | {"rotations": rotations}]))
    with pytest.raises(ProblemInvalid, match="NOWHERE"):
        export(files[0], xlsx=str(tmp_path / "book.xlsx"), lines=str(other))


def test_a_file_that_cannot_be_written_is_one_plain_error(
    files: tuple[str, str], tmp_path: Path
) -> None:
    with pytest.raises(ProblemInvalid, match="there is no folder"):
        export(files[0], xlsx=str(tmp_path / "nowhere" / "book.xlsx"), lines=files[1])


def test_bounds_are_told_as_a_phrase() -> None:
    assert bounds_text(default_rule("MAX_SERVICE_SHARE")) == (
        "at most 20 % of the year; leave in a service term does not count: no"
    )
