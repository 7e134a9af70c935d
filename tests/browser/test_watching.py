"""A run is watched, and whatever happens to the page it shows the truth in the end."""

import re

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.runner import ScriptedRunner
from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project


def _generating(desk: Desk, runner: ScriptedRunner) -> None:
    desk.generate()
    desk.expect_status("PENDING")
    runner.claim()
    desk.expect_status("GENERATING")
    runner.beat(phase="columns", seconds=3, score=380, bound=400)
    expect(desk.run()).to_contain_text("5.00 %")


def test_phase_score_bound_and_gap_are_shown_as_they_come(
    desk: Desk, runner: ScriptedRunner
) -> None:
    _generating(desk, runner)
    expect(desk.run()).to_contain_text("Choosing patterns")
    runner.beat(phase="terms", seconds=4, score=396, bound=400)
    expect(desk.run()).to_contain_text("Placing the terms")
    expect(desk.run().get_by_role("img")).to_have_accessible_name("Score 396, bound 400.")
    runner.commit()
    desk.expect_status("COMPLETED")
    desk.notice("9 lines ready")


def test_a_waiting_run_says_its_place_in_the_queue(
    desk: Desk, runner: ScriptedRunner, project: Project
) -> None:
    busy = project.hospital()
    busy.ask()
    other = ScriptedRunner(project.database, busy)
    other.claim()
    ahead = project.hospital()
    ahead.ask()
    desk.generate()
    expect(desk.run()).to_contain_text("Number 2 in the queue", timeout=15_000)
    busy.end()
    ahead.end()
    expect(desk.run()).to_contain_text("Next in the queue", timeout=15_000)


def test_a_run_is_cancelled_and_the_form_keeps_what_was_typed(
    desk: Desk, runner: ScriptedRunner
) -> None:
    desk.page.get_by_label("Time limit").fill("77")
    _generating(desk, runner)
    desk.run().get_by_role("button", name="Cancel this run").click()
    desk.page.get_by_role("alertdialog").get_by_role("button", name="Cancel the run").click()
    desk.expect_status("CANCELLED")
    assert runner.beat(phase="terms") == "CANCELLED"
    expect(desk.page.get_by_label("Time limit")).to_have_value("77")


def test_a_reload_in_the_middle_goes_on_where_it_was(desk: Desk, runner: ScriptedRunner) -> None:
    _generating(desk, runner)
    desk.page.reload()
    desk.expect_status("GENERATING")
    expect(desk.run()).to_contain_text("5.00 %")
    runner.commit()
    desk.expect_status("COMPLETED")


def test_a_page_opened_after_the_end_shows_the_end(
    desk: Desk, runner: ScriptedRunner, hospital: Hospital
) -> None:
    _generating(desk, runner)
    desk.page.goto("about:blank")
    runner.commit()
    desk.open(hospital)
    desk.expect_status("COMPLETED")


def test_what_happened_offline_is_caught_up_with(desk: Desk, runner: ScriptedRunner) -> None:
    _generating(desk, runner)
    desk.page.context.set_offline(True)
    expect(desk.run()).to_contain_text("You are offline")
    runner.commit()
    desk.page.wait_for_timeout(500)
    desk.expect_status("GENERATING")
    desk.page.context.set_offline(False)
    desk.expect_status("COMPLETED")


def test_a_sleeping_tab_wakes_up_to_the_truth(desk: Desk, runner: ScriptedRunner) -> None:
    _generating(desk, runner)
    browser = desk.page.context.new_cdp_session(desk.page)
    browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    runner.commit()
    browser.send("Page.setWebLifecycleState", {"state": "active"})
    desk.expect_status("COMPLETED")


def test_without_realtime_the_page_asks_and_says_so(desk: Desk, runner: ScriptedRunner) -> None:
    desk.page.route_web_socket(re.compile("/realtime/"), lambda socket: socket.close())
    desk.page.reload()
    _generating(desk, runner)
    expect(desk.run()).to_contain_text("Live updates are away")
    runner.commit()
    desk.expect_status("COMPLETED")


def test_lost_events_delay_but_never_hide_the_end(desk: Desk, runner: ScriptedRunner) -> None:
    losing: list[bool] = []

    def lossy(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(
            lambda message: (
                None if losing and "postgres_changes" in str(message) else socket.send(message)
            )
        )

    desk.page.route_web_socket(re.compile("/realtime/"), lossy)
    desk.page.reload()
    _generating(desk, runner)
    losing.append(True)
    runner.commit()
    # Nothing is heard; a look back at the tab reads the row.
    desk.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    desk.expect_status("COMPLETED")


def test_a_cut_connection_is_made_anew(desk: Desk, runner: ScriptedRunner) -> None:
    sockets: list[WebSocketRoute] = []

    def kept(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    desk.page.route_web_socket(re.compile("/realtime/"), kept)
    desk.page.reload()
    _generating(desk, runner)
    sockets[-1].close()
    expect(desk.run()).to_contain_text(re.compile("^.*Live\\. You may"), timeout=15_000)
    runner.commit()
    desk.expect_status("COMPLETED")


def test_a_second_tab_shows_the_same_run_and_cannot_start_another(
    desk: Desk, runner: ScriptedRunner, open_desk: OpenDesk, hospital: Hospital
) -> None:
    second = open_desk(beside=desk)
    second.open(hospital)
    expect(second.page.get_by_role("button", name="Generate lines…")).to_be_enabled()
    _generating(desk, runner)
    second.expect_status("GENERATING")
    expect(second.page.get_by_role("button", name="Generate lines…")).to_be_disabled()
    runner.commit()
    desk.expect_status("COMPLETED")
    second.expect_status("COMPLETED")


def test_of_two_askers_at_once_the_second_is_shown_the_live_run(
    desk: Desk, runner: ScriptedRunner, hospital: Hospital
) -> None:
    desk.page.get_by_role("button", name="Generate lines…").click()
    # The page has not heard of the other run yet.
    desk.page.context.set_offline(True)
    hospital.ask()
    desk.page.context.set_offline(False)
    desk.page.get_by_role("alertdialog").get_by_role(
        "button", name=re.compile("^Generate ")
    ).click()
    desk.notice("A run is already under way")
    desk.expect_status("PENDING")


def test_a_background_tab_says_the_end_in_its_title(desk: Desk, runner: ScriptedRunner) -> None:
    _generating(desk, runner)
    expect(desk.page).to_have_title(re.compile("^Generating, 5.0 % to go"))
    desk.page.evaluate(
        "() => Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
    )
    runner.commit()
    expect(desk.page).to_have_title(re.compile("^✓ 9 lines ready"))


def test_a_browser_notification_tells_of_the_end_to_a_hidden_page(
    open_desk: OpenDesk, runner: ScriptedRunner, hospital: Hospital, planner: Person
) -> None:
    desk = open_desk(permissions=["notifications"])
    desk.page.add_init_script(
        "window.told = []; window.Notification = class { static permission = 'granted';"
        " constructor(title, more) { window.told.push([title, more.body]); } close() {} };"
    )
    desk.open(hospital)
    desk.sign_in(planner.email)
    _generating(desk, runner)
    desk.page.evaluate(
        "() => Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
    )
    runner.commit()
    desk.page.wait_for_function("() => window.told.length === 1")
    assert desk.page.evaluate("() => window.told[0][0]") == "9 lines ready"


def test_a_hidden_page_goes_on_asking_where_realtime_is_away(
    desk: Desk, runner: ScriptedRunner
) -> None:
    desk.page.route_web_socket(re.compile("/realtime/"), lambda socket: socket.close())
    desk.page.reload()
    _generating(desk, runner)
    desk.page.evaluate(
        """() => {
          const is = (name, value) =>
            Object.defineProperty(document, name, {get: () => value, configurable: true});
          is('hidden', true);
          is('visibilityState', 'hidden');
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    runner.commit()
    expect(desk.page).to_have_title(re.compile("^✓ 9 lines ready"))


def test_a_proposal_is_said_to_wait_when_lines_were_edited_meanwhile(
    desk: Desk, runner: ScriptedRunner, hospital: Hospital
) -> None:
    _generating(desk, runner)
    hospital.write_old_lines()
    assert runner.commit() == "PROPOSED"
    desk.expect_status("COMPLETED")
    expect(desk.run()).to_contain_text("The new lines wait as a proposal")
    desk.run().get_by_role("button", name="Compare the proposal").click()
    expect(desk.page.locator(".kept-list")).to_contain_text("Proposal")
