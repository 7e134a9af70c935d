"""What a container says when it cannot do its work, and that it did nothing."""

import json

from tests.container.containers import Containers, wait_until
from tests.contract.hospital import Hospital

WRONG_KEY = "sb_secret_" + "0" * 31


def test_a_wrong_key_is_refused_and_shown_nowhere(
    hospital: Hospital, containers: Containers
) -> None:
    old = hospital.write_old_lines()
    run = hospital.ask()

    ended = containers.run("run", str(run), SUPABASE_SERVICE_ROLE_KEY=WRONG_KEY)

    assert ended.exit_code == 3
    assert "refused the key" in ended.stderr
    assert WRONG_KEY not in ended.stdout + ended.stderr
    assert hospital.row(run)["status"] == "PENDING"
    assert hospital.lines() == old


def test_a_missing_key_is_named_before_anything_is_tried(containers: Containers) -> None:
    ended = containers.run("doctor", "--json", SUPABASE_SERVICE_ROLE_KEY="")
    assert ended.exit_code == 3
    findings = json.loads(ended.stdout)["findings"]
    (error,) = [one for one in findings if one["state"] == "error"]
    assert "SUPABASE_SERVICE_ROLE_KEY" in error["found"]


def test_an_unreachable_store_exits_75_and_leaves_the_run_waiting(
    hospital: Hospital, containers: Containers
) -> None:
    run = hospital.ask()

    ended = containers.run(
        *("run", str(run)), SUPABASE_URL="http://127.0.0.1:9", PLANNER_REQUEST_ATTEMPTS="2"
    )

    assert ended.exit_code == 75, ended.stderr
    assert hospital.row(run)["status"] == "PENDING"


def test_an_unknown_run_exits_4(containers: Containers) -> None:
    ended = containers.run("run", "00000000-0000-4000-8000-000000000000")
    assert ended.exit_code == 4


def test_the_doctor_is_well_in_the_container(containers: Containers) -> None:
    assert containers.run("sweep").exit_code == 0
    seen = containers.run("doctor", "--json", PLANNER_LAUNCHER="none")
    assert seen.exit_code == 0, seen.stdout
    assert {one["state"] for one in json.loads(seen.stdout)["findings"]} == {"ok"}


def test_the_health_check_tells_a_container_that_can_work_from_one_that_cannot(
    hospital: Hospital, containers: Containers
) -> None:
    run = hospital.ask()
    container = containers.start("run", str(run), solver="stuck")
    wait_until(lambda: hospital.row(run)["status"] == "GENERATING")
    check = container.client.api.inspect_image(containers.image)["Config"]["Healthcheck"]["Test"]
    assert check == ["CMD", "planner", "doctor"]
    assert container.exec_run(check[1:]).exit_code == 0
    wrong = container.exec_run(check[1:], environment={"SUPABASE_SERVICE_ROLE_KEY": WRONG_KEY})
    assert wrong.exit_code == 3
