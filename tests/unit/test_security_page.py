"""The page about security is true: every fault has its row, and every test it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
FAULTS = {*(f"H{n}" for n in range(1, 4)), *(f"M{n}" for n in range(1, 8))}
FAULTS |= {f"L{n}" for n in range(1, 10)}


def rows() -> dict[str, str]:
    return dict(re.findall(r"^\| ([HML]\d) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE))


def known_tests() -> set[str]:
    python = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    edge = "\n".join(path.read_text() for path in (ROOT / "edge-functions/tests").glob("*.test.ts"))
    return {*re.findall(r"def (test_\w+)", python), *re.findall(r'Deno\.test\("([^"]+)"', edge)}


def test_every_fault_has_its_row() -> None:
    assert set(rows()) == FAULTS


def test_every_fault_names_the_tests_named_after_it_and_no_others() -> None:
    known = {test for test in known_tests() if re.match(r"(test_)?[hml]\d[_:]", test)}
    named = {fault: set(re.findall(r"`([^`]+)`", tests)) for fault, tests in rows().items()}
    for fault, tests in named.items():
        begins = (f"test_{fault.lower()}_", f"{fault.lower()}: ")
        assert tests == {test for test in known if test.startswith(begins)}, fault
    assert known == set().union(*named.values())


def test_every_file_the_page_names_is_there() -> None:
    for name in re.findall(r"`([\w./-]+\.(?:sql|py|json))`", PAGE):
        assert (ROOT / name).exists() or (ROOT / "migrations" / name).exists(), name
