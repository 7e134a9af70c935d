"""A real Chromium, the built page, and the whole local stack behind it."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser import site
from tests.browser.desk import Desk
from tests.browser.hospitals import small_hospital
from tests.browser.runner import ScriptedRunner
from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project, open_project

# The browser's own popups are pages too, two for each tab, and cost as much as what is tested.
_WITHOUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,PaintHolding,HttpsUpgrades,MediaRouter,"
    "OptimizationHints,LensOverlay,DestroyProfileOnBrowserClose,PreconnectToSearch"
)
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    f"--disable-features={_WITHOUT}",
]  # fmt: skip

OpenDesk = Callable[..., Desk]
# Long enough for a machine that others use too, and less than the 15 seconds after which the page
# would look again without having heard of anything.
_PATIENCE_MS = 12_000
expect.set_options(timeout=_PATIENCE_MS)


@pytest.fixture(scope="session")
def project() -> Iterator[Project]:
    """The project."""
    with open_project() as found:
        yield found


@pytest.fixture(scope="session")
def address(project: Project) -> Iterator[str]:
    """Where the built page is served."""
    with site.served(site.build(), project.url, project.publishable) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one PLANNER_CHROMIUM names."""
    program = os.environ.get("PLANNER_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def manager(project: Project) -> Person:
    """The person most tests are about; each hospital of a test takes them in for its time."""
    return project.person()


def profile(browser: Browser, **more: Any) -> BrowserContext:
    """Open a browser profile of its own."""
    settings: dict[str, Any] = {
        "locale": "en-AU", "timezone_id": "Australia/Melbourne",
        "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **more,
    }  # fmt: skip
    context = browser.new_context(**settings)
    context.set_default_timeout(_PATIENCE_MS)
    return context


@pytest.fixture(scope="session")
def managers_profile(browser: Browser, address: str, manager: Person) -> Iterator[BrowserContext]:
    """The manager's browser, signed in; what is typed in it is kept for each allocation run."""
    with profile(browser) as context:
        desk = Desk(context.new_page(), address)
        desk.open()
        desk.sign_in(manager.email)
        desk.page.close()
        yield context


@pytest.fixture
def open_desk(browser: Browser, address: str) -> Iterator[OpenDesk]:
    """Open a tab: in a browser profile of its own, or in that of another desk."""
    opened: list[BrowserContext] = []

    def open_one(beside: Desk | None = None, **more: Any) -> Desk:
        if beside is not None:
            return Desk(beside.page.context.new_page(), address)
        context = profile(browser, **more)
        opened.append(context)
        return Desk(context.new_page(), address)

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def hospital(project: Project) -> Iterator[Hospital]:
    """A small hospital of this test's own; its runs leave the lane at the end."""
    found = project.database.hospital(small_hospital())
    project.database.rows(
        "update public.orgs set name = 'Riverside Health' where id = %s", found.org
    )
    yield found
    if project.stack is not None:
        project.fault("none")
    found.end()


def leave(person: Person, hospital: Hospital) -> None:
    """End a person's membership of a hospital's organisation."""
    hospital.database.rows(
        "delete from public.org_members where user_id = %s and org = %s", person.id, hospital.org
    )


@pytest.fixture
def planner(project: Project, hospital: Hospital, manager: Person) -> Iterator[Person]:
    """The manager, as a planner of this hospital and of no other."""
    project.join(manager.id, hospital, "planner")
    yield manager
    leave(manager, hospital)


@pytest.fixture
def desk(
    managers_profile: BrowserContext, address: str, planner: Person, hospital: Hospital
) -> Iterator[Desk]:
    """The planner's tab, signed in, on the hospital's allocation run."""
    found = Desk(managers_profile.new_page(), address)
    found.open(hospital)
    expect(found.form()).to_be_visible()
    yield found
    managers_profile.set_offline(False)
    for page in managers_profile.pages:
        page.close()


@pytest.fixture
def own_desk(open_desk: OpenDesk, planner: Person, hospital: Hospital) -> Desk:
    """The planner's tab as `desk`, in a profile that the test may sign out of."""
    found = open_desk()
    found.open(hospital)
    found.sign_in(planner.email)
    expect(found.form()).to_be_visible()
    return found


@pytest.fixture
def runner(project: Project, hospital: Hospital) -> ScriptedRunner:
    """A runner in the hands of the test; no other is started."""
    project.fault("hold")
    return ScriptedRunner(project.database, hospital)
