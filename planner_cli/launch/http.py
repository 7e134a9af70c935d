"""HTTP calls of the launchers: one deadline for all of them together, few and safe repeats."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from planner_cli.launch.contract import LaunchFailed

if TYPE_CHECKING:
    import httpx

#: Statuses with which a platform says that it did not take the call.
_NOT_TAKEN = {429, 503}
_PAUSES_SECONDS = (0.2, 0.6)
_REASONS = {401: "launch.denied", 403: "launch.denied", 404: "launch.no_such_job"}


class Calls:
    """The calls of one launch, token included: they share one deadline.

    Parameters
    ----------
    timeout_seconds
        For all of them together.
    pause
        Sleeps between repeats, seconds.
    """

    def __init__(
        self, timeout_seconds: float, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._until = time.monotonic() + timeout_seconds
        self._pause = pause

    def send(self, method: str, url: str, **content: Any) -> "httpx.Response":
        """Send one call and return its answer if it went well.

        It is sent again only when the platform said that it did not take it: a connection that
        broke may have started a runner, and the next sweep repeats that in peace.

        Raises
        ------
        LaunchFailed
            Any other answer, or none in time.
        """
        for pause in (*_PAUSES_SECONDS, None):
            answer = self._send_once(method, url, content)
            if answer.is_success:
                return answer
            last = pause is None or time.monotonic() + pause > self._until
            if answer.status_code not in _NOT_TAKEN or last:
                break
            self._pause(pause or 0)
        status = answer.status_code
        reason = "launch.busy" if status in _NOT_TAKEN else _REASONS.get(status, "launch.failed")
        raise LaunchFailed(reason, f"{urlsplit(url).netloc} answered HTTP {status}.")

    def _send_once(self, method: str, url: str, content: dict[str, Any]) -> "httpx.Response":
        import httpx  # noqa: PLC0415 - 0.1 s that other commands need not pay

        host = urlsplit(url).netloc
        left = self._until - time.monotonic()
        if left <= 0:
            raise LaunchFailed("launch.timeout", f"{host} was not reached in time.")
        try:
            return httpx.request(method, url, timeout=left, follow_redirects=False, **content)
        except httpx.TimeoutException:
            raise LaunchFailed("launch.timeout", f"{host} did not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            name = type(error).__name__
            raise LaunchFailed("launch.unreachable", f"{host} cannot be reached: {name}.") from None
