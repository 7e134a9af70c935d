# ruff: noqa: INP001, S603 - a program for developers; what it starts it names itself
"""Build the planner's image: `python -m deploy.image.build [--tag NAME]`.

Everything that is fetched is fetched by this machine's own pip and mmdebstrap, as they are
configured, and kept in the cache folder; the build itself needs no network. Where an image can be
pulled, PLANNER_BASE_IMAGE names it; elsewhere a Debian with Python is made, as root.
"""

import argparse
import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker
from docker.utils import exclude_paths

ROOT = Path(__file__).parents[2]
TAG = "planner:local"
LOCKS = (ROOT / "constraints.txt", ROOT / "deploy" / "image" / "constraints-build.txt")
MAKE_BASE = Path(__file__).with_name("make-base")
_PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 24, 17, 12, 5)]


class BuildFailed(Exception):
    """The image was not built; the message ends with what the builder said last."""


def cache_folder() -> Path:
    """Return the folder in which wheels and the base are kept between builds."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "planner-image"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def wheelhouse(cache: Path) -> Path:
    """Return a folder with every wheel that the constraints name, fetched once by pip.

    Parameters
    ----------
    cache
        Where the folder is kept, under a name that changes with the constraints.

    Raises
    ------
    subprocess.CalledProcessError
        pip found no file with the right hash.
    """
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()[:16]
    folder = cache / f"wheelhouse-{digest}"
    if folder.is_dir():
        return folder
    unfinished = cache / f"wheelhouse-{digest}.{os.getpid()}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--dest", str(unfinished)]
    command += ["--python-version", "3.11", "--implementation", "cp"]
    for tag in ("cp311", "abi3", "none"):
        command += ["--abi", tag]
    for platform in _PLATFORMS:
        command += ["--platform", platform]
    for lock in LOCKS:
        subprocess.run([*command, "--requirement", str(lock)], check=True)
    with contextlib.suppress(OSError):  # another build was faster
        unfinished.rename(folder)
    shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def base_image(client: "docker.DockerClient", cache: Path) -> str:
    """Return the name of a base: PLANNER_BASE_IMAGE, or a Debian that is made here.

    Raises
    ------
    BuildFailed
        There is no mmdebstrap, or it may not run: only root can.
    """
    if given := os.environ.get("PLANNER_BASE_IMAGE"):
        return given
    name = "planner-base:bookworm"
    with contextlib.suppress(docker.errors.ImageNotFound):
        client.images.get(name)
        return name
    archive = cache / "bookworm-python.tar"
    if not archive.is_file():
        _make_base(archive)
    repository, tag = name.split(":")
    client.api.import_image(str(archive), repository=repository, tag=tag)
    return name


def _make_base(archive: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        raise BuildFailed("No PLANNER_BASE_IMAGE is given and mmdebstrap is not installed.")
    command = [str(MAKE_BASE), str(archive)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise BuildFailed(f"mmdebstrap: {made.stderr.strip()[-500:]}")


def context(wheels: Path) -> io.BytesIO:
    """Return the build's context as an archive: what .dockerignore lets through, and the wheels."""
    patterns = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(exclude_paths(str(ROOT), patterns, dockerfile="Dockerfile")):
            if (ROOT / path).is_file():
                tar.add(ROOT / path, path)
        for wheel in sorted(wheels.glob("*.whl")):
            tar.add(wheel, f"wheelhouse/{wheel.name}")
    archive.seek(0)
    return archive


def build(client: "docker.DockerClient", tag: str = TAG) -> Any:
    """Build the image and return it (a `docker.models.images.Image`).

    Parameters
    ----------
    client
        Of the daemon that builds.
    tag
        The image's name.

    Raises
    ------
    BuildFailed
        A step failed, or there is no base.
    """
    cache = cache_folder()
    with ThreadPoolExecutor() as pool:  # two programs that mostly wait for their downloads
        wheels = pool.submit(wheelhouse, cache)
        arguments = {"BASE_IMAGE": base_image(client, cache), "REVISION": revision()}
    try:
        image, _ = client.images.build(
            fileobj=context(wheels.result()),
            custom_context=True,
            tag=tag,
            rm=True,
            network_mode="host",
            buildargs=arguments,
        )
    except docker.errors.BuildError as error:
        said = "".join(str(line.get("stream", "")) for line in error.build_log)
        raise BuildFailed(f"{error}\n{said[-4000:]}") from None
    return image


def revision() -> str:
    """Return the commit that is built, or `unknown` outside of a repository."""
    command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def main() -> None:
    """Build with the daemon of the environment and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", default=TAG)
    image = build(docker.from_env(timeout=600), parser.parse_args().tag)
    sys.stdout.write(f"{image.tags[0]} {image.id} {image.attrs['Size'] / 1e6:.0f} MB\n")


if __name__ == "__main__":
    main()
