"""One embedded Postgres: started in about a second, gone without a trace."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from planner_cli.embedded.binaries import NEWEST, Account, account_for, can_reach, find_binaries
from planner_cli.errors import ConfigurationError, PlannerError

_GUARD = Path(__file__).with_name("guard.py")
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100
_START_SECONDS = 60.0
_PREVIOUS_SECONDS = 5.0
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "wal_level": "logical",
    "max_replication_slots": "10",
    "max_wal_senders": "10",
    # Off would make every realtime event 200 ms late.
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
#: Temporary data is lost anyway: no need to wait for the disk.
_TEMPORARY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A Postgres server of one's own, for `planner demo` and the tests.

    It listens on a Unix socket in a private folder, so only this account (and root) can connect.
    A guard process stops it as soon as the program ends, however it ends, SIGKILL included (and
    the children it forked without exec, which hold the same pipe); no signal handler is touched.
    Several servers may run at once. Linux and macOS.

    Parameters
    ----------
    data_dir
        Folder of the data: kept, and opened again the next time. None is a temporary folder that
        is removed on exit.
    binaries
        Folder with `postgres` and `initdb` of another installation; default is the one of the
        extra `local`, in the version the folder was made with.
    settings
        More settings of Postgres, for instance `{"shared_preload_libraries": "pg_cron"}`.

    Raises
    ------
    ConfigurationError
        The extra `local` is missing, or the folder cannot be used by Postgres.
    PlannerError
        Postgres did not start; the message ends with what it said.

    Examples
    --------
    >>> with EmbeddedPostgres() as server:  # doctest: +SKIP
    ...     apply_migrations(server.dsn)
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        binaries: Path | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve() if data_dir is not None else None
        self._binaries = binaries
        self._settings = settings or {}
        self._runtime: Path | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """The connection string of the database `postgres`, as its superuser."""
        return self.dsn_of("postgres")

    def dsn_of(self, database: str) -> str:
        """Return the connection string of one database of this server."""
        if self._runtime is None:
            raise ConfigurationError(
                "The embedded Postgres is not running.", "Use it in a `with` block."
            )
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self._runtime), safe='')}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        account = account_for(self.data_dir)
        self._runtime = _new_runtime_folder(account)
        try:
            self._start_guard(self._order(account, self._runtime))
            self._wait_until_ready(self._runtime)
        except BaseException:  # Ctrl-C too: nothing that was started stays behind
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove what is temporary; a second call does nothing."""
        guard, self._guard = self._guard, None
        runtime, self._runtime = self._runtime, None
        if guard is not None and guard.stdin is not None and guard.stdout is not None:
            with contextlib.suppress(BrokenPipeError):
                guard.stdin.close()
            guard.wait()
            guard.stdout.close()
        if runtime is not None:
            shutil.rmtree(runtime, ignore_errors=True)

    def _order(self, account: Account | None, runtime: Path) -> dict[str, Any]:
        """Return what the guard is to run, as which account, in which folders."""
        data = self.data_dir or runtime / "data"
        binaries = self._binaries or find_binaries(_version_of(data))
        if account is not None and not can_reach(account, binaries):
            binaries = _copy_programs(binaries, runtime)
        _prepare_data_folder(data, account)
        _wait_for_previous(data)
        settings = _SETTINGS | ({} if self.data_dir else _TEMPORARY_SETTINGS) | self._settings
        settings["unix_socket_directories"] = str(runtime)
        initdb = [
            str(binaries / "initdb"),
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ]
        initdb += ["--username=postgres", "-D", str(data)]
        postgres = [str(binaries / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            postgres += ["-c", f"{name}={value}"]
        return {
            "runtime": str(runtime),
            "account": account and {"user": account.uid, "group": account.gid, "extra_groups": []},
            "initdb": None if (data / "PG_VERSION").exists() else initdb,
            "postgres": postgres,
            "quick": self.data_dir is None,
        }

    def _start_guard(self, order: dict[str, Any]) -> None:
        command = [sys.executable, "-I", "-S", str(_GUARD)]
        self._guard = subprocess.Popen(  # noqa: S603 - our own script
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._guard.stdin is not None  # noqa: S101 - it is a pipe, see above
        self._guard.stdin.write(json.dumps(order).encode() + b"\n")
        self._guard.stdin.flush()
        assert self._guard.stdout is not None  # noqa: S101
        os.set_blocking(self._guard.stdout.fileno(), False)

    def _wait_until_ready(self, runtime: Path) -> None:
        """Wait for the line `ready` of postmaster.pid, or say why it will not come."""
        pid_file = (self.data_dir or runtime / "data") / "postmaster.pid"
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            assert self._guard is not None  # noqa: S101
            assert self._guard.stdout is not None  # noqa: S101
            if self._guard.stdout.read(1) or self._guard.poll() is not None:
                break
            # The socket lies in this start's own folder: left-overs of others do not fool us.
            if (runtime / _SOCKET).exists():
                with contextlib.suppress(OSError):
                    if pid_file.read_text().rstrip().endswith("ready"):
                        return
            time.sleep(0.01)
        raise _not_started(runtime)


def _new_runtime_folder(account: Account | None) -> Path:
    """Make the private folder of one start: socket, log and, when temporary, the data."""
    home = Path(tempfile.gettempdir())
    if len(str(home)) > _LONGEST_SOCKET_PATH - 40 or (account and not can_reach(account, home)):
        home = Path("/tmp")  # noqa: S108 - a private folder is made in it
    runtime = Path(tempfile.mkdtemp(prefix="planner-postgres-", dir=home))
    if account is not None:
        os.chown(runtime, account.uid, account.gid)
    return runtime


def _prepare_data_folder(data: Path, account: Account | None) -> None:
    """Make the data folder if need be; it must be reachable by the account Postgres runs as."""
    if data.exists() and not (data / "PG_VERSION").exists() and any(data.iterdir()):
        raise ConfigurationError(
            f"The folder {data} is neither empty nor a Postgres database.",
            "Choose an empty or new folder.",
        )
    made = not data.exists()
    data.mkdir(parents=True, exist_ok=True)
    if account is None:
        return
    if not can_reach(account, data.parent):
        if made:
            data.rmdir()
        raise ConfigurationError(
            f"The folder {data} cannot be reached by the account '{account.name}', "
            "which Postgres runs as when started by root.",
            "Run as an ordinary user, or choose a folder outside private folders.",
        )
    if data.stat().st_uid != account.uid:
        os.chown(data, account.uid, account.gid)
        data.chmod(0o700)


def _wait_for_previous(data: Path) -> None:
    """Give the guard of a program that was just killed the time to stop its server."""
    until = time.monotonic() + _PREVIOUS_SECONDS
    while time.monotonic() < until:
        try:
            os.kill(int((data / "postmaster.pid").read_text().split()[0]), 0)
        except (OSError, ValueError, IndexError):
            return
        time.sleep(0.05)
    raise ConfigurationError(
        f"The database in {data} is in use by another process.",
        "Stop that process, or use another folder.",
    )


def _version_of(data: Path) -> int:
    """Return the major version a data folder was made with; the newest for a new one."""
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return NEWEST


def _copy_programs(binaries: Path, runtime: Path) -> Path:
    """Copy the programs out of a private folder (root's home): another account is to run them."""
    prefix, package = binaries.parent, binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    home = runtime / "install"
    copy = home / package.name / prefix.name
    unneeded = shutil.ignore_patterns("include", "doc")
    shutil.copytree(prefix, copy, symlinks=True, ignore=unneeded)
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or "bin" in path.parts
            path.chmod(path.stat().st_mode | (0o055 if runs else 0o044))
    return copy / "bin"


def _not_started(runtime: Path) -> PlannerError:
    """Return the error that tells why the server did not start, from its own log."""
    try:
        said = (runtime / "server.log").read_text(errors="replace").strip()
    except OSError:
        said = ""
    last = " / ".join(said.splitlines()[-3:]) or "it said nothing"
    return PlannerError(
        f"The embedded Postgres did not start: {last}", "See whether memory and disk suffice."
    )
