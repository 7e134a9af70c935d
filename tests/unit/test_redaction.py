"""Row L7: one list of what is secret, for the runner and the edge function alike."""

import json
from pathlib import Path

import pytest

from planner_cli import logs

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "edge-functions/tests/redaction_cases.json").read_text())


@pytest.mark.parametrize(("text", "secret"), CASES["hidden"])
def test_l7_no_kind_of_secret_passes_in_quotes_or_without(text: str, secret: str) -> None:
    assert secret not in logs.redact(text)


@pytest.mark.parametrize("text", CASES["kept"])
def test_l7_what_is_not_secret_stays_as_it_is(text: str) -> None:
    assert logs.redact(text) == text


def test_l7_the_edge_function_reads_the_same_list() -> None:
    ours = ROOT / "planner_cli/redaction.json"
    theirs = ROOT / "edge-functions/_shared/redaction.json"
    assert json.loads(ours.read_text()) == json.loads(theirs.read_text())


def test_l7_a_long_text_is_looked_through_in_no_time() -> None:
    """Quadratic patterns would take minutes for this."""
    assert logs.redact("x" * 200_000 + " password=hunter2").endswith("password=[redacted]")
