"""What an engineer has months later: sweep, replay, logs and doctor, on a real database."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.hospital import Database, Hospital
from tests.faults.conftest import COMMAND, ROOT, Planner, kill


def ask(planner: Planner, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "COLUMNS": "100",
        **planner.address,
        **variables,
    }
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def document_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_completed_run_is_repeated_identically_from_the_database(
    each_planner: Planner, hospital: Hospital
) -> None:
    run = hospital.ask()
    assert each_planner.run(run, solver="").returncode == 0
    before = (hospital.row(run), hospital.lines(), hospital.history())
    replayed = document_of(ask(each_planner, "replay", str(run), "--json"))
    assert replayed["verdict"] == "identical"
    assert replayed["differences"] == []
    assert (hospital.row(run), hospital.lines(), hospital.history()) == before


def test_a_saved_bundle_is_replayed_offline(
    planner: Planner, hospital: Hospital, tmp_path: Path
) -> None:
    run = hospital.ask()
    assert planner.run(run, solver="").returncode == 0
    bundle = tmp_path / "bundle.json"
    assert ask(planner, "replay", str(run), "--save", str(bundle)).returncode == 0
    offline = Planner({})
    assert document_of(ask(offline, "replay", str(bundle), "--json"))["verdict"] == "identical"


def test_a_changed_line_in_the_recording_is_named_with_term_and_both_positions(
    planner: Planner, hospital: Hospital, tmp_path: Path
) -> None:
    run = hospital.ask()
    assert planner.run(run, solver="").returncode == 0
    bundle = tmp_path / "bundle.json"
    ask(planner, "replay", str(run), "--save", str(bundle))
    document = json.loads(bundle.read_text())
    line = document["result"]["lines"][0]
    was = line["rotations"][1]["position"]
    line["rotations"][1]["position"] = other = "EME" if was != "EME" else "SUR"
    document["versions"]["ortools"] = "1.0"
    bundle.write_text(json.dumps(document))
    done = ask(planner, "replay", str(bundle), "--json", "--exit-status")
    assert done.returncode == 1
    replayed = json.loads(done.stdout)
    assert replayed["verdict"] == "different"
    assert replayed["differences"] == [
        {"what": f"{line['name']}, Term 2", "recorded": other, "repeated": was}
    ]
    assert any(reason.startswith("ortools was 1.0") for reason in replayed["reasons"])


def test_the_recording_outlives_edits_by_hand(
    planner: Planner, hospital: Hospital, database: Database
) -> None:
    run = hospital.ask()
    assert planner.run(run, solver="").returncode == 0
    hospital.write_old_lines()
    assert document_of(ask(planner, "replay", str(run), "--json"))["verdict"] == "identical"


def test_a_run_nobody_claimed_has_no_inputs_to_replay(planner: Planner, hospital: Hospital) -> None:
    done = ask(planner, "replay", str(hospital.ask()))
    assert done.returncode == 5
    assert "no inputs are recorded" in done.stderr


@pytest.mark.parametrize("command", ["replay", "logs"])
def test_an_unknown_run_exits_4(planner: Planner, hospital: Hospital, command: str) -> None:
    """Fault 6."""
    done = ask(planner, command, str(uuid4()))
    assert done.returncode == 4
    assert "No run has the id" in done.stderr


def test_the_logs_of_a_failed_run_hold_its_traceback(planner: Planner, hospital: Hospital) -> None:
    run = hospital.ask()
    assert planner.run(run, solver="illegal").returncode == 1
    rows = document_of(ask(planner, "logs", str(run), "--json"))["logs"]
    assert any(row["level"] == "ERROR" for row in rows)
    shown = ask(planner, "logs", str(run))
    assert "ERROR" in shown.stdout
    assert "Claimed run" in shown.stdout


def test_a_sweep_ends_a_lost_run_and_a_dry_run_only_says_so(
    each_planner: Planner, hospital: Hospital
) -> None:
    """Faults 9 and 18."""
    run = hospital.ask()
    kill(each_planner.start_paused(run, "problem.read"))
    hospital.silence(run)
    dry = document_of(ask(each_planner, "sweep", "--dry-run", "--json"))
    assert [row["run"] for row in dry["lost"]] == [str(run)]
    assert hospital.row(run)["status"] == "GENERATING"
    swept = document_of(ask(each_planner, "sweep", "--json"))
    assert [row["run"] for row in swept["lost"]] == [str(run)]
    assert hospital.row(run)["status"] == "FAILED"
    assert document_of(ask(each_planner, "sweep", "--json"))["lost"] == []


def test_the_doctor_finds_a_healthy_house_and_a_sweep_that_never_ran(
    each_planner: Planner, hospital: Hospital, database: Database
) -> None:
    database.rows("update public.planner_settings set last_swept_at = null returning 1")
    found = document_of(ask(each_planner, "doctor", "--json"))
    states = {finding["what"]: finding["state"] for finding in found["findings"]}
    assert states["connection"] == states["contract"] == states["clock"] == "ok"
    assert states["sweep"] == "warning"
    ask(each_planner, "sweep")
    again = document_of(ask(each_planner, "doctor", "--json"))
    assert {f["state"] for f in again["findings"] if f["what"] == "sweep"} == {"ok"}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "No database is configured"),
        ({"SUPABASE_URL": "http://127.0.0.1:9"}, "SUPABASE_SERVICE_ROLE_KEY is not"),
        (
            {"SUPABASE_URL": "http://127.0.0.1:9", "SUPABASE_SERVICE_ROLE_KEY": "sb_publishable_x"},
            "publishable key",
        ),
        (
            {"SUPABASE_URL": "http://127.0.0.1:9", "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_x"},
            "connection",
        ),
    ],
    ids=["nothing", "half", "wrong key", "unreachable"],
)
def test_the_doctor_names_what_is_wrong_and_exits_3(variables: dict[str, str], words: str) -> None:
    done = ask(Planner(variables), "doctor")
    assert done.returncode == 3
    assert words in done.stdout
    assert "Traceback" not in done.stderr
