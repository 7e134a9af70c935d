"""What a command writes is whole, where it was asked for, and survives what goes wrong there."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from planner_cli.cli.target import Target
from planner_cli.domain.issues import ProblemInvalid
from planner_cli.errors import OutputLost
from tests.unit.test_cli import EXAMPLE, ROOT, planner

BENCHMARKS = ROOT / "tests" / "benchmarks" / "problems"


def shell(command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command line as a person types it; `planner` is this checkout's."""
    script = command.replace("planner ", f"{sys.executable} -m planner_cli ")
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )


def test_a_link_stays_and_what_it_points_at_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "lines.json"
    link.symlink_to(tmp_path / "there" / "real.json")
    Target(link).write(b"new")
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.json").read_bytes() == b"new"
    assert "real.json" in str(Target(link))


def test_a_new_file_follows_the_umask_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Target(tmp_path / "new").write(b"1")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    old = tmp_path / "old"
    old.touch()
    old.chmod(0o604)
    Target(old).write(b"2")
    assert (stat.S_IMODE(old.stat().st_mode), old.read_bytes()) == (0o604, b"2")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "old"]


def test_a_pipe_is_written_to_as_such(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    Target(pipe).check()
    Target(pipe).write(b"through")
    reader.join(10)
    assert heard == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_full_disk_leaves_what_was_there_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines.json"
    path.write_text("old")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OutputLost, match="no space left on device"):
        Target(path).write(b"new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["lines.json"]


@pytest.mark.parametrize(
    ("place", "said"), [("", "is a folder"), ("nowhere/lines.json", "there is no folder")]
)
def test_a_place_that_cannot_be_written_is_named_before_the_work(
    tmp_path: Path, place: str, said: str
) -> None:
    with pytest.raises(ProblemInvalid, match=said):
        Target(tmp_path / place).check()
    huge = str(BENCHMARKS / "synthetic_2000.json")
    begun = time.monotonic()
    done = planner("solve", huge, "-o", str(tmp_path / place), "--json")
    assert (done.returncode, json.loads(done.stdout)["reason"]) == (5, "input.invalid")
    assert time.monotonic() - begun < 30


def test_the_answer_is_printed_all_the_same_when_the_file_cannot_be_written() -> None:
    done = planner("solve", str(EXAMPLE), "-o", "/dev/full", "--time-limit", "20")
    assert done.returncode == 1
    assert "10 job lines" in done.stdout
    said = " ".join(done.stderr.split())
    assert "/dev/full could not be written: no space left on device" in said


@pytest.mark.parametrize("place", ["-", "/dev/stdout"])
def test_a_dash_or_dev_stdout_gets_the_result_alone(place: str) -> None:
    done = shell(f"planner solve {EXAMPLE} --json -o {place} --time-limit 20 | head -c 10000000")
    assert done.returncode == 0
    first = json.JSONDecoder().raw_decode(done.stdout)[0]
    assert first["status"] == "COMPLETED"
    if place == "-":
        assert json.loads(done.stdout) == first


def test_it_is_said_where_the_result_was_written(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    done = planner("solve", str(EXAMPLE), "-o", str(path), "--time-limit", "20")
    assert f"The result is in {path}." in done.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("planner rules >/dev/full", 1),
        ("planner rules --json >/dev/full", 1),
        ("planner rules >&-", 0),
        ("planner rules | head -1", 0),
        ("planner --help >&-", 0),
        ("PYTHONIOENCODING=ascii LC_ALL=C planner rules", 0),
        ("PYTHONIOENCODING=latin-1 planner rules VIC_PGY1 --json", 0),
        ("planner rules NO_SUCH 2>&-", 5),
        ("planner rules NO_SUCH 2>/dev/full", 5),
    ],
)
def test_no_output_however_broken_shows_a_traceback(command: str, code: int) -> None:
    done = shell(command)
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == code, done.stderr


def test_json_is_whole_whatever_the_encoding_of_stdout() -> None:
    plain = json.loads(shell("planner rules --json").stdout)
    ascii_only = shell("PYTHONIOENCODING=ascii planner rules --json").stdout
    assert ascii_only.isascii()
    assert json.loads(ascii_only) == plain


ERRORS: dict[str, tuple[str, int, str]] = {
    "solve": ("solve nowhere.json", 5, "input.invalid"),
    "check": ("check nowhere.json lines.json", 5, "input.invalid"),
    "rules": ("rules NO_SUCH", 5, "input.invalid"),
    "demo": ("demo no_such_example", 5, "input.invalid"),
    "export": ("export nowhere.json --csv -", 5, "input.invalid"),
    "replay": ("replay nowhere.json", 5, "input.invalid"),
    "run": ("run 00000000-0000-4000-8000-000000000000", 3, "configuration"),
    "logs": ("logs 00000000-0000-4000-8000-000000000000", 3, "configuration"),
    "sweep": ("sweep", 3, "configuration"),
    "run without an id": ("run", 2, "usage"),
    "no such command": ("fly", 2, "usage"),
    "no such option": ("solve --fast x.json", 2, "usage"),
    "a bad value": ("solve x.json --time-limit soon", 2, "usage"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_with_json_every_error_of_every_command_is_exactly_one_object(case: str) -> None:
    command, code, reason = ERRORS[case]
    done = planner(*command.split(), "--json", SUPABASE_URL="", DATABASE_URL="")
    assert done.returncode == code, done.stderr
    document = json.loads(done.stdout)
    assert document["reason"] == reason
    assert document["message"]
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_with_json_doctor_says_what_is_missing_in_its_own_object() -> None:
    done = planner("doctor", "--json", SUPABASE_URL="", DATABASE_URL="")
    assert done.returncode == 3
    assert json.loads(done.stdout)["well"] is False


def test_an_interrupted_solve_gives_the_best_lines_it_has_found(tmp_path: Path) -> None:
    """By either signal; both solves at once, since each has to work for a while."""
    problem = json.loads((BENCHMARKS / "synthetic_140.json").read_text())
    problem["options"] = {"time_limit_seconds": 300}
    problem["constraints"] = [*problem["constraints"], {"name": "MAX_SITE_CHANGES", "max": 2}]
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(problem))
    started = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        output = tmp_path / f"{number.name}.json"
        started[number] = (
            output,
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "planner_cli",
                    "solve",
                    str(file),
                    "--json",
                    "-o",
                    str(output),
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            ),
        )
    time.sleep(25)
    for number, (output, process) in started.items():
        if process.poll() is None:
            process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
        if process.returncode == 0:
            pytest.fail("it was solved before it could be interrupted")
        assert process.returncode == 128 + number, stderr
        assert "Traceback" not in stderr
        result = json.loads(stdout)
        if result["status"] == "FAILED":
            assert result["message"] == "Interrupted before a first set was found."
            assert not output.exists()
        else:
            assert result["stopped_by"] == "interrupt"
            assert len(result["lines"]) == problem["n_job_lines"]
            assert json.loads(output.read_text()) == result


def test_a_second_interrupt_ends_at_once() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "planner_cli", "solve", str(BENCHMARKS / "synthetic_2000.json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, stderr = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert process.returncode in {130, -signal.SIGINT}
    assert "Traceback" not in stderr


def test_an_interrupt_during_imports_is_quiet() -> None:
    for delay in (0.02, 0.05, 0.08, 0.11, 0.15, 0.3):
        process = subprocess.Popen(
            [sys.executable, "-m", "planner_cli", "rules"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
        # Before the first line of ours runs, Python itself may speak of `site` alone.
        assert "planner_cli" not in stderr
