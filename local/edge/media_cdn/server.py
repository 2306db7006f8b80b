"""One request through Media CDN."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from multidict import CIMultiDict

from local.edge.google.caching_rules import CachingRules
from local.edge.google.error_page import Refused
from local.edge.google.exchange import Exchange, answer, failure, own_answer
from local.edge.google.header_action import HeaderAction
from local.edge.google.matching import MatchRule
from local.edge.google.origin_request import origin_headers, without_connection_headers
from local.edge.http_cache.cache import Cache
from local.edge.media_cdn.origin import EdgeCacheOrigin
from local.edge.media_cdn.route_rule import RouteRule
from local.edge.media_cdn.service import EdgeCacheService
from local.edge.origin_client import OriginClient, OriginError
from local.edge.viewer_request import ViewerRequest

_MAXIMUM_BODY_BYTES = 16 * 1024
_MAXIMUM_HEADER_BYTES = 16 * 1024
_PLACE = "local"


class MediaCdnServer:
    """`answer` answers an aiohttp request to an EdgeCacheService.

    Request headers of a route are set before the cache is asked, signatures are checked at hits and misses. Left out:
    TLS, compression, ranges (a whole answer is a valid one), firewall, locations. Sources: Media CDN, "Define custom
    headers", "Configure cache behavior", "Use signed requests", "Quotas and limits" (request headers and body of at
    most 16 KiB).
    """

    def __init__(self, cache: Cache, client: OriginClient) -> None:
        self._cache, self._client = cache, client

    async def answer(
        self, request: web.BaseRequest, viewer: ViewerRequest, service: EdgeCacheService
    ) -> web.StreamResponse:
        try:
            if _header_bytes(viewer) > _MAXIMUM_HEADER_BYTES:
                raise Refused(413, "The request's path and headers are too large.")
            viewer = without_connection_headers(viewer)
            found = service.route(viewer)
            if found is None:
                raise Refused(404, "No route matches.")
            return await self._answer(request, viewer, service, *found)
        except (Refused, OriginError) as error:
            return failure(error)

    async def _answer(
        self,
        request: web.BaseRequest,
        viewer: ViewerRequest,
        service: EdgeCacheService,
        rule: RouteRule,
        fitting: MatchRule,
    ) -> web.StreamResponse:
        if viewer.method not in rule.methods:
            raise Refused(405, "The route does not allow this method.")
        preflight = rule.cors.preflight(viewer) if rule.cors is not None else None
        if preflight is not None:
            return own_answer(200, preflight)
        wanted = viewer
        if rule.cdn.keyset is not None:
            wanted = rule.cdn.keyset.unsigned(viewer, rule.cdn.maximum_expiration_seconds)
        if rule.redirect is not None:
            return own_answer(rule.redirect.status, CIMultiDict({"Location": rule.redirect.location(wanted, fitting)}))
        assert rule.origin is not None
        headers = wanted.headers.copy()
        rule.action.apply_to_request(headers)
        wanted = wanted.replaced(wanted.path, wanted.query, headers)
        one = _exchange(viewer, wanted, service, rule, rule.origin, rule.rewrite.path(wanted.path, fitting))
        return await answer(self._cache, self._client, request, one)


def _exchange(
    viewer: ViewerRequest,
    wanted: ViewerRequest,
    service: EdgeCacheService,
    rule: RouteRule,
    origin: EdgeCacheOrigin,
    path: str,
) -> Exchange:
    cached = rule.cdn.cache.caches and wanted.method in ("GET", "HEAD")
    host = origin.host_rewrite or rule.rewrite.host or wanted.headers.get("Host", "")
    headers = origin_headers(wanted, host, cached)
    HeaderAction(request_added=origin.added).apply_to_request(headers)

    def finish(headers: CIMultiDict[str], variables: Mapping[str, str]) -> None:
        if rule.cors is not None:
            rule.cors.apply(headers, viewer)
        rule.action.apply_to_response(headers, variables)

    return Exchange(
        viewer=viewer,
        request=wanted,
        key=rule.cdn.key.key(service.id, origin.name, wanted) if cached else None,
        rules=CachingRules(rule.cdn.cache, wanted, origin.name),
        collapses=True,
        status_word="uncacheable",
        endpoint=origin,
        target=path if wanted.query is None else f"{path}?{wanted.query}",
        headers=headers,
        finish=finish,
        place=_PLACE,
        maximum_body_bytes=_MAXIMUM_BODY_BYTES,
    )


def _header_bytes(viewer: ViewerRequest) -> int:
    headers = sum(len(name) + len(value.encode()) + 4 for name, value in viewer.headers.items())
    return len(viewer.target.encode()) + headers
