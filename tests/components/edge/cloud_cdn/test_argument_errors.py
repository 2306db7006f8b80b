"""What CloudCdnEdge says about a wrong argument of its own, word by word."""

from __future__ import annotations

from typing import Any

import pytest

from components import ArgumentError
from components.edge.cloud_cdn import CloudCdnEdge
from tests.components.edge.cloudfront.arguments import shareable_route
from tests.components.edge.google.arguments import PUBLIC_KEYS, minimal_args


def many(count: int) -> list[Any]:
    return [shareable_route(model=f"m{i}", path=f"/m{i}") for i in range(count)]


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "signed URLs": (
        {"authentication": {"mode": "signed-url", "public_keys": PUBLIC_KEYS}},
        "authentication is not possible: Cloud CDN passes unsigned requests and keeps what the gateway forbids to "
        "keep; use MediaCdnEdge or CloudFrontEdge",
    ),
    "shield": (
        {"origin": {"domain": "kong.test", "shield_region": "europe-west1"}},
        "origin.shield_region is not an argument; known are domain, port, protocol, read_timeout_seconds",
    ),
    "rate": (
        {"firewall": {"rate_limit_per_5_minutes": 0}},
        "firewall.rate_limit_per_5_minutes must be a whole number from 1 to 1000000",
    ),
    "unknown of firewall": (
        {"firewall": {"logging": True}},
        "firewall.logging is not an argument; known are enabled, rate_limit_per_5_minutes",
    ),
    "too many key headers": (
        {"routes": [shareable_route(key_headers=[f"x-{i}" for i in range(10)])]},
        "routes digits key_headers may have 9 names",
    ),
    "too many certificates": ({"certificate_ids": ["a"] * 101}, "certificate_ids may have 15 certificates"),
    "too many models": (
        {"routes": many(19)},
        "routes make 1102 conditions of a URL map, which takes 1000: use another edge for some of the models",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_argument_is_refused_before_anything_is_made(name: str) -> None:
    given, message = CASES[name]
    with pytest.raises(ArgumentError) as error:
        CloudCdnEdge("edge", minimal_args(**given))
    assert str(error.value) == f"CloudCdnEdge: {message}"
