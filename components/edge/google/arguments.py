"""Arguments of the edges on Google Cloud, and their defaults in one place.

What both products share stands twice: a component's schema takes descriptions from a class's own fields alone.
"""

from typing import NotRequired, TypedDict

import pulumi

from ..arguments import AuthenticationMode, EdgeRouteArgs, GeoRestrictionArgs


class GoogleOriginArgs(TypedDict):
    domain: pulumi.Input[str]
    """The gateway's host name; its certificate must be for this name."""
    port: NotRequired[int]
    """By default 443, with http 80."""
    protocol: NotRequired[str]
    """https, or http for an origin on localhost."""
    read_timeout_seconds: NotRequired[int]
    """How long the edge waits for the gateway's answer to begin; by default 5 seconds more than the slowest route, as
    far as the product allows: Media CDN waits for at most 15 seconds."""


class MediaCdnOriginArgs(TypedDict):
    domain: pulumi.Input[str]
    """The gateway's host name; its certificate must be for this name."""
    port: NotRequired[int]
    """By default 443, with http 80."""
    protocol: NotRequired[str]
    """https, or http for an origin on localhost."""
    read_timeout_seconds: NotRequired[int]
    """How long the edge waits for the gateway's answer to begin; by default 5 seconds more than the slowest route, as
    far as the product allows: Media CDN waits for at most 15 seconds."""
    shield_region: NotRequired[str]
    """Region of the flexible shielding, the one nearest to the gateway; by default near the callers."""


class MediaCdnAuthenticationArgs(TypedDict):
    mode: NotRequired[AuthenticationMode]
    """none (the default) or signed-url."""
    public_keys: NotRequired[list[str]]
    """signed-url: Ed25519 public keys, base64 of 32 bytes; the one before stays while one replaces it."""
    shared_keys: NotRequired[list[pulumi.Input[str]]]
    """signed-url: versions in Secret Manager, projects/<project>/secrets/<secret>/versions/<version>, that sign tokens
    with HMAC SHA-256; with one, callers send tokens (`edge-cache-token`) instead of signed URLs."""


class GoogleFirewallArgs(TypedDict):
    enabled: NotRequired[bool]
    """By default on."""
    rate_limit_per_5_minutes: NotRequired[int]
    """Requests of one address in 5 minutes that get past the cache, for each shareable model and for all that is not
    kept; by default 2000."""


class GoogleLogArgs(TypedDict):
    enabled: NotRequired[bool]
    """By default on. Google logs whole URLs: the inputs of GETs are in the logs of the project, no setting leaves them
    out."""
    sample_rate: NotRequired[float]
    """Share of the requests that is logged, from 0 to 1; by default 1."""


class GoogleAlarmArgs(TypedDict):
    enabled: NotRequired[bool]
    """Alert policies and a dashboard; by default on."""
    notification_channels: NotRequired[list[pulumi.Input[str]]]
    """Cloud Monitoring's channels that are told; by default nobody is."""
    minimum_hit_ratio_percent: NotRequired[float]
    """By default 20."""
    minimum_requests: NotRequired[int]
    """Requests in 5 minutes from which on the hit ratio counts; by default 1000."""
    origin_latency_ms: NotRequired[int]
    """Of the slowest tenth of the gateway's answers; by default half of the read timeout."""
    error_rate_percent: NotRequired[float]
    """Share of 5xx answers; by default 5."""


class MediaCdnArgs(TypedDict):
    aliases: list[str]
    """Host names of the edge, the first without wildcard; they need `certificate_ids` or `dns_zone`."""
    certificate_ids: NotRequired[list[pulumi.Input[str]]]
    """Certificate Manager's certificates of scope EDGE_CACHE for the aliases, whose DNS is then up to you."""
    dns_zone: NotRequired[pulumi.Input[str]]
    """Cloud DNS managed zone of the aliases: certificate and records are made."""
    geo_restriction: NotRequired[GeoRestrictionArgs]
    """By default every country is served."""
    logs: NotRequired[GoogleLogArgs]
    """Request logs, in Cloud Logging."""
    alarms: NotRequired[GoogleAlarmArgs]
    """Alert policies and a dashboard."""
    protect: NotRequired[bool]
    """Refuse to delete what serves callers: Pulumi's protection and the provider's deletion policy PREVENT."""
    origin: MediaCdnOriginArgs
    """Where the gateway is."""
    authentication: NotRequired[MediaCdnAuthenticationArgs]
    """Who may read shareable answers."""


class CloudCdnArgs(TypedDict):
    aliases: list[str]
    """Host names of the edge, the first without wildcard; they need `certificate_ids` or `dns_zone`."""
    certificate_ids: NotRequired[list[pulumi.Input[str]]]
    """Certificate Manager's certificates for the aliases, whose DNS is then up to you."""
    dns_zone: NotRequired[pulumi.Input[str]]
    """Cloud DNS managed zone of the aliases: certificate and records are made."""
    geo_restriction: NotRequired[GeoRestrictionArgs]
    """By default every country is served."""
    logs: NotRequired[GoogleLogArgs]
    """Request logs, in Cloud Logging."""
    alarms: NotRequired[GoogleAlarmArgs]
    """Alert policies and a dashboard."""
    protect: NotRequired[bool]
    """Refuse to delete what serves callers: Pulumi's protection and the provider's deletion policy PREVENT."""
    origin: GoogleOriginArgs
    """Where the gateway is."""
    firewall: NotRequired[GoogleFirewallArgs]
    """Cloud Armor between the cache and the gateway; in front of Media CDN it knows no rate limit."""


class MediaCdnEdgeArgs(MediaCdnArgs):
    routes: list[EdgeRouteArgs]
    """The gateway's routes; every other path is answered with 404."""
    origin_secret: pulumi.Input[str]
    """Value of X-Origin-Verify, by which the gateway knows its edge; a secret."""


class CloudCdnEdgeArgs(CloudCdnArgs):
    routes: list[EdgeRouteArgs]
    """The gateway's routes; every other path is answered with 404."""
    origin_secret: pulumi.Input[str]
    """Value of X-Origin-Verify, by which the gateway knows its edge; a secret."""


MINIMUM_TLS = "TLS_1_2"
TLS_PROFILE = "MODERN"
PATH_MATCHER = "models"
CACHE_STATUS_HEADER = "X-Cache"
HSTS = "max-age=31536000"
CONNECT_TIMEOUT_SECONDS = 5
SAMPLE_RATE = 1.0
