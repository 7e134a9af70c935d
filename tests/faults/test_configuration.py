"""A wrong setting is named, with what to do, before anything is tried."""

import os
import subprocess
import sys
import traceback

import pytest

from planner_cli.errors import ConfigurationError
from planner_cli.settings import PostgresAddress, Settings, SupabaseAddress
from planner_cli.store import open_store
from tests.contract.gateway import jwt
from tests.faults.conftest import COMMAND, ROOT

URL = "https://abc.supabase.co"
SECRET = "s3cr3tw0rd"  # noqa: S105
A_RUN = "6f1d1c0e-7f0a-4d55-9d0c-0d6f6f0a1b2c"


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


@pytest.mark.parametrize(
    "key",
    [
        f"sb_secret_{SECRET}\nX-Other: 1",
        f"sb_secret_{SECRET}\r",
        f"sb_secret_\t{SECRET}",
        f"sb_secret_{SECRET} twice",
        f"sb_secret_\x7f{SECRET}",
    ],
)
def test_m7_a_key_with_a_control_character_is_refused_by_name_and_shown_nowhere(key: str) -> None:
    variables = {"SUPABASE_URL": "http://127.0.0.1:9", "SUPABASE_SERVICE_ROLE_KEY": key}
    for arguments in (["doctor"], ["sweep", "--json"]):
        done = planner(*arguments, **variables)
        said = done.stdout + done.stderr
        if key.strip() == key:
            assert done.returncode == 3, said
            assert "SUPABASE_SERVICE_ROLE_KEY" in said
            assert "it holds a " in said
        assert SECRET not in said


UNREADABLE = [
    f"postgresql://planner:{SECRET}%@127.0.0.1:9/postgres",
    f"postgresql://planner:50%{SECRET}@127.0.0.1:9/postgres",
    f"postgresql://planner:%zz{SECRET}@127.0.0.1:9/postgres",
    f"postgresql://planner:{SECRET}\n@127.0.0.1:9/postgres",
    f"postgresql://planner:{SECRET}@127.0.0.1:nine/postgres",
    f"postgresql://planner:{SECRET}@[127.0.0.1/postgres",
    f"postgresql://planner:{SECRET}@127.0.0.1:9/postgres?nothing={SECRET}",
    f"postgresql://planner:{SECRET}/1@127.0.0.1:9/postgres",
    f"postgresql://planner:1@{SECRET}@127.0.0.1:9/postgres",
    f"postgresql://planner:1:{SECRET}@127.0.0.1:nine/postgres",
    f"host=127.0.0.1 port=9 password='{SECRET}",
    f"host=127.0.0.1 password = {SECRET} {SECRET}",
    f"host=127.0.0.1 {SECRET}",
    f"{SECRET}",
    f"posgresql://planner:{SECRET}@127.0.0.1:9/postgres",
]


@pytest.mark.parametrize("dsn", UNREADABLE)
def test_m7_a_connection_string_that_cannot_be_read_is_refused_by_name_and_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch, dsn: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        address(monkeypatch, DATABASE_URL=dsn)
    said = "".join(traceback.format_exception(caught.value))
    assert SECRET not in said
    assert "DATABASE_URL" in caught.value.message


@pytest.mark.parametrize("arguments", [["doctor"], ["doctor", "--host"], ["run", A_RUN], ["sweep"]])
def test_m7_no_command_shows_a_connection_string_that_cannot_be_read(arguments: list[str]) -> None:
    for dsn in (UNREADABLE[0], UNREADABLE[-1]):
        done = planner(*arguments, DATABASE_URL=dsn)
        said = done.stdout + done.stderr
        assert SECRET not in said
        assert done.returncode == 3, said
        assert "DATABASE_URL" in said
        assert "Traceback" not in said


def planner(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
