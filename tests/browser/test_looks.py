"""No axe violation on any page, light and dark; the pictures of the docs are made on the way.

`PLANNER_SCREENSHOTS=docs/screenshots pytest tests/browser/test_looks.py` makes them anew, with
pillow installed.
"""

import io
import os
from collections.abc import Iterator
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

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_PICTURED = {
    "sign-in", "choose", "form", "pending", "generating", "completed", "infeasible", "failed",
    "cancelled", "no-lines", "lines", "line", "unit", "replace", "history", "restore", "tablet",
}  # fmt: skip
_EXPLAINED = {
    "max_lines": 26, "conflict": ["REQUIRED_CATEGORIES", "MAX_RURAL_TERMS"],
    "conflict_is_minimal": True,
    "sentences": [
        "Of the 44 places in category B, 18 are on rural units.",
        "30 lines with at most one rural term need 30 other places; there are 26.",
    ],
    "repairs": [
        {"kind": "relax", "sentence": "Allow two rural terms on a line.",
         "changes": [{"name": "MAX_RURAL_TERMS", "max": 2}]},
        {"kind": "fewer_lines", "sentence": "Ask for 26 lines.", "changes": [{"n_job_lines": 26}]},
    ],
}  # fmt: skip


@pytest.fixture
def regional(project: Project) -> Iterator[Hospital]:
    """The regional example, under a name people would give it."""
    found = project.database.hospital(
        example("medium_regional", name="Interns 2026", n_job_lines=30, pathways=[])
    )
    project.database.rows(
        "update public.orgs set name = 'Riverside Health' where id = %s", found.org
    )
    project.fault("hold")
    yield found
    found.end()


@pytest.fixture
def looking(open_desk: OpenDesk, project: Project, regional: Hospital) -> Desk:
    """A planner's tab on the regional hospital, in a profile of its own."""
    desk = open_desk()
    desk.open(regional)
    desk.sign_in(project.person("planner", regional).email)
    expect(desk.form()).to_be_visible()
    return desk


def _look(desk: Desk, name: str) -> None:
    """Find nothing wrong with the page as it is, light and dark; keep pictures if wanted."""
    folder = os.environ.get("PLANNER_SCREENSHOTS")
    for theme in THEMES:
        desk.page.emulate_media(color_scheme=theme)
        assert desk.objections() == [], f"{name}, {theme}"
        if folder and name in _PICTURED:
            _keep(desk.page.screenshot(), Path(folder) / f"{name}-{theme}.png")


def _keep(picture: bytes, path: Path) -> None:
    """Keep a picture in few colours: a third of the size, and as easy to read."""
    pillow = pytest.importorskip("PIL.Image", reason="pictures need pillow")
    path.parent.mkdir(parents=True, exist_ok=True)
    pillow.open(io.BytesIO(picture)).convert("RGB").quantize(72, dither=0).save(path, optimize=True)


def test_the_way_in_is_clean_and_pictured(
    open_desk: OpenDesk, project: Project, regional: Hospital
) -> None:
    desk = open_desk()
    desk.open()
    expect(desk.page.get_by_role("form", name="Sign in")).to_be_visible()
    _look(desk, "sign-in")
    desk.sign_in(project.person("planner", regional).email)
    expect(desk.page.get_by_role("heading", name="Choose an allocation run")).to_be_visible()
    _look(desk, "choose")
    desk.open(regional, "lines")
    expect(desk.page.get_by_role("heading", name="There are no lines yet")).to_be_visible()
    _look(desk, "no-lines")


def test_every_state_of_a_run_is_clean_and_pictured(
    looking: Desk, project: Project, regional: Hospital
) -> None:
    desk = looking
    desk.page.get_by_label("Number of lines").fill("30")
    desk.page.get_by_role("button", name="Source of Required categories").click()
    _look(desk, "form")
    desk.page.get_by_role("button", name="Source of Required categories").click()
    runner = ScriptedRunner(project.database, regional)
    desk.generate()
    desk.expect_status("PENDING")
    expect(desk.run()).to_contain_text("Next in the queue")
    _look(desk, "pending")
    runner.claim()
    desk.expect_status("GENERATING")
    for beat in range(8):
        score, bound = 3100 + 90 * beat - beat * beat, 3960 - 30 * beat
        runner.beat(phase="columns", seconds=float(4 * beat), score=score, bound=bound)
        expect(desk.run()).to_contain_text(f"{score:,}")
    _look(desk, "generating")
    runner.finish(
        "INFEASIBLE", "infeasible", "No set of 30 lines can hold.", explanation=_EXPLAINED
    )
    desk.expect_status("INFEASIBLE")
    expect(desk.run()).to_contain_text("What would help")
    _look(desk, "infeasible")
    desk.generate()
    runner.claim()
    runner.finish("FAILED", "solver.undecided", "Neither lines nor a proof in the time allowed.")
    desk.expect_status("FAILED")
    _look(desk, "failed")
    desk.generate()
    desk.run().get_by_role("button", name="Cancel this run").click()
    _look(desk, "cancel")
    desk.page.get_by_role("alertdialog").get_by_role("button", name="Cancel the run").click()
    desk.expect_status("CANCELLED")
    _look(desk, "cancelled")


def test_lines_and_history_are_clean_and_pictured(
    looking: Desk, project: Project, regional: Hospital
) -> None:
    desk = looking
    project.fault("none")
    desk.generate(30)
    desk.expect_status("COMPLETED", seconds=90)
    expect(desk.run()).to_contain_text("Worst line")
    _look(desk, "completed")
    desk.tab("Lines")
    desk.grid().focus()
    desk.grid().press("l")
    expect(desk.grid().locator(".lock.on")).to_have_count(1)
    _look(desk, "lines")
    desk.page.set_viewport_size({"width": 768, "height": 1000})
    _look(desk, "tablet")
    desk.page.set_viewport_size({"width": 1280, "height": 800})
    desk.grid().locator(".line-name").nth(3).click()
    _look(desk, "line")
    desk.page.keyboard.press("Escape")
    desk.grid().locator(".block").nth(6).click()
    _look(desk, "unit")
    desk.page.keyboard.press("Escape")
    desk.tab("Generate")
    desk.page.get_by_role("button", name="Generate lines…").click()
    _look(desk, "replace")
    project.fault("hold")
    desk.page.get_by_role("alertdialog").get_by_role("button", name="Replace").click()
    desk.expect_status("PENDING")
    runner = ScriptedRunner(project.database, regional)
    runner.claim()
    runner.commit(runner.lines(shift=3, digits=2))
    desk.expect_status("COMPLETED")
    desk.tab("History")
    expect(desk.page.locator(".kept-list > li")).to_have_count(2)
    expect(desk.page.locator(".comparison")).to_contain_text("changed")
    _look(desk, "history")
    desk.page.locator(".kept-list > li").first.get_by_role("button", name="Restore…").click()
    _look(desk, "restore")


def _complete(desk: Desk, project: Project, regional: Hospital) -> ScriptedRunner:
    """Ask for lines, write them, and wait until the page says so."""
    runner = ScriptedRunner(project.database, regional)
    regional.ask()
    runner.claim()
    runner.commit()
    desk.expect_status("COMPLETED")
    return runner


def test_nothing_is_wider_than_a_tablet_or_a_small_screen(
    looking: Desk, project: Project, regional: Hospital
) -> None:
    desk = looking
    _complete(desk, project, regional)
    for tab, shown in (("Generate", "form"), ("History", ".comparison"), ("Lines", ".lines-grid")):
        desk.tab(tab)
        expect(desk.page.locator(shown).first).to_be_visible()
        for width in (1280, 1024, 768):
            desk.page.set_viewport_size({"width": width, "height": 1000})
            wide = desk.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{tab} at {width}"
        assert desk.objections() == [], tab


def test_the_grid_does_not_jump_while_it_loads(
    looking: Desk, project: Project, regional: Hospital
) -> None:
    desk = looking
    runner = _complete(desk, project, regional)
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


_OUT_OF_PLACE = """() => {
  const left = (element) => element.getBoundingClientRect().left;
  const heads = [...document.querySelectorAll('.term-head')].map(left);
  const rows = [...document.querySelectorAll('.grid-row:not(.head)')];
  const blocks = rows.map((row) => [...row.querySelectorAll('.block')]);
  const astray = (block, term) => Math.abs(left(block) - heads[term]) > 1;
  return {
    blocks: blocks.flat().length,
    out: blocks.flatMap((row) => row.filter(astray)).map((block) => block.innerText),
  };
}"""


def test_every_unit_stands_under_its_term_however_long_its_name(
    looking: Desk, project: Project, regional: Hospital
) -> None:
    desk = looking
    _complete(desk, project, regional)
    desk.tab("Lines")
    expect(desk.grid()).to_be_visible()
    for width in (1280, 768):
        desk.page.set_viewport_size({"width": width, "height": 800})
        placed = desk.page.evaluate(_OUT_OF_PLACE)
        assert placed["blocks"] > 50
        assert placed["out"] == [], width
