"""What sets the providers of an edge apart: the keys that each takes, and how its product differs from the others.

A key of ``edge`` that not every provider takes stands in ``ONLY_WITH``; a value that each takes in its own way has the
type ``ByProvider`` (``by_provider.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.edge import limits

EdgeProvider = Literal["none", "cloudfront", "media-cdn", "cloud-cdn"]
KeyPath = tuple[str, ...]

EDGE_PROVIDERS: tuple[EdgeProvider, ...] = ("cloudfront", "media-cdn", "cloud-cdn")
_CLOUDFRONT, _MEDIA_CDN, _CLOUD_CDN = (("cloudfront",), ("media-cdn",), ("cloud-cdn",))
_GOOGLE = (*_MEDIA_CDN, *_CLOUD_CDN)

ONLY_WITH: Mapping[KeyPath, tuple[str, ...]] = {
    ("origin", "vpc"): _CLOUDFRONT,
    ("origin", "clientCertificateArn"): _CLOUDFRONT,
    ("origin", "shieldRegion"): (*_CLOUDFRONT, *_MEDIA_CDN),
    ("certificateArn",): _CLOUDFRONT,
    ("hostedZoneId",): _CLOUDFRONT,
    ("certificateIds",): _GOOGLE,
    ("dnsZone",): _GOOGLE,
    ("authentication", "publicKeys"): (*_CLOUDFRONT, *_MEDIA_CDN),
    ("authentication", "sharedKeySecretVersions"): _MEDIA_CDN,
    ("authentication", "secrets"): _CLOUDFRONT,
    ("authentication", "issuer"): _CLOUDFRONT,
    ("authentication", "audience"): _CLOUDFRONT,
    ("priceClass",): _CLOUDFRONT,
    ("continuousDeploymentPolicyId",): _CLOUDFRONT,
    ("httpVersion",): _CLOUDFRONT,
    ("firewall",): (*_CLOUDFRONT, *_CLOUD_CDN),
    ("firewall", "logging"): _CLOUDFRONT,
    ("logs", "bucketArn"): _CLOUDFRONT,
    ("logs", "retentionDays"): _CLOUDFRONT,
    ("logs", "sampleRate"): _GOOGLE,
    ("alarms", "topicArn"): _CLOUDFRONT,
    ("alarms", "notificationChannels"): _GOOGLE,
    ("waitForDeployment",): _CLOUDFRONT,
}
"""Keys and sections below ``edge``, and the providers that take them; all others are every provider's."""


@dataclass(frozen=True)
class EdgeProduct:
    """A product, as messages and rules need it."""

    name: str
    """What its makers call it."""
    argument: str
    """Its key in the component's EdgeArgs."""
    longest_wait_seconds: int
    """How long it waits at most for Kong."""
    certificate_keys: tuple[str, str]
    """The keys of ``edge`` that give the aliases a certificate: an existing one, or the zone to make one in."""
    path_limit_reason: str
    """Why a path has at most MAX_PATH_CHARACTERS."""
    url_limit_owner: str
    """Who takes no URL above MAX_URL_BYTES."""
    signatures: str
    """The modes of authentication that let callers in one by one."""
    not_passed_on: tuple[str, ...] = ()
    """The caller's headers that never reach Kong."""
    own_domain: bool = False
    """Whether an edge without aliases has a domain name and a certificate."""
    max_body_bytes: int | None = None
    """The largest body of a request; None without a limit of interest."""


PRODUCTS: Mapping[str, EdgeProduct] = {
    "cloudfront": EdgeProduct(
        name="CloudFront",
        argument="cloudfront",
        longest_wait_seconds=limits.MAX_READ_TIMEOUT_SECONDS,
        certificate_keys=("certificateArn", "hostedZoneId"),
        path_limit_reason="CloudFront matches no longer one",
        url_limit_owner="CloudFront",
        signatures="signed-url or jwt",
        not_passed_on=("authorization", "cookie"),
        own_domain=True,
    ),
    "media-cdn": EdgeProduct(
        name="Media CDN",
        argument="media_cdn",
        longest_wait_seconds=limits.MEDIA_CDN_MAX_TIMEOUT_SECONDS,
        certificate_keys=("certificateIds", "dnsZone"),
        path_limit_reason="every edge takes that many",
        url_limit_owner="Kong",
        signatures="signed-url",
        max_body_bytes=limits.MEDIA_CDN_MAX_BODY_BYTES,
    ),
    "cloud-cdn": EdgeProduct(
        name="Cloud CDN",
        argument="cloud_cdn",
        longest_wait_seconds=limits.CLOUD_CDN_MAX_TIMEOUT_SECONDS,
        certificate_keys=("certificateIds", "dnsZone"),
        path_limit_reason="every edge takes that many",
        url_limit_owner="Kong",
        signatures="",
    ),
}
"""By provider; ``none`` has no product."""


def takes(provider: str, path: KeyPath) -> bool:
    """Whether the provider takes the key at ``path`` below ``edge``, and the sections that it is in."""
    return all(provider in ONLY_WITH.get(path[:length], EDGE_PROVIDERS) for length in range(1, len(path) + 1))
