"""Row L7: a webhook is signed, timed, and goes nowhere unencrypted."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from planner_cli.errors import ConfigurationError
from planner_cli.launch.settings import LaunchSettings
from planner_cli.launch.webhook import sign


def test_l7_a_signature_is_what_the_edge_function_makes_of_the_same_secret_time_and_body() -> None:
    digits = "d4f9e33e547d5febe2df5ba378a27fe752f3e4c0c362e50e5d4f1a33fa41b6bf"
    assert sign("shared", 1_800_000_000, "{}") == f"v1={digits}"
    assert sign("shared", 1_800_000_001, "{}") != f"v1={digits}"


def test_l7_the_documented_receiver_takes_our_calls_and_no_others() -> None:
    page = (Path(__file__).parents[2] / "docs" / "launching.md").read_text()
    example: dict[str, Any] = {}
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(code, example)  # noqa: S102 - our own page
    is_ours, now = example["is_ours"], int(time.time())
    assert is_ours("shared", str(now), sign("shared", now, "{}"), b"{}")
    assert not is_ours("shared", str(now), sign("shared", now, "{}"), b"{ }")
    assert not is_ours("shared", str(now + 1), sign("shared", now, "{}"), b"{}")
    assert not is_ours("other", str(now), sign("shared", now, "{}"), b"{}")
    old = now - 301
    assert not is_ours("shared", str(old), sign("shared", old, "{}"), b"{}")
    assert not is_ours("shared", "soon", sign("shared", now, "{}"), b"{}")


@pytest.mark.parametrize("url", ["http://ci.example/hook", "http://10.0.0.7/hook"])
def test_l7_a_webhook_that_is_not_encrypted_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANNER_WEBHOOK_URL", url)
    with pytest.raises(ConfigurationError, match="PLANNER_WEBHOOK_URL: it must begin with https"):
        LaunchSettings.read()


@pytest.mark.parametrize("url", ["https://ci.example/hook", "http://127.0.0.1:8080/hook"])
def test_l7_an_encrypted_webhook_or_one_on_this_machine_is_taken(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANNER_WEBHOOK_URL", url)
    assert LaunchSettings.read().webhook_url == url
