"""The grid of lines: found, sorted, opened, locked, and taken away."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import leave, profile
from tests.browser.desk import Desk
from tests.browser.hospitals import small_hospital
from tests.browser.runner import ScriptedRunner
from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project


@dataclass(frozen=True)
class Ten:
    """A tab on ten lines, kept over the tests that leave the lines as they are."""

    desk: Desk
    hospital: Hospital


@pytest.fixture(scope="module")
def ten(
    browser: Browser,
    managers_profile: BrowserContext,
    address: str,
    project: Project,
    manager: Person,
) -> Iterator[Ten]:
    """The manager's tab on ten lines a run has just written."""
    hospital = project.database.hospital(small_hospital())
    project.join(manager.id, hospital, "planner")
    _write_ten(hospital)
    context = profile(browser, storage_state=managers_profile.storage_state())
    desk = Desk(context.new_page(), address)
    desk.open(hospital, "lines")
    yield Ten(desk, hospital)
    context.close()
    leave(manager, hospital)


@pytest.fixture
def lines(ten: Ten) -> Desk:
    """The tab on the lines as they are shown at first: nothing searched, nothing open."""
    desk = ten.desk
    desk.page.emulate_media(media="screen")
    desk.page.unroute_all()
    desk.page.keyboard.press("Escape")
    desk.tab("Generate")
    desk.tab("Lines")
    expect(desk.grid()).to_have_attribute("aria-rowcount", "11")
    return desk


def _write_ten(hospital: Hospital) -> None:
    runner = ScriptedRunner(hospital.database, hospital)
    hospital.ask(n_job_lines=10)
    runner.claim()
    runner.commit()


def _names(desk: Desk) -> list[str]:
    rows = desk.grid().get_by_role("row").all()
    found = sorted(
        (int(row.get_attribute("aria-rowindex") or 0), row.locator(".line-name").all_inner_texts())
        for row in rows
    )
    return [names[0] for _, names in found if names]


def test_lines_are_found_by_every_word_of_unit_site_or_name(lines: Desk) -> None:
    lines.page.get_by_label("Search").fill("line 007")
    expect(lines.grid()).to_have_attribute("aria-rowcount", "2")
    lines.page.get_by_label("Search").fill("tennant emergency")
    expect(lines.page.locator(".shown")).to_contain_text("of 10 lines")
    lines.page.get_by_label("Search").fill("nothing like it")
    expect(lines.page.get_by_text("No line fits.")).to_be_visible()


def test_lines_are_sorted_by_score(lines: Desk) -> None:
    lines.page.get_by_role("button", name="Sort").click()
    lines.page.get_by_role("option", name="Best score first").click()
    expect(lines.grid().locator('[aria-rowindex="2"] .line-name')).to_have_text("Line 010")
    assert _names(lines) == [f"Line {n:03}" for n in range(10, 0, -1)]


def test_the_grid_is_walked_and_opened_with_the_keyboard(lines: Desk) -> None:
    grid = lines.grid()
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        grid.press(key)
    expect(grid).to_have_attribute("aria-activedescendant", "cell-2-1")
    grid.press("Enter")
    expect(lines.page.get_by_role("dialog")).to_contain_text("People against posts")
    lines.page.keyboard.press("Escape")
    grid.press("Home")
    grid.press("Enter")
    expect(lines.page.get_by_role("dialog", name="Line 003")).to_contain_text("What each rule says")


def test_a_lines_details_hold_every_rules_verdict_and_source(lines: Desk) -> None:
    lines.grid().get_by_text("Line 004").click()
    dialog = lines.page.get_by_role("dialog", name="Line 004")
    verdicts = dialog.locator(".verdicts > li")
    assert verdicts.count() >= 7
    dialog.get_by_role("button", name="Source of Required categories").click()
    expect(dialog).to_contain_text("medicalboard.gov.au")


def test_a_rule_that_objects_is_marked_and_explained(desk: Desk, hospital: Hospital) -> None:
    _write_ten(hospital)
    hospital.database.rows(
        "update public.rotations as r set position = first.position from ("
        "  select job_line, (array_agg(position order by term))[1] as position"
        "    from public.rotations where allocation_run = %s group by job_line) as first,"
        " public.job_lines as l where r.job_line = first.job_line and l.id = r.job_line"
        " and l.name = 'Line 005'",
        hospital.allocation_run,
    )
    desk.page.reload()
    desk.tab("Lines")
    expect(desk.page.locator(".summary")).to_contain_text("broken")
    desk.page.get_by_role("button", name="Show", exact=False).first.click()
    desk.page.get_by_role("option", name="Lines a rule objects to").click()
    desk.grid().get_by_text("Line 005").click()
    expect(desk.page.get_by_role("dialog")).to_contain_text("4 times, once allowed")


def test_a_line_is_locked_by_key_and_unlocked_by_button(lines: Desk, ten: Ten) -> None:
    hospital = ten.hospital
    locked = "select name from public.job_lines where allocation_run = %s and locked"
    grid = lines.grid()
    grid.focus()
    grid.press("ArrowDown")
    with lines.page.expect_response("**/rest/v1/job_lines?id=*"):
        grid.press("l")
    expect(grid.locator(".lock.on")).to_have_count(1)
    assert hospital.database.value(locked, hospital.allocation_run) == "Line 002"
    grid.get_by_text("Line 002").click()
    with lines.page.expect_response("**/rest/v1/job_lines?id=*"):
        lines.page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
    expect(grid.locator(".lock.on")).to_have_count(0)
    assert hospital.database.rows(locked, hospital.allocation_run) == []


def test_a_lock_the_server_refuses_is_taken_back(lines: Desk) -> None:
    lines.page.route("**/rest/v1/job_lines?id=*", lambda route: route.fulfill(
        status=403, json={"code": "42501", "message": "permission denied"},
        headers={"access-control-allow-origin": "*"},
    ))  # fmt: skip
    lines.grid().focus()
    lines.grid().press("l")
    lines.notice("was not locked")
    expect(lines.grid().locator(".lock.on")).to_have_count(0)


def test_fairness_and_posts_are_shown_at_a_glance(lines: Desk) -> None:
    summary = lines.page.locator(".summary")
    expect(summary.get_by_role("img")).to_have_accessible_name(
        "Scores from 40 to 49, 45 on average."
    )
    expect(summary).to_contain_text("Posts filled")
    expect(summary).to_contain_text("Funded")


def test_a_unit_shows_people_against_posts_in_every_term(lines: Desk) -> None:
    lines.grid().locator(".block").first.click()
    dialog = lines.page.get_by_role("dialog")
    expect(dialog.get_by_role("table")).to_contain_text("Accredited")
    assert dialog.get_by_role("table").get_by_role("row").count() == 5
    expect(dialog).to_contain_text("hold")


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_the_workbook_has_lines_weeks_unit_fill_and_rules(lines: Desk, tmp_path: Path) -> None:
    with lines.page.expect_download() as found:
        lines.page.get_by_role("button", name="Excel").click()
    path = tmp_path / "lines.xlsx"
    found.value.save_as(path)
    assert found.value.suggested_filename == "interns-2027-lines.xlsx"
    book = load_workbook(path)
    assert book.sheetnames == ["Lines", "Unit fill", "Rules"]
    sheet = book["Lines"]
    assert sheet["A1"].value == "Interns 2027: 10 lines"
    assert sheet["B3"].value == "1"
    assert sheet.cell(3, 53).value == "52"
    assert sheet["A4"].value == "Line 001"
    assert any(str(merged) == "A4:A5" for merged in sheet.merged_cells.ranges)
    assert "Leave" in {cell.value for cell in sheet[4]}
    rules = {row[0].value: row[3].value for row in book["Rules"].iter_rows(min_row=2)}
    assert rules["REQUIRED_CATEGORIES"] is not None


def test_the_csv_has_a_row_for_each_line(lines: Desk, tmp_path: Path) -> None:
    with lines.page.expect_download() as found:
        lines.page.get_by_role("button", name="CSV").click()
    path = tmp_path / "lines.csv"
    found.value.save_as(path)
    text = path.read_text("utf-8-sig")
    assert text.splitlines()[0].startswith("Line,Score,Locked,Term 1,Term 1 site")
    assert len(text.splitlines()) == 11


def test_every_line_is_printed_and_nothing_else(lines: Desk, tmp_path: Path) -> None:
    lines.page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    lines.page.get_by_role("button", name="Print").click()
    lines.page.wait_for_function("() => window.printed")
    lines.page.emulate_media(media="print")
    expect(lines.page.locator(".print-only tbody tr")).to_have_count(10)
    expect(lines.page.locator("#root")).to_be_hidden()
    lines.page.pdf(path=tmp_path / "lines.pdf", prefer_css_page_size=True)
    assert (tmp_path / "lines.pdf").stat().st_size > 5_000
