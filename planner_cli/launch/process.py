"""Launch a process on this machine: for development, and for a server of one's own."""

import subprocess
import sys
from uuid import UUID

from planner_cli.launch.contract import Launched, LaunchFailed, runner_arguments


class ProcessLauncher:
    """Starts this very planner in a session of its own, so that it outlives the sweep."""

    def launch(self, run: UUID) -> Launched:
        """Start a runner for this run; its log goes where ours goes."""
        command = [sys.executable, "-m", "planner_cli", *runner_arguments(run)]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise LaunchFailed("launch.failed", f"No process could be started: {error}.") from None
        return Launched(f"process {process.pid}")
