"""What callers of a guarded edge carry: signed tokens and signed URLs, good ones and forged ones."""

from __future__ import annotations

import base64
import datetime
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

ISSUER, AUDIENCE = "https://id.test", "predictions"
JWT_SECRETS = ("first-jwt-secret-of-the-tests-0123456789", "second-jwt-secret-of-the-tests-012345678")


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwt(
    *,
    secret: str = JWT_SECRETS[0],
    head: dict[str, Any] | None = None,
    digest: str = "sha256",
    without: Sequence[str] = (),
    **claims: Any,
) -> str:
    """A token that is good for a minute, but for what is given; `without`: claims left out."""
    found = {"exp": int(time.time()) + 60, "iss": ISSUER, "aud": AUDIENCE, **claims}
    kept = {name: value for name, value in found.items() if name not in without}
    content = f"{part({'alg': 'HS256', 'typ': 'JWT'} if head is None else head)}.{part(kept)}"
    return f"{content}.{part(hmac.new(secret.encode(), content.encode(), digest).digest())}"


class UrlSigner(Protocol):
    """Signs URLs with a key of its own.

    signed = signer.signed("https://predict.test/p?input=e30", key_id="K...")    # the URL with its signature
    """

    KEY_NAME: ClassVar[str]

    @property
    def public_key(self) -> str: ...

    def signed(self, url: str, key_id: str, *, seconds: int = 60, resource: str | None = None) -> str:
        """The URL with a signature for it, or for all that begins like `resource`, which ends with *.

        seconds: until it is over.
        """
        ...


class CloudFrontUrlSigner:
    """CloudFront's: a canned policy, or one of its own."""

    KEY_NAME: ClassVar[str] = "Key-Pair-Id"

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)

    @property
    def public_key(self) -> str:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def signed(self, url: str, key_id: str, *, seconds: int = 60, resource: str | None = None) -> str:
        signer = CloudFrontSigner(key_id, lambda message: self._key.sign(message, padding.PKCS1v15(), hashes.SHA1()))
        expires = datetime.datetime.now() + datetime.timedelta(seconds=seconds)
        if resource is None:
            return signer.generate_presigned_url(url, date_less_than=expires)
        return signer.generate_presigned_url(url, policy=signer.build_policy(resource, expires))


class MediaCdnUrlSigner:
    """Media CDN's: Ed25519 over the exact URL, or over the beginning of URLs."""

    KEY_NAME: ClassVar[str] = "KeyName"

    def __init__(self) -> None:
        self._key = ed25519.Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> str:
        return base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).decode()

    def signed(self, url: str, key_id: str, *, seconds: int = 60, resource: str | None = None) -> str:
        given = f"Expires={int(time.time()) + seconds}&KeyName={key_id}"
        more = f"{url}{'&' if '?' in url else '?'}"
        if resource is not None:
            given = f"URLPrefix={part(resource.removesuffix('*').encode())}&{given}"
        signature = part(self._key.sign((f"{more}{given}" if resource is None else given).encode()))
        return f"{more}{given}&Signature={signature}"


SIGNERS: dict[str, type[UrlSigner]] = {"cloudfront": CloudFrontUrlSigner, "media-cdn": MediaCdnUrlSigner}
