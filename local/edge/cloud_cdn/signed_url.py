"""Signed URLs of Cloud CDN: whether a request carries a valid HMAC."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.fields import Fields
from local.edge.google.error_page import Refused
from local.edge.viewer_request import ViewerRequest, query_parts


@dataclass(frozen=True)
class SignedUrlKeys:
    """The gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey of a backend service, by name.

    A request without a Signature is as any other: Cloud CDN leaves it to the origin. One with a signature that is not
    valid is refused. The signature is HMAC-SHA1 of the URL before `&Signature=`; it reaches the origin, and is not in
    the key, but what was kept for signed requests is for no other. Signed cookies and URL prefixes are left out. http
    and https count alike: the local edge stands for the TLS side. Source: Cloud CDN, "Use signed URLs".
    """

    keys: Mapping[str, bytes]

    def is_signed(self, request: ViewerRequest) -> bool:
        """Whether the request carries a valid signature; raises Refused (403) for another one."""
        given = [(name, value) for name, value, _ in query_parts(request.query)]
        fields = {name: value for name, value in given if name in ("Expires", "KeyName", "Signature")}
        if "Signature" not in fields:
            return False
        before, _, rest = request.target.partition("&Signature=")
        expires, key = fields.get("Expires", ""), self.keys.get(fields.get("KeyName", ""))
        fresh = re.fullmatch("[0-9]{1,12}", expires) is not None and int(expires) > time.time()
        if (
            key is None
            or not fresh
            or "&" in rest
            or not any(_fits(key, root + before, rest) for root in request.roots)
        ):
            raise Refused(403, "The signature is not valid.")
        return True


def signed_url_key(fields: Fields) -> tuple[str, str, bytes]:
    """Read one key: the id of its backend service, its name, its 16 bytes."""
    fields.without_effect("project", "deletionPolicy")
    service, name, value = fields.text("backendService"), fields.text("name"), _decoded(fields.text("keyValue"))
    fields.end()
    if len(value) != 16:
        raise fields.error("must have a keyValue of 16 bytes in base64url")
    return service.rpartition("/")[2], name, value


def _fits(key: bytes, url: str, signature: str) -> bool:
    return hmac.compare_digest(hmac.new(key, url.encode(), hashlib.sha1).digest(), _decoded(signature))


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        return b""
