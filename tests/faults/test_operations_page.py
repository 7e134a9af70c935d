"""The page for operators is true: every test it names exists, every setting is there."""

import re

from planner_cli.errors import ExitCode
from planner_cli.settings import Settings
from tests.faults.conftest import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()
N_FAULTS = 47


def test_every_test_the_page_names_exists() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"def (test_\w+)", code))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named
    assert named - known == set()


def test_every_fault_has_a_row_with_the_tests_that_do_it() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|.*`test_\w+` \|$", PAGE, re.MULTILINE)
    assert {int(number) for row in rows for number in row.split(",")} == set(range(1, N_FAULTS + 1))


def test_every_setting_is_on_the_page_with_its_default() -> None:
    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"PLANNER_{name.upper()}"
        (row,) = re.findall(rf"^\| `{variable}` \|.*$", PAGE, re.MULTILINE)
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            assert f"| {field.default:g} |" in row


def test_every_exit_code_is_on_the_page() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", PAGE.partition("## Exit codes")[2], re.MULTILINE)
    named = {int(code) for row in rows[: len(ExitCode)] for code in row.split(",")}
    assert {int(code) for code in ExitCode} <= named
