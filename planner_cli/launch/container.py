"""Launch a container with the `docker` SDK: a machine of one's own that has Docker."""

import importlib
import os
from typing import Any
from uuid import UUID

from planner_cli.errors import ConfigurationError
from planner_cli.launch.contract import Launched, LaunchFailed, runner_arguments

_PASSED_ON = ("SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "DATABASE_URL")


class ContainerLauncher:
    """Starts one container per run, without any right it does not need; it removes itself.

    Parameters
    ----------
    image
        The planner's image.
    timeout_seconds
        For one call of the Docker daemon.

    Raises
    ------
    ConfigurationError
        The package `docker` is not installed.
    """

    def __init__(self, image: str, *, timeout_seconds: float) -> None:
        try:
            self._docker: Any = importlib.import_module("docker")
        except ImportError:
            raise ConfigurationError(
                "PLANNER_LAUNCHER=docker needs the package docker, which is not installed.",
                "pip install docker",
            ) from None
        self._image = image
        self._timeout_seconds = timeout_seconds

    def launch(self, run: UUID) -> Launched:
        """Start a container for this run."""
        try:
            client = self._docker.from_env(timeout=max(1, round(self._timeout_seconds)))
            container = client.containers.run(
                self._image,
                runner_arguments(run),
                detach=True,
                remove=True,
                network_mode="host",
                read_only=True,
                tmpfs={"/tmp": ""},  # noqa: S108 - the container's own
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                labels={"planner.run": str(run)},
                environment=environment_of_runner(),
            )
        except (self._docker.errors.DockerException, OSError) as error:
            name = type(error).__name__
            raise LaunchFailed("launch.failed", f"Docker started no container: {name}.") from None
        return Launched(f"container {container.short_id}")


def environment_of_runner() -> dict[str, str]:
    """Return what a runner needs of this process's environment; the launcher's secrets stay."""
    hidden = ("PLANNER_GOOGLE_KEY", "PLANNER_WEBHOOK_SECRET")
    return {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or (name.startswith("PLANNER_") and name not in hidden)
    }
