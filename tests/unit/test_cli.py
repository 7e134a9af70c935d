"""The command line: answers on stdout, everything else on stderr, and the promised exit codes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "small_rural.json"


def planner(
    *arguments: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planner_cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "100", **environment},
        check=False,
    )


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("solved") / "lines.json"
    done = planner("solve", str(EXAMPLE), "--time-limit", "20", "--json", "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(path.read_text())
    return path


def test_a_solved_file_passes_the_check(solved: Path) -> None:
    done = planner("check", str(EXAMPLE), str(solved))
    assert done.returncode == 0
    assert "No violation in 10 lines" in done.stdout
    assert done.stderr == ""


def test_a_rotation_changed_by_hand_shows_each_violation(solved: Path) -> None:
    result = json.loads(solved.read_text())
    rotations = result["lines"][0]["rotations"]
    rotations[1]["position"] = rotations[0]["position"]
    done = planner("check", str(EXAMPLE), "-", "--json", stdin=json.dumps(result["lines"]))
    assert done.returncode == 10
    found = json.loads(done.stdout)
    assert not found["legal"]
    repeated = [v for v in found["violations"] if v["rule"] == "NO_REPEATED_POSITION"]
    assert repeated[0]["line"] == result["lines"][0]["name"]
    assert (repeated[0]["found"], repeated[0]["limit"]) == (2, 1)
    assert all(v["source"] for v in found["violations"])


def test_the_result_is_readable_without_a_terminal(solved: Path) -> None:
    done = planner("solve", str(EXAMPLE), "--time-limit", "20")
    assert "10 job lines" in done.stdout
    assert "Term 1" in done.stdout
    assert "\x1b[" not in done.stdout


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"{", "is not JSON"),
    "not UTF-8": (b"\xff\xfe\x00", "is not UTF-8"),
    "a number that is none": (b'{"n_job_lines": NaN}', "no such number"),
    "no object": (b"[]", "is not an object"),
    "nested without end": (b"[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_gets_one_message_exit_5_and_no_traceback(kind: str, tmp_path: Path) -> None:
    content, words = BAD_FILES[kind]
    path = tmp_path / "problem.json"
    path.write_bytes(content)
    done = planner("solve", str(path))
    assert done.returncode == 5
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_missing_file_is_bad_input_too() -> None:
    done = planner("solve", "nowhere.json")
    assert done.returncode == 5
    assert "nowhere.json: no such file or directory" in " ".join(done.stderr.split())


def test_with_json_a_failure_is_one_object_that_names_the_fields() -> None:
    document: dict[str, Any] = json.loads(EXAMPLE.read_text())
    document["n_job_lines"] = 0
    done = planner("solve", "-", "--json", stdin=json.dumps(document))
    assert done.returncode == 5
    failed = json.loads(done.stdout)
    assert failed["status"] == "FAILED"
    assert failed["reason"] == "input.invalid"
    assert failed["issues"][0]["field"] == "n_job_lines"


def test_nothing_is_written_when_the_input_is_bad(tmp_path: Path) -> None:
    output = tmp_path / "lines.json"
    assert planner("solve", "-", "-o", str(output), stdin="{}").returncode == 5
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_exits_2() -> None:
    assert planner("solve").returncode == 2
    assert planner("fly").returncode == 2


def test_the_catalogue_is_shown_whole_and_one_by_one() -> None:
    whole = planner("rules")
    assert "VIC_PGY1" in whole.stdout
    assert "MAX_SITE_CHANGES" in whole.stdout
    one = planner("rules", "nsw_pgy1")
    assert "UNVERIFIED" in one.stdout
    assert "https://" in one.stdout
    unknown = planner("rules", "VIC_PGY3")
    assert unknown.returncode == 5
    assert "Did you mean VIC_PGY" in " ".join(unknown.stderr.split())


def test_the_catalogue_as_json_holds_every_pack_with_sources() -> None:
    document = json.loads(planner("rules", "--json").stdout)
    assert len(document["packs"]) == 19
    assert all(rule["sources"] for pack in document["packs"] for rule in pack["rules"])


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "planner_cli", "rules", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert b"Traceback" not in said


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "from planner_cli.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'ortools', 'supabase', 'numpy', 'pydantic', 'highspy', 'psycopg', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_ctrl_c_stops_a_solve_within_two_seconds(tmp_path: Path) -> None:
    problem = ROOT / "tests" / "benchmarks" / "problems" / "synthetic_2000.json"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "planner_cli",
            "solve",
            str(problem),
            "-o",
            str(tmp_path / "l.json"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(3)
    process.send_signal(2)
    asked_at = time.monotonic()
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - asked_at < 4
    assert b"Traceback" not in said
    # What had been found by then is written whole; nothing half-written is left.
    assert {path.name for path in tmp_path.iterdir()} <= {"l.json"}
    for written in tmp_path.iterdir():
        assert len(json.loads(written.read_text())["lines"]) == 2_000
