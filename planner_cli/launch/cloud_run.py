"""Launch an execution of a Cloud Run job (Admin API v2, `jobs.run`)."""

from typing import Any
from uuid import UUID

from planner_cli.launch.contract import Launched, LaunchFailed, runner_arguments
from planner_cli.launch.google_token import GoogleTokens
from planner_cli.launch.http import Calls


class CloudRunLauncher:
    """Starts one job with `run <id>` as its container's arguments.

    Parameters
    ----------
    job
        `projects/<project>/locations/<region>/jobs/<job>`.
    url
        The address of the Admin API.
    tokens
        Where access tokens come from.
    timeout_seconds
        For one launch, token included.
    """

    def __init__(self, job: str, url: str, tokens: GoogleTokens, *, timeout_seconds: float) -> None:
        self._job = job
        self._url = url
        self._tokens = tokens
        self._timeout_seconds = timeout_seconds

    def launch(self, run: UUID) -> Launched:
        """Start the job for this run."""
        calls = Calls(self._timeout_seconds)
        try:
            answer = self._start(run, calls)
        except LaunchFailed as error:
            if error.reason != "launch.denied":
                raise
            self._tokens.forget()
            answer = self._start(run, calls)
        return Launched(_execution(answer))

    def _start(self, run: UUID, calls: Calls) -> Any:
        overrides = {"containerOverrides": [{"args": runner_arguments(run)}]}
        headers = {"Authorization": f"Bearer {self._tokens.token(calls)}"}
        url = f"{self._url}/v2/{self._job}:run"
        return calls.send("POST", url, headers=headers, json={"overrides": overrides})


def _execution(answer: Any) -> str:
    """Name the execution, as far as the answer does."""
    try:
        operation = answer.json()
        return str(operation.get("metadata", {}).get("name") or operation.get("name") or "unnamed")
    except (ValueError, AttributeError):
        return "unnamed"
