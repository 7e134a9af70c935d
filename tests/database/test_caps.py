"""Caps: they count what was asked for, whatever was deleted since, and bound what is kept."""

from uuid import UUID

import psycopg
import pytest

from tests.database.house import House, other_lines


def test_m3_the_hourly_cap_counts_runs_that_are_gone(house: House) -> None:
    house.set(max_hourly_per_org=2, max_waiting_per_org=10)
    user = house.add_user("planner")
    for _ in range(2):
        with house.acting(user) as planner:
            planner.request(house.hospital.allocation_run)
            planner.connection.commit()
        house.run("delete from allocation_planner_runs")
    with house.acting(user) as planner, pytest.raises(psycopg.Error) as caught:
        planner.request(house.hospital.allocation_run)
    assert caught.value.sqlstate == "PT429"


def test_m3_the_ledger_forgets_after_a_day_and_is_nobody_s_to_read(house: House) -> None:
    house.request()
    house.run("update planner_request_ledger set requested_at = now() - interval '25 hours'")
    user = house.add_user("planner")
    with house.acting(user) as planner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        planner.count("planner_request_ledger")
    house.sweep()
    assert house.value("select count(*) from planner_request_ledger") == 0


def test_m4_restores_are_capped_by_the_hour_for_users(house: House) -> None:
    house.set(max_hourly_restores_per_org=2)
    house.completed()
    house.completed(other_lines())
    user = house.add_user("planner")

    def restore(snapshot: UUID) -> str:
        with house.acting(user) as planner:
            answer = planner.value("select planner_restore_lines(%s)", snapshot)
            planner.connection.commit()
        return str(answer["outcome"])

    assert restore(house.history("snapshot")[0]) == "RESTORED"
    assert restore(house.history("snapshot")[0]) == "RESTORED"
    with pytest.raises(psycopg.Error) as caught:
        restore(house.history("snapshot")[0])
    assert caught.value.sqlstate == "PT429"
    assert (
        house.call("planner_restore_lines", house.history("snapshot")[0])["outcome"] == "RESTORED"
    )


def test_m4_the_history_of_an_organisation_is_bounded_in_bytes(house: House) -> None:
    house.completed()
    house.run(
        "insert into job_lines_history (org, allocation_run, run, kind, lines, created_at)"
        " select org, allocation_run, id, 'snapshot', jsonb_build_array(jsonb_build_object('name',"
        "   (select string_agg(md5(n::text || m::text), '') from generate_series(1, 40000) as n))),"
        "   now() - make_interval(days => m)"
        "  from allocation_planner_runs, generate_series(1, 5) as m"
    )
    n_before = house.value("select count(*) from job_lines_history")
    house.set(history_megabytes_per_org=3)
    house.completed(other_lines())
    kept = house.value("select sum(pg_column_size(lines)) from job_lines_history")
    assert house.value("select count(*) from job_lines_history") < n_before + 1
    assert kept <= 3 * 1_048_576


def test_m4_the_newest_snapshot_of_a_round_stays_whatever_its_size(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    house.set(history_megabytes_per_org=1)
    house.run(
        "update job_lines_history set lines = lines || jsonb_build_array(jsonb_build_object('name',"
        " (select string_agg(md5(n::text), '') from generate_series(1, 60000) as n)))"
    )
    newest = house.history("snapshot")[0]
    house.sweep()
    assert house.history("snapshot") == [newest]


def test_m5_asking_again_after_a_cancel_does_not_jump_the_queue(house: House) -> None:
    patient = house.add_hospital("Patient")
    house.completed()
    hasty = house.request()
    waits = house.request(patient)
    house.age(waits, 10)
    house.cancel(hasty)
    again = house.request()
    answer = house.claim(again, "runner-2")
    assert (answer["outcome"], answer["behind"], answer["position"]) == ("BUSY", str(waits), 2)
    assert answer["status"] == "PENDING"
    assert UUID(house.claim_next("runner-2")["run"]) == waits
