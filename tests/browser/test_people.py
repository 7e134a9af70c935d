"""Who sees what, and what happens when a session ends."""

import json

from playwright.sync_api import expect

from local_stack import Options, Stack
from tests.browser import site
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.runner import ScriptedRunner
from tests.contract.hospital import Database, Hospital
from tests.functions.project import Person, Project

_STORED = "planner.session"


def test_a_wrong_password_is_said_plainly(open_desk: OpenDesk, planner: Person) -> None:
    desk = open_desk()
    desk.open()
    desk.page.get_by_label("Email").fill(planner.email)
    desk.page.get_by_label("Password").fill("wrong")
    desk.page.get_by_role("button", name="Sign in").click()
    expect(desk.page.get_by_text("Email and password do not fit together.")).to_be_visible()


def test_somebody_without_an_organisation_is_told_whom_to_ask(
    open_desk: OpenDesk, project: Project
) -> None:
    desk = open_desk()
    desk.open()
    desk.sign_in(project.person().email)
    expect(desk.page.get_by_role("main")).to_contain_text("You belong to no organisation yet")


def test_a_viewer_sees_everything_and_can_start_nothing(
    open_desk: OpenDesk, project: Project, hospital: Hospital
) -> None:
    hospital.write_old_lines()
    desk = open_desk()
    desk.open(hospital)
    desk.sign_in(project.person("viewer", hospital).email)
    expect(desk.page.get_by_role("main")).to_contain_text("You may look, but not generate")
    expect(desk.page.get_by_role("button", name="Generate lines…")).to_have_count(0)
    desk.tab("Lines")
    desk.grid().get_by_text("Old line 1").click()
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Lock", exact=True)).to_have_count(0)


def test_another_organisations_user_sees_nothing_even_with_the_address(
    open_desk: OpenDesk, project: Project, hospital: Hospital
) -> None:
    hospital.write_old_lines()
    other = project.hospital()
    desk = open_desk()
    desk.open(hospital, "lines")
    desk.sign_in(project.person("planner", other).email)
    expect(desk.page.get_by_role("main")).to_contain_text("This page is not yours to see")
    desk.page.goto(f"{desk.site}/#/{other.org}/{hospital.allocation_run}/lines")
    expect(desk.page.get_by_role("main")).to_contain_text("does not exist, or you may not see it")
    expect(desk.page.get_by_text("Old line")).to_have_count(0)


def test_a_session_that_ends_keeps_the_form_and_the_place(own_desk: Desk, planner: Person) -> None:
    page = own_desk.page
    page.get_by_label("Seed").fill("1234")
    page.evaluate(
        """(key) => {
          const session = JSON.parse(localStorage.getItem(key));
          session.expires_at = 1;
          session.refresh_token = 'revoked';
          localStorage.setItem(key, JSON.stringify(session));
        }""",
        _STORED,
    )
    page.reload()
    expect(page.get_by_role("form", name="Sign in")).to_be_visible()
    own_desk.sign_in(planner.email)
    expect(page.get_by_label("Seed")).to_have_value("1234")


def test_a_revoked_session_with_the_page_open_asks_to_sign_in_again(
    own_desk: Desk, planner: Person, runner: ScriptedRunner
) -> None:
    page = own_desk.page
    page.get_by_label("Seed").fill("77")
    page.route("**/auth/v1/token**", lambda route: route.fulfill(
        status=400, json={"error_code": "refresh_token_not_found", "msg": "revoked"},
        headers={"access-control-allow-origin": "*"},
    ))  # fmt: skip
    page.route("**/rest/v1/**", lambda route: route.fulfill(
        status=401, json={"code": "PGRST301", "message": "JWT expired"},
        headers={"access-control-allow-origin": "*"},
    ))  # fmt: skip
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.unroute("**/rest/v1/**")
    page.unroute("**/auth/v1/token**")
    own_desk.sign_in(planner.email)
    expect(page.get_by_label("Seed")).to_have_value("77")


def test_a_run_is_watched_over_the_end_of_a_token(open_desk: OpenDesk) -> None:
    """Tokens of six seconds: the page renews its own, joins again, and misses nothing."""
    with Stack(Options(session_seconds=6)) as stack:
        keys = stack.keys
        project = Project(
            stack.url, keys.publishable, keys.anon, keys.secret, keys.service_role,
            Database(stack.dsn), stack,
        )  # fmt: skip
        project.fault("hold")
        hospital = project.hospital()
        planner = project.person("planner", hospital)
        with site.served(site.build(), stack.url, keys.publishable) as address:
            desk = Desk(open_desk().page, address)
            desk.open(hospital)
            desk.sign_in(planner.email)
            desk.generate(3)
            runner = ScriptedRunner(project.database, hospital)
            runner.claim()
            desk.expect_status("GENERATING")
            first = json.loads(desk.page.evaluate("key => localStorage.getItem(key)", _STORED))
            for second in range(9):
                runner.beat(phase="columns", seconds=second, score=10 + second, bound=40)
                desk.page.wait_for_timeout(1000)
            expect(desk.run()).to_contain_text("18")
            runner.commit()
            desk.expect_status("COMPLETED", seconds=20)
            later = json.loads(desk.page.evaluate("key => localStorage.getItem(key)", _STORED))
            assert later["access_token"] != first["access_token"]


def test_signing_out_leaves_nothing_to_see(own_desk: Desk) -> None:
    own_desk.page.get_by_role("button", name="Sign out").click()
    expect(own_desk.page.get_by_role("form", name="Sign in")).to_be_visible()
    expect(own_desk.page.get_by_text("Your session has ended")).to_have_count(0)
    own_desk.page.reload()
    expect(own_desk.page.get_by_role("form", name="Sign in")).to_be_visible()


def test_data_that_cannot_be_read_offers_another_try(
    open_desk: OpenDesk, planner: Person, hospital: Hospital
) -> None:
    desk = open_desk()
    desk.page.route("**/rest/v1/terms**", lambda route: route.fulfill(
        status=400, json={"code": "57014", "message": "canceling statement due to timeout"},
        headers={"access-control-allow-origin": "*"},
    ))  # fmt: skip
    desk.open(hospital)
    desk.sign_in(planner.email)
    expect(desk.page.get_by_role("alert")).to_contain_text("could not be read")
    desk.page.unroute("**/rest/v1/terms**")
    desk.page.get_by_role("button", name="Try again").click()
    expect(desk.page.get_by_role("form", name="Ask for job lines")).to_be_visible()
