"""A short soak in every test run; docs/operations.md has the figures of the long one."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPTIONS = ("--runs", "60", "--kills", "6", "--crashes", "1", "--commands", "0", "--over-http", "0")


def test_random_runs_with_kills_cuts_and_a_crash_break_no_promise() -> None:
    """Faults 1 to 4, 9, 15 to 18, 23 to 28, 33 and 45, all at once and at random."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.soak", *OPTIONS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    figures = json.loads(ended.stdout)
    assert figures["violations"] == []
    assert figures["checks"] > 10
    assert sum(figures["ends"].values()) == figures["did"]["runs"] >= 60
    assert figures["did"]["kills"] >= 6
