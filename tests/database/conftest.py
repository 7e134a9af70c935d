"""The house of the database tests."""

from collections.abc import Iterator

import pytest

from tests.database.house import House


@pytest.fixture
def house(database_dsn: str) -> Iterator[House]:
    house = House(database_dsn)
    yield house
    house.close()
