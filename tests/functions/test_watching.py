"""A run is watched over realtime, by those who may see it and by nobody else."""

from tests.contract.hospital import Hospital
from tests.functions.conftest import Wait
from tests.functions.project import PASSWORD, Person, Project, signed_in
from tests.functions.scripts import listening, run_script


def test_ten_lines_of_supabase_js_ask_for_a_run_and_hear_it_complete(
    project: Project, planner: Person
) -> None:
    heard = run_script("ten_lines.ts", project.url, project.publishable, planner.email, PASSWORD)

    statuses = [word for i, word in enumerate(heard) if heard[i - 1 : i] != [word]]
    assert statuses == ["PENDING", "GENERATING", "COMPLETED"]


def test_members_hear_each_step_and_others_hear_nothing(
    project: Project, planner: Person, viewer: Person, outsider: Person, hospital: Hospital
) -> None:
    ears = [project.url, project.anon]
    with (
        listening(*ears, viewer.email, PASSWORD) as member,
        listening(*ears, outsider.email, PASSWORD) as stranger,
        listening(project.url, project.publishable) as nobody,
    ):
        planner.ask(hospital)
        member.wait(lambda it: it.statuses[-1:] == ["COMPLETED"])

        assert member.statuses == ["PENDING", "GENERATING", "COMPLETED"]
        assert stranger.statuses == []
        assert nobody.statuses == []


def test_nobody_hears_the_token_of_a_claim(
    project: Project, planner: Person, hospital: Hospital
) -> None:
    with listening(project.url, project.publishable, planner.email, PASSWORD) as member:
        planner.ask(hospital)
        member.wait(lambda it: it.statuses[-1:] == ["COMPLETED"])

    rows = [event["row"] for event in member.heard if "row" in event]
    assert all("token" not in row for row in rows)
    assert all("runner" in row for row in rows)


def test_another_organisation_sees_nothing_over_rest_either(
    project: Project, planner: Person, outsider: Person, hospital: Hospital, wait_for: Wait
) -> None:
    run = planner.ask(hospital).json()["planner_run_id"]
    wait_for(run, "COMPLETED")
    with signed_in(project, project.publishable, outsider) as stranger:
        for table in ("allocation_planner_runs", "job_lines", "rotations", "system_logs"):
            query = stranger.table(table).select("org").eq("org", str(hospital.org))
            assert query.execute().data == []
        rounds = stranger.table("allocation_runs").select("id")
        assert rounds.eq("id", str(hospital.allocation_run)).execute().data == []
        assert stranger.rpc("planner_cancel_run", {"p_run": run}).execute().data == "MISSING"
