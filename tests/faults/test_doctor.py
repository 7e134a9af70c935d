"""`planner doctor` finds each thing that is wrong, says it in words, and what to do about it."""

import ast
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contract.hospital import Database
from tests.faults.conftest import COMMAND, ROOT, Planner

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
NOBODY = {"SUPABASE_URL": "http://127.0.0.1:9", "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_x"}
JOB = "projects/p/locations/australia-southeast1/jobs/planner"

#: The variables; then what is named, how bad it is, and words of what was found and of the remedy.
IN_THE_ENVIRONMENT: list[tuple[dict[str, str], str, str, str, str]] = [
    (
        {"PLANNER_HEARTBEAT_SECOND": "5"},
        "settings",
        "warning",
        "PLANNER_HEARTBEAT_SECOND is set, but means nothing",
        "Did you mean PLANNER_HEARTBEAT_SECONDS?",
    ),
    (
        {"PLANNER_CLOUDRUN_JOB": JOB},
        "settings",
        "warning",
        "PLANNER_CLOUDRUN_JOB is set",
        "PLANNER_CLOUD_RUN_JOB",
    ),
    ({"PLANNER_MOON": "full"}, "settings", "warning", "PLANNER_MOON is set", "Unset it."),
    ({"PLANNER_PAUSE_AT": "solved"}, "settings", "warning", "PLANNER_PAUSE_AT is set", "Unset it."),
    (
        {"DATABASE_URL": "postgresql://127.0.0.1:9/postgres"},
        "settings",
        "warning",
        "both set: SUPABASE_URL is used",
        "Unset the one you do not mean.",
    ),
    ({}, "launcher", "warning", "PLANNER_LAUNCHER is not set", "cloud-run, webhook"),
    (
        {"PLANNER_LAUNCHER": "cloudrun"},
        "launcher",
        "error",
        "PLANNER_LAUNCHER",
        "Did you mean cloud-run?",
    ),
    (
        {"PLANNER_LAUNCHER": "cloud-run"},
        "launcher",
        "error",
        "PLANNER_CLOUD_RUN_JOB is not set",
        "docs/launching.md",
    ),
    (
        {"PLANNER_LAUNCHER": "cloud-run", "PLANNER_CLOUD_RUN_JOB": "planner"},
        "launcher",
        "error",
        "PLANNER_CLOUD_RUN_JOB",
        "docs/launching.md",
    ),
    (
        {"PLANNER_LAUNCHER": "webhook", "PLANNER_WEBHOOK_URL": "http://hooks.example/run"},
        "launcher",
        "error",
        "it must begin with https://",
        "docs/launching.md",
    ),
    (
        {
            "PLANNER_LAUNCHER": "webhook",
            "PLANNER_WEBHOOK_URL": "https://hooks.example/run",
            "PLANNER_WEBHOOK_SECRET": "one\ntwo",
        },
        "launcher",
        "error",
        "PLANNER_WEBHOOK_SECRET: it holds a line break or another control character",
        "docs/launching.md",
    ),
    ({"PLANNER_LAUNCHER": "process"}, "launcher", "ok", "process", ""),
    (
        {"PLANNER_HEARTBEAT_SECONDS": "soon"},
        "configuration",
        "error",
        "PLANNER_HEARTBEAT_SECONDS",
        "Correct or unset it.",
    ),
    (
        {"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_\nx"},
        "configuration",
        "error",
        "SUPABASE_SERVICE_ROLE_KEY: it holds a line break or another control character",
        "Correct or unset it.",
    ),
    (
        {"SUPABASE_SERVICE_ROLE_KEY": ""},
        "configuration",
        "error",
        "SUPABASE_SERVICE_ROLE_KEY is not",
        "Copy the service role key",
    ),
    ({}, "connection", "error", "did not answer", "Check SUPABASE_URL, that the project"),
]


@pytest.mark.parametrize(("variables", "what", "state", "found", "remedy"), IN_THE_ENVIRONMENT)
def test_what_the_environment_gets_wrong_is_found_with_what_to_do(
    variables: dict[str, str], what: str, state: str, found: str, remedy: str
) -> None:
    findings = doctor(NOBODY | variables)
    assert any(
        (one["what"], one["state"]) == (what, state)
        and found in one["found"]
        and remedy in one["remedy"]
        for one in findings
    ), findings


def test_what_only_the_tests_and_builds_read_is_nothing_to_unset() -> None:
    names = ["BASE_IMAGE", "CHROMIUM", "CI_VENV", "TEST_POSTGRES_BIN"]
    assert not named("settings", doctor(NOBODY | {f"PLANNER_{name}": "x" for name in names}))


def test_a_healthy_project_has_nothing_but_good_findings(
    each_planner: Planner, database: Database
) -> None:
    database.rows("update public.planner_settings set last_swept_at = now()")
    findings = doctor(each_planner.address | {"PLANNER_LAUNCHER": "process"})
    assert {one["state"] for one in findings} == {"ok"}, findings
    assert {one["what"] for one in findings} == {
        "launcher",
        "configuration",
        "connection",
        "contract",
        "clock",
        "sweep",
        "runs",
    }


@pytest.mark.parametrize(
    ("variable", "seconds", "used"),
    [("PLANNER_HEARTBEAT_SECONDS", "20", "10"), ("PLANNER_LEASE_MARGIN_SECONDS", "25", "15")],
)
def test_a_setting_that_the_lease_is_too_short_for_is_said_to_be_cut(
    each_planner: Planner, variable: str, seconds: str, used: str
) -> None:
    (one,) = named("lease", doctor(each_planner.address | {variable: seconds}))
    assert one["state"] == "warning"
    assert f"{variable} is {seconds}, but the lease is 30 s: {used} is used" in one["found"]
    assert f"Set it to {used} or less" in one["remedy"]


@pytest.mark.parametrize(
    ("swept", "words"), [("null", "never ran"), ("now() - interval '1 hour'", "60 minutes ago")]
)
def test_a_sweep_that_does_not_run_is_found(
    each_planner: Planner, database: Database, swept: str, words: str
) -> None:
    database.rows(f"update public.planner_settings set last_swept_at = {swept}")  # noqa: S608
    (one,) = named("sweep", doctor(each_planner.address))
    assert (one["state"], words in one["found"]) == ("warning", True)
    assert "planner sweep" in one["remedy"]


@pytest.mark.parametrize(
    ("change", "remedy"), [("+ 1", "Take the newer image."), ("- 1", "Apply the migrations")]
)
def test_a_schema_of_another_contract_is_found(
    planner: Planner, database: Database, change: str, remedy: str
) -> None:
    other = f"jsonb_build_object('contract', (v ->> 'contract')::integer {change})"
    health = f"select v || {other} from planner_private.health() as v"  # noqa: S608
    with answered_by(database, health):
        (one,) = named("contract", doctor(planner.address))
    assert (one["state"], remedy in one["remedy"]) == ("error", True)


def test_a_slow_connection_is_found(planner: Planner, database: Database) -> None:
    with answered_by(
        database, "select v from planner_private.health() as v, pg_catalog.pg_sleep(1.2)"
    ):
        (one,) = named("connection", doctor(planner.address))
    assert one["state"] == "warning"
    assert " ms" in one["found"]


@pytest.mark.skipif(not FAKETIME.exists(), reason=f"there is no {FAKETIME} (Debian: libfaketime)")
def test_a_clock_that_is_ten_minutes_off_is_found(planner: Planner) -> None:
    wrong = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+600s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    (one,) = named("clock", doctor(planner.address | wrong))
    assert one["state"] == "warning"
    assert "600 s off" in one["found"] or "599 s off" in one["found"]


def test_every_finding_of_the_doctor_is_in_a_test_here() -> None:
    """Literal ones: those of `--host` are in tests/database/test_host.py."""
    written = set()
    for name in ("doctor.py", "doctor_settings.py"):
        tree = ast.parse((ROOT / "planner_cli" / "cli" / name).read_text())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
            if texts and isinstance(call.func, ast.Name) and call.func.id in {"Finding", "Remark"}:
                written.add(texts[0])
    assert written == {
        "clock",
        "configuration",
        "connection",
        "contract",
        "launcher",
        "lease",
        "runs",
        "settings",
        "sweep",
    }


def doctor(variables: dict[str, str]) -> list[dict[str, str]]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*COMMAND, "doctor", "--json"],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    findings: list[dict[str, str]] = document["findings"]
    bad = any(one["state"] == "error" for one in findings)
    assert done.returncode == (3 if bad else 0), done.stderr
    assert document["well"] is not bad
    assert done.stderr == ""
    assert all(one["remedy"] for one in findings if one["state"] != "ok"), findings
    return findings


def named(what: str, findings: list[dict[str, str]]) -> list[dict[str, str]]:
    return [one for one in findings if one["what"] == what]


@contextmanager
def answered_by(database: Database, query: str) -> Iterator[None]:
    """Let `planner_health` answer with the value of a query for a while."""
    before = database.value("select pg_get_functiondef('public.planner_health()'::regprocedure)")
    head = "create or replace function public.planner_health() returns jsonb language sql as"
    database.rows(f"{head} $health$ {query} $health$")
    try:
        yield
    finally:
        database.rows(before)
