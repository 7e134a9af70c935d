"""History: what was there, compared with what is there now, and put back."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.runner import ScriptedRunner
from tests.contract.hospital import Hospital
from tests.functions.project import Project


@pytest.fixture
def history(desk: Desk, runner: ScriptedRunner, hospital: Hospital) -> Desk:
    """The planner's tab on the history of two runs."""
    for shift in (0, 1):
        hospital.ask(n_job_lines=6)
        runner.claim()
        runner.commit(runner.lines(shift=shift))
    desk.tab("History")
    expect(_sets(desk)).to_have_count(2)
    return desk


def _sets(desk: Desk) -> Locator:
    return desk.page.locator(".kept-list > li")


def test_each_kept_set_says_when_why_and_by_whom(history: Desk) -> None:
    newest = _sets(history).first
    expect(newest).to_contain_text("Snapshot")
    expect(newest).to_contain_text("6 lines")
    expect(newest).to_contain_text("What was there before the run of")
    expect(newest).to_contain_text("By the planner")


def test_two_sets_are_compared_by_line_and_by_unit(history: Desk) -> None:
    comparison = history.page.locator(".comparison")
    expect(comparison).to_contain_text("0 the same · 6 changed")
    expect(comparison.get_by_role("table")).to_contain_text("Line 001")
    assert comparison.locator("td.differs").count() > 0
    comparison.get_by_role("tab", name="By unit").click()
    expect(comparison.get_by_role("table")).to_contain_text("→")
    _sets(history).nth(1).get_by_role("button", name="Compare against").click()
    expect(comparison.get_by_role("heading", level=2)).not_to_contain_text("now")
    expect(comparison).to_contain_text("6 only on")


def test_a_set_is_restored_after_a_question_and_the_one_before_is_kept(
    history: Desk, hospital: Hospital
) -> None:
    now = hospital.lines()
    _sets(history).first.get_by_role("button", name="Restore…").click()
    dialog = history.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("takes the place of the 6 lines there are now")
    dialog.get_by_role("button", name="Restore", exact=True).click()
    history.notice("6 lines restored")
    expect(_sets(history)).to_have_count(3)
    expect(_sets(history).first).to_contain_text("was restored")
    expect(_sets(history).first).to_contain_text("By you")
    assert hospital.lines() != now
    # Twice is once: the lines are there already.
    _sets(history).nth(1).get_by_role("button", name="Restore…").click()
    dialog.get_by_role("button", name="Restore", exact=True).click()
    history.notice("These lines are there already")
    expect(_sets(history)).to_have_count(3)


def test_nothing_is_restored_while_a_run_is_under_way(history: Desk, hospital: Hospital) -> None:
    hospital.ask(n_job_lines=6)
    expect(_sets(history).first.get_by_role("button", name="Restore…")).to_be_disabled()


def test_a_refusal_of_the_server_is_said(history: Desk, hospital: Hospital) -> None:
    _sets(history).first.get_by_role("button", name="Restore…").click()
    hospital.database.rows(
        "update public.allocation_runs set status = 'open' where id = %s", hospital.allocation_run
    )
    history.page.get_by_role("alertdialog").get_by_role(
        "button", name="Restore", exact=True
    ).click()
    history.notice("Nothing was restored")


def test_a_viewer_compares_but_cannot_restore(
    history: Desk, open_desk: OpenDesk, project: Project, hospital: Hospital
) -> None:
    desk = open_desk()
    desk.open(hospital, "history")
    desk.sign_in(project.person("viewer", hospital).email)
    expect(_sets(desk)).to_have_count(2)
    expect(desk.page.get_by_role("button", name="Restore…")).to_have_count(0)


def test_before_the_first_run_the_history_says_what_will_be_here(desk: Desk) -> None:
    desk.tab("History")
    expect(desk.page.get_by_role("heading", name="Nothing is kept yet")).to_be_visible()
