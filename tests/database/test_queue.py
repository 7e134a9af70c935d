"""Lanes, turns between organisations, and caps."""

from uuid import UUID

import psycopg
import pytest

from tests.database.house import House, problem


def test_nothing_waits(house: House) -> None:
    assert house.claim_next() == {"outcome": "NONE"}


def test_the_oldest_run_of_an_organisation_is_served_first(house: House) -> None:
    house.request()
    older = house.request(house.add_hospital("Alpha"))
    house.age(older, 60)
    assert UUID(house.claim_next()["run"]) == older


def test_organisations_take_turns(house: House) -> None:
    many = [house.request(house.add_hospital("Many")) for _ in range(3)]
    for n, run in enumerate(many):
        house.age(run, 600 - n)
    one = house.request(house.add_hospital("One"))
    served = []
    for n in range(4):
        answer = house.claim_next(f"runner-{n}")
        served.append(UUID(answer["run"]))
        house.finish(served[-1], answer["token"])
    assert served == [many[0], one, many[1], many[2]]


def test_runs_that_cannot_start_are_passed_over(house: House) -> None:
    late = house.request(house.add_hospital("Late"))
    house.age(late, 5 * 3600)
    waiting = house.request()
    assert UUID(house.claim_next()["run"]) == waiting
    assert house.row(late)["reason"] == "start.too_late"


def test_one_lane_for_all_lets_one_run_generate(house: House) -> None:
    first, _ = house.claimed()
    house.request(house.add_hospital("Beta"))
    answer = house.claim_next("runner-2")
    assert (answer["outcome"], answer["behind"], answer["position"]) == ("BUSY", str(first), 1)


def test_a_lane_for_each_organisation_lets_each_generate_one(house: House) -> None:
    house.set(lane_scope="organisation")
    house.claimed()
    beta = house.request(house.add_hospital("Beta"))
    house.request(house.add_hospital("Alpha"))
    assert UUID(house.claim_next("runner-2")["run"]) == beta
    assert house.claim_next("runner-3")["outcome"] == "BUSY"


def test_the_database_itself_refuses_a_second_run_in_a_lane(house: House) -> None:
    first, _ = house.claimed()
    second = house.request(house.add_hospital("Beta"))
    with pytest.raises(psycopg.errors.UniqueViolation, match="one_run_generating"):
        house.run(
            "update allocation_planner_runs as r set status = 'GENERATING', lane = o.lane,"
            " token = gen_random_uuid(), runner = 'x', attempt = 1, claimed_at = now(),"
            " heartbeat_at = now(), deadline_at = now() + interval '1 hour'"
            " from allocation_planner_runs o where r.id = %s and o.id = %s",
            second,
            first,
        )


def test_the_place_in_the_queue_is_known(house: House) -> None:
    first = house.request()
    second = house.request(house.add_hospital("Beta"))
    assert house.call("planner_queue_position", first) == 1
    assert house.call("planner_queue_position", second) == 2
    house.claim(first)
    assert house.call("planner_queue_position", first) is None
    assert house.call("planner_queue_position", second) == 1


def test_one_live_run_per_allocation_run(house: House) -> None:
    run = house.request()
    with pytest.raises(psycopg.errors.UniqueViolation):
        house.request()
    house.cancel(run)
    assert house.request()


def test_a_planner_s_second_run_is_refused_with_the_id_of_the_live_one(house: House) -> None:
    run = house.request()
    with (
        house.acting(house.add_user("planner")) as planner,
        pytest.raises(psycopg.errors.UniqueViolation) as caught,
    ):
        planner.request(house.hospital.allocation_run)
    assert str(run) in str(caught.value.diag.message_detail)


@pytest.mark.parametrize("cap", ["max_waiting_per_org", "max_hourly_per_org"])
def test_an_organisation_may_not_ask_for_more_than_its_cap(house: House, cap: str) -> None:
    house.set(**{cap: 2})
    user = house.add_user("planner")
    rounds = [house.add_hospital("Alpha").allocation_run for _ in range(3)]
    with house.acting(user) as planner:
        for allocation_run in rounds[:2]:
            planner.request(allocation_run)
        with pytest.raises(psycopg.Error) as caught:
            planner.request(rounds[2])
    assert caught.value.sqlstate == "PT429"


def test_a_planner_cannot_ask_for_lines_once_the_allocation_run_is_open(house: House) -> None:
    house.run("update allocation_runs set status = 'open'")
    with (
        house.acting(house.add_user("planner")) as planner,
        pytest.raises(psycopg.Error) as caught,
    ):
        planner.request(house.hospital.allocation_run)
    assert caught.value.sqlstate == "PLN03"


@pytest.mark.parametrize("n_lines", [0, -1, 10_001])
def test_a_run_asks_for_a_sensible_number_of_lines(house: House, n_lines: int) -> None:
    assert problem()["n_job_lines"] == 4
    with pytest.raises(psycopg.errors.CheckViolation):
        house.request(n=n_lines)
