"""Arguments for the edges on Google Cloud: the least, and everything."""

from __future__ import annotations

from typing import Any

from tests.components.edge.cloudfront.arguments import (
    ORIGIN_SECRET,
    OTHER_TOKEN,
    private_route,
    shareable_route,
)

ALIASES = ["predict.test.com", "*.predict.test.com"]
CERTIFICATE = "projects/of-the-tests/locations/global/certificates/own"
CHANNEL = "projects/of-the-tests/notificationChannels/1"
PUBLIC_KEYS = ["A" * 43, "B" * 42 + "A="]  # 32 bytes in base64, without and with padding
SHARED_KEY = "projects/of-the-tests/secrets/edge/versions/1"
OFF = {"enabled": False}


def fast(route: Any) -> Any:
    """A route that Media CDN has the time for."""
    return {"timeout_seconds": 12, **route}


def minimal_args(**more: Any) -> Any:
    """What neither edge can do without."""
    return {
        "routes": [fast(shareable_route())],
        "origin": {"domain": "kong.test"},
        "origin_secret": ORIGIN_SECRET,
        "aliases": ["predict.test.com"],
        "certificate_ids": [CERTIFICATE],
        **more,
    }


def bare_args(**more: Any) -> Any:
    """Just what serves: nothing to watch it."""
    return minimal_args(alarms=OFF, logs=OFF, **more)


def full_routes() -> list[Any]:
    """Two shareable models and a private one, with everything."""
    cors = {"origins": ["https://app.test"], "max_age_seconds": 30}
    return [
        shareable_route(key_headers=["x-tenant", "prefer"], cors=cors, timeout_seconds=10.5),
        shareable_route(
            model="vectors-of-all-the-words-that-there-are",
            path="/v1/vectors.json",
            version_token=OTHER_TOKEN,
            ttl_seconds=86_400,
            timeout_seconds=8,
        ),
        private_route(cors={"origins": ["*"]}, timeout_seconds=13),
    ]


def full_args(**more: Any) -> Any:
    """Everything that both products have, none of it at its default."""
    return {
        "routes": full_routes(),
        "origin": {"domain": "kong.test", "port": 8443, "protocol": "https", "read_timeout_seconds": 14},
        "origin_secret": ORIGIN_SECRET,
        "aliases": ALIASES,
        "dns_zone": "test-com",
        "geo_restriction": {"deny": ["FR", "DE"]},
        "logs": {"enabled": True, "sample_rate": 0.5},
        "alarms": {
            "enabled": True,
            "notification_channels": [CHANNEL],
            "minimum_hit_ratio_percent": 40,
            "minimum_requests": 50,
            "origin_latency_ms": 700,
            "error_rate_percent": 2.5,
        },
        "protect": True,
        **more,
    }


def media_args(**more: Any) -> Any:
    """Everything that Media CDN has."""
    made = full_args(authentication={"mode": "signed-url", "public_keys": PUBLIC_KEYS, "shared_keys": [SHARED_KEY]})
    made["origin"] = {**made["origin"], "shield_region": "europe-west1"}
    return {**made, **more}


def cloud_args(**more: Any) -> Any:
    """Everything that Cloud CDN has."""
    return full_args(firewall={"enabled": True, "rate_limit_per_5_minutes": 500}, **more)
