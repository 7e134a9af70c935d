"""Many callers at once: one live run per allocation run, one run per key, a cap per hospital."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project

CROWD = 50


def test_of_fifty_requests_at_once_one_is_the_run_and_the_others_are_told_which(
    planner: Person, hospital: Hospital, held: None
) -> None:
    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(lambda _: planner.ask(hospital), range(CROWD)))

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: CROWD - 1}
    assert len({answer.json()["planner_run_id"] for answer in answers}) == 1


def test_fifty_requests_with_one_key_are_one_run_and_one_launch(
    project: Project, planner: Person, hospital: Hospital, held: None
) -> None:
    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(lambda _: planner.ask(hospital, key="click"), range(CROWD)))

    assert Counter(answer.status_code for answer in answers) == {202: CROWD}
    (run,) = {answer.json()["planner_run_id"] for answer in answers}
    assert len(project.executions(run)) == 1


def test_a_key_is_its_senders_own(
    project: Project, planner: Person, hospital: Hospital, held: None
) -> None:
    colleague = project.person("planner", hospital)
    planner.ask(hospital, key="k")

    assert colleague.ask(hospital, key="k").status_code == 409


def test_a_key_that_meant_another_request_is_refused(
    planner: Person, hospital: Hospital, held: None
) -> None:
    planner.ask(hospital, key="k")
    answer = planner.ask(hospital, key="k", n_job_lines=2)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.mismatch")


def test_a_key_still_names_its_run_once_it_has_ended(
    planner: Person, hospital: Hospital, held: None
) -> None:
    run = planner.ask(hospital, key="k").json()["planner_run_id"]
    planner.cancel(run)

    answer = planner.ask(hospital, key="k")

    assert answer.json() == {"planner_run_id": run, "status": "CANCELLED"}


def test_a_hospital_that_queues_too_many_runs_gets_429_and_others_do_not(
    project: Project, planner: Person, hospital: Hospital, outsider: Person, held: None
) -> None:
    rounds = [hospital, *(another_round(hospital, n) for n in range(5))]

    answers = [planner.ask(one) for one in rounds]

    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "60"
    assert answers[-1].json()["code"] == "run.limit"
    theirs = project.database.value(
        "select r.id from public.allocation_runs r join public.org_members m on m.org = r.org"
        " where m.user_id = %s",
        outsider.id,
    )
    assert outsider.call({"allocation_run": str(theirs), "n_job_lines": 3}).status_code == 202


def another_round(hospital: Hospital, number: int) -> Hospital:
    """Add another allocation run to the same organisation; it needs no posts to be asked for."""
    year = hospital.database.value(
        "insert into public.allocation_runs (org, name) values (%s, %s) returning id",
        hospital.org,
        f"Another year {number}",
    )
    return Hospital(hospital.database, hospital.org, year, hospital.problem)
