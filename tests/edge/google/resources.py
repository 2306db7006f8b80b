"""Inputs of Google's resources, and how a test registers them."""

from __future__ import annotations

from typing import Any

from tests.edge.running import Edge, Origin

PROJECT = "projects/local-stand-in."
NETWORK_SERVICES = f"{PROJECT}/locations/global"
SERVICE_ID = f"{NETWORK_SERVICES}/edgeCacheServices/models"
ORIGIN_ID = f"{NETWORK_SERVICES}/edgeCacheOrigins/gateway"
KEYSET_ID = f"{NETWORK_SERVICES}/edgeCacheKeysets/readers"
URL_MAP_ID = f"{PROJECT}/global/urlMaps/models"
BACKEND_ID = f"{PROJECT}/global/backendServices/cached"
GROUP_ID = f"{PROJECT}/global/networkEndpointGroups/gateway"
HTTPS_PROXY_ID = f"{PROJECT}/global/targetHttpsProxies/models"

_KINDS = {
    "edgeCacheKeysets": "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset",
    "edgeCacheOrigins": "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin",
    "edgeCacheServices": "gcp:networkservices/edgeCacheService:EdgeCacheService",
    "backendServices": "gcp:compute/backendService:BackendService",
    "forwardingRules": "gcp:compute/globalForwardingRule:GlobalForwardingRule",
    "networkEndpointGroups": "gcp:compute/globalNetworkEndpointGroup:GlobalNetworkEndpointGroup",
    "networkEndpoints": "gcp:compute/globalNetworkEndpoint:GlobalNetworkEndpoint",
    "signedUrlKeys": "gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey",
    "targetHttpProxies": "gcp:compute/targetHttpProxy:TargetHttpProxy",
    "targetHttpsProxies": "gcp:compute/targetHttpsProxy:TargetHttpsProxy",
    "urlMaps": "gcp:compute/uRLMap:URLMap",
}


async def put(edge: Edge, resource_id: str, inputs: dict[str, Any]) -> tuple[int, Any]:
    return await edge.put_type(_KINDS[resource_id.split("/")[-2]], resource_id, inputs)


async def must_put(edge: Edge, resource_id: str, inputs: dict[str, Any]) -> None:
    status, body = await put(edge, resource_id, inputs)
    assert status == 200, body


# Media CDN


def route_rule(**changes: Any) -> dict[str, Any]:
    """A rule for every path, of origin `gateway`; `cdn`: changes of its cdnPolicy."""
    policy = {"cacheMode": "USE_ORIGIN_HEADERS", **changes.pop("cdn", {})}
    action = {"cdnPolicy": policy, **changes.pop("action", {})}
    return {
        "priority": "1",
        "matchRules": [{"prefixMatch": "/"}],
        "origin": ORIGIN_ID,
        "routeAction": action,
        **changes,
    }


def service(*rules: dict[str, Any], hosts: tuple[str, ...] = ("*",)) -> dict[str, Any]:
    return {
        "name": "models",
        "requireTls": True,
        "logConfig": {"enable": True, "sampleRate": 1.0},
        "routing": {
            "hostRules": [{"hosts": list(hosts), "pathMatcher": "models"}],
            "pathMatchers": [{"name": "models", "routeRules": list(rules)}],
        },
    }


def media_origin(port: int, **changes: Any) -> dict[str, Any]:
    timeout = {"connectTimeout": "5s", "readTimeout": "5s", "maxAttemptsTimeout": "5s", "responseTimeout": "9s"}
    given = {"originAddress": "127.0.0.1", "protocol": "HTTP", "port": port, "maxAttempts": 1, "timeout": timeout}
    return {**given, **changes}


async def media_cdn(edge: Edge, origin: Origin, *rules: dict[str, Any], hosts: tuple[str, ...] = ("*",)) -> None:
    """Register an origin and a service with these rules (default: route_rule())."""
    await must_put(edge, ORIGIN_ID, media_origin(origin.port))
    await must_put(edge, SERVICE_ID, service(*(rules or (route_rule(),)), hosts=hosts))


# Cloud CDN


def backend(**changes: Any) -> dict[str, Any]:
    """A backend service with Cloud CDN; `cdn`: changes of its cdnPolicy."""
    key = {"includeHost": False, "includeProtocol": False, "includeQueryString": True}
    policy = {"cacheMode": "USE_ORIGIN_HEADERS", "serveWhileStale": 0, "cacheKeyPolicy": key, **changes.pop("cdn", {})}
    return {
        "name": "cached",
        "loadBalancingScheme": "EXTERNAL_MANAGED",
        "protocol": "HTTP",
        "backends": [{"group": GROUP_ID}],
        "enableCdn": True,
        "cdnPolicy": policy,
        "customResponseHeaders": ["X-Cache:{cdn_cache_status}"],
        **changes,
    }


async def gateway(edge: Edge, origin: Origin, service: dict[str, Any] | None = None) -> None:
    """Register the endpoint group and a backend service."""
    await must_put(edge, GROUP_ID, {"networkEndpointType": "INTERNET_FQDN_PORT", "defaultPort": origin.port})
    endpoint = {"globalNetworkEndpointGroup": "gateway", "fqdn": "127.0.0.1", "port": origin.port}
    await must_put(edge, f"{PROJECT}/networkEndpoints/gateway", endpoint)
    await must_put(edge, BACKEND_ID, service or backend())


async def frontend(edge: Edge, url_map: dict[str, Any]) -> None:
    """Register a URL map, an HTTPS proxy and a forwarding rule to it."""
    await must_put(edge, URL_MAP_ID, url_map)
    await must_put(edge, HTTPS_PROXY_ID, {"urlMap": URL_MAP_ID, "sslPolicy": "modern"})
    rule = {"target": HTTPS_PROXY_ID, "portRange": "443", "loadBalancingScheme": "EXTERNAL_MANAGED"}
    await must_put(edge, f"{PROJECT}/global/forwardingRules/https", rule)


async def cloud_cdn(
    edge: Edge, origin: Origin, service: dict[str, Any] | None = None, url_map: dict[str, Any] | None = None
) -> None:
    """Register a load balancer with one backend service, `cached`, which is the default of its URL map."""
    await gateway(edge, origin, service)
    await frontend(edge, url_map or {"defaultService": BACKEND_ID})


def url_map(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A URL map with route rules for every host; without one that fits, 404."""
    matcher = {
        "name": "models",
        "defaultRouteAction": {"faultInjectionPolicy": {"abort": {"httpStatus": 404, "percentage": 100.0}}},
        "routeRules": [{"priority": place, **rule} for place, rule in enumerate(rules)],
        **changes,
    }
    return {
        "defaultService": BACKEND_ID,
        "hostRules": [{"hosts": ["*"], "pathMatcher": "models"}],
        "pathMatchers": [matcher],
    }
