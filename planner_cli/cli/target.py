"""Where an answer is written: a file whole or not at all, a device or pipe as such, or stdout."""

import contextlib
import os
import stat
import sys
from pathlib import Path

from planner_cli.domain.issues import InputIssue, ProblemInvalid
from planner_cli.errors import OutputLost

_ELSEWHERE = "Choose another place."
_STDOUT = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}


class Target:
    """A place somebody named with `-o`, `--save`, `--xlsx` or `--csv`.

    Parameters
    ----------
    given
        A path, or "-" for stdout. A link is followed: what it points at is written, and the link
        stays.
    """

    def __init__(self, given: str | Path) -> None:
        self._given = str(given)
        self.is_stdout = self._given in _STDOUT
        named = Path(self._given)
        # A device or pipe is what its name opens; where that leads may have no name at all.
        is_file = named.is_file() or not named.exists()
        self.path = named.resolve() if is_file else named.absolute()

    def check(self) -> None:
        """Say before the work begins that the place cannot be written to.

        Raises
        ------
        ProblemInvalid
            Naming the place and what is wrong with it.
        """
        if self.is_stdout:
            return
        if self.path.is_dir():
            raise self._unfit("is a folder", "Name a file in it.")
        if not self.path.parent.is_dir():
            raise self._unfit(f"there is no folder {self.path.parent}", "Make it first.")
        writable = self.path if self._exists_as_such() else self.path.parent
        if not os.access(writable, os.W_OK) and not os.access(self.path, os.W_OK):
            raise self._unfit("may not be written", _ELSEWHERE)

    def write(self, content: bytes) -> None:
        """Write all of it, or leave what was there.

        Raises
        ------
        OutputLost
            It could not be written; no temporary file is left.
        """
        try:
            if self.is_stdout:
                sys.stdout.flush()
                sys.stdout.buffer.write(content)
                sys.stdout.buffer.flush()
            elif self._exists_as_such():
                self.path.write_bytes(content)
            else:
                self._replace(content)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputLost(f"{self._given} could not be written: {reason}.", _ELSEWHERE) from None

    def __str__(self) -> str:
        """Return the place as it was named, and where it leads if that is elsewhere."""
        if self.is_stdout or Path(self._given).absolute() == self.path:
            return self._given
        return f"{self._given} ({self.path})"

    def _exists_as_such(self) -> bool:
        """Say whether it is written to in place: a device, a pipe, a file in a closed folder."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return not stat.S_ISREG(found.st_mode) or not os.access(self.path.parent, os.W_OK)

    def _replace(self, content: bytes) -> None:
        """Write beside the file, then take its place; its mode stays, a new one follows the umask.

        Where the system can, the new content has no name until it is whole: a process that is
        killed leaves nothing behind.
        """
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        mode = stat.S_IMODE(self.path.stat().st_mode) if self.path.exists() else None
        try:
            file = self._open_nameless(beside)
            with os.fdopen(file, "wb") as out:
                out.write(content)
                out.flush()
                if mode is not None:
                    os.fchmod(out.fileno(), mode)
                if not beside.exists():
                    self._name(out.fileno(), beside)
            beside.replace(self.path)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)

    @staticmethod
    def _open_nameless(beside: Path) -> int:
        if hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir():
            with contextlib.suppress(OSError):
                return os.open(beside.parent, os.O_TMPFILE | os.O_WRONLY, 0o666)
        return os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)

    @staticmethod
    def _name(file: int, beside: Path) -> None:
        """Name a nameless file; Python follows the link only where a folder's number is given."""
        folder = os.open(beside.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.link(f"/proc/self/fd/{file}", beside.name, dst_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)

    def _unfit(self, message: str, remedy: str) -> ProblemInvalid:
        return ProblemInvalid([InputIssue(self._given, "", message, remedy)])
