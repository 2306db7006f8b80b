"""Who may read shared answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import SecretStr

from components.edge import limits

from .by_provider import ByProvider
from .field_types import Choice, Items, SecretText, Text
from .section import Section
from .values import SECRET_VERSION

EdgeAuthenticationMode = Literal["none", "signed-url", "jwt"]

_PUBLIC_KEY = ByProvider(
    cloudfront=Text(
        # The DER of a P-256 key and of a 2048-bit RSA key begin with these letters.
        r"-----BEGIN PUBLIC KEY-----\s+(?:MIIBIjANBgkqhkiG9w0BAQ|MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE)"
        r"[A-Za-z0-9+/=\s]{40,600}-----END PUBLIC KEY-----\s*",
        "a public key in PEM form (BEGIN PUBLIC KEY), RSA of 2048 bits or ECDSA P-256; CloudFront takes no other",
    ),
    media_cdn=Text(
        r"[A-Za-z0-9_-]{43}=?",
        "an Ed25519 public key, 32 bytes as 43 or 44 characters of base64url; Media CDN takes no other",
    ),
)
_MODE = ByProvider(
    cloudfront=Choice(("none", "signed-url", "jwt")),
    media_cdn=Choice(("none", "signed-url"), "Media CDN reads no JWT, CloudFront does"),
    cloud_cdn=Choice(
        ("none",),
        "Cloud CDN lets unsigned requests pass, and keeps answers to signed ones that Kong forbids to keep; "
        "use provider media-cdn or cloudfront",
    ),
)
_JWT_SECRET = SecretText(
    r"[!-~]{32,256}", "32 to 256 printable ASCII characters without spaces; HS256 is as strong as its secret"
)
_CLAIM = Text(r"[!-~]{1,256}", "1 to 256 printable ASCII characters without spaces")


class EdgeAuthenticationSettings(Section):
    """Who may read shared answers; the edge decides, because Kong never sees a request that hits."""

    mode: Annotated[EdgeAuthenticationMode, _MODE] = "none"
    """none: anybody; signed-url: holders of a URL that the owner of a key signed; jwt: holders of an HS256 token."""
    public_keys: Annotated[
        tuple[Annotated[str, _PUBLIC_KEY], ...], Items(0, limits.MAX_PUBLIC_KEYS, "public keys")
    ] = ()
    """signed-url only: keys whose signatures count, with media-cdn at most 3; two while one replaces the other."""
    shared_key_secret_versions: Annotated[
        tuple[Annotated[str, SECRET_VERSION], ...], Items(0, limits.MEDIA_CDN_KEYS, "versions in Secret Manager")
    ] = ()
    """signed-url only: keys for HMAC tokens, by their names; with one of them callers send tokens, not signed URLs."""
    secrets: Annotated[tuple[Annotated[SecretStr, _JWT_SECRET], ...], Items(0, limits.MAX_JWT_SECRETS, "secrets")] = ()
    """jwt only: secrets whose signatures count, encrypted; two of them while one replaces the other."""
    issuer: Annotated[str, _CLAIM] | None = None
    """jwt only: what the claim iss must be; by default it is not checked."""
    audience: Annotated[str, _CLAIM] | None = None
    """jwt only: what the claim aud must be or hold; by default a token with this claim is refused."""
