"""Arguments for the components: the least, and everything."""

from __future__ import annotations

from typing import Any

ENDPOINT = "http://model.test:8080/invocations"


def minimal_route(**more: Any) -> Any:
    """What a KongCachedRoute cannot do without."""
    return {"model": "digits", "version": "1", "endpoint": ENDPOINT, **more}


def full_route(**more: Any) -> Any:
    """A KongCachedRoute with every argument of key-auth, none of them at its default."""
    return {
        "model": "digits",
        "version": "2025-11",
        "endpoint": "https://model.test/v1/models/digits",
        "path": "/v1/digits.json",
        "hosts": ["api.test", "www.test"],
        "https_only": True,
        "dictionary": "digits_cache",
        "cache": {
            "enabled": True,
            "profile": "embeddings",
            "ttl_seconds": 120,
            "generation": 7,
            "response_codes": [200, 201],
            "content_types": ["application/vnd.digits+json"],
            "exclude_fields": ["trace", "request_id"],
            "key_headers": ["x-tenant", "accept"],
            "max_body_bytes": 1000,
            "max_response_bytes": 2000,
        },
        "access": {
            "mode": "key-auth",
            "rate_limit": {"per_second": 5, "per_minute": 60, "per_hour": 600},
            "max_request_bytes": 4000,
            "cors": {"origins": ["https://app.test"], "max_age_seconds": 30},
        },
        "timeouts": {"connect_seconds": 0.25, "read_seconds": 10, "write_seconds": 2.5},
        "retries": 3,
        **more,
    }


def minimal_consumer(**more: Any) -> Any:
    """What a KongConsumer cannot do without."""
    return {"consumer": "web", "groups": {"digits": "shop-test-digits"}, **more}


def full_consumer(**more: Any) -> Any:
    """A KongConsumer with every argument."""
    return {"consumer": "web", "key": "key-given-to-the-web-client", "groups": {"digits": "a", "words": "b"}, **more}


def minimal_edge(**more: Any) -> Any:
    """What an InferenceEdge cannot do without."""
    return {"models": [minimal_route()], **more}


def full_edge(**more: Any) -> Any:
    """An InferenceEdge with models of all access modes and several consumers."""
    return {
        "gateway_url": "https://edge.test:8443/base/",
        "models": [
            full_route(),
            minimal_route(model="words"),
            minimal_route(model="open", access={"mode": "open"}, cache={"enabled": False}),
            minimal_route(
                model="vectors",
                access={"mode": "upstream-credential", "credential_headers": ["authorization", "x-api-token"]},
            ),
        ],
        "consumers": [
            {"name": "web", "key": "key-given-to-the-web-client"},
            {"name": "batch", "models": ["words"]},
        ],
        **more,
    }
