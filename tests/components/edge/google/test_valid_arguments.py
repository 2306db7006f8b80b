"""Whatever valid arguments are given, what is registered is what the SDK knows and what Google's limits allow."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.edge import limits
from components.edge.cloud_cdn import CloudCdnEdge
from components.edge.media_cdn import MediaCdnEdge
from tests.components.edge.cloudfront.arguments import ORIGIN_SECRET
from tests.components.edge.google.arguments import (
    CERTIFICATE,
    CHANNEL,
    SHARED_KEY,
    cloud_args,
    media_args,
    minimal_args,
)
from tests.components.edge.google.documented_limits import check_limits
from tests.components.edge.google.memory_gcp import GcpStack
from tests.components.edge.google.sdk_types import check_inputs
from tests.components.trial_stack import Graph

Component = type[MediaCdnEdge] | type[CloudCdnEdge]
both = pytest.mark.parametrize("component", [MediaCdnEdge, CloudCdnEdge])

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True)
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HEADERS = st.from_regex(r"x-[a-z0-9]{1,12}", fullmatch=True)
COUNTRIES = st.lists(st.from_regex(r"[A-Z]{2}", fullmatch=True), min_size=1, max_size=250)
TOKENS = st.text("0123456789abcdef", min_size=32, max_size=32)
KEYS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", min_size=42, max_size=42)


@st.composite
def routes(draw: Any, component: Component) -> list[Any]:
    most = limits.MEDIA_CDN_MAX_KEY_HEADERS if component is MediaCdnEdge else limits.CLOUD_CDN_MAX_KEY_HEADERS
    made = []
    for index, model in enumerate(draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))):
        route: Any = {
            "model": model,
            "path": f"/{draw(LABELS)}-{index}/predict",
            "shareable": draw(st.booleans()),
            "timeout_seconds": draw(st.floats(0.1, 15)),
        }
        if route["shareable"]:
            route["version_token"] = draw(TOKENS)
            route["ttl_seconds"] = draw(st.integers(1, limits.MAX_TTL_SECONDS))
            route["key_headers"] = draw(st.lists(HEADERS, max_size=most, unique=True))
        if draw(st.booleans()):
            route["cors"] = {"origins": draw(st.sampled_from([["*"], ["https://a.test", "https://b.test"]]))}
        made.append(route)
    return made


@st.composite
def arguments(draw: Any, component: Component) -> Any:
    hosts = draw(st.lists(LABELS, min_size=1, max_size=12, unique=True))
    aliases = [f"{host}.test.com" for host in hosts]
    args: Any = {
        "routes": draw(routes(component)),
        "origin": {"domain": "kong.test", "port": draw(st.integers(1, 65_535))},
        "origin_secret": ORIGIN_SECRET,
        "aliases": [*aliases, *draw(st.sampled_from([[], ["*.test.com"]]))],
        "logs": draw(st.sampled_from([{}, {"enabled": False}, {"sample_rate": 0.25}])),
        "alarms": {"enabled": draw(st.booleans()), "notification_channels": [CHANNEL]},
        "protect": draw(st.booleans()),
    }
    args.update(draw(st.sampled_from([{"dns_zone": "test-com"}, {"certificate_ids": [CERTIFICATE]}])))
    if draw(st.booleans()):
        args["geo_restriction"] = {draw(st.sampled_from(["allow", "deny"])): draw(COUNTRIES)}
    if component is CloudCdnEdge:
        args["firewall"] = draw(st.sampled_from([{}, {"enabled": False}, {"rate_limit_per_5_minutes": 1_000_000}]))
    elif draw(st.booleans()):
        public = [f"{key}A" for key in draw(st.lists(KEYS, min_size=1, max_size=3, unique=True))]
        shared = draw(st.sampled_from([[], [SHARED_KEY]]))
        args["authentication"] = {"mode": "signed-url", "public_keys": public, "shared_keys": shared}
    return args


def check(graph: Graph) -> None:
    own = {name: item for name, item in graph.items() if item["type"].startswith("gcp:")}
    for item in own.values():
        check_inputs(item["type"], item["inputs"])
    check_limits(own)


@both
@given(data=st.data())
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_invalid_resource_is_ever_registered(component: Component, data: st.DataObject) -> None:
    name = data.draw(st.from_regex(r"[a-z]([a-z0-9-]{0,22}[a-z0-9])?", fullmatch=True), "name")
    args = data.draw(arguments(component), "arguments")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
        patch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
        check(GcpStack(Path(folder)).up(lambda: component(name, args)))


LEAST = {
    MediaCdnEdge: {
        **{"AlertPolicy": 3, "Dashboard": 1, "EdgeCacheOrigin": 1, "EdgeCacheService": 1, "MediaCdnEdge": 1},
        **{"SSLPolicy": 1},
    },
    CloudCdnEdge: {
        **{"AlertPolicy": 3, "BackendService": 3, "CertificateMap": 1, "CertificateMapEntry": 1, "CloudCdnEdge": 1},
        **{"Dashboard": 1, "GlobalAddress": 2, "GlobalForwardingRule": 4, "GlobalNetworkEndpoint": 1},
        **{"GlobalNetworkEndpointGroup": 1, "SSLPolicy": 1, "SecurityPolicy": 1, "TargetHttpProxy": 1},
        **{"TargetHttpsProxy": 1, "URLMap": 2},
    },
}
EVERYTHING = {
    MediaCdnEdge: {
        **LEAST[MediaCdnEdge],
        **{"Certificate": 1, "DnsAuthorization": 1, "EdgeCacheKeyset": 1, "RecordSet": 5, "SecurityPolicy": 1},
    },
    CloudCdnEdge: {
        **LEAST[CloudCdnEdge],
        **{"BackendService": 4, "Certificate": 1, "CertificateMapEntry": 2, "DnsAuthorization": 1, "RecordSet": 5},
        **{"SecurityPolicy": 2},
    },
}


@pytest.mark.parametrize(
    ("component", "args", "expected"),
    [
        (MediaCdnEdge, minimal_args(), LEAST[MediaCdnEdge]),
        (CloudCdnEdge, minimal_args(), LEAST[CloudCdnEdge]),
        (MediaCdnEdge, media_args(), EVERYTHING[MediaCdnEdge]),
        (CloudCdnEdge, cloud_args(), EVERYTHING[CloudCdnEdge]),
    ],
    ids=["media-cdn-least", "cloud-cdn-least", "media-cdn-everything", "cloud-cdn-everything"],
)
def test_the_graph(stack: GcpStack, component: Component, args: Any, expected: dict[str, int]) -> None:
    made = stack.up(lambda: component("edge", args))
    kinds = [item["type"].split(":")[-1] for item in made.values()]
    assert {kind: kinds.count(kind) for kind in kinds} == expected
    assert all(name == "edge" or name.startswith("edge-") for name in made)
    check(made)
