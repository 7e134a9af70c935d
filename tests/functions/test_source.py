"""The TypeScript is checked, linted, formatted and tested like the rest of the house."""

import subprocess

import pytest

from local_stack.programs import deno
from local_stack.stack import FUNCTIONS, SERVICES
from tests.functions.scripts import SCRIPTS

ORCHESTRATION = FUNCTIONS / "planner-orchestration"
FOLDERS = {
    "functions": (ORCHESTRATION, ".."),
    "stand-ins": (SERVICES, "."),
    "scripts": (SCRIPTS, "."),
}


@pytest.mark.parametrize("tool", ["check", "lint", "fmt --check"])
@pytest.mark.parametrize("name", FOLDERS)
def test_deno_finds_nothing_to_correct(name: str, tool: str) -> None:
    folder, what = FOLDERS[name]
    done = run_deno(*tool.split(), "--config", "deno.json", what, folder=folder)
    assert done.returncode == 0, done.stderr


def test_the_functions_own_tests_pass() -> None:
    done = run_deno(
        "test", "--config", "deno.json", "--allow-env", "../tests", folder=ORCHESTRATION
    )
    assert done.returncode == 0, done.stdout + done.stderr


def run_deno(*arguments: str, folder: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [deno(), *arguments],
        cwd=str(folder),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
