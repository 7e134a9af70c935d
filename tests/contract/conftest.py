"""Both transports in front of one database, each with the same promises to keep."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from planner_cli.settings import PostgresAddress, SupabaseAddress
from planner_cli.store.calls import Patience, SqlRunStore, Transport
from planner_cli.store.contract import RunStore
from planner_cli.store.postgres import PostgresTransport
from planner_cli.store.supabase import SupabaseTransport
from tests.contract.gateway import Gateway, jwt
from tests.contract.hospital import Database, Hospital
from tests.contract.postgrest import postgrest
from tests.contract.servers import database as running_database
from tests.contract.tiny import tiny_problem

PATIENCE = Patience(timeout_seconds=10, brief_seconds=5, attempts=3)
OpenStore = Callable[..., RunStore]
FoundHospital = Callable[[dict[str, Any]], Hospital]


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """A database with the planner's schema."""
    with running_database() as found:
        yield found


@pytest.fixture(scope="session")
def running_gateway(database: Database) -> Iterator[Gateway]:
    """The real PostgREST behind a gateway of ours."""
    with postgrest(database.dsn) as port, Gateway(port).serving() as gateway:
        yield gateway


@pytest.fixture
def gateway(running_gateway: Gateway) -> Gateway:
    """The gateway, losing nothing yet."""
    running_gateway.forget()
    return running_gateway


@pytest.fixture
def found_hospital(database: Database) -> Iterator[FoundHospital]:
    """A function that adds a hospital with a problem; its runs leave the lane at the end."""
    founded: list[Hospital] = []

    def found(problem: dict[str, Any]) -> Hospital:
        founded.append(database.hospital(problem))
        return founded[-1]

    yield found
    for hospital in founded:
        hospital.end()


@pytest.fixture
def hospital(found_hospital: FoundHospital) -> Hospital:
    """A tiny hospital of this test's own."""
    return found_hospital(tiny_problem())


@pytest.fixture
def neighbour(found_hospital: FoundHospital) -> Hospital:
    """A second hospital, in the same lane."""
    return found_hospital(tiny_problem(name="Neighbour hospital"))


@pytest.fixture(params=["postgres", "supabase"])
def open_store(request: pytest.FixtureRequest, database: Database) -> Iterator[OpenStore]:
    """A function that opens a store as a runner of a given name."""
    opened: list[RunStore] = []
    transport = _transport(request, database)

    def opener(runner: str = "runner 1") -> RunStore:
        store = SqlRunStore(transport, runner=runner, patience=PATIENCE, pause=lambda _: None)
        opened.append(store)
        return store

    yield opener
    transport.close()


@pytest.fixture
def store(open_store: OpenStore) -> RunStore:
    """The store of one runner."""
    return open_store()


def _transport(request: pytest.FixtureRequest, database: Database) -> Transport:
    if request.param == "postgres":
        return PostgresTransport(PostgresAddress(SecretStr(database.dsn)))
    if url := os.environ.get("SUPABASE_URL"):
        key = os.environ["SUPABASE_SERVICE_ROLE_KEY"]
        return SupabaseTransport(SupabaseAddress(url, SecretStr(key)))
    gateway: Gateway = request.getfixturevalue("gateway")
    return SupabaseTransport(SupabaseAddress(gateway.url, SecretStr(jwt("service_role"))))
