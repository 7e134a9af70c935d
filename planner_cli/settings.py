"""What the planner reads from its environment, checked before anything is tried."""

import base64
import binascii
import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from planner_cli.errors import ConfigurationError

WHERE_THE_KEY_IS = (
    "Copy the service role key (or a secret key, sb_secret_...) of the project:"
    " Supabase dashboard, Settings, API keys."
)

Seconds = Annotated[float, Field(gt=0, le=86_400)]


@dataclass(frozen=True, slots=True)
class SupabaseAddress:
    """A Supabase project, reached over HTTPS with the key of the service role."""

    url: str
    key: SecretStr


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """A Postgres database, reached directly."""

    dsn: SecretStr


def _blank_is_missing(value: object) -> object:
    """Cut the white space that copying leaves; nothing left means nothing given."""
    return (value.strip() or None) if isinstance(value, str) else value


#: In a header or a log it could end the line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def one_line(value: object) -> object:
    """Refuse control characters inside a secret, by name and without showing it."""
    if isinstance(value, str) and _CONTROL.search(value.strip()):
        raise ValueError("it holds a line break or another control character")
    return _blank_is_missing(value)


def _one_word(value: object) -> object:
    """Refuse a space inside a key too: no key of Supabase holds one."""
    if isinstance(value, str) and " " in value.strip():
        raise ValueError("it holds a space")
    return one_line(value)


def _readable_dsn(value: object) -> object:
    """Refuse a connection string that a driver would quote whole in its own complaint."""
    if isinstance(value, str) and "://" in value and _BAD_PERCENT.search(value):
        raise ValueError("it holds a % that is not part of a code: write %25 for a % in a password")
    return one_line(value)


def _checked_url(url: str | None) -> str | None:
    """Refuse what is not the base address of a project."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("it must start with https:// and name a host")
    if parts.path.strip("/"):
        raise ValueError(f"it must end after the host, without {parts.path}")
    return url.rstrip("/")


Secret = Annotated[SecretStr | None, BeforeValidator(_one_word)]
ConnectionString = Annotated[SecretStr | None, BeforeValidator(_readable_dsn)]


class Settings(BaseSettings):
    """The settings of one process; every duration is in seconds.

    `SUPABASE_URL` with `SUPABASE_SERVICE_ROLE_KEY` goes before `DATABASE_URL`; everything else
    starts with `PLANNER_`. An empty variable counts as missing.
    """

    model_config = SettingsConfigDict(
        env_prefix="PLANNER_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    supabase_url: Annotated[
        str | None, BeforeValidator(_blank_is_missing), AfterValidator(_checked_url)
    ] = Field(default=None, validation_alias="SUPABASE_URL")
    supabase_service_role_key: Secret = Field(
        default=None, validation_alias="SUPABASE_SERVICE_ROLE_KEY"
    )
    database_url: ConnectionString = Field(default=None, validation_alias="DATABASE_URL")

    runner: str = Field(default_factory=socket.gethostname, min_length=1, max_length=80)
    #: A cancel is noticed at the next beat.
    heartbeat_seconds: Seconds = 5.0
    #: For one beat; a beat that hangs must not use up the lease.
    heartbeat_timeout_seconds: Seconds = 5.0
    #: How long before the end of its lease a runner stops trusting it.
    lease_margin_seconds: Seconds = 5.0
    #: How long before the run's deadline the solver has to be done.
    deadline_margin_seconds: Seconds = 30.0
    request_timeout_seconds: Seconds = 30.0
    request_attempts: int = Field(default=5, ge=1, le=20)
    #: How long finished lines are offered to a database that does not take them.
    commit_seconds: Seconds = 45.0
    #: Where lines that could not be stored are kept; absent: a folder of this account's own.
    keep_dir: Path | None = None
    wait_poll_seconds: Seconds = 3.0
    #: No further waiting run is begun once the process is this old.
    drain_seconds: float = Field(default=1_800.0, ge=0, le=86_400)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_rows: bool = True

    @classmethod
    def read(cls) -> Self:
        """Read the environment.

        Raises
        ------
        ConfigurationError
            A variable does not hold what it should; all of them are named at once.
        """
        try:
            return cls()
        except ValidationError as error:
            raise ConfigurationError(_sentence(error), "Correct or unset it.") from None

    def address(self) -> SupabaseAddress | PostgresAddress:
        """Where the runs live.

        Raises
        ------
        ConfigurationError
            Nothing is configured, only half of it, or a key of the wrong kind.
        """
        if self.supabase_url is not None:
            if self.supabase_service_role_key is None:
                raise ConfigurationError(
                    "SUPABASE_URL is set, SUPABASE_SERVICE_ROLE_KEY is not.", WHERE_THE_KEY_IS
                )
            _check_key(self.supabase_service_role_key.get_secret_value())
            return SupabaseAddress(self.supabase_url, self.supabase_service_role_key)
        if self.database_url is not None:
            _check_dsn(self.database_url.get_secret_value())
            return PostgresAddress(self.database_url)
        if self.supabase_service_role_key is not None:
            raise ConfigurationError(
                "SUPABASE_SERVICE_ROLE_KEY is set, SUPABASE_URL is not.",
                "Set SUPABASE_URL to the address of the project, https://<ref>.supabase.co.",
            )
        raise ConfigurationError(
            "No database is configured.",
            "Set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, or DATABASE_URL.",
        )


def _sentence(error: ValidationError) -> str:
    """Name every variable at fault, and never its value: it may be a secret."""
    faults = []
    for issue in error.errors(include_input=False, include_url=False):
        name = str(issue["loc"][0]) if issue["loc"] else "settings"
        variable = name if name.isupper() else f"PLANNER_{name.upper()}"
        faults.append(f"{variable}: {issue['msg'].removeprefix('Value error, ')}")
    return "; ".join(faults) + "."


def _check_dsn(dsn: str) -> None:
    """Refuse what the driver cannot read, before it quotes a password in its own complaint.

    A character left unescaped in the password moves the rest of it into the port or the host.
    """
    try:
        from psycopg import ProgrammingError  # noqa: PLC0415 - only the extra `local` has it
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415
    except ImportError:  # whoever opens the store says what to install
        return
    try:
        parts = conninfo_to_dict(dsn)
    except ProgrammingError:
        parts = None
    if parts is not None:
        ports = str(parts.get("port", "")).split(",")
        if "@" not in str(parts.get("host", "")) and all(p == "" or p.isdigit() for p in ports):
            return
    raise ConfigurationError(
        "DATABASE_URL is not a connection string that can be read.",
        "Write postgresql://user:password@host:5432/postgres, and in the password %40 for @,"
        " %3A for :, %2F for /, %23 for #, %3F for ? and %25 for %.",
    )


def _check_key(key: str) -> None:
    """Refuse a key that could not write: a clear sentence now beats a 401 later."""
    name = "SUPABASE_SERVICE_ROLE_KEY"
    if key.startswith("sb_secret_"):
        return
    if key.startswith("sb_publishable_"):
        raise ConfigurationError(f"{name} holds a publishable key.", WHERE_THE_KEY_IS)
    role = _role(key)
    if role is None:
        raise ConfigurationError(f"{name} holds neither a JWT nor a secret key.", WHERE_THE_KEY_IS)
    if role != "service_role":
        raise ConfigurationError(f"{name} holds a key of the role {role}.", WHERE_THE_KEY_IS)


def _role(jwt: str) -> str | None:
    """Return the role claim of a JWT, or None for anything else; no signature is checked."""
    parts = jwt.split(".")
    if len(parts) != 3:
        return None
    payload = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload))
    except (binascii.Error, ValueError):
        return None
    return str(claims.get("role", "none")) if isinstance(claims, dict) else None
