# ruff: noqa: INP001 - a program for developers
"""The tables of docs/container.md: `python -m deploy.image.inventory [--tag NAME] [--write]`.

Reads what the build left in the image: `contents.json` (sizes before and after) and the bill of
materials (versions and licences).
"""

import argparse
import json
import re
import sys
from typing import Any

import docker

from deploy.image.build import ROOT, TAG

PAGE = ROOT / "docs" / "container.md"
_MARKS = ("<!-- inventory -->\n", "<!-- end of inventory -->\n")
_SHARE = "/opt/planner/share/planner"
#: Licences that the metadata say in words of their own.
_SPDX = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_BY_HAND = {"protobuf": "BSD-3-Clause"}
_LARGE = 1_000_000


def read(client: "docker.DockerClient", image: str, name: str) -> Any:
    """Return a JSON document that the build left in the image."""
    said = client.containers.run(
        image,
        ["-c", f"print(open('{_SHARE}/{name}').read())"],
        entrypoint="python",
        network_mode="none",
        remove=True,
    )
    return json.loads(said)


def licences(bill: dict[str, Any]) -> dict[str, str]:
    """Return the licence of each component of a bill of materials, by name."""
    found = {}
    for component in bill["components"]:
        name = component["name"].lower().replace("_", "-")
        named = set()
        for one in component.get("licenses", ()):
            licence = one.get("license", {})
            said = one.get("expression") or licence.get("id") or licence.get("name")
            named.add(_SPDX.get(said, said))
        found[name] = " AND ".join(sorted(named)) or _BY_HAND.get(name, "")
    return found


def tables(contents: list[dict[str, Any]], bill: dict[str, Any]) -> str:
    """Return the tables: what ships, largest first, and what was taken out whole."""
    of = licences(bill)
    rows = ["| ships | version | licence | MB before | MB shipped |", "|---|---|---|---|---|"]
    kept = [one for one in contents if one["dropped_because"] is None]
    for one in sorted(kept, key=lambda one: (-(one["bytes"] // _LARGE), one["name"])):
        sizes = " | ".join(f"{one[key] / 1e6:.1f}" for key in ("bytes_before", "bytes"))
        rows.append(f"| {one['name']} | {one['version']} | {of[one['name']]} | {sizes} |")
    rows += ["", "| left out whole | MB | because |", "|---|---|---|"]
    dropped = [one for one in contents if one["dropped_because"] is not None]
    for one in sorted(dropped, key=lambda one: -one["bytes_before"]):
        megabytes = f"{one['bytes_before'] / 1e6:.1f}"
        rows.append(f"| {one['name']} | {megabytes} | {one['dropped_because']} |")
    return "\n".join(rows) + "\n"


def of_image(client: "docker.DockerClient", image: str) -> str:
    """Return the tables of an image."""
    return tables(read(client, image, "contents.json"), read(client, image, "sbom.cdx.json"))


def main() -> None:
    """Print the tables, or put them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", default=TAG)
    parser.add_argument("--write", action="store_true", help="into docs/container.md")
    arguments = parser.parse_args()
    found = of_image(docker.from_env(), arguments.tag)
    if not arguments.write:
        sys.stdout.write(found)
        return
    start, end = _MARKS
    page = PAGE.read_text()
    between = re.compile(f"{re.escape(start)}.*{re.escape(end)}", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: start + found + end, page))


if __name__ == "__main__":
    main()
