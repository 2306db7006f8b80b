"""What the local edge takes of Media CDN's resources, and what it refuses and why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.google.resources import (
    KEYSET_ID,
    NETWORK_SERVICES,
    ORIGIN_ID,
    SERVICE_ID,
    media_cdn,
    media_origin,
    put,
    route_rule,
    service,
)
from tests.edge.running import Edge, Origin

WITHOUT_ACTION = {"routeAction": None}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"priority": "0"}, "has the priority '0'"),
        ({"priority": 1}, "priority must be a string"),
        ({"matchRules": None}, "needs matchRules"),
        ({"origin": "nowhere"}, "names the origin nowhere, which is not registered"),
        ({"origin": None}, "needs either an origin or a urlRedirect"),
        ({"matchRules": [{"prefixMatch": "/", "headerMatches": [{"headerName": ":method", "exactMatch": "GET"}]}]},
         "matches :method, which is not documented"),
        ({"routeMethods": {"allowedMethods": ["PURGE"]}}, "has the methods PURGE"),
        ({"cdn": {"cacheMode": "SOMETIMES"}}, "cacheMode must be one of"),
        ({"cdn": {"defaultTtl": "60s"}}, "has defaultTtl, which Media CDN refuses with cacheMode USE_ORIGIN_HEADERS"),
        ({"cdn": {"cacheMode": "FORCE_CACHE_ALL", "maxTtl": "60s"}}, "has maxTtl, which Media CDN refuses"),
        ({"cdn": {"clientTtl": "60s"}}, "has clientTtl: the local edge does not serve that"),
        ({"cdn": {"negativeCachingPolicy": {"404": "1s"}}}, "needs negativeCaching"),
        ({"cdn": {"negativeCaching": True, "negativeCachingPolicy": {"429": "1s"}}}, "not 429"),
        ({"cdn": {"negativeCaching": True, "negativeCachingPolicy": {"404": "soon"}}}, "must be a duration"),
        ({"cdn": {"signedRequestMode": "REQUIRE_TOKENS"}}, "signedRequestMode must be one of DISABLED, REQUIRE_SIGN"),
        ({"cdn": {"signedRequestMode": "REQUIRE_SIGNATURES", "signedRequestKeyset": "k"}}, "names the keyset k"),
        ({"cdn": {"cacheKeyPolicy": {"includedQueryParameters": ["a"], "excludedQueryParameters": ["b"]}}},
         "has both includedQueryParameters and excludedQueryParameters"),
        ({"headerAction": {"requestHeaderToAdds": [{"headerName": "X-A", "headerValue": "{client_region}"}]}},
         "has {client_region} in X-A: the local edge has no such variable there"),
        ({"headerAction": {"responseHeaderToAdds": [{"headerName": "X-A", "headerValue": "{tls_version}"}]}},
         "has {tls_version} in X-A"),
    ],
)  # fmt: skip
async def test_a_route_that_cannot_be_served_is_refused(
    edge: Edge, origin: Origin, rule: dict[str, Any], reason: str
) -> None:
    await media_cdn(edge, origin)
    status, body = await put(edge, SERVICE_ID, service(route_rule(**rule)))
    assert (status, reason in body["message"]) == (400, True), body
    assert (await edge.send("/a")).status == 200


async def test_two_rules_of_one_priority_and_unknown_matchers_are_refused(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin)
    _, body = await put(edge, SERVICE_ID, service(route_rule(), route_rule()))
    assert "has two route rules with one priority" in body["message"]
    wrong = service(route_rule())
    wrong["routing"]["hostRules"][0]["pathMatcher"] = "other"
    _, body = await put(edge, SERVICE_ID, wrong)
    assert "names the path matcher other, which does not exist" in body["message"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"originAddress": "gs://bucket"}, "takes a host name or an IP address"),
        ({"protocol": "QUIC"}, "protocol must be one of HTTP, HTTPS, HTTP2"),
        ({"retryConditions": ["CONNECT_FAILURE", "HTTP_5XX"]}, "has the retry condition HTTP_5XX"),
        ({"timeout": {"connectTimeout": "16s"}}, "connectTimeout must be between 1s and 15s"),
        ({"failoverOrigin": "other"}, "has failoverOrigin"),
        ({"awsV4Authentication": {"accessKeyId": "a"}}, "has awsV4Authentication"),
    ],
)
async def test_an_origin_that_cannot_be_served_is_refused(
    edge: Edge, origin: Origin, changes: dict[str, Any], reason: str
) -> None:
    status, body = await put(edge, ORIGIN_ID, media_origin(origin.port, **changes))
    assert (status, reason in body["message"]) == (400, True), body


async def test_a_key_must_be_one(edge: Edge) -> None:
    status, body = await put(edge, KEYSET_ID, {"publicKeys": [{"id": "a", "value": "c2hvcnQ"}]})
    assert (status, "an Ed25519 key of 32 bytes" in body["message"]) == (400, True)
    assert (await put(edge, KEYSET_ID, {"validationSharedKeys": [{"secretVersion": "projects/p/x"}]}))[0] == 200


async def test_what_is_in_use_cannot_go(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin)
    status, body = await edge.delete(ORIGIN_ID)
    assert (status, "is in use" in body["message"]) == (409, True)
    assert [(await edge.delete(one))[0] for one in (SERVICE_ID, ORIGIN_ID, ORIGIN_ID)] == [204, 204, 404]


async def test_a_route_names_its_origin_by_name_or_by_url(edge: Edge, origin: Origin) -> None:
    for name in ("gateway", ORIGIN_ID, f"networkservices.googleapis.com/{ORIGIN_ID}"):
        await media_cdn(edge, origin, route_rule(origin=name))
        assert (await edge.send("/a")).status == 200


async def test_services_are_told_apart_by_host(edge: Edge, origin: Origin) -> None:
    await media_cdn(edge, origin, hosts=("one.example.com", "*.one.example.com"))
    two = service(route_rule(**WITHOUT_ACTION), hosts=("two.example.com",))
    assert (await put(edge, f"{NETWORK_SERVICES}/edgeCacheServices/two", two))[0] == 200
    hosts = ("one.example.com", "a.one.example.com", "two.example.com", "three.example.com")
    found = [(await edge.send("/a", headers={"Host": host})).status for host in hosts]
    assert found == [200, 200, 200, 403]
    clash = service(route_rule(), hosts=("two.example.com",))
    status, body = await put(edge, f"{NETWORK_SERVICES}/edgeCacheServices/three", clash)
    assert (status, "two sites are called two.example.com" in body["message"]) == (400, True)
