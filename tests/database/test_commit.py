"""Commit: everything is checked again, what was there is kept, and it is all or nothing."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.database.house import RESULT, House, line, lines, other_lines


def test_a_commit_writes_the_lines_and_completes_the_run(house: House) -> None:
    run, token = house.claimed()
    assert house.commit(run, token) == "COMPLETED"
    row = house.row(run)
    assert (row["status"], row["reason"]) == ("COMPLETED", "optimal")
    assert row["message"] == "Four legal lines."
    assert row["result_metadata"] == RESULT
    assert house.grid() == {
        "1": ["ED", "MED"],
        "2": ["ED", "MED"],
        "3": ["MED", "ED"],
        "4": ["MED", "ED"],
    }
    leave = house.run("select start_week, weeks from leave_blocks").fetchall()
    assert leave == [(3, 2)]


def test_the_same_token_again_answers_already_and_changes_nothing(house: House) -> None:
    run, token = house.claimed()
    house.commit(run, token)
    ids = house.value("select array_agg(id order by id) from job_lines")
    assert house.commit(run, token, other_lines()) == "ALREADY"
    assert house.value("select array_agg(id order by id) from job_lines") == ids


def test_another_token_is_lost(house: House) -> None:
    run, _ = house.claimed()
    assert house.commit(run, uuid4()) == "LOST"
    assert house.commit(uuid4(), uuid4()) == "LOST"
    assert house.status(run) == "GENERATING"
    assert house.grid() == {}


def test_the_lines_that_were_there_are_kept_as_a_snapshot(house: House) -> None:
    house.completed()
    before = house.grid()
    house.completed(other_lines())
    assert house.grid() != before
    kept = house.value(
        "select lines from job_lines_history where id = %s", house.history("snapshot")[0]
    )
    assert {one["name"]: [r["position"] for r in one["rotations"]] for one in kept} == before
    assert kept[0]["leave"] == [{"start_week": 3, "weeks": 2}]


REJECTED: dict[str, tuple[Any, str]] = {
    "too few lines": (lines()[:3], "3 lines, but 4"),
    "too many lines": ([*lines(), line("5", "ED", "MED")], "5 lines, but 4"),
    "no lines": ([], "0 lines, but 4"),
    "two lines of one name": ([*lines()[:3], line("1", "MED", "ED")], 'line "1" is there 2 times'),
    "a line without a name": ([*lines()[:3], line("", "MED", "ED")], "no name"),
    "a missing rotation": ([*lines()[:3], line("4", "MED")], 'line "4" has 1 rotations'),
    "a term twice": (
        [
            *lines()[:3],
            {"name": "4", "rotations": [{"term": 1, "position": "MED"}] * 2, "leave": []},
        ],
        'line "4" has 2 rotations in 1 of 2 terms',
    ),
    "a term beyond the year": (
        [
            *lines()[:3],
            {
                "name": "4",
                "rotations": [{"term": 1, "position": "MED"}, {"term": 3, "position": "ED"}],
            },
        ],
        '"ED" in term 3',
    ),
    "an unknown position": ([*lines()[:3], line("4", "MED", "ICU")], '"ICU" in term 2'),
    "a position left out": (
        [*lines()[:3], {"name": "4", "rotations": [{"term": 1}, {"term": 2, "position": "ED"}]}],
        '"" in term 1',
    ),
    "more than the accredited posts": (
        [*lines()[:3], line("4", "ED", "ED")],
        '"ED" has 2 posts in term 1, but 3 lines',
    ),
    "leave beyond the year": (
        [line("1", "ED", "MED", leave=[{"start_week": 22, "weeks": 2}]), *lines()[1:]],
        "does not fit the year",
    ),
    "leave that overlaps": (
        [
            line(
                "1",
                "ED",
                "MED",
                leave=[{"start_week": 3, "weeks": 2}, {"start_week": 4, "weeks": 3}],
            ),
            *lines()[1:],
        ],
        "overlaps in week 4",
    ),
    "a term that is no number": (
        [*lines()[:3], {"name": "4", "rotations": [{"term": "x", "position": "MED"}]}],
        "cannot be read",
    ),
    "something else than lines": ({"lines": []}, "not an array"),
    "a line that is no object": ([1, 2, 3, 4], "cannot be read"),
}


@pytest.mark.parametrize(("given", "says"), REJECTED.values(), ids=REJECTED.keys())
def test_a_commit_is_refused_whole_for(house: House, given: Any, says: str) -> None:
    house.completed()
    before = house.grid()
    run, token = house.claimed()
    with pytest.raises(psycopg.Error) as caught:
        house.commit(run, token, given)
    assert caught.value.sqlstate == "PLN02"
    assert says in str(caught.value)
    assert house.grid() == before
    assert house.status(run) == "GENERATING"
    assert house.beat(run, token) == "OK"


def test_a_position_of_another_organisation_is_refused(house: House) -> None:
    house.run(
        "update positions set code = 'FOREIGN' where org = %s and code = 'ED'",
        house.add_hospital("Beta").org,
    )
    run, token = house.claimed()
    with pytest.raises(psycopg.Error, match="FOREIGN"):
        house.commit(run, token, [line("1", "FOREIGN", "MED"), *lines()[1:]])


def test_fewer_lines_are_an_answer_where_that_was_allowed(house: House) -> None:
    run, token = house.claimed(options={"allow_partial": True})
    with pytest.raises(psycopg.Error, match="0 lines"):
        house.commit(run, token, [])
    assert house.commit(run, token, lines()[:3]) == "COMPLETED"
    assert len(house.grid()) == 3


def test_a_result_over_64_kb_is_refused(house: House) -> None:
    run, token = house.claimed()
    with pytest.raises(psycopg.Error) as caught:
        house.call("planner_commit_lines", run, token, lines(), {"message": "x" * 70_000})
    assert caught.value.sqlstate == "PLN02"


@pytest.mark.parametrize(
    "edit",
    [
        "update rotations set position = (select id from positions where code = 'MED')",
        "update job_lines set locked = true",
        "delete from job_lines where name = '1'",
        "delete from leave_blocks",
        "update posts set posts_max = 3",
        "update terms set weeks = 11 where number = 1",
        "update positions set rural = true where code = 'ED'",
        "update allocation_runs set constraints = '[\"VIC_PGY1\"]'",
        "update allocation_runs set annual_leave_weeks = 5",
    ],
)
def test_after_an_edit_the_lines_become_a_proposal_and_nothing_is_overwritten(
    house: House, edit: str
) -> None:
    house.completed()
    run, token = house.claimed()
    house.run(edit)
    before = house.value("select jsonb_agg(to_jsonb(r)) from rotations r")
    assert house.commit(run, token, other_lines()) == "PROPOSED"
    assert house.value("select jsonb_agg(to_jsonb(r)) from rotations r") == before
    row = house.row(run)
    assert (row["status"], row["reason"]) == ("COMPLETED", "stale")
    kept = house.value("select lines from job_lines_history where kind = 'proposal'")
    assert [one["name"] for one in kept] == ["1", "2", "3", "4"]
    assert house.commit(run, token) == "ALREADY"


def test_a_new_name_for_the_allocation_run_is_no_edit_that_counts(house: House) -> None:
    run, token = house.claimed()
    house.run("update allocation_runs set name = 'Next year'")
    assert house.commit(run, token) == "COMPLETED"


@pytest.mark.parametrize("status", ["open", "closed"])
def test_lines_in_use_are_not_replaced(house: House, status: str) -> None:
    run, token = house.claimed()
    house.run("update allocation_runs set status = %s", status)
    with pytest.raises(psycopg.Error, match=status) as caught:
        house.commit(run, token)
    assert caught.value.sqlstate == "PLN02"
    assert house.finish(run, token) == "FAILED"


def test_lines_other_tables_refer_to_are_not_replaced(house: House) -> None:
    house.completed()
    house.run("create table preferences (line uuid references job_lines (id))")
    try:
        house.run("insert into preferences select id from job_lines where name = '1'")
        before = house.grid()
        run, token = house.claimed()
        with pytest.raises(psycopg.Error, match="in use") as caught:
            house.commit(run, token, other_lines())
        assert caught.value.sqlstate == "PLN02"
        assert house.grid() == before
    finally:
        house.run("drop table preferences")


def test_lines_written_past_every_check_still_leave_nothing_half_way(house: House) -> None:
    """The host's own function, called by itself: what it cannot write undoes all of it."""
    house.completed()
    run, _ = house.claimed()
    write = "select planner_private.planner_write_lines(%s, %s)"
    before = house.grid()
    assert before
    unknown = Jsonb([line("1", "NOWHERE", "MED")])
    with pytest.raises(psycopg.Error, match='no position "NOWHERE" in term 1') as caught:
        house.run(write, run, unknown)
    assert caught.value.sqlstate == "PLN02"
    undated = Jsonb([{**line("1", "ED", "MED"), "leave": [{"weeks": 2}]}])
    with pytest.raises(psycopg.errors.NotNullViolation, match="start_week"):
        house.run(write, run, undated)
    assert house.grid() == before


def test_locked_lines_come_with_the_problem_and_stay_untouched(house: House) -> None:
    house.completed()
    house.run("update job_lines set locked = true where name = '1'")
    locked = house.value("select id from job_lines where locked")
    run = house.request()
    answer = house.claim(run)
    assert answer["problem"]["locked_lines"] == [lines()[0]]
    assert answer["problem"]["n_job_lines"] == 4
    given = [{**lines()[0], "score": 99, "leave": []}, *lines()[1:]]
    assert house.commit(run, answer["token"], given) == "COMPLETED"
    kept = house.run("select id, score from job_lines where name = '1'").fetchone()
    assert kept == (locked, 1.0)
    assert house.value("select count(*) from leave_blocks where job_line = %s", locked) == 1
    assert len(house.grid()) == 4


def test_a_changed_or_missing_locked_line_is_refused(house: House) -> None:
    house.completed()
    house.run("update job_lines set locked = true where name = '1'")
    run, token = house.claimed()
    for given in (other_lines(), [line("new", "ED", "MED"), *lines()[1:]]):
        with pytest.raises(psycopg.Error, match='locked line "1"'):
            house.commit(run, token, given)


def test_the_lines_of_other_allocation_runs_stay(house: House) -> None:
    house.completed()
    beta = house.add_hospital("Beta")
    run, token = house.claimed(beta)
    house.commit(run, token, other_lines())
    assert house.grid() != house.grid(beta)
    assert len(house.grid()) == len(house.grid(beta)) == 4
