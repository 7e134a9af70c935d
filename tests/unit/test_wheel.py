"""The wheel holds what the planner needs at run time, and nothing of the tests."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_migration_and_example_is_in_the_wheel(names: set[str]) -> None:
    for folder in ("migrations", "examples"):
        for path in (ROOT / folder).iterdir():
            assert f"planner_cli/_resources/{folder}/{path.name}" in names


def test_the_catalogue_and_the_roles_are_in_the_wheel(names: set[str]) -> None:
    assert "planner_cli/domain/rules/packs.json" in names
    assert "planner_cli/domain/rules/evidence.json" in names
    assert "planner_cli/embedded/supabase_project.sql" in names


def test_no_test_is_in_the_wheel(names: set[str]) -> None:
    assert not [name for name in names if name.startswith("tests/") or "conftest" in name]
