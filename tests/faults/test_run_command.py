"""`planner run` as other programs see it: exit codes, channels, duplicates, the queue."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.conftest import FoundHospital
from tests.contract.gateway import Gateway, jwt
from tests.contract.hospital import Database, Hospital
from tests.contract.postgrest import free_port
from tests.contract.tiny import tiny_problem
from tests.faults.conftest import ROOT, Planner, finished, wait_until
from tests.faults.test_killed_runner import NEW_LINES


def test_a_run_is_answered_on_stdout_as_one_object_and_logged_on_stderr(
    each_planner: Planner, hospital: Hospital
) -> None:
    run = hospital.ask()
    ended = each_planner.run(run, "--json")
    assert ended.returncode == 0
    answer = json.loads(ended.stdout)
    assert (answer["run"], answer["status"]) == (str(run), "COMPLETED")
    assert [line["name"] for line in answer["result"]["lines"]] == list(NEW_LINES)
    assert hospital.lines() == NEW_LINES
    records = [json.loads(line) for line in ended.stderr.splitlines()]
    assert {record["run_id"] for record in records} == {str(run)}
    assert hospital.logs(run)


def test_the_real_solver_answers_a_real_hospital(
    planner_over_supabase: Planner, found_hospital: FoundHospital
) -> None:
    problem = json.loads((ROOT / "examples" / "small_rural.json").read_text())
    small_rural = found_hospital(problem)
    run = small_rural.ask(options={"time_limit_seconds": 10, "target_gap": 0.3})
    ended = planner_over_supabase.run(run, "--json", solver="")
    assert ended.returncode == 0, ended.stderr
    assert small_rural.row(run)["status"] == "COMPLETED"
    assert len(small_rural.lines()) == problem["n_job_lines"]


def test_of_eight_runners_started_at_once_exactly_one_answers(
    planner_over_supabase: Planner, hospital: Hospital
) -> None:
    """Faults 2, 3 and 5."""
    run = hospital.ask()
    processes = [planner_over_supabase.start(run, "--json") for _ in range(8)]
    ended = [finished(process) for process in processes]
    assert [e.returncode for e in ended] == [0] * 8
    answers = [json.loads(e.stdout) for e in ended]
    assert sum(answer.get("result") is not None for answer in answers) == 1
    row = hospital.row(run)
    assert (row["status"], row["attempt"]) == ("COMPLETED", 1)
    assert hospital.lines() == NEW_LINES
    assert len(hospital.history()) == 1


def test_a_second_run_of_a_finished_id_changes_nothing_and_leaves_one_log_line(
    planner_over_supabase: Planner, hospital: Hospital
) -> None:
    """Faults 2 and 4."""
    run = hospital.ask()
    planner_over_supabase.run(run)
    before = (hospital.row(run), hospital.lines(), hospital.history())
    n_before = len(hospital.logs(run))
    ended = planner_over_supabase.run(run, "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["status"] == "COMPLETED"
    assert (hospital.row(run), hospital.lines(), hospital.history()) == before
    (line,) = hospital.logs(run)[n_before:]
    assert "already" in line["message"]


def test_a_run_costs_the_same_few_calls_whatever_its_size(
    planner_over_supabase: Planner, found_hospital: FoundHospital, gateway: Gateway
) -> None:
    for n_positions in (3, 300):
        first = tiny_problem()["positions"][0]
        positions = [{**first, "id": f"P{n:03}"} for n in range(n_positions)]
        run = found_hospital(tiny_problem(positions=positions)).ask()
        gateway.forget()
        assert planner_over_supabase.run(run).returncode == 0
        once = ("planner_claim_run", "planner_commit_lines", "planner_claim_next")
        assert [gateway.calls[name] for name in once] == [1, 1, 1]
        assert gateway.calls.total() <= 7


def test_an_unknown_id_exits_4_with_one_message(planner: Planner) -> None:
    """Fault 6."""
    ended = planner.run(uuid4(), "--json")
    assert ended.returncode == 4
    assert json.loads(ended.stdout)["reason"] == "run.not_found"
    assert "Traceback" not in ended.stderr


def test_what_is_no_id_is_a_matter_of_usage(planner: Planner) -> None:
    ended = planner.run("not-an-id")
    assert ended.returncode == 2
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"constraints": ["VIC_PYG1"]}, "VIC_PGY1"),
        ({"positions": []}, "positions"),
        ({"options": {"time_limit_seconds": 1e12}}, "time_limit_seconds"),
    ],
    ids=["unknown constraint", "no positions", "option"],
)
def test_a_bad_input_fails_the_run_and_names_the_field(
    planner: Planner, found_hospital: FoundHospital, changes: dict[str, Any], named: str
) -> None:
    """Fault 47."""
    bad = found_hospital(tiny_problem(**changes))
    run = bad.ask()
    ended = planner.run(run)
    row = bad.row(run)
    assert ended.returncode == 5
    assert (row["status"], row["reason"]) == ("FAILED", "input.invalid")
    assert named in row["message"]
    assert "Traceback" not in ended.stderr
    assert bad.lines() == {}


@pytest.mark.parametrize(
    ("command", "exit_code", "answer"),
    [
        (("proof", "--exit-status"), 10, "INFEASIBLE infeasible"),
        (("undecided",), 7, "FAILED solver.undecided"),
        (("illegal",), 1, "FAILED solver.illegal_lines"),
        (("too_large",), 5, "FAILED input.invalid"),
    ],
)
def test_the_exit_code_says_what_the_row_says(
    planner: Planner, hospital: Hospital, command: tuple[str, ...], exit_code: int, answer: str
) -> None:
    """Faults 21, 31 and 46."""
    solver, *options = command
    old = hospital.write_old_lines()
    run = hospital.ask()
    ended = planner.run(run, *options, solver=solver)
    row = hospital.row(run)
    assert (ended.returncode, f"{row['status']} {row['reason']}") == (exit_code, answer)
    assert hospital.lines() == old


def test_a_surprise_leaves_its_traceback_in_the_logs_without_the_secret(
    planner: Planner, hospital: Hospital
) -> None:
    """Fault 44."""
    run = hospital.ask()
    ended = planner.run(run, solver="broken")
    assert ended.returncode == 1
    row = hospital.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "unforeseen")
    logged = json.dumps([log["context"] for log in hospital.logs(run)])
    assert "RuntimeError" in logged
    assert "solvers.py" in logged
    for text in (logged, ended.stderr, ended.stdout, row["message"]):
        assert "do_not_show_me" not in text


def test_a_store_nobody_can_reach_exits_75() -> None:
    port = free_port()
    addresses = [
        {"DATABASE_URL": f"postgresql://x@127.0.0.1:{port}/postgres"},
        {
            "SUPABASE_URL": f"http://127.0.0.1:{port}",
            "SUPABASE_SERVICE_ROLE_KEY": jwt("service_role"),
        },
    ]
    for address in addresses:
        ended = Planner(address).run(uuid4(), "--json", PLANNER_REQUEST_ATTEMPTS="2")
        assert ended.returncode == 75
        assert json.loads(ended.stdout)["reason"] == "store.unreachable"


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"SUPABASE_URL": "https://abc.supabase.co"},
        {"SUPABASE_URL": "https://abc.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": jwt("anon")},
        {"DATABASE_URL": "postgresql://x", "PLANNER_HEARTBEAT_SECONDS": "soon"},
    ],
    ids=["nothing", "no key", "wrong key", "bad number"],
)
def test_a_wrong_configuration_exits_3(address: dict[str, str]) -> None:
    """Fault 38."""
    ended = Planner(address).run(uuid4(), "--json")
    assert ended.returncode == 3
    assert json.loads(ended.stdout)["reason"] == "configuration"
    assert "Traceback" not in ended.stderr


def test_a_schema_of_another_version_is_refused_before_any_solve(
    planner: Planner, hospital: Hospital, database: Database
) -> None:
    """Fault 7."""
    run = hospital.ask()
    version = (
        "create or replace function planner_private.contract_version() returns integer language sql"
    )
    version += " immutable set search_path = '' as 'select {}'"
    database.rows(version.format(99))
    try:
        ended = planner.run(run, "--json")
    finally:
        database.rows(version.format(1))
    assert ended.returncode == 3
    assert json.loads(ended.stdout)["reason"] == "contract.mismatch"
    assert hospital.row(run)["status"] == "PENDING"


def test_lines_made_before_the_key_was_changed_are_not_lost(
    planner_over_supabase: Planner, hospital: Hospital, gateway: Gateway, tmp_path: Any
) -> None:
    """Fault 39."""
    run = hospital.ask()
    gateway.lose("planner_commit_lines", "401")
    ended = planner_over_supabase.run(run, TMPDIR=str(tmp_path))
    assert ended.returncode == 3
    saved = json.loads(next(tmp_path.glob(f"planner-runs-*/run-{run}-1.json")).read_text())
    assert [line["name"] for line in saved["lines"]] == list(NEW_LINES)
    assert '"lines"' in ended.stderr


def test_a_busy_lane_leaves_the_run_to_the_runner_that_holds_it(
    planner: Planner, hospital: Hospital, neighbour: Hospital
) -> None:
    first, second = neighbour.ask(), hospital.ask()
    busy = planner.start(first, solver="slow")
    wait_until(lambda: neighbour.row(first)["status"] == "GENERATING", busy)
    ended = planner.run(second)
    assert ended.returncode == 0
    assert str(first) in ended.stdout
    assert hospital.row(second)["status"] == "PENDING"
    assert finished(busy).returncode == 0
    assert hospital.row(second)["status"] == "COMPLETED"
    assert neighbour.row(first)["runner"] == hospital.row(second)["runner"]


def test_a_runner_told_not_to_drain_leaves_the_queue_and_a_waiting_one_serves_itself(
    planner: Planner, hospital: Hospital, neighbour: Hospital
) -> None:
    first, second = neighbour.ask(), hospital.ask()
    busy = planner.start(first, "--no-drain", solver="slow")
    wait_until(lambda: neighbour.row(first)["status"] == "GENERATING", busy)
    waiting = planner.start(second, "--wait", PLANNER_WAIT_POLL_SECONDS="0.2")
    assert finished(busy).returncode == 0
    assert finished(waiting).returncode == 0
    assert neighbour.row(first)["runner"] != hospital.row(second)["runner"]
    assert hospital.row(second)["status"] == "COMPLETED"


def test_a_run_that_is_no_draft_any_more_is_refused_with_its_reason(
    planner: Planner, hospital: Hospital, database: Database
) -> None:
    """Fault 32."""
    run = hospital.ask()
    database.rows(
        "update public.allocation_runs set status = 'open' where id = %s", hospital.allocation_run
    )
    ended = planner.run(run)
    assert ended.returncode == 0
    assert hospital.row(run)["reason"] == "target.not_draft"
    assert "FAILED" in ended.stdout


def test_lost_answers_do_not_show_in_the_outcome(
    planner_over_supabase: Planner, hospital: Hospital, gateway: Gateway
) -> None:
    """Faults 2, 27 and 28."""
    run = hospital.ask()
    gateway.lose("planner_claim_run", "after")
    gateway.lose("planner_heartbeat", "before")
    gateway.lose("planner_commit_lines", "after")
    gateway.lose("planner_log", "502")
    ended = planner_over_supabase.run(run, "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["status"] == "COMPLETED"
    assert hospital.lines() == NEW_LINES
    assert len(hospital.history()) == 1
