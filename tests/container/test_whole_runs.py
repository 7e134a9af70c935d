"""Whole runs in the container, on the local stack, launched as production launches them."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.container.containers import FAKETIME, Containers, Ended, wait_until
from tests.contract.hospital import Hospital
from tests.functions.project import Person, Project

EXAMPLE = Path(__file__).parents[2] / "examples" / "small_rural.json"


def test_a_run_asked_for_on_the_page_is_answered_by_a_container(
    project: Project, planner: Person, hospital: Hospital
) -> None:
    hospital.write_old_lines()

    asked = planner.ask(hospital)

    run = asked.json()["planner_run_id"]
    assert asked.status_code == 202
    assert [one["exit_code"] for one in project.ended(run)] == [0]
    assert hospital.row(run)["status"] == "COMPLETED"
    assert len(hospital.lines()) == 3
    assert ("snapshot", 2) in hospital.history()


def test_a_run_that_nobody_came_for_is_launched_by_the_sweep_as_a_container(
    project: Project, hospital: Hospital, image: str, client: Any
) -> None:
    run = lost_launch(hospital)
    launching = {"PLANNER_LAUNCHER": "docker", "PLANNER_DOCKER_IMAGE": image}
    environment = {**os.environ, **project.local().runner_environment(), **launching}

    swept = subprocess.run(
        [sys.executable, "-m", "planner_cli", "sweep", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    (launched,) = [one for one in json.loads(swept.stdout)["launched"] if one["run"] == str(run)]
    assert launched["execution"].startswith("container ")
    wait_until(lambda: hospital.row(run)["status"] == "COMPLETED")
    # It looks for waiting runs before it ends; those of the next test are not its business.
    of_this_run = {"label": f"planner.run={run}"}
    wait_until(lambda: not client.containers.list(all=True, filters=of_this_run))


def test_a_sweep_in_a_container_launches_what_was_lost_on_cloud_run(
    project: Project, hospital: Hospital, containers: Containers
) -> None:
    run = lost_launch(hospital)

    swept = containers.run("sweep", "--json", **project.local().launch_environment())

    assert swept.exit_code == 0, swept.stderr
    launched = [one["run"] for one in json.loads(swept.stdout)["launched"]]
    assert launched == [str(run)]
    assert [one["exit_code"] for one in project.ended(str(run))] == [0]
    assert hospital.row(run)["status"] == "COMPLETED"


def test_two_containers_for_one_run_are_one_answer(
    hospital: Hospital, containers: Containers
) -> None:
    run = hospital.ask()

    both = [containers.start("run", str(run), "--json") for _ in range(2)]

    assert [Ended(container).exit_code for container in both] == [0, 0]
    row = hospital.row(run)
    assert (row["status"], row["attempt"]) == ("COMPLETED", 1)
    assert len(hospital.lines()) == 3


@pytest.mark.parametrize("skew", ["+600s", "-600s"])
def test_a_clock_ten_minutes_off_harms_no_run(
    hospital: Hospital, containers: Containers, skew: str
) -> None:
    if not FAKETIME.is_file():
        pytest.skip(f"there is no {FAKETIME} (Debian: libfaketime)")
    wrong = {"LD_PRELOAD": "/mounted/faketime.so", "FAKETIME": skew}
    wrong |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    run = hospital.ask()

    seen = containers.run("doctor", "--json", **wrong)
    ended = containers.run("run", str(run), **wrong)

    clock = finding(seen, "clock")
    assert (clock["state"], "600 s off" in clock["found"]) == ("warning", True), clock
    assert ended.exit_code == 0, ended.stderr
    row = hospital.row(run)
    assert row["status"] == "COMPLETED"
    assert abs((datetime.now(UTC) - row["claimed_at"]).total_seconds()) < 60


def test_the_image_solves_an_example_as_the_checkout_does(
    client: Any, image: str, tmp_path: Path
) -> None:
    """What was taken out of the image changes no answer."""
    said = client.containers.run(
        image,
        ["solve", "/example.json", "--json"],
        volumes={str(EXAMPLE): {"bind": "/example.json", "mode": "ro"}},
        network_mode="none",
        read_only=True,
        tmpfs={"/tmp": ""},  # noqa: S108 - the container's own
        remove=True,
    )
    command = [sys.executable, "-m", "planner_cli", "solve", str(EXAMPLE), "--json"]
    here = subprocess.run(command, capture_output=True, check=True)
    ours, theirs = json.loads(here.stdout), json.loads(said)
    assert theirs["status"] == ours["status"] == "COMPLETED"
    assert theirs["score"] == ours["score"]
    assert theirs["lines"] == ours["lines"]


def lost_launch(hospital: Hospital) -> UUID:
    """Ask for a run whose launch, an hour ago, came to nothing."""
    run = hospital.ask()
    hospital.database.rows(
        "update public.allocation_planner_runs set launched_at = launched_at - interval '1 hour'"
        " where id = %s",
        run,
    )
    return run


def finding(seen: Ended, what: str) -> dict[str, str]:
    """Return what `planner doctor` found about one thing."""
    found = {one["what"]: one for one in json.loads(seen.stdout)["findings"]}
    return dict(found[what])
