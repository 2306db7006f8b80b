"""CloudFront's REST calls CreateInvalidation and GetInvalidation."""

from __future__ import annotations

import re
from urllib.parse import unquote

from aiohttp import web

from local.edge.cloudfront.invalidation import InvalidationError, Invalidations
from local.edge.http_cache.object_store import ObjectStore
from local.edge.registry import Registry

_LOCATION = "https://cloudfront.amazonaws.com/2020-05-31/distribution"
_PATH = re.compile("/2020-05-31/distribution/([^/]+)/invalidation(?:/([^/]+))?")


class CloudFrontInvalidations:
    """`answer` answers what is for it, None otherwise.

    POST /2020-05-31/distribution/<Id>/invalidation         201 and XML, as CreateInvalidation
    GET /2020-05-31/distribution/<Id>/invalidation/<Id>     200 and XML, as GetInvalidation
    """

    def __init__(self, registry: Registry, store: ObjectStore) -> None:
        self._registry, self._invalidations = registry, Invalidations(store)

    def answer(self, method: str, path: str, body: bytes) -> web.Response | None:
        found = _PATH.fullmatch(path)
        if not found:
            return None
        distribution_id, invalidation_id = unquote(found[1]), found[2]
        try:
            if distribution_id not in self._registry.configuration.distributions:
                raise InvalidationError(404, "NoSuchDistribution", "The specified distribution does not exist.")
            if method == "POST" and invalidation_id is None:
                made, xml = self._invalidations.create(distribution_id, body)
                headers = {"Location": f"{_LOCATION}/{distribution_id}/invalidation/{made}"}
                return web.Response(status=201, text=xml, content_type="text/xml", headers=headers)
            if method == "GET" and invalidation_id is not None:
                return web.Response(
                    text=self._invalidations.get(distribution_id, invalidation_id), content_type="text/xml"
                )
            raise InvalidationError(400, "InvalidArgument", f"{method} is not possible here.")
        except InvalidationError as error:
            return web.Response(status=error.status, text=error.xml, content_type="text/xml")
