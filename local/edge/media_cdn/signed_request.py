"""Signed requests: whether a request to a protected route carries a valid Ed25519 signature."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from local.edge.fields import Fields
from local.edge.google.error_page import Refused
from local.edge.viewer_request import ViewerRequest, query_parts

COOKIE = "Edge-Cache-Cookie"
_PARAMETERS = frozenset({"URLPrefix", "Expires", "KeyName", "Signature"})


@dataclass(frozen=True)
class Keyset:
    """gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset; `unsigned` gives the request without its signature.

    Usage:
        keyset = Keyset.read(fields)
        request = keyset.unsigned(request, 3600)    # raises Refused (403); 3600: Expires at most so far ahead

    A signature in the query is over the exact URL before `&Signature=`, or over URLPrefix, Expires and KeyName; one in
    the cookie over the same with `:` between. It is part of neither key nor origin request. http and https count alike,
    and the port does not count: the local edge stands for the TLS side. Left out: signatures in the path, and what is
    signed with a shared key (a secret of Secret Manager), which never fits here. Sources: Media CDN, "Generate
    signatures", "Use signed requests", "Keys overview".
    """

    keys: Mapping[str, Ed25519PublicKey]

    def unsigned(self, request: ViewerRequest, maximum_seconds: float | None) -> ViewerRequest:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            raise Refused(403, "A signed request must be a GET, HEAD or OPTIONS.")
        given = [(name, value) for name, value, _ in query_parts(request.query) if name in _PARAMETERS]
        if given:
            valid = self._query_is_valid(request, given, maximum_seconds)
        else:
            valid = self._cookie_is_valid(request, maximum_seconds)
        if not valid:
            raise Refused(403, "The request is not signed, or its signature is not valid.")
        return _without_signature(request)

    def _query_is_valid(
        self, request: ViewerRequest, given: list[tuple[str, str]], maximum_seconds: float | None
    ) -> bool:
        fields = dict(given)
        if len(fields) != len(given):
            return False
        if "URLPrefix" in fields:
            signed = "&".join(f"{name}={fields.get(name)}" for name in ("URLPrefix", "Expires", "KeyName"))
            return _covers(fields["URLPrefix"], request) and self._signed([signed], fields, maximum_seconds)
        before, mark, rest = request.target.partition("&Signature=")
        if not mark or "&" in rest:
            return False
        return self._signed([f"{root}{before}" for root in request.roots], fields, maximum_seconds)

    def _cookie_is_valid(self, request: ViewerRequest, maximum_seconds: float | None) -> bool:
        value = request.cookie_map.get(COOKIE, "")
        fields = {name: text for name, _, text in (part.partition("=") for part in value.split(":"))}
        signed, mark, rest = value.partition(":Signature=")
        if not mark or ":" in rest or not signed.startswith("URLPrefix="):
            return False
        return _covers(fields["URLPrefix"], request) and self._signed([signed], fields, maximum_seconds)

    def _signed(self, texts: list[str], fields: Mapping[str, str], maximum_seconds: float | None) -> bool:
        expires, now = fields.get("Expires", ""), time.time()
        key = self.keys.get(fields.get("KeyName", ""))
        if key is None or not re.fullmatch("[0-9]{1,12}", expires) or int(expires) <= now:
            return False
        if maximum_seconds is not None and int(expires) > now + maximum_seconds:
            return False
        signature = _decoded(fields.get("Signature", ""))
        return any(_fits(key, signature, text) for text in texts)

    @classmethod
    def read(cls, fields: Fields) -> Keyset:
        fields.without_effect("name", "project", "description", "labels", "deletionPolicy", "validationSharedKeys")
        keys: dict[str, Ed25519PublicKey] = {}
        for one in fields.children("publicKeys"):
            name, value = one.text("id"), _decoded(one.text("value"))
            one.end()
            if len(value) != 32 or name in keys:
                raise one.error("must have an id of its own and an Ed25519 key of 32 bytes in base64url")
            keys[name] = Ed25519PublicKey.from_public_bytes(value)
        fields.end()
        return cls(keys)


def _without_signature(request: ViewerRequest) -> ViewerRequest:
    query = "&".join(part for name, _, part in query_parts(request.query) if name not in _PARAMETERS)
    headers = request.headers.copy()
    headers.popall("Cookie", None)
    kept = "; ".join(f"{name}={value}" for name, value in request.cookies if name != COOKIE)
    if kept:
        headers["Cookie"] = kept
    return request.replaced(request.path, query or None, headers)


def _covers(prefix: str, request: ViewerRequest) -> bool:
    try:
        decoded = _decoded(prefix).decode()
    except UnicodeDecodeError:
        return False
    return bool(decoded) and any(f"{root}{request.target}".startswith(decoded) for root in request.roots)


def _decoded(value: str) -> bytes:
    try:
        text = value.rstrip("=")
        return base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _fits(key: Ed25519PublicKey, signature: bytes, text: str) -> bool:
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
