"""One request through an external Application Load Balancer and Cloud CDN."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from aiohttp import web
from multidict import CIMultiDict

from local.edge.cloud_cdn.backend_service import BackendService, Endpoint
from local.edge.cloud_cdn.load_balancer import LoadBalancer
from local.edge.cloud_cdn.route import Route
from local.edge.google.cache_policy import CachePolicy
from local.edge.google.caching_rules import CachingRules
from local.edge.google.error_page import Refused
from local.edge.google.exchange import Exchange, answer, failure, own_answer
from local.edge.google.header_action import HeaderAction
from local.edge.google.matching import MatchRule
from local.edge.google.origin_request import origin_headers, without_connection_headers
from local.edge.http_cache.cache import Cache
from local.edge.origin_client import OriginClient, OriginError
from local.edge.viewer_request import ViewerRequest, query_parts

_SIGNATURE = frozenset({"Expires", "KeyName", "Signature"})


class CloudCdnServer:
    """`answer` answers an aiohttp request to a load balancer.

    The cache key has the custom request headers of the backend service; whether it is made of the request before or
    after the URL map changed it is not documented: keys_before_url_map lets tests try both. Left out: TLS,
    compression, ranges (a whole answer is a valid one), Cloud Armor. Sources: External Application Load Balancer and
    Cloud CDN documentation; "Caching overview" (cache keys, custom headers).
    """

    def __init__(self, cache: Cache, client: OriginClient, keys_before_url_map: bool) -> None:
        self._cache, self._client, self._keys_before_url_map = cache, client, keys_before_url_map

    async def answer(self, request: web.BaseRequest, viewer: ViewerRequest, site: LoadBalancer) -> web.StreamResponse:
        viewer = without_connection_headers(viewer)
        try:
            route, condition = site.url_map.route(viewer)
            if route is None:
                raise Refused(404, "No host rule and no default is for this request.")
            if route.abort_status:
                raise Refused(route.abort_status)
            if route.redirect is not None:
                location = route.redirect.location(viewer, condition)
                return own_answer(route.redirect.status, CIMultiDict({"Location": location}))
            preflight = route.cors.preflight(viewer) if route.cors is not None else None
            if preflight is not None:
                return own_answer(200, preflight)
            service = route.service
            if service is None or service.endpoint is None:
                raise Refused(502, "The backend service has no backend.")
            one = self._exchange(viewer, site, route, condition, service, service.endpoint)
            return await answer(self._cache, self._client, request, one)
        except (Refused, OriginError) as error:
            return failure(error)

    def _exchange(
        self,
        viewer: ViewerRequest,
        site: LoadBalancer,
        route: Route,
        condition: MatchRule | None,
        service: BackendService,
        endpoint: Endpoint,
    ) -> Exchange:
        routed = _routed(viewer, route, condition)
        signed = service.keys is not None and service.keys.is_signed(viewer)
        looked_up = _with_headers(viewer if self._keys_before_url_map else routed, service)
        cdn, key = service.cdn, None
        policy = cdn.cache if cdn is not None else CachePolicy("BYPASS_CACHE", frozenset())
        if cdn is not None and viewer.method in ("GET", "HEAD") and not _bypasses(viewer, cdn.bypass_headers):
            keyed = _without_signature(looked_up) if signed else looked_up
            key = cdn.key.key(site.url_map.id, service.id, keyed)._replace(signed=signed)
            if signed:
                ttl_seconds = cdn.signed_url_ttl_seconds
                policy = dataclasses.replace(policy, mode="FORCE_CACHE_ALL", default_ttl_seconds=ttl_seconds)
        sent = _with_headers(routed, service)
        host = sent.headers.get("Host", "")

        def finish(headers: CIMultiDict[str], variables: Mapping[str, str]) -> None:
            if route.cors is not None:
                route.cors.apply(headers, viewer)
            for action in route.actions:
                action.apply_to_response(headers, variables)
            HeaderAction(response_added=service.custom_response_headers).apply_to_response(headers, variables)
            for header in service.custom_response_headers:
                if not header.value:
                    headers.popall(header.name, None)

        return Exchange(
            viewer=viewer,
            request=looked_up,
            key=key,
            rules=CachingRules(policy, looked_up),
            collapses=cdn is not None and cdn.coalesces,
            status_word="uncacheable" if cdn is not None else "disabled",
            endpoint=_patient(endpoint, route),
            target=sent.target,
            headers=origin_headers(sent, host, key is not None),
            finish=finish,
        )


def _routed(viewer: ViewerRequest, route: Route, condition: MatchRule | None) -> ViewerRequest:
    """The request as the URL map makes it."""
    headers = viewer.headers.copy()
    for action in route.actions:
        action.apply_to_request(headers)
    if route.rewrite.host:
        headers["Host"] = route.rewrite.host
    return viewer.replaced(route.rewrite.path(viewer.path, condition), viewer.query, headers)


def _with_headers(request: ViewerRequest, service: BackendService) -> ViewerRequest:
    """With the custom request headers; one without a value takes a header away."""
    headers = request.headers.copy()
    HeaderAction(request_added=service.custom_request_headers).apply_to_request(headers)
    for header in service.custom_request_headers:
        if not header.value:
            headers.popall(header.name, None)
    return request.replaced(request.path, request.query, headers)


def _bypasses(viewer: ViewerRequest, names: frozenset[str]) -> bool:
    return any(name in viewer.headers for name in names)


def _without_signature(request: ViewerRequest) -> ViewerRequest:
    query = "&".join(part for name, _, part in query_parts(request.query) if name not in _SIGNATURE)
    return request.replaced(request.path, query or None, request.headers)


def _patient(endpoint: Endpoint, route: Route) -> Endpoint:
    timeout = route.timeout_seconds or endpoint.completion_timeout_seconds
    return dataclasses.replace(endpoint, attempts=1 + route.retries, completion_timeout_seconds=timeout)
