"""What `planner doctor` finds in the environment alone: nothing is asked of any server."""

import os
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from planner_cli.domain.issues import nearest_of
from planner_cli.errors import ConfigurationError
from planner_cli.launch.configured import open_launcher
from planner_cli.launch.settings import LaunchSettings
from planner_cli.settings import Settings

State = Literal["ok", "warning", "error"]

#: What a developer may have set: read by the tests, the image's build or `.ci/run`, never here.
_ALSO_KNOWN = {
    "PLANNER_BASE_IMAGE",
    "PLANNER_CHROMIUM",
    "PLANNER_CI_VENV",
    "PLANNER_TEST_POSTGRES_BIN",
}


class Remark(NamedTuple):
    """One thing seen: what, how bad, what was found, and what to do."""

    what: str
    state: State
    found: str
    remedy: str = ""


def known_names() -> list[str]:
    """Return every `PLANNER_` variable that means something."""
    fields = [*Settings.model_fields.items(), *LaunchSettings.model_fields.items()]
    return sorted(
        f"PLANNER_{name.upper()}" for name, field in fields if field.validation_alias is None
    )


def look_at(environment: Mapping[str, str] = os.environ) -> Iterator[Remark]:
    """Yield what is doubtful in the variables of this process.

    Parameters
    ----------
    environment
        The variables; a blank one counts as missing.
    """
    yield from _unknown_names(environment)
    yield from _two_addresses(environment)
    yield from _launcher(environment)


def look_at_lease(settings: Settings, lease_seconds: float) -> Iterator[Remark]:
    """Yield settings that the lease of the database is too short for: they were cut."""
    rhythm = {
        "PLANNER_HEARTBEAT_SECONDS": (settings.heartbeat_seconds, lease_seconds / 3),
        "PLANNER_LEASE_MARGIN_SECONDS": (settings.lease_margin_seconds, lease_seconds / 2),
    }
    for name, (wanted, most) in rhythm.items():
        if wanted > most:
            yield Remark(
                "lease",
                "warning",
                f"{name} is {wanted:g}, but the lease is {lease_seconds:g} s: {most:g} is used",
                f"Set it to {most:g} or less, or lengthen planner_settings.lease_seconds.",
            )


def _unknown_names(environment: Mapping[str, str]) -> Iterator[Remark]:
    known = known_names()
    for name in sorted(environment):
        if not name.startswith("PLANNER_") or name in {*known, *_ALSO_KNOWN}:
            continue
        close = nearest_of(_bare(name), map(_bare, known))
        remedy = f"Did you mean PLANNER_{close[0]}?" if close else "Unset it."
        yield Remark("settings", "warning", f"{name} is set, but means nothing", remedy)


def _bare(name: str) -> str:
    """Cut what all the names have in common: it would make any two of them alike."""
    return name.removeprefix("PLANNER_")


def _two_addresses(environment: Mapping[str, str]) -> Iterator[Remark]:
    if _given(environment, "SUPABASE_URL") and _given(environment, "DATABASE_URL"):
        yield Remark(
            "settings",
            "warning",
            "SUPABASE_URL and DATABASE_URL are both set: SUPABASE_URL is used",
            "Unset the one you do not mean.",
        )


def _launcher(environment: Mapping[str, str]) -> Iterator[Remark]:
    if not _given(environment, "PLANNER_LAUNCHER"):
        yield Remark(
            "launcher",
            "warning",
            "PLANNER_LAUNCHER is not set: a sweep from here launches nothing again",
            "Set it to cloud-run, webhook, docker or process where the sweep runs, to none where it"
            " does not; see docs/launching.md.",
        )
        return
    try:
        settings = LaunchSettings.read()
        open_launcher(settings)
    except ConfigurationError as error:
        words = ["none", "cloud-run", "webhook", "process", "docker"]
        close = nearest_of(environment["PLANNER_LAUNCHER"], words)
        meant = (
            f"Did you mean {close[0]}? " if "PLANNER_LAUNCHER" in error.message and close else ""
        )
        yield Remark("launcher", "error", error.message.rstrip("."), f"{meant}{error.hint}".strip())
        return
    yield Remark("launcher", "ok", settings.launcher)


def _given(environment: Mapping[str, str], name: str) -> bool:
    return bool(environment.get(name, "").strip())
