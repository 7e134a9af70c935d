"""The launchers of `planner sweep`: the same calls as the edge function makes."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from planner_cli.errors import ConfigurationError
from planner_cli.launch import (
    Launched,
    LaunchedAgain,
    Launcher,
    LaunchFailed,
    LaunchSettings,
    launch_again,
    open_launcher,
)

RUN = UUID("11111111-1111-4111-8111-111111111111")
JOB = "projects/p/locations/australia-southeast2/jobs/planner"
ACCOUNT = "sweeper@p.iam.gserviceaccount.example"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Platform:
    """An HTTP server that remembers what it was asked, and answers from a list."""

    url: str = ""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    #: Statuses of the next answers to a launch; 200 after that.
    statuses: list[int] = field(default_factory=list)

    def launches(self) -> list[tuple[str, dict[str, str], bytes]]:
        """Return what was asked besides tokens."""
        return [call for call in self.asked if call[0] != "/token"]


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform on the loopback."""
    found = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.asked.append((self.path, dict(self.headers.items()), body))
            if self.path == "/token":
                return self._answer(200, {"access_token": "t", "expires_in": 3600})
            status = found.statuses.pop(0) if found.statuses else 200
            return self._answer(status, {"metadata": {"name": f"{JOB}/executions/one"}})

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Location", "executions/7")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}"
        yield found
        server.shutdown()
        thread.join()


def launcher(platform: Platform, **more: Any) -> Launcher:
    """Open the launcher of some settings, Cloud Run's unless they say otherwise."""
    pem = PRIVATE.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    key = {"client_email": ACCOUNT, "private_key": pem, "token_uri": f"{platform.url}/token"}
    settings = {
        "launcher": "cloud-run",
        "cloud_run_job": JOB,
        "cloud_run_url": platform.url,
        "google_key": json.dumps(key),
        "launch_timeout_seconds": 5,
        **more,
    }
    opened = open_launcher(LaunchSettings.model_validate(settings))
    assert opened is not None
    return opened


def test_cloud_run_gets_the_run_as_the_containers_arguments(platform: Platform) -> None:
    assert launcher(platform).launch(RUN) == Launched(f"{JOB}/executions/one")

    ((path, headers, body),) = platform.launches()
    assert path == f"/v2/{JOB}:run"
    assert headers["Authorization"] == "Bearer t"
    expected = {"overrides": {"containerOverrides": [{"args": ["run", str(RUN)]}]}}
    assert json.loads(body) == expected


def test_the_token_is_asked_for_once_with_an_assertion_of_the_service_account(
    platform: Platform,
) -> None:
    opened = launcher(platform)
    opened.launch(RUN)
    opened.launch(uuid4())

    (token,) = [body for path, _, body in platform.asked if path == "/token"]
    assertion = token.decode().rpartition("assertion=")[2]
    public = PRIVATE.public_key()
    audience = f"{platform.url}/token"
    claims = jwt.decode(assertion, public, ["RS256"], audience=audience, issuer=ACCOUNT)
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"


def test_a_refused_token_is_replaced_once(platform: Platform) -> None:
    platform.statuses = [401]
    launcher(platform).launch(RUN)
    assert len([path for path, _, _ in platform.asked if path == "/token"]) == 2


@pytest.mark.parametrize(
    ("statuses", "reason", "n_calls"),
    [
        ([429, 503], None, 3),
        ([503, 503, 503], "launch.busy", 3),
        ([500], "launch.failed", 1),
        ([404], "launch.no_such_job", 1),
        ([403, 403], "launch.denied", 2),
    ],
)
def test_only_what_was_not_taken_is_sent_again(
    platform: Platform, statuses: list[int], reason: str | None, n_calls: int
) -> None:
    platform.statuses = statuses
    if reason is None:
        launcher(platform).launch(RUN)
    else:
        with pytest.raises(LaunchFailed) as failure:
            launcher(platform).launch(RUN)
        assert failure.value.reason == reason
    assert len(platform.launches()) == n_calls


def test_a_platform_that_is_not_there_is_a_failed_launch(platform: Platform) -> None:
    opened = launcher(platform, launcher="webhook", webhook_url="http://127.0.0.1:9/hook")
    with pytest.raises(LaunchFailed) as failure:
        opened.launch(RUN)
    assert failure.value.reason == "launch.unreachable"


def test_a_webhook_gets_the_run_and_the_shared_secret(platform: Platform) -> None:
    hook = {"launcher": "webhook", "webhook_url": platform.url, "webhook_secret": "shared"}
    assert launcher(platform, **hook).launch(RUN).execution == "executions/7"

    ((_, headers, body),) = platform.launches()
    assert headers["Authorization"] == "Bearer shared"
    assert headers["Idempotency-Key"] == str(RUN)
    assert json.loads(body) == {"planner_run_id": str(RUN), "args": ["run", str(RUN)]}


def test_a_launch_that_fails_keeps_no_other_from_being_launched(platform: Platform) -> None:
    platform.statuses = [500]
    other = uuid4()

    again = launch_again(launcher(platform), [RUN, other])

    assert again == (
        LaunchedAgain(RUN, reason="launch.failed"),
        LaunchedAgain(other, execution=f"{JOB}/executions/one"),
    )


def test_without_a_launcher_nothing_is_opened() -> None:
    assert open_launcher(LaunchSettings.model_validate({})) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANNER_LAUNCHER", "pigeon"),
        ("PLANNER_CLOUD_RUN_JOB", "planner"),
        ("PLANNER_GOOGLE_KEY", "hunter2"),
        ("PLANNER_WEBHOOK_URL", "ftp://x"),
        ("PLANNER_LAUNCH_TIMEOUT_SECONDS", "600"),
    ],
)
def test_a_wrong_setting_is_named_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as error:
        LaunchSettings.read()
    assert name in error.value.message
    assert "hunter2" not in error.value.message


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("cloud-run", "PLANNER_CLOUD_RUN_JOB"),
        ("webhook", "PLANNER_WEBHOOK_URL"),
        ("docker", "PLANNER_DOCKER_IMAGE"),
    ],
)
def test_a_missing_setting_is_named(kind: str, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=missing):
        open_launcher(LaunchSettings.model_validate({"launcher": kind}))
