"""Logs say what happened and never a secret, and failing to log fails nothing."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from planner_cli import logs
from tests.contract.gateway import jwt

log = logging.getLogger("planner_cli.tests")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Take the planner's records as JSON lines, and give the logger back as it was."""
    planner = logging.getLogger("planner_cli")
    before = (list(planner.handlers), planner.level, planner.propagate)
    taken = io.StringIO()
    logs.configure("INFO", taken)
    yield taken
    planner.handlers, planner.propagate = before[0], before[2]
    planner.setLevel(before[1])


@pytest.mark.parametrize(
    "secret",
    [
        jwt("service_role"),
        "sb_secret_abcDEF123",
        "sb_publishable_abcDEF123",
        "postgresql://planner:hunter22@db.example.org:5432/postgres",
        "host=db password=hunter22 user=planner",
        "Authorization: Bearer hunter22",
        '{"apikey": "hunter22"}',
        "https://example.org/?token=hunter22&x=1",
    ],
)
def test_no_secret_passes_through_a_message_a_context_or_a_traceback(
    stream: io.StringIO, secret: str
) -> None:
    """Fault 44."""
    try:
        raise RuntimeError(f"cannot use {secret}")  # noqa: TRY301
    except RuntimeError:
        log.exception("tried %s", secret, extra={"context": {"with": [secret]}})
    written = stream.getvalue()
    assert "traceback" in json.loads(written)["context"]
    for word in (secret, "hunter22", "abcDEF123"):
        assert word not in written


def test_a_registered_token_is_hidden_wherever_it_appears(stream: io.StringIO) -> None:
    """Fault 44."""
    logs.hide("7c9e6679-7425-40de-944b-e07fc1f90ae7")
    log.info("claimed with 7c9e6679-7425-40de-944b-e07fc1f90ae7")
    assert "7425" not in stream.getvalue()


def test_ordinary_text_is_left_alone() -> None:
    text = "Run 7c9e: 40 lines, within 0.21% of the best; see https://example.org/rules?page=2."
    assert logs.redact(text) == text


def test_a_record_is_one_json_line_that_names_its_run(stream: io.StringIO) -> None:
    with logs.about_run("run-1", "org-1"):
        log.info("said\nin two lines", extra={"context": {"phase": "leave", "gap": 0.5}})
    (line,) = stream.getvalue().splitlines()
    row = json.loads(line)
    assert (row["run_id"], row["level"], row["message"]) == ("run-1", "INFO", "said\nin two lines")
    assert row["context"] == {"phase": "leave", "gap": 0.5}


def test_what_json_cannot_hold_is_still_logged(stream: io.StringIO) -> None:
    log.info("odd", extra={"context": {"nan": float("nan"), "object": object(), 3: {1}}})
    assert json.loads(stream.getvalue())["context"]["nan"] == "nan"


def test_a_closed_stream_harms_nobody(stream: io.StringIO) -> None:
    """Fault 43."""
    stream.close()
    log.error("nobody hears this")


def test_rows_are_kept_until_sent_and_dropped_when_sending_fails() -> None:
    """Fault 43."""
    rows = logs.RowsForStore()
    log.addHandler(rows)
    log.setLevel(logging.INFO)
    try:
        log.info("about no run")
        with logs.about_run("run-1"):
            log.info("first")
            log.info("second")
        sent: list[object] = []

        def fail(batch: object) -> None:
            sent.append(batch)
            raise OSError

        rows.send(fail)
        rows.send(fail)
    finally:
        log.removeHandler(rows)
    (batch,) = sent
    assert [row["message"] for row in batch] == ["first", "second"]  # type: ignore[attr-defined]
