"""The form: what it refuses, what it warns of, and what it never forgets."""

import re
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.runner import ScriptedRunner
from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project


def _row(hospital: Hospital) -> dict[str, Any]:
    return hospital.database.rows(
        "select * from public.allocation_planner_runs where allocation_run = %s"
        " order by created_at desc limit 1",
        hospital.allocation_run,
    )[0]


_REFUSED = [
    ("Number of lines", "0", "whole number from 1 to 10,000"),
    ("Number of lines", "many", "whole number from 1 to 10,000"),
    ("Weeks of Term 1", "12", "a year has 52 (or 53)"),
    ("First day of Term 2", "31/02/2027", "DD/MM/YYYY"),
    ("Time limit", "0", "more than 0"),
    ("Weeks of annual leave", "30", "0 to 26 weeks"),
]


def test_a_value_out_of_range_is_refused_as_it_is_typed(desk: Desk) -> None:
    send = desk.page.get_by_role("button", name="Generate lines…")
    for field, typed, says in _REFUSED:
        before = desk.page.get_by_label(field).input_value()
        desk.page.get_by_label(field).fill(typed)
        expect(desk.form()).to_contain_text(says)
        expect(send).to_be_disabled()
        desk.page.get_by_label(field).fill(before)
        expect(desk.form()).not_to_contain_text(says)
        expect(send).to_be_enabled()


def test_a_bound_out_of_range_is_refused_as_it_is_typed(desk: Desk) -> None:
    rule = desk.page.locator(".rule").filter(has_text="Maximum service share")
    rule.get_by_label("At most (of the year)").fill("120")
    expect(rule).to_contain_text("Give 0 to 100 %")


def test_the_run_carries_exactly_what_the_form_said(
    desk: Desk, runner: ScriptedRunner, hospital: Hospital
) -> None:
    share = desk.page.locator(".rule").filter(has_text="Maximum service share")
    share.get_by_label("At most (of the year)").fill("30")
    desk.page.get_by_role("checkbox", name="No nights").check(force=True)
    desk.page.get_by_label("Time limit").fill("45")
    desk.page.get_by_label("Good enough").fill("1.5")
    desk.generate(8)
    desk.expect_status("PENDING")
    row = _row(hospital)
    pack, *rest = row["constraints"]
    assert pack == "NT_CENTRAL_PGY1"
    assert {"name": "MAX_SERVICE_SHARE", "max": 0.3} in rest
    assert "NO_NIGHTS" in rest
    assert row["n_job_lines"] == 8
    assert row["options"]["time_limit_seconds"] == 45
    assert row["options"]["target_gap"] == 0.015


def test_what_is_replaced_is_said_with_a_count_before_anything_is_sent(
    desk: Desk, runner: ScriptedRunner, hospital: Hospital
) -> None:
    hospital.write_old_lines()
    hospital.database.rows(
        "update public.job_lines set locked = true where allocation_run = %s"
        " and name = 'Old line 1'",
        hospital.allocation_run,
    )
    desk.page.reload()
    desk.page.get_by_role("button", name="Generate lines…").click()
    dialog = desk.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("1 line of Interns 2027 will be replaced")
    expect(dialog).to_contain_text("1 locked line stays exactly as it is")
    dialog.get_by_role("button", name="Go back").click()
    expect(dialog).to_be_hidden()
    count = "select count(*) from public.allocation_planner_runs where allocation_run = %s"
    assert hospital.database.value(count, hospital.allocation_run) == 0


def test_terms_and_pathways_are_saved_with_the_year(
    desk: Desk, runner: ScriptedRunner, hospital: Hospital
) -> None:
    page = desk.page
    page.get_by_label("Weeks of annual leave").fill("4")
    page.get_by_role("button", name="Add a pathway").click()
    page.get_by_label("Name", exact=True).fill("Rural generalist")
    page.get_by_label("Specialties every such line sees").fill("General practice")
    page.get_by_role("button", name="Generate lines…").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("the weeks of annual leave")
    expect(dialog).to_contain_text("the pathways")
    dialog.get_by_role("button", name=re.compile("^Generate ")).click()
    desk.expect_status("PENDING")
    (row,) = hospital.database.rows(
        "select annual_leave_weeks, pathways from public.allocation_runs where id = %s",
        hospital.allocation_run,
    )
    assert row["annual_leave_weeks"] == 4
    (pathway,) = row["pathways"]
    assert pathway["specialties"] == ["General practice"]


def test_the_form_survives_a_reload_and_a_closed_tab(
    desk: Desk, open_desk: OpenDesk, hospital: Hospital
) -> None:
    desk.page.get_by_label("Number of lines").fill("7")
    desk.page.get_by_label("Seed").fill("99")
    desk.page.reload()
    expect(desk.page.get_by_label("Seed")).to_have_value("99")
    second = open_desk(beside=desk)
    desk.page.close()
    second.open(hospital)
    expect(second.page.get_by_label("Number of lines")).to_have_value("7")


def test_the_last_runs_settings_come_back_with_one_click(
    desk: Desk, runner: ScriptedRunner
) -> None:
    page = desk.page
    page.get_by_label("Seed").fill("41")
    desk.generate(6)
    runner.claim()
    runner.finish("FAILED", "solver.undecided", "Neither lines nor a proof in the time allowed.")
    desk.expect_status("FAILED")
    expect(desk.run()).to_contain_text("Neither lines nor a proof")
    expect(page.get_by_label("Seed")).to_have_value("41")
    page.get_by_role("button", name="Start afresh").click()
    expect(page.get_by_label("Seed")).to_have_value("1")
    page.get_by_role("button", name="Take the last run").click()
    expect(page.get_by_label("Seed")).to_have_value("41")
    expect(page.get_by_label("Number of lines")).to_have_value("6")


def test_a_failed_launch_is_said_at_once_and_can_be_tried_again(
    desk: Desk, project: Project, hospital: Hospital
) -> None:
    project.fault("status", status=400)
    desk.generate(6)
    desk.expect_status("FAILED")
    desk.notice("could not be started")
    project.fault("none")
    desk.generate()
    desk.expect_status("COMPLETED", seconds=60)
    assert len(hospital.lines()) == 6


def test_a_server_out_of_reach_is_said_and_nothing_is_lost(desk: Desk, hospital: Hospital) -> None:
    desk.page.route("**/functions/v1/**", lambda route: route.abort())
    desk.page.get_by_label("Seed").fill("5")
    desk.generate(6)
    desk.notice("The server cannot be reached")
    expect(desk.page.get_by_label("Seed")).to_have_value("5")


def test_field_errors_of_the_function_are_shown(desk: Desk) -> None:
    def refuse(route: Route) -> None:
        problem = {
            "detail": "The request is not valid.",
            "errors": [{"field": "n_job_lines", "message": "must be less"}],
        }
        route.fulfill(status=422, json=problem, headers={"access-control-allow-origin": "*"})

    desk.page.route("**/functions/v1/**", refuse)
    desk.generate(6)
    expect(desk.page.get_by_role("form", name="Ask for job lines")).to_contain_text("must be less")


def test_an_infeasible_answer_is_told_in_words_and_its_repair_put_into_the_form(
    desk: Desk, runner: ScriptedRunner
) -> None:
    desk.generate(12)
    runner.claim()
    runner.finish(
        "INFEASIBLE", "infeasible", "Only 10 lines can hold a term in category D.",
        explanation={
            "max_lines": 10, "conflict": ["REQUIRED_CATEGORIES", "MAX_SERVICE_SHARE"],
            "sentences": ["Category D has 40 places over the year, 12 lines need 48."],
            "repairs": [
                {"kind": "relax", "sentence": "Allow 30 % of service.",
                 "changes": [{"name": "MAX_SERVICE_SHARE", "max": 0.3}]},
                {"kind": "fewer_lines", "sentence": "Ask for 10 lines.",
                 "changes": [{"n_job_lines": 10}]},
            ],
        },
    )  # fmt: skip
    desk.expect_status("INFEASIBLE")
    panel = desk.run()
    expect(panel).to_contain_text("Category D has 40 places")
    expect(panel).to_contain_text("Required categories")
    relax = panel.get_by_role("listitem").filter(has_text="Allow 30 %")
    relax.get_by_role("button", name="Put into the form").click()
    share = desk.page.locator(".rule").filter(has_text="Maximum service share")
    expect(share.get_by_label("At most (of the year)")).to_have_value("30")
    fewer = panel.get_by_role("listitem").filter(has_text="Ask for 10 lines")
    fewer.get_by_role("button", name="Put into the form").click()
    expect(desk.page.get_by_label("Number of lines")).to_have_value("10")


def test_posts_change_only_with_the_name_of_who_approved_it_and_can_be_put_back(
    desk: Desk, runner: ScriptedRunner, hospital: Hospital
) -> None:
    unit = hospital.problem["positions"][0]["id"]
    query = (
        "select posts_max from public.posts join public.positions p on p.id = position"
        " join public.terms t on t.id = term where p.code = %s and t.number = 2"
        " and posts.allocation_run = %s"
    )
    before = hospital.database.value(query, unit, hospital.allocation_run)
    desk.generate(12)
    runner.claim()
    runner.finish(
        "INFEASIBLE", "infeasible", "Term 2 has 11 accredited posts for 12 lines.",
        explanation={
            "max_lines": 11, "conflict": ["ACCREDITED_POSTS"],
            "sentences": ["Term 2 has 11 accredited posts for 12 lines."],
            "repairs": [
                {"kind": "posts", "sentence": f"Accredit 1 more post of {unit} in Term 2.",
                 "changes": [{"position": unit, "term": 2, "posts": 1, "of": "posts_max"}]},
            ],
        },
    )  # fmt: skip
    desk.expect_status("INFEASIBLE")
    repair = desk.run().get_by_role("listitem").filter(has_text="Accredit 1 more")
    expect(repair).to_contain_text("The accreditor must approve this.")
    expect(repair.get_by_role("button", name="Put into the form")).to_have_count(0)
    repair.get_by_role("button", name="Propose this change").click()
    changes = desk.page.get_by_role("region", name="Changes of posts")
    expect(changes).to_contain_text("Waits for approval")
    assert hospital.database.value(query, unit, hospital.allocation_run) == before

    changes.get_by_role("button", name="It is approved…").click()
    dialog = desk.page.get_by_role("alertdialog")
    expect(dialog.get_by_role("button", name="Change the posts")).to_be_disabled()
    dialog.get_by_label("Approved by").fill("PMCV, Dr Lee")
    dialog.get_by_role("button", name="Change the posts").click()
    expect(changes).to_contain_text("Approved by PMCV, Dr Lee")
    assert hospital.database.value(query, unit, hospital.allocation_run) == before + 1

    changes.get_by_role("button", name="Undo").click()
    expect(changes).to_have_count(0)
    assert hospital.database.value(query, unit, hospital.allocation_run) == before


def test_lines_are_not_asked_for_when_the_round_is_open(
    desk: Desk, planner: Person, hospital: Hospital
) -> None:
    hospital.database.rows(
        "update public.allocation_runs set status = 'open' where id = %s", hospital.allocation_run
    )
    desk.page.reload()
    expect(desk.page.get_by_role("region", name="Interns 2027 is open")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Generate lines…")).to_be_disabled()
