"""Calls that are lost, answered by a gateway in trouble, or refused: what a store makes of them."""

import os
import time
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from planner_cli.errors import ConfigurationError, ContractMismatch, StoreUnreachable
from planner_cli.settings import PostgresAddress, SupabaseAddress
from planner_cli.store import Beat, Claimed, Committed, Finished
from planner_cli.store.calls import Patience, SqlRunStore, Transport
from planner_cli.store.postgres import PostgresTransport
from planner_cli.store.supabase import SupabaseTransport
from tests.contract.conftest import PATIENCE
from tests.contract.gateway import SECRET_KEY, Gateway, Loss, jwt
from tests.contract.hospital import Database, Hospital
from tests.contract.postgrest import free_port
from tests.contract.test_store import AS_CODES, FAILURE, LINES, RESULT

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("SUPABASE_URL")), reason="the gateway of a real project loses nothing"
)

LOSSES: list[Loss] = ["before", "after", "502", "504 after"]


class Stores:
    """Opens stores, and closes them when the test is over."""

    def __init__(self) -> None:
        self.opened: list[SqlRunStore] = []

    def over(self, transport: Transport, patience: Patience = PATIENCE) -> SqlRunStore:
        store = SqlRunStore(transport, runner="runner 1", patience=patience, pause=lambda _: None)
        self.opened.append(store)
        return store

    def supabase(
        self, url: str, key: str = SECRET_KEY, patience: Patience = PATIENCE
    ) -> SqlRunStore:
        return self.over(SupabaseTransport(SupabaseAddress(url, SecretStr(key))), patience)

    def postgres(self, dsn: str, patience: Patience = PATIENCE) -> SqlRunStore:
        return self.over(PostgresTransport(PostgresAddress(SecretStr(dsn))), patience)


@pytest.fixture
def stores() -> Iterator[Stores]:
    found = Stores()
    yield found
    for store in found.opened:
        store.close()


@pytest.mark.parametrize("how", LOSSES)
def test_a_lost_claim_is_repeated_and_wins(
    stores: Stores, gateway: Gateway, hospital: Hospital, how: Loss
) -> None:
    """Faults 2 and 28, at the claim."""
    gateway.lose("planner_claim_run", how)
    assert isinstance(stores.supabase(gateway.url).claim(hospital.ask()), Claimed)
    assert gateway.calls["planner_claim_run"] == 2


@pytest.mark.parametrize("how", LOSSES)
def test_a_lost_commit_is_repeated_with_the_same_token_and_written_once(
    stores: Stores, gateway: Gateway, hospital: Hospital, how: Loss
) -> None:
    """Faults 27 and 28."""
    store = stores.supabase(gateway.url)
    claimed = store.claim(hospital.ask())
    assert isinstance(claimed, Claimed)
    gateway.lose("planner_commit_lines", how)
    answer = store.commit(claimed.run, claimed.token, LINES, RESULT)
    assert answer is (Committed.ALREADY if "after" in how else Committed.COMPLETED)
    assert hospital.lines() == AS_CODES
    assert len(hospital.history()) == 1


@pytest.mark.parametrize("how", LOSSES)
def test_a_lost_finish_is_repeated_with_the_same_token(
    stores: Stores, gateway: Gateway, hospital: Hospital, how: Loss
) -> None:
    """Faults 27 and 28."""
    store = stores.supabase(gateway.url)
    claimed = store.claim(hospital.ask())
    assert isinstance(claimed, Claimed)
    gateway.lose("planner_finish_run", how)
    answer = store.finish(claimed.run, claimed.token, FAILURE)
    assert answer is (Finished.ALREADY if "after" in how else Finished.FAILED)


def test_a_store_that_never_answers_is_unreachable_after_a_few_attempts(
    stores: Stores, gateway: Gateway, hospital: Hospital
) -> None:
    gateway.lose("planner_claim_run", "502", times=9)
    with pytest.raises(StoreUnreachable):
        stores.supabase(gateway.url).claim(hospital.ask())
    assert gateway.calls["planner_claim_run"] == PATIENCE.attempts


def test_a_lost_heartbeat_is_not_repeated_by_the_store(
    stores: Stores, gateway: Gateway, hospital: Hospital
) -> None:
    """Fault 13: the heartbeat itself decides when to beat again."""
    store = stores.supabase(gateway.url)
    claimed = store.claim(hospital.ask())
    assert isinstance(claimed, Claimed)
    gateway.lose("planner_heartbeat", "before")
    with pytest.raises(StoreUnreachable):
        store.heartbeat(claimed.run, claimed.token, {})
    assert store.heartbeat(claimed.run, claimed.token, {}) is Beat.OK
    assert gateway.calls["planner_heartbeat"] == 2


@pytest.mark.parametrize("key", ["sb_secret_of_another_project", "sb_publishable_of_the_tests"])
def test_a_key_the_project_refuses_is_named_and_not_tried_again(
    stores: Stores, gateway: Gateway, hospital: Hospital, key: str
) -> None:
    """Faults 38 and 39."""
    with pytest.raises(ConfigurationError) as caught:
        stores.supabase(gateway.url, key).claim(hospital.ask())
    assert "key" in caught.value.message
    assert caught.value.hint
    assert gateway.calls["planner_claim_run"] == 1


def test_a_token_signed_with_another_secret_is_refused(
    stores: Stores, gateway: Gateway, hospital: Hospital
) -> None:
    """Fault 39."""
    forged = jwt("service_role")[:-4] + "AAAA"
    with pytest.raises(ConfigurationError):
        stores.supabase(gateway.url, forged).claim(hospital.ask())


def test_a_page_in_place_of_an_answer_is_not_taken_for_one(
    stores: Stores, gateway: Gateway, hospital: Hospital
) -> None:
    gateway.lose("planner_claim_run", "html")
    with pytest.raises(ContractMismatch, match="something else"):
        stores.supabase(gateway.url).claim(hospital.ask())


def test_nobody_listening_is_unreachable(stores: Stores) -> None:
    port = free_port()
    for store in (
        stores.supabase(f"http://127.0.0.1:{port}"),
        stores.postgres(f"postgresql://postgres@127.0.0.1:{port}/postgres"),
        stores.postgres("postgresql://postgres@/postgres?host=/nowhere"),
    ):
        with pytest.raises(StoreUnreachable) as caught:
            store.claim(uuid4())
        assert caught.value.hint


@pytest.mark.parametrize(
    ("old", "new"),
    [("postgres@", "nobody_here@"), ("/postgres?", "/no_such_database?"), ("postgresql:", "x=:")],
    ids=["unknown role", "unknown database", "malformed"],
)
def test_a_wrong_connection_string_is_a_matter_of_configuration(
    stores: Stores, database: Database, hospital: Hospital, old: str, new: str
) -> None:
    with pytest.raises(ConfigurationError):
        stores.postgres(database.dsn.replace(old, new, 1)).claim(hospital.org)


def test_a_database_without_the_migrations_says_so(
    stores: Stores, database: Database, gateway: Gateway
) -> None:
    """Fault 7."""
    name = "without_migrations"
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    store = stores.postgres(database.dsn.replace("/postgres?", f"/{name}?"))
    with pytest.raises(ConfigurationError) as caught:
        store.contract_version()
    assert "migrations" in caught.value.hint


def test_an_unknown_function_over_rest_says_that_migrations_are_missing(
    stores: Stores, gateway: Gateway
) -> None:
    """Fault 7."""
    transport = SupabaseTransport(SupabaseAddress(gateway.url, SecretStr(SECRET_KEY)))
    stores.over(transport)
    with pytest.raises(ConfigurationError) as caught:
        transport.call("planner_of_tomorrow", {"p_run": "x"}, timeout_seconds=5)
    assert "migrations" in caught.value.hint


def test_a_role_without_the_rights_is_refused(
    stores: Stores, database: Database, hospital: Hospital
) -> None:
    """Fault 38."""
    with pytest.raises(ConfigurationError, match="refused the key"):
        stores.postgres(database.dsn.replace("postgres@", "authenticator@")).claim(hospital.ask())


def test_a_call_gives_up_when_its_own_time_is_over(
    stores: Stores, database: Database, hospital: Hospital, gateway: Gateway
) -> None:
    """Fault 29: the row is locked by somebody else for longer than the call may take."""
    run = hospital.ask()
    with psycopg.connect(database.dsn) as holder:
        holder.execute(
            "select 1 from public.allocation_planner_runs where id = %s for update", [run]
        )
        patience = Patience(timeout_seconds=0.3, attempts=2)
        for store in (
            stores.postgres(database.dsn, patience),
            stores.supabase(gateway.url, patience=patience),
        ):
            started_at = time.monotonic()
            with pytest.raises(StoreUnreachable):
                store.claim(run)
            assert time.monotonic() - started_at < 2
