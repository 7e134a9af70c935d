"""The transport of production: SQL functions through supabase-py, PostgREST and HTTPS."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from planner_cli.errors import ConfigurationError, StoreUnreachable
from planner_cli.settings import SupabaseAddress
from planner_cli.store.faults import TRY_AGAIN, fault

if TYPE_CHECKING:
    import httpx


class SupabaseTransport:
    """Calls SQL functions with the key of the service role; safe to share between threads.

    Of supabase-py only the part that calls functions is imported, with the headers its
    `create_client` gives it: the rest (sign-in, storage, realtime) is two thirds of the import.
    The HTTP client is ours, because supabase-py knows no time limit for a single call, and because
    its errors do not tell the HTTP status.

    Parameters
    ----------
    address
        The project and the key.
    """

    def __init__(self, address: SupabaseAddress) -> None:
        import httpx  # noqa: PLC0415  (0.1 s that other commands need not pay)
        from postgrest import SyncPostgrestClient  # noqa: PLC0415

        self._now = threading.local()
        self._http = httpx.Client(
            event_hooks={"request": [self._limit], "response": [self._remember]}
        )
        key = address.key.get_secret_value()
        try:
            self._client = SyncPostgrestClient(
                f"{address.url}/rest/v1",
                headers={"apikey": key, "Authorization": f"Bearer {key}"},
                http_client=self._http,
            )
        except ValueError as error:
            raise ConfigurationError(f"SUPABASE_URL: {error}.") from None

    def call(
        self, function: str, arguments: Mapping[str, object], *, timeout_seconds: float
    ) -> object:
        """Call `public.<function>` with named arguments and return its single value."""
        import httpx  # noqa: PLC0415
        from postgrest import APIError  # noqa: PLC0415

        self._now.status = None
        self._now.timeout_seconds = timeout_seconds
        try:
            given: Any = dict(arguments)
            return self._client.rpc(function, given).execute().data
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
