"""The TypeScript is checked, linted, formatted and tested like the rest of the house."""

import re
import subprocess

import pytest

from local_stack.programs import deno
from local_stack.stack import FUNCTIONS, ROOT, SERVICES
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


def test_the_ten_lines_of_the_documentation_are_those_that_are_tested() -> None:
    script = (SCRIPTS / "ten_lines.ts").read_text()
    assert f"```ts\n{script}```" in (ROOT / "docs" / "local-stack.md").read_text()


def test_each_answer_of_the_function_is_documented() -> None:
    documented = (ROOT / "docs" / "launching.md").read_text()
    sources = [*ORCHESTRATION.glob("*.ts"), *(FUNCTIONS / "_shared").rglob("*.ts")]
    codes = {
        code
        for path in sources
        for code in re.findall(r'"([a-z]+\.[a-z_]+)"', path.read_text())
        if code.split(".")[0] in {"auth", "run", "target", "request", "idempotency", "launch"}
    }
    assert len(codes) > 10
    assert [code for code in sorted(codes) if f"`{code}`" not in documented] == []
