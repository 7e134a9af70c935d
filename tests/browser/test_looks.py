"""No axe violation on any page, light and dark; the pictures of the docs are made on the way.

`PLANNER_SCREENSHOTS=docs/screenshots pytest tests/browser/test_looks.py` makes them anew, with
pillow installed.
"""

import io
import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.hospitals import example
from tests.browser.runner import ScriptedRunner
from tests.contract.hospital import Hospital
from tests.functions.project import Project

Theme = Literal["light", "dark"]

_PICTURED = {
    "sign-in", "form", "pending", "generating", "completed", "infeasible", "failed", "lines",
    "line", "unit", "replace", "history", "restore",
}  # fmt: skip
_EXPLAINED = {
    "max_lines": 36, "conflict": ["REQUIRED_CATEGORIES", "MAX_RURAL_TERMS"],
    "conflict_is_minimal": True,
    "sentences": [
        "Of the 44 places in category B, 31 are on rural units.",
        "40 lines with at most one rural term need 40 other places; there are 13.",
    ],
    "repairs": [
        {"kind": "relax", "sentence": "Allow two rural terms on a line.",
         "changes": [{"name": "MAX_RURAL_TERMS", "max": 2}]},
        {"kind": "fewer_lines", "sentence": "Ask for 36 lines.", "changes": [{"n_job_lines": 36}]},
    ],
}  # fmt: skip


@pytest.fixture
def regional(project: Project) -> Hospital:
    """The regional example, under a name people would give it."""
    found = project.database.hospital(
        example("medium_regional", name="Interns 2027", n_job_lines=30, pathways=[])
    )
    project.database.rows(
        "update public.orgs set name = 'Riverside Health' where id = %s", found.org
    )
    project.fault("hold")
    return found


def _look(desk: Desk, name: str, theme: Theme) -> None:
    """Find nothing wrong with the page as it is, and keep its picture if pictures are wanted."""
    desk.page.wait_for_timeout(250)
    assert desk.objections() == []
    folder = os.environ.get("PLANNER_SCREENSHOTS")
    if folder and name in _PICTURED:
        _keep(desk.page.screenshot(), Path(folder) / f"{name}-{theme}.png")


def _keep(picture: bytes, path: Path) -> None:
    """Keep a picture in few colours: a third of the size, and as easy to read."""
    pillow = pytest.importorskip("PIL.Image", reason="pictures need pillow")
    path.parent.mkdir(parents=True, exist_ok=True)
    pillow.open(io.BytesIO(picture)).convert("RGB").quantize(96, dither=0).save(path, optimize=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_state_of_a_run_is_clean_and_pictured(
    open_desk: OpenDesk, project: Project, regional: Hospital, theme: Theme
) -> None:
    desk = open_desk(color_scheme=theme)
    desk.open()
    expect(desk.page.get_by_role("form", name="Sign in")).to_be_visible()
    _look(desk, "sign-in", theme)
    desk.sign_in(project.person("planner", regional).email)
    expect(desk.page.get_by_role("heading", name="Choose an allocation run")).to_be_visible()
    _look(desk, "choose", theme)
    desk.open(regional)
    desk.page.get_by_label("Number of lines").fill("30")
    desk.page.get_by_role("button", name="Source of Required categories").click()
    _look(desk, "form", theme)
    desk.page.get_by_role("button", name="Source of Required categories").click()
    runner = ScriptedRunner(project.database, regional)
    desk.generate()
    desk.expect_status("PENDING")
    _look(desk, "pending", theme)
    runner.claim()
    desk.expect_status("GENERATING")
    for beat in range(8):
        score, bound = 3100 + 90 * beat - beat * beat, 3960 - 30 * beat
        runner.beat(phase="columns", seconds=float(4 * beat), score=score, bound=bound)
        expect(desk.run()).to_contain_text(f"{score:,}")
    _look(desk, "generating", theme)
    runner.finish(
        "INFEASIBLE", "infeasible", "No set of 30 lines can hold.", explanation=_EXPLAINED
    )
    desk.expect_status("INFEASIBLE")
    _look(desk, "infeasible", theme)
    desk.generate()
    runner.claim()
    runner.finish("FAILED", "solver.undecided", "Neither lines nor a proof in the time allowed.")
    desk.expect_status("FAILED")
    _look(desk, "failed", theme)
    desk.generate()
    desk.run().get_by_role("button", name="Cancel this run").click()
    _look(desk, "cancel", theme)
    desk.page.get_by_role("alertdialog").get_by_role("button", name="Cancel the run").click()
    desk.expect_status("CANCELLED")
    _look(desk, "cancelled", theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_and_history_are_clean_and_pictured(
    open_desk: OpenDesk, project: Project, regional: Hospital, theme: Theme
) -> None:
    project.fault("none")
    desk = open_desk(color_scheme=theme)
    desk.open(regional, "lines")
    desk.sign_in(project.person("planner", regional).email)
    expect(desk.page.get_by_role("heading", name="There are no lines yet")).to_be_visible()
    _look(desk, "no-lines", theme)
    desk.tab("Generate")
    desk.page.get_by_label("Time limit").fill("20")
    desk.generate(30)
    desk.expect_status("COMPLETED", seconds=90)
    _look(desk, "completed", theme)
    desk.tab("Lines")
    desk.grid().focus()
    desk.grid().press("l")
    _look(desk, "lines", theme)
    desk.grid().locator(".line-name").nth(3).click()
    _look(desk, "line", theme)
    desk.page.keyboard.press("Escape")
    desk.grid().locator(".block").nth(6).click()
    _look(desk, "unit", theme)
    desk.page.keyboard.press("Escape")
    desk.tab("Generate")
    desk.page.get_by_label("Seed").fill("7")
    desk.page.get_by_role("button", name="Generate lines…").click()
    _look(desk, "replace", theme)
    desk.page.get_by_role("alertdialog").get_by_role("button", name="Replace").click()
    desk.tab("History")
    expect(desk.page.locator(".kept-list > li")).to_have_count(2, timeout=90_000)
    expect(desk.page.locator(".comparison")).to_contain_text("changed")
    _look(desk, "history", theme)
    desk.page.locator(".kept-list > li").first.get_by_role("button", name="Restore…").click()
    _look(desk, "restore", theme)


@pytest.mark.parametrize("width", [820, 1280])
def test_nothing_is_wider_than_a_tablet_or_a_small_screen(
    open_desk: OpenDesk, project: Project, regional: Hospital, width: int
) -> None:
    runner = ScriptedRunner(project.database, regional)
    regional.ask()
    runner.claim()
    runner.commit()
    desk = open_desk(viewport={"width": width, "height": 1000})
    desk.open(regional)
    desk.sign_in(project.person("planner", regional).email)
    desk.expect_status("COMPLETED")
    for tab in ("Generate", "Lines", "History"):
        desk.tab(tab)
        desk.page.wait_for_timeout(400)
        wide = desk.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, tab
        assert desk.objections() == []


def test_the_grid_does_not_jump_while_it_loads(
    open_desk: OpenDesk, project: Project, regional: Hospital
) -> None:
    runner = ScriptedRunner(project.database, regional)
    regional.ask()
    runner.claim()
    runner.commit()
    desk = open_desk()
    desk.open(regional)
    desk.sign_in(project.person("planner", regional).email)
    desk.expect_status("COMPLETED")
    desk.page.evaluate("""() => {
      window.shift = 0;
      new PerformanceObserver((list) => {
        const own = list.getEntries().filter((entry) => !entry.hadRecentInput);
        for (const entry of own) window.shift += entry.value;
      }).observe({type: 'layout-shift', buffered: false});
    }""")
    desk.generate()
    runner.claim()
    runner.beat(phase="columns", seconds=1, score=1, bound=2)
    runner.commit(runner.lines(shift=2))
    desk.expect_status("COMPLETED")
    desk.page.wait_for_timeout(500)
    assert desk.page.evaluate("() => window.shift") < 0.1
