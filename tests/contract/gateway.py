"""A stand-in for the gateway of a Supabase project, which can also fail in the ways they do.

It takes /rest/v1/... to PostgREST and turns a secret key into the token of its role. A test may
ask it to lose the next call of one function: before it arrives, after it was done, or with an
answer such as 502.
"""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from tests.contract.postgrest import JWT_SECRET

SECRET_KEY = "sb_secret_of_the_tests"  # noqa: S105  (opens nothing)
PUBLISHABLE_KEY = "sb_publishable_of_the_tests"

Loss = Literal["before", "after", "401", "502", "504 after", "html"]


def jwt(role: str) -> str:
    """Return a token of a role, signed as a project's legacy keys are."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    claims = {"role": role, "exp": 4_102_444_800}
    body = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    return body + "." + part(hmac.digest(JWT_SECRET.encode(), body.encode(), hashlib.sha256))


class Gateway:
    """One gateway on the loopback in front of one PostgREST."""

    def __init__(self, postgrest_port: int) -> None:
        self.calls: Counter[str] = Counter()
        self._losses: dict[str, list[Loss]] = {}
        self._upstream = postgrest_port
        handler = type("Handler", (_Handler,), {"gateway": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def lose(self, function: str, how: Loss, times: int = 1) -> None:
        """Lose the next calls of a SQL function in the given way."""
        self._losses.setdefault(function, []).extend([how] * times)

    def next_loss(self, function: str) -> Loss | None:
        """Count a call, and tell whether it is to be lost."""
        self.calls[function] += 1
        waiting = self._losses.get(function)
        return waiting.pop(0) if waiting else None

    def forget(self) -> None:
        """Count from zero and lose nothing."""
        self.calls.clear()
        self._losses.clear()

    def forward(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes, str]:
        """Send a request on to PostgREST; return status, body and content type."""
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            kind = answer.getheader("Content-Type") or "application/json"
            return answer.status, answer.read(), kind
        finally:
            connection.close()

    @contextmanager
    def serving(self) -> Iterator["Gateway"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def do_POST(self) -> None:  # noqa: PLR0911
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        loss = self.gateway.next_loss(self.path.rpartition("/")[2])
        if loss == "before":
            return self._hang_up()
        if loss == "502":
            return self._answer(502, b'{"message": "bad gateway"}', "application/json")
        if loss == "html":
            return self._answer(200, b"<html>Sign in to the wireless network</html>", "text/html")
        token = self._token()
        if token is None or loss == "401" or not self.path.startswith("/rest/v1/"):
            return self._answer(401, b'{"message": "Invalid API key"}', "application/json")
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        answer = self.gateway.forward("POST", self.path.removeprefix("/rest/v1"), body, headers)
        if loss == "after":
            return self._hang_up()
        if loss == "504 after":
            return self._answer(504, b"upstream timed out", "text/plain")
        return self._answer(*answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _token(self) -> str | None:
        """Return the token to send on: a user's own, or that of the key's role."""
        key = self.headers.get("apikey", "")
        roles = {SECRET_KEY: "service_role", PUBLISHABLE_KEY: "anon"}
        if key in roles:
            return jwt(roles[key])
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return given if given.count(".") == 2 else None

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
