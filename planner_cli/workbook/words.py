"""What bounds are called and which colours specialties have: the same here and on the dashboard."""

from collections.abc import Iterable, Mapping
from typing import Any

from planner_cli.domain.problem import Position
from planner_cli.domain.rules.base import Rule

#: What each bound is called; `min` and `max` are told by their unit.
BOUND_LABELS: Mapping[str, str] = {
    "categories": "Categories",
    "level": "Different by",
    "service": "Service terms count",
    "net_of_leave": "Leave in a service term does not count",
    "min_weeks": "Weeks of a long term",
    "site": "Home hospital",
    "weeks": "Weeks of leave",
    "blocks": "Allowed splits",
    "min_gap_weeks": "Weeks between blocks",
    "max_share_on_leave": "Of a unit's people on leave at once",
    "first_half_target": "Wished for in the first half",
    "max_weeks_per_term": "Most weeks in one term",
}
_UNITS = {
    "MIN_WEEKS": "weeks",
    "MAX_SITE_CHANGES": "changes",
    "MIN_DISTINCT_SPECIALTIES": "specialties",
}
#: Soft colours in the order of the terminal's palette (planner_cli/cli/grid.py).
FILLS: tuple[str, ...] = (
    "F9D9D4", "D6E4FA", "D3EDD3", "F6D8EE", "FBDFC6", "CDEBF0", "E6DCF8", "F3E6BA",
    "FAD7E1", "DDEBC8", "CFE6F7", "EEDDD5", "CDECE4", "EBDDF0", "E4E6EA",
)  # fmt: skip
SERVICE_FILL = "ECECEC"


def unit_of(rule: str) -> str:
    """Say what `min` and `max` of a rule count."""
    return "of the year" if rule.endswith("_SHARE") else _UNITS.get(rule, "terms")


def bounds_text(rule: Rule) -> str:
    """Tell a rule's bounds as a phrase; those that are not set are left out."""
    told = []
    for bound, value in rule.bounds().items():
        if value is None or value == ():
            continue
        if bound in {"min", "max"}:
            least = "at least" if bound == "min" else "at most"
            told.append(f"{least} {_text(value)} {unit_of(rule.NAME)}")
        else:
            told.append(f"{BOUND_LABELS[bound].lower()}: {_text(value)}")
    return "; ".join(told)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{round(value * 100, 3):g} %"
    if isinstance(value, tuple):
        splits = isinstance(value[0], tuple)
        parts = ("+".join(map(str, part)) if splits else str(part) for part in value)
        return (" or " if splits else ", ").join(parts)
    return str(value)


def fills(positions: Iterable[Position]) -> dict[str, str]:
    """Give each specialty its colour; service terms have none."""
    specialties = dict.fromkeys(p.specialty for p in positions if p.service is None)
    return {s: FILLS[index % len(FILLS)] for index, s in enumerate(specialties)}
