"""Who may ask for a run through the function, and what they are told."""

import time
from typing import Any, cast
from uuid import uuid4

import httpx
import jwt
import pytest

from tests.contract.hospital import Hospital
from tests.functions.conftest import Wait
from tests.functions.project import FUNCTION, Person, Project, signed_in


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem JSON of an error answer."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert {"type", "title", "code", "detail"} <= problem.keys()
    return problem


def test_a_planner_gets_202_with_the_id_of_a_run_that_completes(
    planner: Person, hospital: Hospital, wait_for: Wait
) -> None:
    answer = planner.ask(hospital)

    assert answer.status_code == 202
    run = answer.json()["planner_run_id"]
    assert wait_for(run, "COMPLETED", "FAILED") == "COMPLETED"
    assert hospital.row(run)["requested_by"] == planner.id
    assert len(hospital.lines()) == 3


def test_an_admin_may_ask_too(project: Project, hospital: Hospital, held: None) -> None:
    assert project.person("admin", hospital).ask(hospital).status_code == 202


def test_a_viewer_is_refused_with_403(viewer: Person, hospital: Hospital) -> None:
    answer = viewer.ask(hospital)

    assert answer.status_code == 403
    assert problem_of(answer)["code"] == "run.denied"


def test_another_organisations_planner_is_told_there_is_no_such_allocation_run(
    outsider: Person, hospital: Hospital
) -> None:
    theirs = outsider.ask(hospital)
    nobodys = outsider.call({"allocation_run": str(uuid4()), "n_job_lines": 3})

    assert theirs.status_code == nobodys.status_code == 404
    assert problem_of(theirs) == problem_of(nobodys)


@pytest.mark.parametrize("key", ["publishable", "anon", "secret", ""])
def test_who_is_not_signed_in_is_refused_with_401(
    project: Project, planner: Person, hospital: Hospital, key: str
) -> None:
    token = getattr(project, key) if key else ""
    body = {"allocation_run": str(hospital.allocation_run), "n_job_lines": 3}

    answer = planner.call(body, token=token)

    assert answer.status_code == 401
    assert problem_of(answer)["code"] == "auth.required"


def test_an_expired_token_is_refused_with_401(
    project: Project, planner: Person, hospital: Hospital
) -> None:
    claims = jwt.decode(planner.token, options={"verify_signature": False})
    expired = project.local().keys.token(**{**claims, "exp": int(time.time()) - 120})
    body = {"allocation_run": str(hospital.allocation_run), "n_job_lines": 3}

    assert planner.call(body, token=expired).status_code == 401
    assert planner.call(body, token=planner.token).status_code == 202


@pytest.mark.parametrize("forgery", ["another key", "no signature", "another payload"])
def test_a_forged_token_is_refused_with_401(
    planner: Person, hospital: Hospital, forgery: str
) -> None:
    claims = jwt.decode(planner.token, options={"verify_signature": False})
    head, _, signature = planner.token.split(".")
    forged = {
        "another key": jwt.encode(claims, "a secret that somebody guessed, wrongly", "HS256"),
        "no signature": jwt.encode(claims, "", "none") + "AA",
        "another payload": ".".join(
            [
                head,
                jwt.encode({**claims, "role": "service_role"}, "x" * 32).split(".")[1],
                signature,
            ]
        ),
    }[forgery]
    body = {"allocation_run": str(hospital.allocation_run), "n_job_lines": 3}

    assert planner.call(body, token=forged).status_code == 401


@pytest.mark.parametrize("key", ["publishable", "anon"])
def test_supabase_py_asks_with_either_generation_of_keys(
    project: Project, planner: Person, hospital: Hospital, held: None, key: str
) -> None:
    body = {"allocation_run": str(hospital.allocation_run), "n_job_lines": 3}

    with signed_in(project, getattr(project, key), planner) as client:
        answer = client.functions.invoke(FUNCTION, {"body": body, "responseType": "json"})
        rows = client.table("allocation_planner_runs").select("id, status").execute().data

    assert rows == [{"id": cast("Any", answer)["planner_run_id"], "status": "PENDING"}]


def test_a_program_with_the_service_key_may_ask_for_anybody(
    project: Project, planner: Person, hospital: Hospital, held: None
) -> None:
    body = {"allocation_run": str(hospital.allocation_run), "n_job_lines": 3}

    answer = planner.call(body, token=project.service_role)

    assert answer.status_code == 202
    assert hospital.row(answer.json()["planner_run_id"])["requested_by"] is None


def test_the_wrong_field_is_named_and_nothing_is_inserted(
    planner: Person, hospital: Hospital
) -> None:
    answer = planner.ask(hospital, constraints=["VIC_PGY1", {"name": "MAX_RURAL_TERMS", "max": 99}])

    assert answer.status_code == 422
    assert [error["field"] for error in problem_of(answer)["errors"]] == ["constraints[1].max"]
    assert hospital.database.value(
        "select count(*) from public.allocation_planner_runs where org = %s", hospital.org
    ) == 0  # fmt: skip


def test_the_request_arrives_as_it_was_sent(
    planner: Person, hospital: Hospital, held: None
) -> None:
    constraints = ["UNRESTRICTED", {"name": "MAX_RURAL_TERMS", "max": 1}]
    options = {"seed": 7, "time_limit_seconds": 20, "allow_partial": True}

    answer = planner.ask(hospital, n_job_lines=2, constraints=constraints, options=options)

    row = hospital.row(answer.json()["planner_run_id"])
    assert (row["n_job_lines"], row["constraints"], row["options"]) == (2, constraints, options)


def test_what_the_function_did_is_in_system_logs_for_planners_and_without_secrets(
    project: Project, planner: Person, hospital: Hospital, held: None
) -> None:
    run = planner.ask(hospital).json()["planner_run_id"]

    until = time.monotonic() + 5
    while not (rows := hospital.logs(run)) and time.monotonic() < until:
        time.sleep(0.05)

    assert rows[0]["source"] == f"edge.{FUNCTION}"
    assert "launched" in rows[0]["message"]
    everything = str(project.database.rows("select * from public.system_logs"))
    assert planner.token not in everything
    assert project.secret not in everything


def test_a_preflight_from_a_browser_is_answered_without_signing_in(project: Project) -> None:
    answer = httpx.options(
        f"{project.url}/functions/v1/{FUNCTION}",
        headers={"origin": "http://localhost:5173", "access-control-request-method": "POST"},
    )

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "idempotency-key" in answer.headers["access-control-allow-headers"]
