"""The gateway as Media CDN's origin, and the keys of those who may read shareable answers."""

import hashlib

import pulumi
from pulumi_gcp import networkservices

from ..arguments import PORTS, AuthenticationMode
from ..google.arguments import CONNECT_TIMEOUT_SECONDS, MediaCdnEdgeArgs
from ..google.checks import read_timeout_seconds
from ..google.protection import deletion_policy
from .checks import MEDIA_CDN
from .routing import CdnPolicy

_PROTOCOLS = {"https": "HTTPS", "http": "HTTP"}
_ATTEMPTS = 1  # a GET that takes too long would be repeated: the model would work several times


def edge_cache_origin(
    name: str, args: MediaCdnEdgeArgs, opts: pulumi.ResourceOptions
) -> networkservices.EdgeCacheOrigin:
    """The service's one origin. A route that could take longer than Media CDN waits was refused."""
    given, seconds = args["origin"], read_timeout_seconds(args, MEDIA_CDN)
    protocol, region = given.get("protocol", "https"), given.get("shield_region")
    return networkservices.EdgeCacheOrigin(
        f"{name}-origin",
        description=f"{name}: the gateway",
        origin_address=given["domain"],
        protocol=_PROTOCOLS[protocol],
        port=int(given.get("port", PORTS[protocol])),
        max_attempts=_ATTEMPTS,
        retry_conditions=["CONNECT_FAILURE"],
        timeout={
            # "through getting the response headers" (media-cdn/docs/origins), so it is the time that a model has.
            "connect_timeout": f"{seconds}s",
            "max_attempts_timeout": f"{seconds}s",
            "read_timeout": f"{seconds}s",
            "response_timeout": f"{seconds + CONNECT_TIMEOUT_SECONDS}s",
        },
        flex_shielding={"flex_shielding_regions": _region(region)} if region else None,
        deletion_policy=deletion_policy(bool(args.get("protect"))),
        opts=opts,
    )


def signed_requests(name: str, args: MediaCdnEdgeArgs, opts: pulumi.ResourceOptions) -> CdnPolicy:
    """The cdn policy's fields that ask for a signature; none when everybody may read shareable answers.

    Each key is named after itself: adding a second one and later leaving out the first exchanges them without a moment
    in which neither is valid.
    """
    given = args.get("authentication") or {}
    if AuthenticationMode(given.get("mode", AuthenticationMode.NONE)) is AuthenticationMode.NONE:
        return {"signed_request_mode": "DISABLED"}
    public, shared = given.get("public_keys") or [], given.get("shared_keys") or []
    keyset = networkservices.EdgeCacheKeyset(
        f"{name}-keyset",
        description=f"{name}: who may read shareable answers",
        public_keys=[{"id": _key_id(key), "value": key} for key in public] or None,
        validation_shared_keys=[{"secret_version": version} for version in shared] or None,
        deletion_policy=deletion_policy(bool(args.get("protect"))),
        opts=opts,
    )
    if not shared:
        return {"signed_request_mode": "REQUIRE_SIGNATURES", "signed_request_keyset": keyset.id}
    algorithms = [*(["ED25519"] if public else []), "HMAC_SHA_256"]
    return {
        "signed_request_mode": "REQUIRE_TOKENS",
        "signed_request_keyset": keyset.id,
        "signed_token_options": {"allowed_signature_algorithms": algorithms},
    }


def public_key_ids(args: MediaCdnEdgeArgs) -> list[str]:
    """By which names the keyset knows the public keys, in the order given."""
    return [_key_id(key) for key in (args.get("authentication") or {}).get("public_keys") or []]


def _key_id(key: str) -> str:
    return f"key-{hashlib.sha256(key.rstrip('=').encode()).hexdigest()[:8]}"


def _region(region: str) -> str:
    return region.upper().replace("-", "_")
