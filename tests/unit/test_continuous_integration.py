"""What continuous integration says of itself is true."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_no_race_is_left_on_the_list() -> None:
    assert tomllib.loads((ROOT / "tests" / "known_races.toml").read_text()) == {"races": {}}


def test_each_test_that_needed_a_second_try_is_named() -> None:
    said = (
        "tests/a.py .F\n=== short test summary info ===\n"
        "FAILED tests/a.py::test_b[x-1] - AssertionError: assert 1 == 2\n"
        "ERROR tests/c.py::test_d - OSError\n=== 1 failed, 1 error in 2 s ===\n"
    )
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "name-flaky"],
        input=said,
        capture_output=True,
        text=True,
        check=True,
    )
    named = [line.split(": ")[0] for line in done.stdout.splitlines()]
    assert named == ["FLAKY tests/a.py::test_b[x-1]", "FLAKY tests/c.py::test_d"]


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_missing_debian_packages_fail_ci_and_nothing_else(
    tmp_path: Path, ci: str, code: int
) -> None:
    """A machine where dpkg knows none of them and nobody may install any."""
    for name in ("dpkg-query", "id"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n" + ("echo 1000\n" if name == "id" else "exit 1\n"))
        program.chmod(0o755)
    done = subprocess.run(
        [ROOT / ".ci" / "debian-packages"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "only root on Debian can install them: postgresql-15 " in done.stderr
