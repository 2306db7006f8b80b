"""The viewers' side: every request goes to the product whose site it names."""

from __future__ import annotations

from aiohttp import web

from local.edge.cloud_cdn.load_balancer import LoadBalancer
from local.edge.cloud_cdn.server import CloudCdnServer
from local.edge.cloudfront.server import CloudFrontServer
from local.edge.http_cache.cache import Cache
from local.edge.http_cache.object_store import ObjectStore
from local.edge.media_cdn.server import MediaCdnServer
from local.edge.media_cdn.service import EdgeCacheService
from local.edge.origin_client import OriginClient
from local.edge.registry import Registry
from local.edge.viewer_request import ViewerRequest


class EdgeServer:
    """Answers viewers from the registry's configuration; `handle` answers an aiohttp request.

    It takes plain HTTP and stands for the products' TLS side. A host that no site has gets CloudFront's 403.
    cloud_cdn_keys_before_url_map: see CloudCdnServer.
    """

    def __init__(
        self, registry: Registry, store: ObjectStore, client: OriginClient, cloud_cdn_keys_before_url_map: bool = False
    ) -> None:
        self._registry = registry
        cache = Cache(store)
        self._cloudfront = CloudFrontServer(cache, client)
        self._media_cdn = MediaCdnServer(cache, client)
        self._cloud_cdn = CloudCdnServer(cache, client, cloud_cdn_keys_before_url_map)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        viewer = ViewerRequest.received(request)
        site = self._registry.configuration.site(viewer.host)
        if isinstance(site, EdgeCacheService):
            return await self._media_cdn.answer(request, viewer, site)
        if isinstance(site, LoadBalancer):
            return await self._cloud_cdn.answer(request, viewer, site)
        return await self._cloudfront.answer(request, viewer, site)
