"""Launch by calling any address: a Kubernetes event source, a CI pipeline, one's own machine."""

import hmac
import json
import time
from uuid import UUID

from pydantic import SecretStr

from planner_cli.launch.contract import Launched, runner_arguments
from planner_cli.launch.http import Calls

#: When it was sent, in seconds since 1970, and what the secret makes of that and the body.
TIMESTAMP_HEADER, SIGNATURE_HEADER = "X-Planner-Timestamp", "X-Planner-Signature"


def sign(secret: str, timestamp: int, body: str) -> str:
    """Sign `<timestamp>.<body>` with HMAC-SHA256; return `v1=` and 64 hexadecimal digits."""
    digest = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), "sha256")
    return f"v1={digest.hexdigest()}"


class WebhookLauncher:
    """POSTs `{planner_run_id, args}`; any 2xx means that the run will be started.

    Parameters
    ----------
    url
        Where to call.
    secret
        Sent as a bearer token, and signs time and body so that the other side can tell a call of
        ours from a repeated or forged one; None sends neither.
    timeout_seconds
        For one launch.
    """

    def __init__(self, url: str, secret: SecretStr | None, *, timeout_seconds: float) -> None:
        self._url = url
        self._secret = secret
        self._timeout_seconds = timeout_seconds

    def launch(self, run: UUID) -> Launched:
        """Ask the other side to start a runner for this run."""
        headers = {"Idempotency-Key": str(run), "Content-Type": "application/json"}
        body = json.dumps({"planner_run_id": str(run), "args": runner_arguments(run)})
        if self._secret is not None:
            secret, now = self._secret.get_secret_value(), int(time.time())
            headers["Authorization"] = f"Bearer {secret}"
            headers[TIMESTAMP_HEADER] = str(now)
            headers[SIGNATURE_HEADER] = sign(secret, now, body)
        answer = Calls(self._timeout_seconds).send("POST", self._url, headers=headers, content=body)
        return Launched(answer.headers.get("location", "unnamed"))
