"""The only package that knows Supabase or Postgres: one method per SQL function."""

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from planner_cli import logs
from planner_cli.settings import PostgresAddress, Settings, SupabaseAddress
from planner_cli.store.answers import (
    Beat,
    Busy,
    Claimed,
    Committed,
    Final,
    Finished,
    Missing,
    Nothing,
    Swept,
)
from planner_cli.store.calls import Patience, SqlRunStore, Transport
from planner_cli.store.contract import CONTRACT_VERSION, Ending, RunStore

__all__ = [
    "CONTRACT_VERSION",
    "Beat",
    "Busy",
    "Claimed",
    "Committed",
    "Ending",
    "Final",
    "Finished",
    "Missing",
    "Nothing",
    "RunStore",
    "Swept",
    "open_store",
    "runner_name",
]


def runner_name(settings: Settings) -> str:
    """Name this process as no other: host, process id, and a random part."""
    return f"{settings.runner}/{os.getpid()}/{secrets.token_hex(4)}"


def open_store(settings: Settings, *, pause: Callable[[float], None] = time.sleep) -> RunStore:
    """Open the store that the settings name; nothing is sent yet.

    Parameters
    ----------
    settings
        Where the runs live, and how patient to be.
    pause
        Sleeps between attempts, seconds; may raise to end the waiting.

    Raises
    ------
    ConfigurationError
        No database is configured, or a package for it is missing.
    """
    patience = Patience(
        settings.request_timeout_seconds,
        settings.heartbeat_timeout_seconds,
        settings.request_attempts,
        settings.commit_seconds,
    )
    return SqlRunStore(
        _transport(settings), runner=runner_name(settings), patience=patience, pause=pause
    )


def _transport(settings: Settings) -> Transport:
    """Choose the transport; only the chosen one is imported."""
    address = settings.address()
    _hide_secrets(address)
    if isinstance(address, SupabaseAddress):
        from planner_cli.store.supabase import SupabaseTransport  # noqa: PLC0415

        return SupabaseTransport(address)
    from planner_cli.store.postgres import PostgresTransport  # noqa: PLC0415

    return PostgresTransport(address)


def _hide_secrets(address: SupabaseAddress | PostgresAddress) -> None:
    """Keep the key or password of the store out of every log."""
    if isinstance(address, SupabaseAddress):
        logs.hide(address.key.get_secret_value())
        return
    dsn = address.dsn.get_secret_value()
    logs.hide(dsn)
    with contextlib.suppress(ValueError):
        password = urlsplit(dsn).password or ""
        logs.hide(password)
        logs.hide(unquote(password))
