"""Checks of MediaCdnEdge's arguments, beyond those that all of Google's edges have."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from ... import validation
from .. import limits
from ..arguments import AuthenticationMode
from ..google.arguments import MediaCdnAuthenticationArgs, MediaCdnEdgeArgs, MediaCdnOriginArgs
from ..google.checks import Product
from ..google.rule_counts import route_rule_count
from .routing import COMPONENT

MEDIA_CDN = Product(
    component=COMPONENT,
    name="Media CDN",
    arguments=MediaCdnEdgeArgs,
    origin=MediaCdnOriginArgs,
    max_timeout_seconds=limits.MEDIA_CDN_MAX_TIMEOUT_SECONDS,
    max_key_headers=limits.MEDIA_CDN_MAX_KEY_HEADERS,
    max_certificates=limits.MEDIA_CDN_CERTIFICATES,
)

_MODES = (AuthenticationMode.NONE.value, AuthenticationMode.SIGNED_URL.value)
_ED25519_BYTES = 32
_SECRET_VERSION = re.compile(r"projects/[^/]+/secrets/[^/]+/versions/[^/]+")
_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+")


def check_arguments(name: str, args: MediaCdnEdgeArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
    MEDIA_CDN.check_common(name, args)
    region = args["origin"].get("shield_region")
    if region is not None and not _REGION.fullmatch(region):
        raise MEDIA_CDN.error("origin.shield_region", "must be a region of Google Cloud such as europe-west1")
    _check_authentication(args.get("authentication") or {})
    rules = sum(route_rule_count(route) for route in args["routes"])
    if rules > limits.MEDIA_CDN_ROUTE_RULES:
        raise MEDIA_CDN.error(
            "routes",
            f"make {rules} route rules, of which Media CDN takes {limits.MEDIA_CDN_ROUTE_RULES}: "
            "use another edge for some of the models",
        )


def _check_authentication(given: Mapping[str, Any]) -> None:
    known = frozenset(MediaCdnAuthenticationArgs.__annotations__)
    validation.check_known(MEDIA_CDN.component, "authentication.", given, known)
    mode = validation.check_choice(MEDIA_CDN.component, "authentication.mode", given.get("mode", "none"), _MODES)
    public, shared = given.get("public_keys") or [], given.get("shared_keys") or []
    signed = AuthenticationMode.SIGNED_URL.value
    for argument, keys in (("public_keys", public), ("shared_keys", shared)):
        if keys and mode != signed:
            raise MEDIA_CDN.error(f"authentication.{argument}", f"needs authentication.mode {signed}")
        if len(keys) > limits.MEDIA_CDN_KEYS:
            raise MEDIA_CDN.error(f"authentication.{argument}", f"may have {limits.MEDIA_CDN_KEYS} keys")
    if mode == signed and not public and not shared:
        raise MEDIA_CDN.error("authentication", "needs public_keys or shared_keys with mode signed-url")
    if not all(_is_ed25519(key) for key in public):
        raise MEDIA_CDN.error("authentication.public_keys", "must be Ed25519 public keys: 32 bytes in base64")
    if len({key.rstrip("=") for key in public}) < len(public):
        raise MEDIA_CDN.error("authentication.public_keys", "has a key twice")
    for version in shared:
        if isinstance(version, str) and not _SECRET_VERSION.fullmatch(version):
            raise MEDIA_CDN.error(
                "authentication.shared_keys", "must be names such as projects/shop/secrets/edge/versions/1"
            )


def _is_ed25519(key: Any) -> bool:
    if not isinstance(key, str):
        return False
    plain = key.replace("-", "+").replace("_", "/")
    try:
        return len(base64.b64decode(plain + "=" * (-len(key) % 4), validate=True)) == _ED25519_BYTES
    except binascii.Error:
        return False
