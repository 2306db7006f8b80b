"""Who gets past Kong's lock, and what a shared cache in front of Kong may keep, as the deployed Lua needs it."""

import base64
import dataclasses
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any

_TAG_SAFE = re.compile(rb"[A-Za-z0-9._~-]")  # in a URL (RFC 3986), and in CloudFront's and Google's cache tags
_LOCK_PURPOSE = b"inference-edge lock\n"


@dataclasses.dataclass(frozen=True)
class EdgeAccess:
    """The edge that alone may call: accepted values of X-Origin-Verify, and the key that its GETs are let in with."""

    secrets: tuple[str, ...] = dataclasses.field(repr=False)
    client_certificate: bool = False
    key: str | None = dataclasses.field(default=None, repr=False)

    def lua_values(self) -> dict[str, Any]:
        """What edge_lock.lua needs."""
        return {**lock_values(_LOCK_PURPOSE, self.secrets), "client_certificate": self.client_certificate}


@dataclasses.dataclass(frozen=True)
class Sharing:
    """What a shared cache tells apart, and for how long it may serve what has expired (RFC 5861)."""

    endpoint: str  # as protocol://host:port/path
    key_headers: tuple[str, ...] = ()  # lower case, in the shared cache's own key
    stale_while_revalidate_seconds: int = 0
    stale_if_error_seconds: int = 0

    def lua_values(self, model: str, version: str) -> dict[str, Any]:
        """What shareable.lua and shareable_header_filter.lua need."""
        stale = (
            f", stale-while-revalidate={self.stale_while_revalidate_seconds}"
            f", stale-if-error={self.stale_if_error_seconds}"
        )
        # Host chooses the route, not the answer; the Content-Type of a GET's question is ours.
        shared = {name: True for name in ("host", "content-type", *self.key_headers)}
        tag = f"{model},{model}@{_tag(version)}"
        return {"endpoint": self.endpoint, "shared_headers": shared, "stale": stale, "cache_tag": tag}


def lock_values(purpose: bytes, secrets: Sequence[str]) -> dict[str, Any]:
    """What a lock compares with: digests, so that who reads Kong's configuration cannot get in."""
    seed = base64.b64encode(hashlib.sha256(purpose + "\n".join(secrets).encode()).digest())
    return {"seed": seed, "accepted": {hmac.digest(seed, secret.encode(), "sha1"): True for secret in secrets}}


def _tag(text: str) -> str:
    encoded = (bytes([byte]) for byte in text.encode())
    return "".join(byte.decode() if _TAG_SAFE.fullmatch(byte) else f"%{byte[0]:02X}" for byte in encoded)
