"""The cache key of Media CDN and Cloud CDN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from local.edge.viewer_request import ViewerRequest, query_parts


class GoogleCacheKey(NamedTuple):
    """What must be equal for two requests to share an answer; an absent header is not in it.

    site_id: the service or the URL map; backend_id: where the answer comes from. signed: it is for requests with a
    signature alone (Cloud CDN).
    """

    site_id: str
    backend_id: str
    protocol: str
    host: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[str, str], ...]
    signed: bool = False


@dataclass(frozen=True)
class CacheKeyPolicy:
    """A cacheKeyPolicy; header names in lower case, `:method` (Media CDN) is the method.

    included_parameters None: all but the excluded ones. Parameters are in the key as sent and in the order sent.
    Sources: Media CDN, "Configure cache behavior" (cache keys); Cloud CDN, "Caching overview" (cache keys).
    """

    includes_protocol: bool
    includes_host: bool
    includes_query: bool
    included_parameters: frozenset[str] | None = None
    excluded_parameters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    cookies: frozenset[str] = frozenset()

    def key(self, site_id: str, backend_id: str, request: ViewerRequest) -> GoogleCacheKey:
        named = {name: self._header(request, name) for name in sorted(self.headers)}
        return GoogleCacheKey(
            site_id=site_id,
            backend_id=backend_id,
            protocol="https" if self.includes_protocol else "",
            host=request.host.lower() if self.includes_host else "",
            path=request.path,
            query=self._query(request),
            headers=tuple((name, value) for name, value in named.items() if value is not None),
            cookies=tuple(one for one in request.cookies if one[0] in self.cookies),
        )

    def _header(self, request: ViewerRequest, name: str) -> str | None:
        if name == ":method":
            return request.method
        return ",".join(request.headers.getall(name)) if name in request.headers else None

    def _query(self, request: ViewerRequest) -> str:
        if not self.includes_query:
            return ""
        included = self.included_parameters
        return "&".join(
            part
            for name, _, part in query_parts(request.query)
            if name not in self.excluded_parameters and (included is None or name in included)
        )
