"""A database that cannot be written to, and output that goes nowhere: the answer is not lost."""

import os
import re
import stat
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from planner_cli.errors import StoreUnreachable
from planner_cli.runs.kept_lines import keep_lines
from planner_cli.store.faults import fault
from tests.contract.hospital import Database, Hospital
from tests.faults.conftest import (
    COMMAND,
    INJECTING,
    ROOT,
    Planner,
    finished,
    kill,
    wait_until,
)


def read_only(database: Database, *, on: bool) -> None:
    """Let new transactions refuse to write, as a database does while another one takes over."""
    database.rows(
        "alter system set default_transaction_read_only = on"
        if on
        else "alter system reset default_transaction_read_only"
    )
    database.rows("select pg_reload_conf()")
    wait_until(lambda: database.value("show default_transaction_read_only") == ("off", "on")[on])


def test_m1_seconds_without_writing_at_the_commit_lose_nothing(
    planner: Planner, hospital: Hospital
) -> None:
    run = hospital.ask()
    process = planner.start_paused(run, "committing")
    read_only(hospital.database, on=True)
    try:
        os.kill(process.pid, 18)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
    finally:
        read_only(hospital.database, on=False)
    ended = finished(process)
    assert ended.returncode == 0, ended.stderr
    assert hospital.row(run)["status"] == "COMPLETED"
    assert len(hospital.lines()) == 3


def test_m1_lines_are_kept_in_a_file_when_the_database_stays_read_only(
    planner: Planner, hospital: Hospital, tmp_path: Path
) -> None:
    run = hospital.ask()
    process = planner.start_paused(
        run, "committing", PLANNER_COMMIT_SECONDS="2", PLANNER_KEEP_DIR=str(tmp_path / "kept")
    )
    read_only(hospital.database, on=True)
    try:
        os.kill(process.pid, 18)
        ended = finished(process)
    finally:
        read_only(hospital.database, on=False)
    assert ended.returncode == 75, ended.stderr
    (kept,) = (tmp_path / "kept").iterdir()
    assert kept.name == f"run-{run}-1.json"
    assert str(kept) in ended.stderr
    assert len(re.findall('"rotations"', kept.read_text())) == 3


@pytest.mark.parametrize(
    "shell",
    ["{} >/dev/full", "{} >&-", "PYTHONIOENCODING=ascii {} >/dev/null", "{} | true", "{} 2>&-"],
    ids=["full disk", "closed", "ASCII only", "reader gone", "no stderr"],
)
def test_m2_output_that_goes_nowhere_changes_neither_exit_code_nor_queue(
    planner: Planner, database: Database, hospital: Hospital, neighbour: Hospital, shell: str
) -> None:
    first, second = hospital.ask(), neighbour.ask()
    command = shell.format(" ".join([COMMAND[0], "-m", "planner_cli", "run", str(first)]))
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": INJECTING,
            "INJECTED_SOLVER": "tests.faults.solvers:quick",
            **planner.address,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert hospital.row(first)["status"] == neighbour.row(second)["status"] == "COMPLETED"


def test_m5_a_container_started_for_a_hasty_run_answers_those_before_it_first(
    planner: Planner, database: Database, hospital: Hospital, neighbour: Hospital
) -> None:
    patient = neighbour.ask()
    hasty = hospital.ask()
    ended = planner.run(hasty)
    assert ended.returncode == 0, ended.stderr
    order = database.rows(
        "select id from public.allocation_planner_runs where id = any (%s) order by claimed_at",
        [patient, hasty],
    )
    assert [row["id"] for row in order] == [patient, hasty]
    assert hospital.row(hasty)["status"] == "COMPLETED"


def test_a_busy_run_is_described_with_its_runner_and_when_that_was_heard(
    planner: Planner, hospital: Hospital
) -> None:
    run = hospital.ask()
    process = planner.start_paused(run, "claimed", PLANNER_RUNNER="host-12")
    try:
        ended = planner.run(run)
    finally:
        kill(process)
    assert ended.returncode == 0
    said = rf"Run {run} is being answered by runner host-12/\S+ \(last heard \d+ s ago\)\."
    assert re.search(said, ended.stdout), ended.stdout


def test_l6_the_kept_file_is_new_private_and_follows_no_link(tmp_path: Path) -> None:
    run, folder = uuid4(), tmp_path / "kept"
    path = keep_lines(folder, run, 1, {"lines": []})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        keep_lines(folder, run, 1, {"lines": []})
    target = tmp_path / "precious"
    target.write_text("mine")
    (folder / f"run-{run}-2.json").symlink_to(target)
    with pytest.raises(OSError, match=r"File exists|Too many levels"):
        keep_lines(folder, run, 2, {"lines": []})
    assert target.read_text() == "mine"


def test_l6_the_folder_nobody_chose_is_this_account_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    path = keep_lines(None, uuid4(), 1, {"lines": []})
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.unlink()
    path.parent.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path.parent.symlink_to(elsewhere)
    with pytest.raises(PermissionError):
        keep_lines(None, uuid4(), 1, {"lines": []})


@pytest.mark.parametrize("code", ["25006", "57P01", "57P03", "53300", "08006", "40001", "55P03"])
def test_m1_what_passes_by_itself_is_asked_again_over_http_too(code: str) -> None:
    """PostgREST passes the SQLSTATE on, with 405 for a read-only database."""
    assert isinstance(fault(code, "cannot execute UPDATE", status=405), StoreUnreachable)


def test_l6_a_full_disk_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        keep_lines(tmp_path, uuid4(), 1, {"lines": []})
    assert list(tmp_path.iterdir()) == []
