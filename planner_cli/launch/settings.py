"""What the launchers read from the environment: the edge function's variables, and two more."""

import base64
import binascii
import json
import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from planner_cli.errors import ConfigurationError
from planner_cli.settings import one_line


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("it must be an address, https://...")
    return url.rstrip("/")


def _safe_url(url: str) -> str:
    """Encrypted, or no further than this machine: the call carries a secret."""
    parts = urlsplit(url)
    local = re.fullmatch(r"localhost|127\.\d+\.\d+\.\d+|::1", parts.hostname or "")
    if parts.scheme != "https" and not local:
        raise ValueError("it must begin with https://: it gets a secret")
    return url


def _decoded(value: object) -> object:
    """Read a key file given as JSON, or as JSON in base64."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value if value.lstrip().startswith("{") else base64.b64decode(value))
    except (binascii.Error, ValueError):
        raise ValueError("it is not the JSON key file of a service account") from None


Url = Annotated[str, AfterValidator(_checked_url)]


class ServiceAccountKey(BaseModel):
    """The key file of a service account of Google Cloud."""

    client_email: str = Field(min_length=3)
    private_key: SecretStr
    private_key_id: str | None = None
    token_uri: Url = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


class LaunchSettings(BaseSettings):
    """How runners are started; every variable begins with `PLANNER_`.

    `launcher` none starts nothing: a sweep then only names the runs that wait for a runner.
    """

    model_config = SettingsConfigDict(
        env_prefix="PLANNER_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    launcher: Literal["none", "cloud-run", "webhook", "process", "docker"] = "none"
    launch_timeout_seconds: float = Field(default=8.0, gt=0, le=30)
    cloud_run_job: str | None = Field(
        default=None, pattern=r"^projects/[^/]+/locations/[^/]+/jobs/[^/]+$"
    )
    cloud_run_url: Url = "https://run.googleapis.com"
    #: Absent: the metadata server is asked, as everywhere inside Google Cloud.
    google_key: Annotated[ServiceAccountKey | None, BeforeValidator(_decoded)] = None
    webhook_url: Annotated[Url, AfterValidator(_safe_url)] | None = None
    webhook_secret: Annotated[SecretStr | None, BeforeValidator(one_line)] = None
    docker_image: str | None = None

    @classmethod
    def read(cls) -> Self:
        """Read the environment.

        Raises
        ------
        ConfigurationError
            A variable does not hold what it should; all of them are named, none is quoted.
        """
        try:
            return cls()
        except ValidationError as error:
            faults = [
                f"PLANNER_{str(issue['loc'][0]).upper()}: "
                + issue["msg"].removeprefix("Value error, ")
                for issue in error.errors(include_input=False, include_url=False)
            ]
            raise ConfigurationError("; ".join(faults) + ".", "See docs/launching.md.") from None
