"""Posts that finance or the accreditor must approve: proposed, made with a name, and undone."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.database.house import Actor, House

ACCREDIT = {"position": "ED", "term": 2, "of": "posts_max", "from": 2, "to": 3}
FUND_FEWER = {"position": "MED", "term": 1, "of": "posts_min", "from": 1, "to": 0}


def posts(house: House) -> list[tuple[Any, ...]]:
    return house.run(
        "select p.code, t.number, posts_min, posts_max from posts"
        " join terms t on t.id = term join positions p on p.id = position order by 1, 2"
    ).fetchall()


def ask(actor: Actor, house: House, *changes: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = actor.value(
        "select planner_ask_post_change(%s, %s::jsonb)",
        house.hospital.allocation_run,
        psycopg.types.json.Jsonb(list(changes)),
    )
    return answer


@pytest.fixture
def planner(house: House) -> Any:
    with house.acting(house.add_user("planner")) as actor:
        yield actor


def apply(actor: Actor, change: str, by: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = actor.value(
        "select planner_apply_post_change(%s, %s, 'File 7')", change, by
    )
    return answer


def test_proposing_changes_no_post_and_says_who_must_approve(planner: Actor, house: House) -> None:
    before = posts(house)
    answer = ask(planner, house, ACCREDIT, FUND_FEWER)
    assert (answer["outcome"], answer["approvers"]) == ("WAITING", ["accreditor", "finance"])
    planner.connection.commit()
    assert posts(house) == before


def test_nobody_accredits_posts_without_a_name(planner: Actor, house: House) -> None:
    change = ask(planner, house, ACCREDIT)["id"]
    for name in (None, "", "  x "):
        refused = apply(planner, change, name)
        assert (refused["outcome"], refused["reason"]) == ("REFUSED", "approval.missing")
    assert "accreditor" in refused["message"]


def test_an_approved_change_is_made_and_can_be_undone(planner: Actor, house: House) -> None:
    before = posts(house)
    change = ask(planner, house, ACCREDIT, FUND_FEWER)["id"]
    assert apply(planner, change, "PMCV, Dr Lee") == {"outcome": "APPLIED"}
    assert apply(planner, change, "PMCV, Dr Lee") == {"outcome": "ALREADY"}
    row = planner.run("select state, approved_by, reference from planner_post_changes").fetchone()
    assert row == ("APPLIED", "PMCV, Dr Lee", "File 7")
    undone = planner.value("select planner_undo_post_change(%s)", change)
    assert undone == {"outcome": "UNDONE"}
    planner.connection.commit()
    assert posts(house) == before


def test_a_change_meets_posts_that_were_edited_and_changes_none(
    planner: Actor, house: House
) -> None:
    change = ask(planner, house, FUND_FEWER, ACCREDIT)["id"]
    planner.connection.commit()
    house.run(
        "update posts set posts_max = 5 where position = (select id from positions"
        " where code = 'ED') and term = (select id from terms where number = 2)"
    )
    before = posts(house)
    with house.acting(house.add_user("planner")) as another:
        refused = apply(another, change, "Dr Lee")
        another.connection.commit()
    assert (refused["outcome"], refused["reason"]) == ("REFUSED", "posts.changed")
    assert "ED in Term 2 are not 2 any more" in refused["message"]
    assert posts(house) == before


def test_a_change_that_was_withdrawn_is_not_made(planner: Actor, house: House) -> None:
    change = ask(planner, house, ACCREDIT)["id"]
    assert planner.value("select planner_withdraw_post_change(%s)", change) == {
        "outcome": "WITHDRAWN"
    }
    assert apply(planner, change, "Dr Lee")["reason"] == "change.decided"


def test_viewers_and_strangers_change_no_posts(planner: Actor, house: House) -> None:
    change = ask(planner, house, ACCREDIT)["id"]
    planner.connection.commit()
    with house.acting(house.add_user("viewer")) as viewer:
        assert viewer.count("planner_post_changes") == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            apply(viewer, change, "Dr Lee")
    other = house.add_hospital("Beta")
    with house.acting(house.add_user("planner", other.org)) as stranger:
        assert apply(stranger, change, "Dr Lee") == {"outcome": "MISSING"}
        assert ask(stranger, house, ACCREDIT) == {"outcome": "MISSING"}
        assert stranger.count("planner_post_changes") == 0
    assert apply(planner, str(uuid4()), "Dr Lee") == {"outcome": "MISSING"}


@pytest.mark.parametrize(
    "change",
    [
        {}, {"position": "ED"}, {**ACCREDIT, "of": "beds"}, {**ACCREDIT, "to": -1},
        {**ACCREDIT, "term": "two"}, {**ACCREDIT, "to": 10**6},
    ],
)  # fmt: skip
def test_what_is_no_change_of_posts_is_refused(
    planner: Actor, house: House, change: dict[str, Any]
) -> None:
    assert ask(planner, house, change)["reason"] == "changes.unreadable"


def test_funding_beyond_accreditation_is_refused_in_words(planner: Actor, house: House) -> None:
    change = ask(planner, house, {**FUND_FEWER, "to": 9})["id"]
    refused = apply(planner, change, "Finance, M. Chan")
    assert refused["message"] == "There would be more funded posts than accredited ones."
