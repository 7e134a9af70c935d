"""Access tokens of Google Cloud: from a service account's key, or from the metadata server."""

import time
from typing import Any

from planner_cli.errors import ConfigurationError
from planner_cli.launch.contract import LaunchFailed
from planner_cli.launch.http import Calls
from planner_cli.launch.settings import ServiceAccountKey

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_METADATA_URL = (
    "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"
)
_EARLY_SECONDS = 120.0


class GoogleTokens:
    """Gives access tokens, and keeps the last one until shortly before it expires.

    Parameters
    ----------
    key
        Of the service account; None asks the metadata server, which exists inside Google Cloud.
    """

    def __init__(self, key: ServiceAccountKey | None = None) -> None:
        self._key = key
        self._token = ""
        self._until = 0.0

    def token(self, calls: Calls) -> str:
        """Return an access token.

        Raises
        ------
        LaunchFailed
            Google gave none.
        """
        if time.monotonic() < self._until:
            return self._token
        answer: Any = self._exchange(self._key, calls) if self._key else _ask_metadata(calls)
        try:
            document = answer.json()
            self._token = str(document["access_token"])
            lasts = float(document["expires_in"])
        except (ValueError, KeyError, TypeError):
            raise LaunchFailed("launch.denied", "Google's token is unreadable.") from None
        self._until = time.monotonic() + max(0.0, lasts - _EARLY_SECONDS)
        return self._token

    def forget(self) -> None:
        """Forget the token: it was refused."""
        self._until = 0.0

    def _exchange(self, key: ServiceAccountKey, calls: Calls) -> Any:
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": sign_assertion(key),
        }
        return calls.send("POST", key.token_uri, data=form)


def sign_assertion(key: ServiceAccountKey) -> str:
    """Return a JWT that proves that we hold the service account's key (RFC 7523).

    Raises
    ------
    ConfigurationError
        The private key is unreadable, or PyJWT is not installed.
    """
    try:
        import jwt  # noqa: PLC0415 - only this launcher needs it
    except ImportError:
        raise ConfigurationError(
            "PLANNER_GOOGLE_KEY needs PyJWT, which is not installed.", "pip install 'pyjwt[crypto]'"
        ) from None
    now = int(time.time())
    claims: dict[str, object] = {"iss": key.client_email, "aud": key.token_uri, "scope": _SCOPE}
    claims |= {"iat": now, "exp": now + 600}
    headers = {"kid": key.private_key_id} if key.private_key_id else None
    try:
        private_key = key.private_key.get_secret_value()
        return jwt.encode(claims, private_key, algorithm="RS256", headers=headers)
    except (ValueError, TypeError, jwt.PyJWTError):
        raise ConfigurationError(
            "PLANNER_GOOGLE_KEY: the private key in it is unreadable.", "Copy the whole key file."
        ) from None


def _ask_metadata(calls: Calls) -> Any:
    return calls.send("GET", _METADATA_URL, headers={"Metadata-Flavor": "Google"})
