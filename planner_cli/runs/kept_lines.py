"""Lines that could not be stored are kept in a file: they may have taken an hour."""

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID


def keep_lines(folder: Path | None, run: UUID, attempt: int, document: Mapping[str, Any]) -> Path:
    """Write the answer of one attempt to a new file only this account can read.

    Parameters
    ----------
    folder
        Where; absent: a folder of this account's own beside other temporary files.
    run, attempt
        Name the file, `run-<id>-<attempt>.json`.
    document
        The `planner.result/1`.

    Returns
    -------
    Path
        The file, written whole.

    Raises
    ------
    OSError
        The folder belongs to somebody else, the file is there already, or the disk is full; then
        nothing is left behind.
    """
    home = folder or Path(tempfile.gettempdir()) / f"planner-runs-{os.getuid()}"
    _own_folder(home, shared=folder is not None)
    path = home / f"run-{run}-{attempt}.json"
    # O_EXCL neither overwrites a file nor follows a link somebody else may have put there.
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(file, "w", encoding="utf-8") as out:
            json.dump(document, out)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def _own_folder(folder: Path, *, shared: bool) -> None:
    """Make the folder; one nobody chose must be ours alone, and no link."""
    folder.mkdir(mode=0o700, parents=shared, exist_ok=True)
    if shared:
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} is not a folder of this account")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
