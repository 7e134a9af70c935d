"""Restore: a kept set goes back in place, and what it replaces is kept in turn."""

from uuid import UUID, uuid4

from tests.database.house import House, lines, other_lines


def restore(house: House, history: UUID) -> dict[str, object]:
    answer: dict[str, object] = house.call("planner_restore_lines", history)
    return answer


def test_a_snapshot_goes_back_in_place_and_the_rest_is_kept(house: House) -> None:
    house.completed()
    before = house.grid()
    house.completed(other_lines())
    replaced = house.grid()
    snapshot = house.history("snapshot")[0]
    answer = restore(house, snapshot)
    assert (answer["outcome"], answer["lines"]) == ("RESTORED", 4)
    assert house.grid() == before
    kept = UUID(str(answer["snapshot"]))
    assert restore(house, kept)["outcome"] == "RESTORED"
    assert house.grid() == replaced
    origin = house.value("select restored_from from job_lines_history where id = %s", kept)
    assert origin == snapshot


def test_leave_comes_back_too(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    restore(house, house.history("snapshot")[0])
    assert house.run("select start_week, weeks from leave_blocks").fetchall() == [(3, 2)]


def test_restoring_twice_does_nothing_the_second_time(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    snapshot = house.history("snapshot")[0]
    restore(house, snapshot)
    n_kept = len(house.history("snapshot"))
    assert restore(house, snapshot)["outcome"] == "ALREADY"
    assert len(house.history("snapshot")) == n_kept


def test_a_restore_is_refused_while_a_run_is_under_way(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    before = house.grid()
    run = house.request()
    answer = restore(house, house.history("snapshot")[0])
    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "run.live")
    assert answer["run"] == str(run)
    house.claim(run)
    assert restore(house, house.history("snapshot")[0])["reason"] == "run.live"
    assert house.grid() == before


def test_a_restore_is_refused_once_lines_are_in_use(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    house.run("update allocation_runs set status = 'open'")
    answer = restore(house, house.history("snapshot")[0])
    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "target.not_draft")


def test_a_proposal_is_taken_by_restoring_it(house: House) -> None:
    house.completed()
    run, token = house.claimed()
    house.run("update posts set posts_max = 3")
    assert house.commit(run, token, other_lines()) == "PROPOSED"
    assert restore(house, house.history("proposal")[0])["outcome"] == "RESTORED"
    assert house.grid()["1"] == ["MED", "ED"]


def test_a_proposal_that_no_longer_fits_is_refused_whole(house: House) -> None:
    house.completed()
    before = house.grid()
    run, token = house.claimed()
    house.run("update posts set posts_max = 1")
    assert house.commit(run, token, other_lines()) == "PROPOSED"
    n_kept = len(house.history("snapshot"))
    answer = restore(house, house.history("proposal")[0])
    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "lines.rejected")
    assert house.grid() == before
    assert len(house.history("snapshot")) == n_kept


def test_a_snapshot_with_a_position_that_is_gone_is_refused_whole(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    before = house.grid().keys()
    house.run("update positions set code = 'EMERGENCY' where code = 'ED'")
    answer = restore(house, house.history("snapshot")[0])
    assert (answer["outcome"], answer["reason"]) == ("REFUSED", "lines.rejected")
    assert house.grid().keys() == before


def test_locked_lines_stay_when_others_are_restored(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    house.run("update job_lines set locked = true where name = '1'")
    assert restore(house, house.history("snapshot")[0])["outcome"] == "RESTORED"
    assert house.grid()["1"] == ["MED", "ED"]
    assert house.grid()["2"] == ["ED", "MED"]


def test_an_empty_snapshot_can_be_restored(house: House) -> None:
    house.completed(lines())
    assert restore(house, house.history("snapshot")[0])["outcome"] == "RESTORED"
    assert house.grid() == {}


def test_an_unknown_set_is_missing(house: House) -> None:
    assert restore(house, uuid4()) == {"outcome": "MISSING"}
