"""What was recorded once is answered the same again, byte for byte, on the same versions."""

import json
from pathlib import Path

import pytest

from planner_cli.domain.outcomes import gap
from planner_cli.domain.referee import objections, violations
from planner_cli.runs.replay import recording_from, replay, versions
from planner_cli.solver import solve

BUNDLES = sorted(Path(__file__).parent.glob("*.json"))


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_a_golden_bundle_is_answered_as_it_was(path: Path) -> None:
    recording = recording_from(path.stem, json.loads(path.read_text()))
    recorded = recording.result
    assert recorded is not None
    again = replay(recording, solve)
    solvers = {name: version for name, version in versions().items() if name != "python"}
    if all(recording.versions[name] == version for name, version in solvers.items()):
        assert again.verdict == "identical", again.differences
    # Other versions may find other lines, never worse proofs of the same problem.
    assert again.result.status == recorded.status
    assert objections(violations(recording.problem, again.result.lines)) == () or not recorded.lines
    if recorded.score is not None and recorded.bound is not None:
        assert again.result.score is not None
        assert again.result.bound is not None
        assert again.result.score <= recorded.bound
        assert gap(again.result.score, again.result.bound) <= 0.01


def test_every_golden_bundle_is_there() -> None:
    assert {path.stem for path in BUNDLES} == {"medium_regional", "small_rural", "too_many_lines"}
