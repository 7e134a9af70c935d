"""History: which sets were kept, and how they differ, by line and by unit."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from planner_cli.embedded import Hospital
from tests.database.house import House, line, lines, other_lines


def diff(house: House, earlier: UUID, later: UUID | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = house.call("planner_diff_lines", earlier, later)
    return answer


def kept(house: House, hospital: Hospital | None = None) -> list[dict[str, Any]]:
    year = (hospital or house.hospital).allocation_run
    answer: list[dict[str, Any]] = house.call("planner_list_history", year)
    return answer


@pytest.fixture
def first_lines(house: House) -> UUID:
    """The snapshot of a first set of lines, in whose place the other lines are now."""
    house.completed()
    house.completed(other_lines())
    return house.history("snapshot")[0]


def test_the_list_names_every_kept_set_newest_first_without_its_lines(
    house: House, first_lines: UUID
) -> None:
    entries = kept(house)
    assert [entry["lines"] for entry in entries] == [4, 0]
    assert entries[0]["id"] == str(first_lines)
    assert {entry["kind"] for entry in entries} == {"snapshot"}
    assert set(entries[0]) == {
        "id", "created_at", "kind", "run", "restored_from", "made_by", "lines",
        "constraints", "verdict",
    }  # fmt: skip


def test_a_snapshot_differs_from_the_lines_there_are_line_by_line(
    house: House, first_lines: UUID
) -> None:
    found = diff(house, first_lines)
    assert (found["outcome"], found["same"]) == ("FOUND", 0)
    assert [entry["name"] for entry in found["lines"]] == ["1", "2", "3", "4"]
    assert found["lines"][0] == {
        "name": "1",
        "change": "changed",
        "terms": [
            {"term": 1, "from": "ED", "to": "MED"},
            {"term": 2, "from": "MED", "to": "ED"},
        ],
        "leave": {"from": [{"start_week": 3, "weeks": 2}], "to": []},
    }
    assert "leave" not in found["lines"][1]


def test_units_are_named_where_their_number_of_lines_differs(
    house: House, first_lines: UUID
) -> None:
    assert diff(house, first_lines)["units"] == []
    run, token = house.claimed()
    house.run("update posts set posts_max = 3")
    given = [*lines()[:2], line("3", "ED", "MED"), line("5", "MED", "ED")]
    house.set(lease_seconds=60)
    assert house.call(
        "planner_finish_run", run, token, "FAILED", "why", "Because.", {}
    ) == "FAILED"  # fmt: skip
    house.completed(given)
    found = diff(house, first_lines)
    assert found["units"] == [
        {"position": "ED", "term": 1, "from": 2, "to": 3},
        {"position": "ED", "term": 2, "from": 2, "to": 1},
        {"position": "MED", "term": 1, "from": 2, "to": 1},
        {"position": "MED", "term": 2, "from": 2, "to": 3},
    ]
    changes = {entry["name"]: entry["change"] for entry in found["lines"]}
    assert (found["same"], changes) == (2, {"3": "changed", "4": "removed", "5": "added"})


def test_two_kept_sets_are_compared_with_each_other(house: House, first_lines: UUID) -> None:
    nothing = house.history("snapshot")[1]
    found = diff(house, nothing, first_lines)
    assert {entry["change"] for entry in found["lines"]} == {"added"}
    back = diff(house, first_lines, nothing)
    assert {entry["change"] for entry in back["lines"]} == {"removed"}
    assert [unit["to"] for unit in back["units"]] == [0, 0, 0, 0]


def test_a_proposal_shows_what_taking_it_would_change(house: House) -> None:
    house.completed()
    run, token = house.claimed()
    house.run("update posts set posts_max = 3")
    assert house.commit(run, token, other_lines()) == "PROPOSED"
    proposal = house.history("proposal")[0]
    assert len(diff(house, proposal)["lines"]) == 4
    house.call("planner_restore_lines", proposal)
    assert diff(house, proposal)["same"] == 4
    assert diff(house, proposal)["lines"] == []


def test_a_restored_set_no_longer_differs(house: House, first_lines: UUID) -> None:
    house.call("planner_restore_lines", first_lines)
    assert diff(house, first_lines) == {
        "outcome": "FOUND", "from": str(first_lines), "to": None, "same": 4, "lines": [],
        "units": [],
    }  # fmt: skip


def test_what_is_not_there_or_of_another_round_is_missing(house: House, first_lines: UUID) -> None:
    assert diff(house, uuid4()) == {"outcome": "MISSING"}
    other = house.add_hospital("Beta")
    run, token = house.claimed(other)
    house.commit(run, token)
    foreign = UUID(kept(house, other)[0]["id"])
    assert diff(house, first_lines, foreign) == {"outcome": "MISSING"}


def test_lines_in_use_are_not_compared_but_kept_sets_are(house: House, first_lines: UUID) -> None:
    house.run("update allocation_runs set status = 'open'")
    assert diff(house, first_lines)["reason"] == "target.not_draft"
    assert diff(house, first_lines, house.history("snapshot")[1])["outcome"] == "FOUND"


@pytest.mark.parametrize("role", ["viewer", "planner", "admin"])
def test_every_member_lists_and_compares(house: House, first_lines: UUID, role: str) -> None:
    with house.acting(house.add_user(role)) as member:
        year = house.hospital.allocation_run
        assert len(member.value("select planner_list_history(%s)", year)) == 2
        assert member.value("select planner_diff_lines(%s)", first_lines)["outcome"] == "FOUND"


def test_an_outsider_learns_nothing_of_the_history(house: House, first_lines: UUID) -> None:
    other = house.add_hospital("Beta")
    with house.acting(house.add_user("planner", other.org)) as outsider:
        year = house.hospital.allocation_run
        assert outsider.value("select planner_list_history(%s)", year) == []
        assert outsider.value("select planner_diff_lines(%s)", first_lines) == {
            "outcome": "MISSING"
        }


def test_anonymous_visitors_may_not_even_ask(house: House, first_lines: UUID) -> None:
    with house.acting(None, "anon") as visitor:
        assert not visitor.may("select planner_list_history(%s)", house.hospital.allocation_run)
        assert not visitor.may("select planner_diff_lines(%s)", first_lines)


def test_thousands_of_lines_are_compared_in_a_moment(house: House) -> None:
    found = house.value(
        """with sets as (
             select jsonb_agg(jsonb_build_object('name', 'L' || l, 'rotations', (
                      select jsonb_agg(jsonb_build_object('term', t,
                                                          'position', 'P' || (l + t) % 400))
                        from generate_series(1, 5) as t), 'leave', '[]'::jsonb)) as one
               from generate_series(1, 3000) as l)
           select planner_private.compare_lines(one, jsonb_path_query_array(one, '$[1 to last]'))
             from sets"""
    )
    assert (found["same"], len(found["lines"]), len(found["units"])) == (2999, 1, 5)
