"""Sweep: lost runs end, lost launches are repeated, old things go; at any time, repeatedly."""

from uuid import UUID

from tests.database.house import House, line


def runs(entries: list[dict[str, str]]) -> set[UUID]:
    return {UUID(entry["run"]) for entry in entries}


def test_a_run_whose_runner_is_silent_ends_as_failed(house: House) -> None:
    house.completed()
    before = house.grid()
    run, token = house.claimed()
    house.beat(run, token, phase="pricing")
    house.age(run, 60)
    swept = house.sweep()
    assert runs(swept["lost"]) == {run}
    row = house.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "runner.lost")
    assert "pricing" in row["message"]
    assert house.grid() == before
    assert house.beat(run, token) == "LOST"
    assert house.commit(run, token) == "LOST"


def test_a_silent_runner_shows_within_100_seconds(house: House) -> None:
    lease = house.value("select lease_seconds from planner_settings")
    assert lease + 60 <= 100, "the lease and one sweep a minute"


def test_a_run_within_its_lease_is_left_alone(house: House) -> None:
    run, _ = house.claimed()
    house.age(run, 20)
    assert house.sweep()["lost"] == []
    assert house.status(run) == "GENERATING"


def test_a_run_past_its_deadline_ends_even_if_its_heart_beats(house: House) -> None:
    run, token = house.claimed()
    house.age(run, 2 * 3600)
    assert house.beat(run, token) == "OK"
    assert runs(house.sweep()["lost"]) == {run}
    assert house.row(run)["reason"] == "run.deadline"
    assert house.commit(run, token) == "LOST"


def test_all_of_many_lost_runs_are_swept_at_once(house: House) -> None:
    house.set(lane_scope="organisation")
    lost = {house.claimed(house.add_hospital(f"H{n}"))[0] for n in range(30)}
    for run in lost:
        house.age(run, 60)
    assert runs(house.sweep()["lost"]) == lost


def test_a_second_sweep_finds_nothing(house: House) -> None:
    run, _ = house.claimed()
    house.age(run, 60)
    house.sweep()
    swept = house.sweep()
    assert (swept["lost"], swept["relaunch"], swept["expired"]) == ([], [], [])


def test_a_dry_run_tells_and_changes_nothing(house: House) -> None:
    house.set(lane_scope="organisation")
    lost, _ = house.claimed()
    waiting = house.request(house.add_hospital("Beta"))
    late = house.request(house.add_hospital("Gamma"))
    for run, seconds in ((lost, 60), (waiting, 300), (late, 5 * 3600)):
        house.age(run, seconds)
    before = [house.row(run) for run in (lost, waiting, late)]
    told = house.sweep(dry_run=True)
    assert [house.row(run) for run in (lost, waiting, late)] == before
    assert house.value("select last_swept_at from planner_settings") is None
    done = house.sweep()
    for part in ("lost", "relaunch", "expired", "purged"):
        assert told[part] == done[part]
    assert (runs(done["lost"]), runs(done["relaunch"]), runs(done["expired"])) == (
        {lost},
        {waiting},
        {late},
    )


def test_the_last_sweep_is_visible(house: House) -> None:
    assert house.call("planner_health")["last_swept_at"] is None
    house.sweep()
    health = house.call("planner_health")
    assert health["last_swept_at"] is not None
    assert (health["waiting"], health["generating"], health["contract"]) == (0, 0, 1)


def test_a_lost_launch_is_repeated_and_then_given_up(house: House) -> None:
    run = house.request()
    assert house.sweep()["relaunch"] == []
    for launch in (2, 3):
        house.age(run, 200)
        (entry,) = house.sweep()["relaunch"]
        assert (UUID(entry["run"]), entry["launches"]) == (run, launch)
        assert house.sweep()["relaunch"] == []
    house.age(run, 200)
    assert runs(house.sweep()["expired"]) == {run}
    row = house.row(run)
    assert (row["status"], row["reason"]) == ("FAILED", "launch.lost")
    assert "could not be started" in row["message"]
    assert house.claimed()


def test_a_run_waiting_behind_a_busy_lane_is_not_launched_again(house: House) -> None:
    _, token = house.claimed()
    waiting = house.request(house.add_hospital("Beta"))
    house.age(waiting, 600)
    house.run("update allocation_planner_runs set launches = 3 where id = %s", waiting)
    swept = house.sweep()
    assert (swept["relaunch"], swept["expired"]) == ([], [])
    assert token


def test_only_the_next_run_of_a_lane_is_launched_again(house: House) -> None:
    first = house.request()
    second = house.request(house.add_hospital("Beta"))
    house.age(first, 300)
    house.age(second, 200)
    assert runs(house.sweep()["relaunch"]) == {first}


def test_a_sweep_that_cannot_launch_leaves_launches_alone(house: House) -> None:
    run = house.request()
    house.age(run, 300)
    swept = house.value("select planner_private.sweep(p_dry_run => false, p_relaunch => false)")
    assert swept["relaunch"] == []
    assert house.row(run)["launches"] == 1
    assert runs(house.sweep()["relaunch"]) == {run}


def test_a_run_waiting_past_its_start_deadline_ends(house: House) -> None:
    run = house.request()
    house.age(run, 5 * 3600)
    assert runs(house.sweep()["expired"]) == {run}
    assert house.row(run)["reason"] == "start.too_late"


def test_old_logs_and_inputs_are_forgotten(house: House) -> None:
    run = house.completed()
    house.call("planner_log", [{"message": "new"}])
    house.call("planner_log", [{"message": "old", "created_at": "2020-01-01T00:00:00Z"}])
    assert house.sweep()["purged"] == {"logs": 1, "inputs": 0, "history": 0}
    house.age(run, 3 * 366 * 86_400)
    assert house.sweep()["purged"] == {"logs": 0, "inputs": 1, "history": 0}
    assert house.status(run) == "COMPLETED"


def test_history_keeps_the_newest_sets_and_always_the_newest_snapshot(house: House) -> None:
    house.set(history_keep=2)
    for n in range(5):
        house.completed([line(f"{n}{m}", *p) for m, p in enumerate(ROTATIONS)])
    kept = house.history("snapshot")
    house.run("update job_lines_history set created_at = created_at - interval '3 years'")
    assert house.sweep()["purged"]["history"] == 3
    assert house.history("snapshot") == kept[:2]
    house.set(history_keep=1)
    run, token = house.claimed()
    house.run("update posts set posts_max = 3")
    assert house.commit(run, token) == "PROPOSED"
    house.sweep()
    assert house.history("snapshot") == kept[:1]
    assert len(house.history("proposal")) == 1


ROTATIONS = (("ED", "MED"), ("ED", "MED"), ("MED", "ED"), ("MED", "ED"))
