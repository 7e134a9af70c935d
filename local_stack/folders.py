"""Where one stack keeps its keys and its database, and how two stacks keep apart."""

import fcntl
import hashlib
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from local_stack.parts import Say
from planner_cli.embedded.binaries import account_for, can_reach


class StackFolder:
    """The folder of one stack, its own for as long as the block lasts.

    Parameters
    ----------
    wanted
        The folder to keep things in; None, or one that another stack uses, is a temporary one.
    say
        Takes a line when the folder is not the wanted one.
    """

    def __init__(self, wanted: Path | None, say: Say) -> None:
        self._wanted = wanted
        self._say = say
        self._exit = ExitStack()
        self.path = Path()
        #: Folder of the database; None for a temporary one.
        self.database: Path | None = None

    def __enter__(self) -> Self:
        if self._wanted is None or not self._take(self._wanted):
            temporary = tempfile.mkdtemp(prefix="planner-local-stack-")
            self._exit.callback(shutil.rmtree, temporary, ignore_errors=True)
            self.path = Path(temporary)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def _take(self, folder: Path) -> bool:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        lock = self._exit.enter_context((folder / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._say("stack", f"{folder} is another stack's: this one is temporary")
            return False
        self.path = folder
        self.database = database_folder(folder)
        return True


def database_folder(folder: Path) -> Path:
    """Return where the database goes: in the folder, unless the account of Postgres cannot enter.

    Postgres refuses to run as root, so root's stack runs it as another account.
    """
    account = account_for(None)
    if account is None or can_reach(account, folder):
        return folder / "database"
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"planner-local-stack-{name}"  # noqa: S108 - private by its mode
