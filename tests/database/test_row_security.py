"""Row security as scenes: what a planner, a viewer, an outsider, a stranger and the service may."""

# ruff: noqa: S608 - the statements are made of this file's own words

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from planner_cli.embedded import Hospital
from tests.database.house import Actor, House, lines

HOST = (
    "orgs",
    "org_members",
    "positions",
    "allocation_runs",
    "terms",
    "posts",
    "job_lines",
    "rotations",
    "leave_blocks",
)
OURS = ("allocation_planner_runs", "planner_run_inputs", "job_lines_history", "system_logs")


@pytest.fixture
def other(house: House) -> Hospital:
    """A second hospital; both have lines, inputs, a history and a log."""
    other = house.add_hospital("Beta")
    for hospital in (house.hospital, other):
        run, token = house.claimed(hospital)
        house.commit(run, token)
        house.call("planner_log", [{"message": "done", "run": str(run)}])
    return other


@pytest.fixture
def planner(house: House, other: Hospital) -> Iterator[Actor]:
    with house.acting(house.add_user("planner")) as actor:
        yield actor


@pytest.fixture
def viewer(house: House, other: Hospital) -> Iterator[Actor]:
    with house.acting(house.add_user("viewer")) as actor:
        yield actor


@pytest.fixture
def outsider(house: House, other: Hospital) -> Iterator[Actor]:
    """Signed in, and a planner, but of the other hospital."""
    with house.acting(house.add_user("planner", other.org)) as actor:
        yield actor


@pytest.mark.parametrize("table", [t for t in HOST if t not in ("orgs", "org_members")])
def test_a_planner_reads_their_own_hospital_only(planner: Actor, house: House, table: str) -> None:
    seen = {row[0] for row in planner.run(f"select org from {table}").fetchall()}
    assert seen == {house.hospital.org}


@pytest.mark.parametrize("table", OURS)
def test_a_planner_reads_the_runs_of_their_own_hospital_only(
    planner: Actor, house: House, table: str
) -> None:
    seen = {row[0] for row in planner.run(f"select org from {table}").fetchall()}
    assert seen == {house.hospital.org}


def test_a_viewer_reads_all_but_the_logs(viewer: Actor) -> None:
    for table in ("orgs", "job_lines", "rotations", "planner_run_inputs", "job_lines_history"):
        assert viewer.count(table) > 0, table
    assert viewer.count("allocation_planner_runs", "id") == 1
    assert viewer.count("system_logs") == 0


def test_members_see_their_own_organisation_and_membership_only(planner: Actor) -> None:
    assert planner.count("orgs") == 1
    assert planner.count("org_members") == 1


def test_the_token_of_a_claim_is_read_by_no_user(planner: Actor) -> None:
    for columns in ("token", "*"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            planner.run(f"select {columns} from allocation_planner_runs")


def test_a_planner_asks_for_a_run_in_their_own_hospital(planner: Actor, house: House) -> None:
    run = planner.request(house.hospital.allocation_run)
    row = planner.run(
        "select org, status, requested_by = auth.uid() from allocation_planner_runs where id = %s",
        run,
    ).fetchone()
    assert row == (house.hospital.org, "PENDING", True)


def test_a_planner_cannot_ask_for_a_run_in_another_hospital(
    planner: Actor, house: House, other: Hospital
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        planner.request(other.allocation_run)
    for org in (house.hospital.org, other.org):
        with pytest.raises(psycopg.Error) as caught:
            planner.run(
                "insert into allocation_planner_runs (org, allocation_run, n_job_lines)"
                " values (%s, %s, 4)",
                org,
                other.allocation_run,
            )
        assert caught.value.sqlstate in {"42501", "23503"}


def test_an_outsider_learns_nothing_of_a_live_run(
    outsider: Actor, house: House, other: Hospital
) -> None:
    live = house.request()
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        outsider.request(house.hospital.allocation_run)
    assert str(live) not in str(caught.value)
    assert outsider.value("select planner_queue_position(%s)", live) is None
    assert outsider.value("select planner_cancel_run(%s)", live) == "MISSING"
    snapshot = house.value("select id from job_lines_history where org = %s", house.hospital.org)
    assert outsider.value("select planner_restore_lines(%s)", snapshot) == {"outcome": "MISSING"}
    assert house.status(live) == "PENDING"


def test_a_viewer_asks_for_nothing_and_changes_nothing(viewer: Actor, house: House) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        viewer.request(house.hospital.allocation_run)
    live = house.request()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        viewer.run("select planner_cancel_run(%s)", live)
    snapshot = house.value("select id from job_lines_history where org = %s", house.hospital.org)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        viewer.run("select planner_restore_lines(%s)", snapshot)
    for change in EDITS:
        assert not viewer.may(change), change


EDITS = (
    "update positions set rural = true",
    "update allocation_runs set name = 'x'",
    "update terms set weeks = 9",
    "update posts set posts_max = 9",
    "update job_lines set locked = true",
    "update rotations set position = position",
    "delete from leave_blocks",
    "delete from job_lines",
)


@pytest.mark.parametrize("edit", EDITS)
def test_a_planner_edits_their_own_hospital_only(
    planner: Actor, house: House, other: Hospital, edit: str
) -> None:
    table = edit.split()[2 if edit.startswith("delete") else 1]
    own = house.value(f"select count(*) from {table} where org = %s", house.hospital.org)
    assert planner.run(edit).rowcount == own
    assert planner.connection.execute(f"select count(*) from {table}".encode()).fetchone()


def test_a_planner_moves_nothing_to_another_hospital(planner: Actor, other: Hospital) -> None:
    for table in ("positions", "allocation_runs", "terms", "posts", "job_lines", "rotations"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            planner.run(f"update {table} set org = %s", other.org)


@pytest.mark.parametrize("table", [*OURS, "planner_settings"])
def test_no_user_writes_what_the_functions_write(planner: Actor, table: str) -> None:
    for change in (f"delete from {table}", f"update {table} set org = org"):
        assert not planner.may(
            change.replace(
                "org = org", "only_row = only_row" if table == "planner_settings" else "org = org"
            )
        )


@pytest.mark.parametrize("column", ["status", "token", "requested_by", "attempt", "reason"])
def test_a_user_says_only_what_is_theirs_to_say(planner: Actor, house: House, column: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        planner.run(
            f"insert into allocation_planner_runs (allocation_run, n_job_lines, {column})"
            " values (%s, 4, null)",
            house.hospital.allocation_run,
        )


@pytest.mark.parametrize(
    "call",
    [
        "planner_claim_run(gen_random_uuid(), 'r', 1)",
        "planner_claim_next('r', 1)",
        "planner_heartbeat(gen_random_uuid(), gen_random_uuid(), '{}')",
        "planner_commit_lines(gen_random_uuid(), gen_random_uuid(), '[]', '{}')",
        "planner_finish_run(gen_random_uuid(), gen_random_uuid(), 'FAILED', '', '', '{}')",
        "planner_fail_launch(gen_random_uuid(), 'x')",
        "planner_sweep()",
        "planner_health()",
        "planner_log('[]')",
    ],
)
def test_the_functions_of_the_runner_are_not_for_users(planner: Actor, call: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        planner.run(f"select public.{call}")


def test_a_planner_cancels_and_restores_in_their_own_hospital(planner: Actor, house: House) -> None:
    run = planner.request(house.hospital.allocation_run)
    assert planner.value("select planner_queue_position(%s)", run) == 1
    assert planner.value("select planner_cancel_run(%s)", run) == "CANCELLED"
    snapshot = planner.value("select id from job_lines_history")
    answer = planner.value("select planner_restore_lines(%s)", snapshot)
    assert answer["outcome"] == "RESTORED"
    made_by = planner.value(
        "select made_by = auth.uid() from job_lines_history where id = %s", answer["snapshot"]
    )
    assert made_by is True
    assert planner.value("select planner_contract_version()") == 1


@pytest.mark.parametrize("table", [*HOST, *OURS, "planner_settings"])
def test_anonymous_visitors_see_and_do_nothing(house: House, other: Hospital, table: str) -> None:
    with house.acting(None, "anon") as visitor:
        for act in (f"select 1 from {table}", f"delete from {table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                visitor.run(act)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            visitor.run("select planner_contract_version()")


def test_somebody_signed_in_without_an_organisation_sees_nothing(
    house: House, other: Hospital
) -> None:
    with house.acting(house.add_user(None)) as stranger:
        for table in (*HOST, *OURS):
            columns = "id" if table == "allocation_planner_runs" else "1"
            assert stranger.count(table, columns) == 0, table


def test_the_service_runs_everything_through_the_functions(house: House) -> None:
    with house.acting(None, "service_role") as service:
        run = service.request(house.hospital.allocation_run)
        answer = service.value("select planner_claim_run(%s, 'r', 1)", run)
        assert answer["outcome"] == "CLAIMED"
        assert service.value("select planner_cancel_run(%s)", run) == "CANCELLED"
        assert service.value("select planner_sweep()")["lost"] == []


@pytest.mark.parametrize("table", ["allocation_planner_runs", "planner_run_inputs"])
def test_not_even_the_service_writes_a_status_or_inputs_by_hand(
    house: House, other: Hospital, table: str
) -> None:
    with house.acting(None, "service_role") as service:
        for act in (f"update {table} set org = org", f"delete from {table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.run(act)


def test_not_even_the_owner_points_a_row_across_organisations(
    house: House, other: Hospital
) -> None:
    mine, theirs = house.hospital.org, other.org
    line_of: UUID = house.value("select id from job_lines where org = %s limit 1", mine)
    for statement in (
        f"update job_lines set org = '{theirs}' where org = '{mine}'",
        f"update rotations set org = '{theirs}' where org = '{mine}'",
        (
            "update rotations set position ="
            f" (select id from positions where org = '{theirs}' limit 1)"
            f" where job_line = '{line_of}'"
        ),
        (
            f"update rotations set term = (select id from terms where org = '{theirs}' limit 1)"
            f" where job_line = '{line_of}' and term = (select term from rotations"
            f" where job_line = '{line_of}' limit 1)"
        ),
        (
            f"update posts set position = (select id from positions where org = '{theirs}' limit 1)"
            f" where org = '{mine}' and position = (select id from positions where org = '{mine}'"
            " and code = 'ED')"
        ),
        f"update job_lines_history set org = '{theirs}' where org = '{mine}'",
        f"update planner_run_inputs set org = '{theirs}' where org = '{mine}'",
        (
            f"insert into allocation_planner_runs (org, allocation_run, n_job_lines)"
            f" values ('{theirs}', '{house.hospital.allocation_run}', 4)"
        ),
    ):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            house.run(statement)
    assert len(lines()) == 4
