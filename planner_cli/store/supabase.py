"""The transport of production: SQL functions through supabase-py, PostgREST and HTTPS."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner_cli.errors import ConfigurationError, StoreUnreachable
from planner_cli.settings import SupabaseAddress
from planner_cli.store.faults import TRY_AGAIN, fault

if TYPE_CHECKING:
    import httpx


class SupabaseTransport:
    """Calls SQL functions with the key of the service role; safe to share between threads.

    The HTTP client is ours, because supabase-py knows no time limit for a single call, and because
    its errors do not tell the HTTP status.

    Parameters
    ----------
    address
        The project and the key.
    """

    def __init__(self, address: SupabaseAddress) -> None:
        import httpx  # noqa: PLC0415  (0.1 s that other commands need not pay)
        from supabase.lib.client_options import SyncClientOptions  # noqa: PLC0415

        from supabase import SupabaseException, create_client  # noqa: PLC0415

        self._now = threading.local()
        self._http = httpx.Client(
            event_hooks={"request": [self._limit], "response": [self._remember]}
        )
        options = SyncClientOptions(
            httpx_client=self._http, auto_refresh_token=False, persist_session=False
        )
        try:
            self._client = create_client(address.url, address.key.get_secret_value(), options)
        except SupabaseException as error:
            raise ConfigurationError(f"SUPABASE_URL: {error.message}.") from None

    def call(
        self, function: str, arguments: Mapping[str, object], *, timeout_seconds: float
    ) -> object:
        """Call `public.<function>` with named arguments and return its single value."""
        import httpx  # noqa: PLC0415
        from postgrest import APIError  # noqa: PLC0415

        self._now.status = None
        self._now.timeout_seconds = timeout_seconds
        try:
            return self._client.rpc(function, dict(arguments)).execute().data
        except APIError as error:
            raise fault(
                error.code,
                error.message or "no message",
                error.hint or "",
                status=self._now.status,
            ) from None
        except httpx.InvalidURL as error:
            raise ConfigurationError(f"SUPABASE_URL: {error}.") from None
        except httpx.HTTPError as error:
            what = str(error) or type(error).__name__
            raise StoreUnreachable(f"The store did not answer: {what}.", TRY_AGAIN) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _limit(self, request: "httpx.Request") -> None:
        """Give this call its own time limits; supabase-py knows none for a single call."""
        seconds: float = self._now.timeout_seconds
        connect = min(seconds, 10.0)
        limits = {"connect": connect, "read": seconds, "write": seconds, "pool": seconds}
        request.extensions["timeout"] = limits

    def _remember(self, response: "httpx.Response") -> None:
        self._now.status = response.status_code
