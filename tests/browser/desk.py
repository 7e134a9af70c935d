"""What a manager does with the page, in their words."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.contract.hospital import Hospital
from tests.functions.project import PASSWORD

AXE = Path(__file__).parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True)
class Desk:
    """One browser tab on the dashboard."""

    page: Page
    site: str

    def open(self, hospital: Hospital | None = None, tab: str = "generate") -> None:
        """Go to the start, or straight to a hospital's allocation run."""
        place = f"#/{hospital.org}/{hospital.allocation_run}/{tab}" if hospital else ""
        self.page.goto(f"{self.site}/{place}")

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Fill in the sign-in and send it."""
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def form(self) -> Locator:
        """The form that asks for lines."""
        return self.page.get_by_role("form", name="Ask for job lines")

    def generate(self, n_lines: int | None = None) -> None:
        """Ask for lines, and confirm what will be replaced."""
        if n_lines is not None:
            self.page.get_by_label("Number of lines").fill(str(n_lines))
        self.page.get_by_role("button", name="Generate lines…").click()
        dialog = self.page.get_by_role("alertdialog")
        dialog.get_by_role("button", name=re.compile("^(Generate|Replace) ")).click()
        expect(dialog).to_be_hidden()

    def run(self) -> Locator:
        """The panel of the newest run."""
        return self.page.locator("section.run")

    def expect_status(self, status: str, seconds: float = 12) -> None:
        """Wait until the newest run shows a status."""
        expect(self.run()).to_have_attribute("data-status", status, timeout=seconds * 1000)

    def tab(self, name: str) -> None:
        """Go to a part of the page."""
        self.page.get_by_role("navigation", name="Parts of the page").get_by_text(name).click()

    def notice(self, text: str) -> None:
        """Expect a message at the edge of the page."""
        expect(self.page.get_by_role("region", name="Messages")).to_contain_text(text)

    def grid(self) -> Locator:
        """The grid of lines."""
        return self.page.get_by_role("grid", name="Job lines by week")

    def objections(self) -> list[dict[str, Any]]:
        """Return what axe finds wrong with the page as it is now, at WCAG 2.2 AA."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.add_script_tag(path=AXE)
        found = self.page.evaluate(
            "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',"
            " 'wcag22aa', 'best-practice'], resultTypes: ['violations']})"
        )
        return [
            {
                "rule": one["id"],
                "help": one["help"],
                "nodes": [(n["html"][:160], n["failureSummary"][:300]) for n in one["nodes"][:4]],
            }
            for one in found["violations"]
        ]
