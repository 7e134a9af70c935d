"""What is in the image, and what is not."""

import json
import re
from pathlib import PurePosixPath
from typing import Any

import docker
import pytest

from deploy.image import inventory
from deploy.image.build import ROOT

#: Size of what the image adds to its base, bytes.
LARGEST = 260e6
SECRETS = re.compile(
    rb"sb_secret_[A-Za-z0-9_-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{32,}"
    rb"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|AKIA[0-9A-Z]{16}"
)
SEARCHED = ("/opt", "/root", "/home", "/tmp", "/build", "/source", "/srv")  # noqa: S108
COMPILERS = {"cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "cmake", "rustc", "go", "tcc"}

#: Runs in the container: every file, and what there looks like a secret.
LOOK = f"""
import json, os, re
found = {{"files": [], "secrets": [], "writable": []}}
for folder, folders, names in os.walk("/"):
    if folder == "/":
        folders[:] = [n for n in folders if n not in ("proc", "sys", "dev")]
    if os.access(folder, os.W_OK):
        found["writable"].append(folder)
    for name in names:
        path = os.path.join(folder, name)
        found["files"].append(path)
        readme = path.endswith(".dist-info/METADATA")  # PyJWT's shows an example
        if not readme and path.startswith({SEARCHED!r}):
            try:
                with open(path, "rb") as file:
                    if re.search({SECRETS.pattern!r}, file.read()):
                        found["secrets"].append(path)
            except OSError:
                pass
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def seen(client: "docker.DockerClient", image: str) -> dict[str, list[str]]:
    """What a process of the image sees."""
    said = client.containers.run(
        image,
        ["-c", LOOK],
        entrypoint="python",
        network_mode="none",
        read_only=True,
        tmpfs={"/tmp": ""},  # noqa: S108 - the container's own
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        remove=True,
    )
    found: dict[str, list[str]] = json.loads(said)
    return found


@pytest.fixture(scope="module")
def config(client: "docker.DockerClient", image: str) -> dict[str, Any]:
    """What the image says about itself."""
    found: dict[str, Any] = client.images.get(image).attrs["Config"]
    return found


@pytest.fixture(scope="module")
def history(client: "docker.DockerClient", image: str) -> list[dict[str, Any]]:
    """The image's layers, newest first."""
    found: list[dict[str, Any]] = client.images.get(image).history()
    return found


def ours(seen: dict[str, list[str]]) -> list[PurePosixPath]:
    """Return the files the image adds to its base."""
    return [PurePosixPath(path) for path in seen["files"] if path.startswith("/opt/planner/")]


def test_there_is_no_secret(seen: dict[str, list[str]]) -> None:
    assert seen["secrets"] == []


def test_neither_layers_nor_variables_tell_how_packages_were_fetched(
    config: dict[str, Any], history: list[dict[str, Any]]
) -> None:
    said = "\n".join([*config["Env"], *(layer["CreatedBy"] for layer in history)])
    assert re.findall(r"(?i)https?://\S+|pip_\w+|index.url|token|password|secret", said) == []


def test_there_is_no_test(seen: dict[str, list[str]]) -> None:
    names = re.compile(r"^(test_.*|.*_test|conftest)\.pyc?$|^(pytest|hypothesis)$")
    assert [p for p in ours(seen) if names.match(p.name) or "tests" in p.parts] == []


def test_there_is_no_compiler_and_no_installer(seen: dict[str, list[str]]) -> None:
    commands = {PurePosixPath(path).name for path in seen["files"] if "/bin/" in path}
    assert commands & (COMPILERS | {"pip", "pip3", "uv", "git", "curl", "hatchling"}) == set()
    assert [p for p in ours(seen) if p.suffix in {".h", ".a", ".pyi", ".pyx", ".c"}] == []
    assert {p.parts[6] for p in ours(seen) if len(p.parts) > 7} & {"pip", "setuptools"} == set()


def test_nothing_but_the_temporary_folders_can_be_written(seen: dict[str, list[str]]) -> None:
    assert set(seen["writable"]) - {"/tmp", "/run/lock", "/var/tmp"} == set()  # noqa: S108


def test_every_module_is_compiled(seen: dict[str, list[str]]) -> None:
    compiled = {str(p) for p in ours(seen)}
    missing = [
        p
        for p in ours(seen)
        if p.suffix == ".py"
        and str(p.parent / "__pycache__" / f"{p.stem}.cpython-311.pyc") not in compiled
    ]
    assert missing == []


def test_without_its_base_it_is_small(history: list[dict[str, Any]]) -> None:
    added = 0
    for layer in history:
        if layer["CreatedBy"].lstrip().startswith("/bin/sh -c #(nop) ADD") or layer["Comment"]:
            break
        added += layer["Size"]
    assert 100e6 < added < LARGEST


def test_it_is_nobody_and_starts_the_planner_itself(config: dict[str, Any]) -> None:
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["planner"]
    assert config["Labels"]["org.opencontainers.image.version"]


def test_the_bill_of_materials_names_what_ships_with_its_licence(
    client: "docker.DockerClient", image: str
) -> None:
    bill = inventory.read(client, image, "sbom.cdx.json")
    contents = inventory.read(client, image, "contents.json")
    named = {one["name"].lower().replace("_", "-"): one for one in bill["components"]}
    ships = {one["name"] for one in contents if one["dropped_because"] is None}
    assert ships - named.keys() == set()
    assert not named.keys() & {one["name"] for one in contents if one["dropped_because"]}
    of = inventory.licences(bill)
    assert [name for name in ships if not of[name]] == []


def test_the_page_about_the_image_shows_what_is_in_it(
    client: "docker.DockerClient", image: str
) -> None:
    assert inventory.of_image(client, image) in inventory.PAGE.read_text(), "just image-table"


def test_what_ships_is_what_the_constraints_pin(client: "docker.DockerClient", image: str) -> None:
    contents = inventory.read(client, image, "contents.json")
    pins = re.findall(r"^(\S+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert {(one["name"], one["version"]) for one in contents} == set(pins)
