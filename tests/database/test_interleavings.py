"""Two at the same moment, step by step: one wins whole, the other hears the truth."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.database.house import RESULT, House, call, lines, other_lines

ADD_LINE = "insert into job_lines (org, allocation_run, name) select org, id, 'by hand'"
ADD_TERM = "insert into terms (org, allocation_run, number, weeks) select org, id, 3, 4"
Connection = psycopg.Connection[Any]


@contextlib.contextmanager
def waiting(house: House, connection: Connection, act: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Start an act that must wait for a lock; inside the block it does."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(act)
        house.wait_until_blocked(connection)
        yield future


def test_a_sweep_during_a_commit_leaves_the_run_to_the_commit(house: House) -> None:
    run, token = house.claimed()
    house.age(run, 60)
    with house.another() as runner:
        assert call(runner, "planner_commit_lines", run, token, lines(), RESULT) == "COMPLETED"
        assert house.sweep()["lost"] == []
        runner.commit()
    assert house.status(run) == "COMPLETED"
    assert len(house.grid()) == 4


def test_a_commit_during_a_sweep_waits_and_is_lost(house: House) -> None:
    house.completed()
    before = house.grid()
    run, token = house.claimed()
    house.age(run, 60)
    with house.another() as sweeper, house.another() as runner:
        assert len(call(sweeper, "planner_sweep", False)["lost"]) == 1

        def commit() -> Any:
            return call(runner, "planner_commit_lines", run, token, other_lines(), RESULT)

        with waiting(house, runner, commit) as answer:
            sweeper.commit()
            assert answer.result(10) == "LOST"
        runner.commit()
    assert house.row(run)["reason"] == "runner.lost"
    assert house.grid() == before


def test_a_sweep_taken_back_lets_the_commit_through(house: House) -> None:
    run, token = house.claimed()
    house.age(run, 60)
    with house.another() as sweeper, house.another() as runner:
        call(sweeper, "planner_sweep", False)

        def commit() -> Any:
            return call(runner, "planner_commit_lines", run, token, lines(), RESULT)

        with waiting(house, runner, commit) as answer:
            sweeper.rollback()
            assert answer.result(10) == "COMPLETED"
        runner.commit()
    assert house.status(run) == "COMPLETED"


def test_a_cancel_during_a_commit_waits_and_comes_too_late(house: House) -> None:
    run, token = house.claimed()
    with house.another() as runner, house.another() as planner:
        assert call(runner, "planner_commit_lines", run, token, lines(), RESULT) == "COMPLETED"
        with waiting(house, planner, lambda: call(planner, "planner_cancel_run", run)) as answer:
            runner.commit()
            assert answer.result(10) == "FINAL"
        planner.commit()
    assert house.status(run) == "COMPLETED"
    assert len(house.grid()) == 4


def test_a_commit_during_a_cancel_waits_and_is_lost(house: House) -> None:
    run, token = house.claimed()
    with house.another() as planner, house.another() as runner:
        assert call(planner, "planner_cancel_run", run) == "CANCELLED"

        def commit() -> Any:
            return call(runner, "planner_commit_lines", run, token, lines(), RESULT)

        with waiting(house, runner, commit) as answer:
            planner.commit()
            assert answer.result(10) == "LOST"
        runner.commit()
    assert house.status(run) == "CANCELLED"
    assert house.grid() == {}


def test_a_runner_killed_inside_the_commit_leaves_the_old_lines_whole(house: House) -> None:
    house.completed()
    before = house.grid()
    run, token = house.claimed()
    with house.another() as runner:
        call(runner, "planner_commit_lines", run, token, other_lines(), RESULT)
        house.run("select pg_terminate_backend(%s, 5000)", runner.info.backend_pid)
    assert house.grid() == before
    assert house.status(run) == "GENERATING"
    assert len(house.history("snapshot")) == 1
    assert house.commit(run, token) == "COMPLETED"


def test_an_edit_under_way_at_the_commit_is_not_overwritten(house: House) -> None:
    house.completed()
    run, token = house.claimed()
    with house.another() as editor, house.another() as runner:
        editor.execute("update job_lines set name = 'mine' where name = '1'")

        def commit() -> Any:
            return call(runner, "planner_commit_lines", run, token, other_lines(), RESULT)

        with waiting(house, runner, commit) as answer:
            editor.commit()
            assert answer.result(10) == "PROPOSED"
        runner.commit()
    assert "mine" in house.grid()


def test_an_edit_during_the_commit_waits_and_finds_its_line_gone(house: House) -> None:
    house.completed()
    run, token = house.claimed()
    with house.another() as runner, house.another() as editor:
        call(runner, "planner_commit_lines", run, token, other_lines(), RESULT)

        def edit() -> int:
            return editor.execute("update job_lines set locked = true where name = '1'").rowcount

        with waiting(house, editor, edit) as touched:
            runner.commit()
            assert touched.result(10) == 0
        editor.commit()
    assert house.status(run) == "COMPLETED"
    assert house.grid() == {line["name"]: _positions(line) for line in other_lines()}


@pytest.mark.parametrize(
    "edit",
    [
        "update posts set posts_min = 0 where posts_min = 1",
        "update positions set excludable = true",
        "update terms set weeks = weeks + 1 where number = 2",
        "update rotations set position = position",
        "delete from leave_blocks",
        f"{ADD_LINE} from allocation_runs",
        f"{ADD_TERM} from allocation_runs",
        "update allocation_runs set name = 'other'",
    ],
)
def test_m4_every_edit_of_the_round_waits_for_a_commit_under_way(house: House, edit: str) -> None:
    house.completed()
    run, token = house.claimed()
    with house.another() as runner, house.another() as editor:
        call(runner, "planner_commit_lines", run, token, other_lines(), RESULT)
        with waiting(house, editor, lambda: editor.execute(edit.encode())):
            runner.commit()
        editor.rollback()
    assert house.status(run) == "COMPLETED"


def test_m4_an_edit_that_came_first_makes_the_commit_wait_and_become_a_proposal(
    house: House,
) -> None:
    house.completed()
    before = house.grid()
    run, token = house.claimed()
    with house.another() as runner, house.another() as editor:
        editor.execute(
            "update rotations set position = (select id from positions where code='MED')"
        )
        with waiting(
            house,
            runner,
            lambda: call(runner, "planner_commit_lines", run, token, other_lines(), RESULT),
        ) as answer:
            editor.commit()
            assert answer.result(10) == "PROPOSED"
        runner.commit()
    assert house.grid() == {name: ["MED", "MED"] for name in before}


def test_m4_another_hospital_s_edits_do_not_wait_for_a_commit(house: House) -> None:
    other = house.add_hospital("Beta")
    run, token = house.claimed()
    with house.another() as runner, house.another() as editor:
        call(runner, "planner_commit_lines", run, token, lines(), RESULT)
        editor.execute("set local lock_timeout = '1s'")
        for edit in (
            "update posts set posts_min = 0 where allocation_run = %s",
            "update allocation_runs set name = 'other' where id = %s",
            f"{ADD_LINE} from allocation_runs where id = %s",
            "delete from terms where allocation_run = %s and number = 2",
        ):
            assert editor.execute(edit.encode(), (other.allocation_run,)).rowcount >= 1
        editor.commit()
        runner.commit()
    assert house.status(run) == "COMPLETED"


def _positions(line: dict[str, Any]) -> list[str]:
    return [rotation["position"] for rotation in line["rotations"]]


def test_a_beat_during_a_sweep_hears_the_run_is_lost(house: House) -> None:
    run, token = house.claimed()
    house.age(run, 60)
    with house.another() as sweeper, house.another() as runner:
        call(sweeper, "planner_sweep", False)
        with waiting(
            house, runner, lambda: call(runner, "planner_heartbeat", run, token, {})
        ) as beat:
            sweeper.commit()
            assert beat.result(10) == "LOST"


def test_two_sweeps_at_once_end_each_run_once(house: House) -> None:
    run, _ = house.claimed()
    house.age(run, 60)
    with house.another() as first, house.another() as second:
        assert len(call(first, "planner_sweep", False)["lost"]) == 1
        assert call(second, "planner_sweep", False)["lost"] == []
        first.commit()
        second.commit()


def test_a_run_swept_and_asked_for_again_is_safe_from_its_first_runner(house: House) -> None:
    first, old_token = house.claimed()
    house.age(first, 60)
    house.sweep()
    second, token = house.claimed()
    assert house.commit(first, old_token, other_lines()) == "LOST"
    assert house.commit(second, token) == "COMPLETED"
    assert house.finish(first, old_token) == "LOST"


def test_two_restores_at_once_happen_one_after_the_other(house: House) -> None:
    house.completed()
    house.completed(other_lines())
    snapshot = house.history("snapshot")[0]
    with house.another() as first, house.another() as second:
        assert call(first, "planner_restore_lines", snapshot)["outcome"] == "RESTORED"
        with waiting(
            house, second, lambda: call(second, "planner_restore_lines", snapshot)
        ) as answer:
            first.commit()
            assert answer.result(10)["outcome"] == "ALREADY"
        second.commit()
    assert len(house.grid()) == 4
