"""The page's sources: types, lint, logic, and what is generated from the planner."""

import subprocess
import sys

from tests.browser import site


def test_types_and_lint_are_clean() -> None:
    site.install()
    site.deno("task", "check")
    site.deno("task", "lint")


def test_the_logic_of_the_page_is_what_its_tests_say() -> None:
    site.install()
    site.deno("task", "test")


def test_catalogue_and_referee_cases_are_those_of_the_planner() -> None:
    command = [sys.executable, str(site.DASHBOARD / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
