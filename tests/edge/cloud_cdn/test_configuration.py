"""What the local edge takes of a load balancer's resources, and what it refuses and why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.edge.google.resources import (
    BACKEND_ID,
    GROUP_ID,
    HTTPS_PROXY_ID,
    PROJECT,
    URL_MAP_ID,
    backend,
    cloud_cdn,
    must_put,
    put,
    url_map,
)
from tests.edge.running import Edge, Origin

EVERYTHING = [{"prefixMatch": "/"}]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"loadBalancingScheme": "EXTERNAL"}, "loadBalancingScheme must be one of EXTERNAL_MANAGED"),
        ({"backends": [{"group": "other"}]}, "names the network endpoint group other"),
        ({"backends": [{"group": GROUP_ID}, {"group": GROUP_ID}]}, "has more than one backend"),
        ({"customRequestHeaders": ["no colon"]}, "customRequestHeaders must be like Name: value"),
        ({"customRequestHeaders": ["X-Client:{client_region}"]}, "has {client_region} in X-Client"),
        ({"customResponseHeaders": ["X-A:{origin}"]}, "has {origin} in X-A"),
        ({"iap": {"enabled": True}}, "has iap: the local edge does not serve that"),
        ({"cdn": {"cacheMode": "BYPASS_CACHE"}}, "cacheMode must be one of CACHE_ALL_STATIC"),
        ({"cdn": {"defaultTtl": 60}}, "has defaultTtl, which Cloud CDN refuses with cacheMode USE_ORIGIN_HEADERS"),
        ({"cdn": {"cacheMode": "FORCE_CACHE_ALL", "maxTtl": 60}}, "has maxTtl, which Cloud CDN refuses"),
        ({"cdn": {"clientTtl": 60}}, "has clientTtl"),
        ({"cdn": {"negativeCachingPolicies": [{"code": 404, "ttl": 1}]}}, "without negativeCaching"),
        (
            {"cdn": {"negativeCaching": True, "negativeCachingPolicies": [{"code": 500, "ttl": 1}]}},
            "has the code 500, which Cloud CDN does not cache",
        ),
        (
            {"cdn": {"negativeCaching": True, "negativeCachingPolicies": [{"code": 404, "ttl": 1801}]}},
            "ttl must be between 0 and 1800",
        ),
        ({"cdn": {"serveWhileStale": 604_801}}, "serveWhileStale must be between 0 and 604800"),
        (
            {"cdn": {"bypassCacheOnRequestHeaders": [{"headerName": f"X-{one}"} for one in range(6)]}},
            "has 6 bypassCacheOnRequestHeaders; at most 5",
        ),
        (
            {"cdn": {"cacheKeyPolicy": {"queryStringWhitelists": ["a"], "queryStringBlacklists": ["b"]}}},
            "has both queryStringWhitelists and queryStringBlacklists",
        ),
    ],
)
async def test_a_backend_service_that_cannot_be_served_is_refused(
    edge: Edge, origin: Origin, changes: dict[str, Any], reason: str
) -> None:
    await cloud_cdn(edge, origin)
    status, body = await put(edge, BACKEND_ID, backend(**changes))
    assert (status, reason in body["message"]) == (400, True), body
    assert (await edge.send("/a")).status == 200


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"service": "nowhere"}, "names the backend service nowhere, which is not registered"),
        ({"service": BACKEND_ID, "urlRedirect": {"pathRedirect": "/"}}, "has both service and urlRedirect"),
        ({"service": BACKEND_ID, "routeAction": {"cachePolicy": {"cacheMode": "BYPASS"}}}, "has cachePolicy"),
        ({"service": BACKEND_ID, "routeAction": {"weightedBackendServices": [{}]}}, "has weightedBackendServices"),
        (
            {"service": BACKEND_ID, "routeAction": {"retryPolicy": {"numRetries": 1, "retryConditions": ["5xx"]}}},
            "has the retry conditions 5xx",
        ),
        (
            {"routeAction": {"faultInjectionPolicy": {"abort": {"httpStatus": 500, "percentage": 50.0}}}},
            "has a percentage of 50",
        ),
        (
            {"service": BACKEND_ID, "matchRules": [{"prefixMatch": "/", "regexMatch": "x"}]},
            "has regexMatch: the local edge does not serve that",
        ),
    ],
)
async def test_a_url_map_that_cannot_be_served_is_refused(
    edge: Edge, origin: Origin, rule: dict[str, Any], reason: str
) -> None:
    await cloud_cdn(edge, origin)
    status, body = await put(edge, URL_MAP_ID, url_map({"matchRules": EVERYTHING, **rule}))
    assert (status, reason in body["message"]) == (400, True), body


async def test_a_path_matcher_needs_a_default_and_one_kind_of_rules(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin)
    _, body = await put(edge, URL_MAP_ID, url_map(defaultRouteAction=None))
    assert "needs a defaultService, a defaultUrlRedirect or a defaultRouteAction" in body["message"]
    rules = [{"paths": ["/a"], "service": BACKEND_ID}]
    _, body = await put(edge, URL_MAP_ID, url_map({"matchRules": EVERYTHING, "service": BACKEND_ID}, pathRules=rules))
    assert "has both pathRules and routeRules" in body["message"]
    _, body = await put(edge, URL_MAP_ID, url_map(pathRules=[{"paths": ["/*/a"], "service": BACKEND_ID}]))
    assert "has the path /*/a" in body["message"]


async def test_only_what_https_addresses_lead_to_is_served(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin)
    redirect_id, proxy_id = f"{PROJECT}/global/urlMaps/redirect", f"{PROJECT}/global/targetHttpProxies/http"
    redirect = {"defaultUrlRedirect": {"httpsRedirect": True, "stripQuery": False}}
    await must_put(edge, redirect_id, redirect)
    await must_put(edge, proxy_id, {"urlMap": redirect_id})
    rules = f"{PROJECT}/global/forwardingRules"
    await must_put(edge, f"{rules}/http", {"target": proxy_id, "portRange": "80"})
    await must_put(edge, f"{rules}/https-6", {"target": HTTPS_PROXY_ID, "portRange": "443-443", "ipVersion": "IPV6"})
    assert (await edge.send("/a")).status == 200
    for name in ("https", "https-6"):
        assert (await edge.delete(f"{rules}/{name}"))[0] == 204
    assert (await edge.send("/a")).status == 403


async def test_references_hold_resources_in_place(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin)
    in_order = [f"{PROJECT}/global/forwardingRules/https", HTTPS_PROXY_ID, URL_MAP_ID, BACKEND_ID, GROUP_ID]
    for used in in_order[1:]:
        status, body = await edge.delete(used)
        assert (status, "is in use" in body["message"]) == (409, True), used
    for one in in_order:
        assert (await edge.delete(one))[0] == 204
    status, body = await put(edge, in_order[0], {"target": HTTPS_PROXY_ID})
    assert (status, "which is not registered" in body["message"]) == (400, True)


async def test_a_signing_key_has_16_bytes(edge: Edge, origin: Origin) -> None:
    await cloud_cdn(edge, origin)
    key = {"name": "key", "backendService": BACKEND_ID, "keyValue": "c2hvcnQ="}
    status, body = await put(edge, f"{BACKEND_ID}/signedUrlKeys/key", key)
    assert (status, "a keyValue of 16 bytes" in body["message"]) == (400, True)
    assert "c2hvcnQ" not in body["message"]
