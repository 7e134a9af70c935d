"""The keys of one stack: made at its first start, kept in its folder, never in the repository."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

_FAR_FUTURE = 4_102_444_800


@dataclass(frozen=True, slots=True)
class Keys:
    """What a project hands out, in both generations, and what signs behind it.

    Parameters
    ----------
    anon, service_role
        Legacy API keys: tokens of the role, signed with `jwt_secret`.
    publishable, secret
        New API keys: opaque words that the gateway exchanges for the role's token.
    jwt_secret
        The HS256 secret of the legacy keys.
    session_key
        The ES256 key (JWK) that signs sessions.
    service_account_pem
        The private key of the service account that may start the Cloud Run stand-in.
    """

    anon: str
    service_role: str
    publishable: str
    secret: str
    jwt_secret: str
    session_key: dict[str, str]
    service_account_pem: str

    @property
    def jwks(self) -> str:
        """The keys PostgREST verifies tokens with, as a JSON Web Key Set."""
        public = {name: value for name, value in self.session_key.items() if name != "d"}
        legacy = {"kty": "oct", "alg": "HS256", "k": _base64url(self.jwt_secret.encode())}
        return json.dumps({"keys": [public, legacy]})

    @property
    def service_account_public_pem(self) -> str:
        """The public half of the service account's key."""
        private = serialization.load_pem_private_key(self.service_account_pem.encode(), None)
        return _pem(private.public_key())

    def token(self, **claims: Any) -> str:
        """Sign a token as the sign-in does; for tests that need an expired one."""
        key = jwt.PyJWK(self.session_key, "ES256")
        return jwt.encode(claims, key, "ES256", headers={"kid": self.session_key["kid"]})


def load_keys(folder: Path) -> Keys:
    """Return the keys kept in a folder, or make them there."""
    path = folder / "keys.json"
    if path.exists():
        return Keys(**json.loads(path.read_text()))
    keys = make_keys()
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(keys), indent=1))
    return keys


def make_keys() -> Keys:
    """Make the keys of a new stack."""
    jwt_secret = secrets.token_urlsafe(48)
    account = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Keys(
        anon=_legacy_key("anon", jwt_secret),
        service_role=_legacy_key("service_role", jwt_secret),
        publishable=f"sb_publishable_{secrets.token_urlsafe(24)}",
        secret=f"sb_secret_{secrets.token_urlsafe(24)}",
        jwt_secret=jwt_secret,
        session_key=_session_key(),
        service_account_pem=account.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    )


def _legacy_key(role: str, secret: str) -> str:
    claims = {"iss": "local_stack", "role": role, "exp": _FAR_FUTURE}
    return jwt.encode(claims, secret, "HS256")


def _session_key() -> dict[str, str]:
    private = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    public = private.public_numbers
    numbers = {"x": public.x, "y": public.y, "d": private.private_value}
    coordinates = {name: _base64url(value.to_bytes(32, "big")) for name, value in numbers.items()}
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": secrets.token_hex(8)} | coordinates


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _pem(public_key: Any) -> str:
    text: bytes = public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return text.decode()
