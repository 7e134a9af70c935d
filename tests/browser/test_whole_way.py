"""The whole way, with the real planner: from a sign-in to lines, and from a proof to a repair."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.contract.hospital import Hospital
from tests.functions.project import Project


def test_a_manager_signs_in_chooses_asks_and_sees_the_lines(
    open_desk: OpenDesk, hospital: Hospital, project: Project
) -> None:
    desk = open_desk()
    desk.open()
    desk.sign_in(project.person("planner", hospital).email)
    desk.page.get_by_role("link", name="Interns 2027").click()
    desk.generate(10)
    desk.expect_status("COMPLETED", seconds=60)
    desk.notice("10 lines ready")
    desk.page.get_by_role("button", name="Show the lines").click()
    expect(desk.grid()).to_have_attribute("aria-rowcount", "11")
    expect(desk.page.get_by_role("region", name="Lines")).to_contain_text("checked, all met")
    assert len(hospital.lines()) == 10


def test_an_impossible_wish_is_explained_and_one_click_repairs_it(
    desk: Desk, hospital: Hospital
) -> None:
    desk.page.get_by_role("checkbox", name="Accept fewer lines").uncheck(force=True)
    desk.generate(40)
    desk.expect_status("INFEASIBLE", seconds=60)
    expect(desk.run()).to_contain_text("Why")
    before = desk.page.get_by_label("Number of lines").input_value()
    assert before == "40"
    desk.run().get_by_role("listitem").filter(has_text="lines").get_by_role(
        "button", name="Put into the form"
    ).last.click()
    desk.generate()
    desk.expect_status("COMPLETED", seconds=60)
    assert hospital.lines()
