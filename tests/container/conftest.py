"""The image, built once, and the local stack whose Cloud Run stand-in starts it."""

from collections.abc import Iterator

import docker
import pytest

from deploy.image.build import build
from local_stack import Options, Stack
from tests.container.containers import Containers
from tests.container.daemon import docker_client
from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project, project_of

TAG = "planner:tests"


@pytest.fixture(scope="session")
def client() -> Iterator["docker.DockerClient"]:
    """A Docker daemon."""
    with docker_client() as found:
        yield found


@pytest.fixture(scope="session")
def image(client: "docker.DockerClient") -> str:
    """The name of the image of this checkout."""
    build(client, TAG)
    client.images.prune(filters={"dangling": True, "until": "24h"})  # of builds long ago
    return TAG


@pytest.fixture(scope="session")
def project(image: str) -> Iterator[Project]:
    """A local stack of our own: its launcher starts containers of the image."""
    with Stack(Options(image=image)) as stack:
        yield project_of(stack)


@pytest.fixture
def hospital(project: Project) -> Iterator[Hospital]:
    """A tiny hospital of this test's own; its runs leave the lane at the end."""
    found = project.hospital()
    yield found
    found.end()


@pytest.fixture
def planner(project: Project, hospital: Hospital) -> Person:
    """A planner of the hospital, signed in."""
    return project.person("planner", hospital)


@pytest.fixture
def containers(client: "docker.DockerClient", image: str, project: Project) -> Iterator[Containers]:
    """Containers that work on the local stack."""
    found = Containers(client, image, project.local().runner_environment())
    yield found
    found.end()
