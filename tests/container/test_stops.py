"""Stopped, killed, out of memory: the row tells the truth and old lines stay whole."""

import contextlib
import random
import socket
import time
from typing import Any

import docker
import pytest

from tests.container.containers import Containers, Ended, wait_until
from tests.contract.hospital import Database, Hospital
from tests.functions.project import Project

#: Moments between start and exit of a whole run, seconds.
MOMENTS = [round(random.Random(7).uniform(0.2, 1.8), 2) for _ in range(6)]  # noqa: S311


def is_solving(hospital: Hospital, run: Any) -> bool:
    progress = hospital.row(run)["progress"]
    return bool(progress) and progress["phase"] == "integer"


def sweep(containers: Containers, hospital: Hospital, run: Any) -> dict[str, Any]:
    """Let the lease of a run be over, sweep from a container, and return the row."""
    hospital.silence(run)
    swept = containers.run("sweep", "--json")
    assert swept.exit_code == 0, swept.stderr
    return hospital.row(run)


def test_docker_stop_ends_the_run_in_its_row_within_five_seconds(
    hospital: Hospital, containers: Containers
) -> None:
    old = hospital.write_old_lines()
    run = hospital.ask()
    container = containers.start("run", str(run), solver="stuck", PLANNER_HEARTBEAT_SECONDS="0.2")
    wait_until(lambda: is_solving(hospital, run))

    stopped_at = time.monotonic()
    container.stop(timeout=10)

    assert time.monotonic() - stopped_at < 5
    assert Ended(container).exit_code == 143
    row = hospital.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "runner.terminated")
    assert hospital.lines() == old


def test_docker_stop_ends_any_other_command_at_once(containers: Containers) -> None:
    """The first process of a container ignores a signal that it has not said what to do about."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        container = containers.start("doctor", SUPABASE_URL=url)
        connection, _ = silent.accept()

        stopped_at = time.monotonic()
        container.stop(timeout=10)

        assert time.monotonic() - stopped_at < 5
        connection.close()
    assert Ended(container).exit_code == 143


def test_docker_kill_leaves_the_old_lines_and_the_sweep_says_lost(
    hospital: Hospital, containers: Containers
) -> None:
    old = hospital.write_old_lines()
    run = hospital.ask()
    container = containers.start("run", str(run), solver="stuck", PLANNER_HEARTBEAT_SECONDS="0.2")
    wait_until(lambda: is_solving(hospital, run))

    container.kill()

    assert Ended(container).exit_code == 137
    assert hospital.row(run)["status"] == "GENERATING"
    row = sweep(containers, hospital, run)
    assert (row["status"], row["reason"]) == ("FAILED", "runner.lost")
    assert hospital.lines() == old
    assert hospital.history() == []


def test_a_solver_that_hits_the_memory_limit_fails_the_run_with_the_reason(
    hospital: Hospital, containers: Containers
) -> None:
    old = hospital.write_old_lines()
    run = hospital.ask()

    ended = containers.run("run", str(run), solver="hungry", memory="256m")

    assert ended.exit_code == 1, ended.stderr
    row = hospital.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "solver.died")
    assert "out of memory" in row["message"]
    assert hospital.lines() == old


def test_a_container_that_hits_the_memory_limit_fails_after_the_sweep_with_the_last_phase(
    hospital: Hospital, containers: Containers
) -> None:
    old = hospital.write_old_lines()
    run = hospital.ask()

    ended = containers.run(
        *("run", str(run)), solver="hungry_for_all", memory="256m", PLANNER_HEARTBEAT_SECONDS="0.2"
    )

    assert (ended.exit_code, ended.out_of_memory) == (137, True)
    row = sweep(containers, hospital, run)
    assert (row["status"], row["reason"]) == ("FAILED", "runner.lost")
    assert "integer" in row["message"]
    assert hospital.lines() == old
    assert hospital.history() == []


def test_a_stop_or_a_kill_at_any_moment_leaves_either_set_of_lines_whole(
    project: Project, containers: Containers
) -> None:
    for number, moment in enumerate(MOMENTS):
        hospital = project.hospital()
        old = hospital.write_old_lines()
        run = hospital.ask()
        container = containers.start("run", str(run))
        time.sleep(moment)
        end_now(container, politely=number % 2 == 0)

        ended = Ended(container)
        found, row = hospital.lines(), hospital.row(run)
        assert ended.exit_code in {0, 137, 143}, ended.stderr
        if row["status"] == "COMPLETED":
            assert len(found) == 3
            assert hospital.history()[0] == ("snapshot", 2)
        else:
            assert found == old, (moment, row["status"])
            assert hospital.history() == []
        hospital.end()


def end_now(container: Any, *, politely: bool) -> None:
    """Stop or kill a container; one that has ended by itself is fine too."""
    if politely:
        container.stop(timeout=8)
        return
    with contextlib.suppress(docker.errors.APIError):  # it is not running any more
        container.kill()


@pytest.fixture
def database(project: Project) -> Database:
    """The database behind the stack."""
    return project.database


def test_a_run_swept_while_its_container_was_frozen_is_not_written(
    hospital: Hospital, containers: Containers, database: Database
) -> None:
    old = hospital.write_old_lines()
    run = hospital.ask()
    container = containers.start("run", str(run), solver="stuck", PLANNER_HEARTBEAT_SECONDS="0.2")
    wait_until(lambda: is_solving(hospital, run))
    container.pause()
    hospital.silence(run)
    database.value("select public.planner_sweep()")

    container.unpause()

    assert Ended(container).exit_code == 0
    assert hospital.row(run)["reason"] == "runner.lost"
    assert hospital.lines() == old
