"""Launch by calling any address: a Kubernetes event source, a CI pipeline, one's own machine."""

from uuid import UUID

from pydantic import SecretStr

from planner_cli.launch.contract import Launched, runner_arguments
from planner_cli.launch.http import Calls


class WebhookLauncher:
    """POSTs `{planner_run_id, args}`; any 2xx means that the run will be started.

    Parameters
    ----------
    url
        Where to call.
    secret
        Sent as a bearer token, if there is one.
    timeout_seconds
        For one launch.
    """

    def __init__(self, url: str, secret: SecretStr | None, *, timeout_seconds: float) -> None:
        self._url = url
        self._secret = secret
        self._timeout_seconds = timeout_seconds

    def launch(self, run: UUID) -> Launched:
        """Ask the other side to start a runner for this run."""
        headers = {"Idempotency-Key": str(run)}
        if self._secret is not None:
            headers["Authorization"] = f"Bearer {self._secret.get_secret_value()}"
        body = {"planner_run_id": str(run), "args": runner_arguments(run)}
        answer = Calls(self._timeout_seconds).send("POST", self._url, headers=headers, json=body)
        return Launched(answer.headers.get("location", "unnamed"))
