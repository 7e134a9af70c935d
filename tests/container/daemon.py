"""A Docker daemon: the one of the environment, or one of our own for as long as the tests last.

Programs that the tests start find either in DOCKER_HOST or at the usual socket.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import docker
import pytest

from deploy.image.build import cache_folder

_START_SECONDS = 30


@contextmanager
def docker_client() -> Iterator["docker.DockerClient"]:
    """Yield a client of a daemon that answers; skip the tests where none can be had."""
    with ExitStack() as stack:
        if not _listens(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")):
            address = stack.enter_context(_started())
            environment = stack.enter_context(pytest.MonkeyPatch.context())
            environment.setenv("DOCKER_HOST", address)
        client = docker.from_env(timeout=600)
        stack.callback(client.close)
        yield client


def _listens(address: str) -> bool:
    """Say whether anybody listens there. The SDK would leave a socket open where nobody does."""
    parts = urlsplit(address)
    try:
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(parts.path)
        else:
            socket.create_connection((parts.hostname or "", parts.port or 2375), 5).close()
    except OSError:
        return False
    return True


@contextmanager
def _started() -> Iterator[str]:
    """Start a daemon without networks of its own, yield its address, stop it at the end.

    Its images are kept in the cache folder, so that the next build finds the layers of this one.
    """
    program = shutil.which("dockerd")
    if program is None:
        pytest.skip("no Docker daemon answers, and dockerd is not installed (Debian: docker.io)")
    if os.geteuid() != 0:
        pytest.skip("no Docker daemon answers, and only root can start one")
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planner-docker-")))
        stack.callback(_unmount, work)
        root = stack.enter_context(_data_root(work))
        address = f"unix://{work}/docker.sock"
        command = [program, "--data-root", str(root), "--exec-root", str(work / "exec")]
        command += ["--host", address, "--pidfile", str(work / "pid")]
        command += ["--iptables=false", "--ip6tables=false", "--bridge=none"]
        if shutil.which("setpriv"):  # the daemon ends when the tests are killed
            command = ["setpriv", "--pdeathsig", "TERM", *command]
        log = stack.enter_context((work / "dockerd.log").open("wb"))
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        stack.callback(_stop, process)
        _wait(address, process, work / "dockerd.log")
        yield address


@contextmanager
def _data_root(work: Path) -> Iterator[Path]:
    """Yield the folder of the images: the kept one, or a fresh one while others use that."""
    kept = cache_folder() / "docker"
    kept.mkdir(exist_ok=True)
    with (cache_folder() / "docker.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield work / "data"
        else:
            yield kept


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until the daemon answers; skip the tests if it never does."""
    until = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if _listens(address):
            return
        time.sleep(0.1)
    pytest.skip(f"no Docker daemon could be started here: {log.read_text()[-500:]}")


def _unmount(work: Path) -> None:
    """Take away the mounts that a daemon leaves behind, so that its folder can go."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{work}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
