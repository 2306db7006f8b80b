"""The gateway as Media CDN's origin."""

from __future__ import annotations

from typing import Any

import pytest

from components.edge.media_cdn import MediaCdnEdge
from tests.components.edge.cloudfront.arguments import shareable_route
from tests.components.edge.google.arguments import bare_args, media_args
from tests.components.edge.google.memory_gcp import GcpStack


def origin_of(stack: GcpStack, args: Any) -> dict[str, Any]:
    return stack.up(lambda: MediaCdnEdge("edge", args))["edge-origin"]["inputs"]


def test_the_least(stack: GcpStack) -> None:
    assert origin_of(stack, bare_args()) == {
        "description": "edge: the gateway",
        "originAddress": "kong.test",
        "protocol": "HTTPS",
        "port": 443,
        "maxAttempts": 1,
        "retryConditions": ["CONNECT_FAILURE"],
        "timeout": {
            "connectTimeout": "15s",
            "maxAttemptsTimeout": "15s",
            "readTimeout": "15s",
            "responseTimeout": "20s",
        },
    }


def test_everything(stack: GcpStack) -> None:
    origin = origin_of(stack, media_args())
    assert origin["flexShielding"] == {"flexShieldingRegions": "EUROPE_WEST1"}
    assert (origin["port"], origin["timeout"]["connectTimeout"]) == (8443, "14s")


@pytest.mark.parametrize(("slowest", "seconds"), [(0.5, "5s"), (4, "9s"), (10, "15s"), (15, "15s")])
def test_the_edge_waits_longer_than_the_slowest_route_where_it_may(
    stack: GcpStack, slowest: float, seconds: str
) -> None:
    origin = origin_of(stack, bare_args(routes=[shareable_route(timeout_seconds=slowest)]))
    assert origin["timeout"]["connectTimeout"] == seconds
