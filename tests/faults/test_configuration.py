"""A wrong setting is named, with what to do, before anything is tried."""

import sys

import pytest

from planner_cli.errors import ConfigurationError
from planner_cli.settings import PostgresAddress, Settings, SupabaseAddress
from planner_cli.store import open_store
from tests.contract.gateway import jwt

URL = "https://abc.supabase.co"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def address(monkeypatch: pytest.MonkeyPatch, **variables: str) -> object:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.read().address()


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "SUPABASE_URL"),
        ({"SUPABASE_URL": URL}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"SUPABASE_URL": URL, "SUPABASE_SERVICE_ROLE_KEY": " "}, "SUPABASE_SERVICE_ROLE_KEY"),
        ({"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_x"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "abc.supabase.co"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": f"{URL}/rest/v1"}, "SUPABASE_URL"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"PLANNER_HEARTBEAT_SECONDS": "soon"}, "PLANNER_HEARTBEAT_SECONDS"),
        ({"PLANNER_LOG_LEVEL": "LOUD"}, "PLANNER_LOG_LEVEL"),
    ],
)
def test_a_missing_or_malformed_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        address(monkeypatch, **variables)
    assert named in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (jwt("anon"), "role anon"),
        (jwt("authenticated"), "role authenticated"),
        ("sb_publishable_abc", "publishable"),
        ("not.a.token", "neither"),
        ("password", "neither"),
    ],
)
def test_a_key_without_the_rights_of_the_service_role_is_refused(
    monkeypatch: pytest.MonkeyPatch, key: str, said: str
) -> None:
    """Fault 38."""
    with pytest.raises(ConfigurationError, match=said) as caught:
        address(monkeypatch, SUPABASE_URL=URL, SUPABASE_SERVICE_ROLE_KEY=key)
    assert key not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("key", [jwt("service_role"), "sb_secret_abc"])
def test_both_kinds_of_service_key_are_taken(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    found = address(monkeypatch, SUPABASE_URL=f" {URL}/ ", SUPABASE_SERVICE_ROLE_KEY=f"{key}\n")
    assert isinstance(found, SupabaseAddress)
    assert (found.url, found.key.get_secret_value()) == (URL, key)
    assert key not in repr(found)


def test_supabase_goes_before_a_database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"SUPABASE_URL": URL, "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_abc"}
    found = address(monkeypatch, DATABASE_URL="postgresql://x", **variables)
    assert isinstance(found, SupabaseAddress)
    found = address(monkeypatch, SUPABASE_URL="", SUPABASE_SERVICE_ROLE_KEY="")
    assert isinstance(found, PostgresAddress)


def test_without_psycopg_a_database_url_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError) as caught:
        open_store(Settings.read())
    assert "pip install 'planner-cli[local]'" in caught.value.hint
