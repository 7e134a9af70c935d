"""Containers as production starts them: no root, no rights, nothing to write on but /tmp."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker

SOLVERS = Path(__file__).with_name("solvers.py")
INJECTED = Path(__file__).parents[1] / "faults" / "injected" / "sitecustomize.py"
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


class Ended:
    """A container that has ended: exit code, what it said, and whether memory ran out.

    Parameters
    ----------
    container
        Of the SDK; it is waited for.
    """

    def __init__(self, container: Any) -> None:
        self.exit_code: int = container.wait(timeout=120)["StatusCode"]
        container.reload()
        self.out_of_memory: bool = container.attrs["State"]["OOMKilled"]
        self.stdout: str = container.logs(stdout=True, stderr=False).decode()
        self.stderr: str = container.logs(stdout=False, stderr=True).decode()


class Containers:
    """Starts containers of the planner's image and removes them in the end.

    Parameters
    ----------
    client
        Of the daemon.
    image
        The image's name.
    environment
        Where the runs live.
    """

    def __init__(
        self, client: "docker.DockerClient", image: str, environment: dict[str, str]
    ) -> None:
        self.client = client
        self.image = image
        self.environment = environment
        self._made: list[Any] = []

    def start(self, *arguments: str, solver: str = "", memory: str = "", **variables: str) -> Any:
        """Start `planner` with these arguments; `solver` is one of `solvers.py`, mounted."""
        environment = {**self.environment, **variables}
        volumes = {}
        if solver:
            environment |= {"INJECTED_SOLVER": f"solvers:{solver}", "PYTHONPATH": "/mounted"}
            volumes[str(SOLVERS)] = {"bind": "/mounted/solvers.py", "mode": "ro"}
            volumes[str(INJECTED)] = {"bind": "/mounted/sitecustomize.py", "mode": "ro"}
        if "LD_PRELOAD" in environment:
            volumes[str(FAKETIME)] = {"bind": environment["LD_PRELOAD"], "mode": "ro"}
        limits = {"mem_limit": memory, "memswap_limit": memory} if memory else {}
        container = self.client.containers.create(
            self.image,
            list(arguments),
            environment=environment,
            volumes=volumes,
            network_mode="host",
            read_only=True,
            tmpfs={"/tmp": ""},  # noqa: S108 - the container's own
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            **limits,
        )
        self._made.append(container)
        container.start()
        return container

    def run(self, *arguments: str, **how: str) -> Ended:
        """Run `planner` to its end."""
        return Ended(self.start(*arguments, **how))

    def end(self) -> None:
        """Remove what was started."""
        for container in self._made:
            container.remove(force=True)


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition, at most so long."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
