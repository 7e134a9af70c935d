"""What waits: its place is visible, hospitals take turns, and nothing waits for ever."""

from uuid import UUID, uuid4

import psycopg

from planner_cli.launch import open_launcher
from tests.contract.hospital import Hospital
from tests.functions.conftest import Wait
from tests.functions.project import Person, Project, signed_in
from tests.functions.test_crowds import another_round
from tests.functions.test_launching import launch_settings


def test_a_planner_sees_place_and_age_of_a_waiting_run_and_others_do_not(
    project: Project, planner: Person, outsider: Person, hospital: Hospital, held: None
) -> None:
    run = planner.ask(hospital).json()["planner_run_id"]

    with signed_in(project, project.publishable, planner) as client:
        place = client.rpc("planner_queue_position", {"p_run": run}).execute().data
        rows = client.table("allocation_planner_runs").select("created_at").execute().data
    with signed_in(project, project.publishable, outsider) as client:
        theirs = client.rpc("planner_queue_position", {"p_run": run}).execute().data

    assert place == 1
    assert len(rows) == 1
    assert theirs is None


def test_a_hospital_with_one_run_is_not_kept_waiting_by_one_with_four(
    project: Project, planner: Person, outsider: Person, hospital: Hospital, wait_for: Wait
) -> None:
    project.fault("hold")
    many = [planner.ask(hospital)]
    many += [planner.ask(another_round(hospital, number)) for number in range(3)]
    target = project.database.value(
        "select r.id from public.allocation_runs r join public.org_members m on m.org = r.org"
        " where m.user_id = %s",
        outsider.id,
    )
    one = outsider.call({"allocation_run": str(target), "n_job_lines": 3})
    runs = [answer.json()["planner_run_id"] for answer in [*many, one]]

    # One container answers them all: five at once would race for the free lane, each with its own.
    project.forget_waiting_executions()
    project.fault("none")
    launcher = open_launcher(launch_settings(project))
    assert launcher is not None
    launcher.launch(UUID(runs[0]))
    for run in runs:
        wait_for(run, "COMPLETED", "FAILED", "INFEASIBLE", timeout=90)

    order = project.database.rows(
        "select id::text as run from public.allocation_planner_runs where id = any(%s::uuid[])"
        " order by claimed_at",
        runs,
    )
    assert [row["run"] for row in order[:2]] == [runs[0], runs[-1]]


def test_a_run_whose_container_comes_hours_late_is_refused(
    project: Project, planner: Person, hospital: Hospital
) -> None:
    project.fault("hold")
    run = planner.ask(hospital).json()["planner_run_id"]
    with psycopg.connect(
        project.database.dsn, autocommit=True, options="-c session_replication_role=replica"
    ) as connection:
        connection.execute(
            "update public.allocation_planner_runs"
            " set created_at = created_at - interval '5 hours' where id = %s",
            (run,),
        )

    project.fault("none")
    (execution,) = project.ended(run)

    row = hospital.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "start.too_late")
    assert execution["exit_code"] == 0


def test_a_container_for_an_unknown_run_exits_4_and_that_is_all(project: Project) -> None:
    unknown = uuid4()
    launcher = open_launcher(launch_settings(project))
    assert launcher is not None

    launcher.launch(unknown)

    (execution,) = project.ended(str(unknown))
    assert execution["exit_code"] == 4


def test_more_lines_than_posts_end_with_a_sentence_and_change_nothing(
    project: Project, planner: Person, hospital: Hospital, wait_for: Wait
) -> None:
    old = hospital.write_old_lines()

    run = planner.ask(hospital, n_job_lines=50).json()["planner_run_id"]

    assert wait_for(run, "INFEASIBLE", "FAILED", "COMPLETED") in {"INFEASIBLE", "FAILED"}
    assert "50" in hospital.row(run)["message"]
    assert hospital.lines() == old


def test_a_year_whose_terms_do_not_add_up_is_named(
    project: Project, planner: Person, wait_for: Wait
) -> None:
    short = project.hospital(terms=[{"weeks": 20}, {"weeks": 20}])
    project.join(planner.id, short, "planner")

    run = planner.ask(short).json()["planner_run_id"]

    assert wait_for(run, "FAILED", "INFEASIBLE", "COMPLETED") == "FAILED"
    assert "terms" in short.row(run)["message"]
