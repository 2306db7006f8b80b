"""Invalidations of Media CDN and Cloud CDN: their REST calls, and which stored answers they remove."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

from local.edge.fields import ConfigurationError, Fields
from local.edge.google.cache_key import GoogleCacheKey
from local.edge.http_cache.object_store import ObjectStore, StoredObject
from local.edge.registry import Registry

_MEDIA_CDN = re.compile("(?:/v1)?/projects/[^/]+/locations/global/edgeCacheServices/([^/:]+):invalidateCache")
_CLOUD_CDN = re.compile("/(?:compute/v1/)?projects/([^/]+)/global/urlMaps/([^/]+)/invalidateCache")
_MAXIMUM_TAGS = 10


@dataclass(frozen=True)
class _Rule:
    """What is removed: everything that fits host, path and one of the tags, as far as they are given."""

    host: str
    path: str
    tags: frozenset[str]

    def fits(self, one: StoredObject) -> bool:
        paths = (one.viewer_target.partition("?")[0], one.key.path)
        return (
            (not self.host or _host_fits(self.host, one.viewer_host.lower().partition(":")[0]))
            and (not self.path or any(_path_fits(self.path, path) for path in paths))
            and (not self.tags or bool(self.tags & one.tags))
        )

    @classmethod
    def read(cls, body: bytes) -> _Rule:
        fields = Fields("the request", _parsed(body))
        host, path, tags = fields.text("host", ""), fields.text("path", ""), fields.texts("cacheTags")
        fields.end()
        if not host and not path and not tags:
            raise fields.error("needs a host, a path or cacheTags")
        if path and not re.fullmatch(r"/[^*?#]*|(/[^*?#]*)?/\*", path):
            raise fields.error(f"has the path {path}: it must start with / and may have * only as /* at its end")
        if "*" in host[1:] or (host.startswith("*") and host[1:2] != "."):
            raise fields.error(f"has the host {host}: it may have * only as *. at its beginning")
        if len(tags) > _MAXIMUM_TAGS:
            raise fields.error(f"has {len(tags)} cacheTags; at most {_MAXIMUM_TAGS}")
        return cls(host.lower(), path, frozenset(tags))


class GoogleInvalidations:
    """`answer` answers what is for it, None otherwise; what is stored is gone when the call returns.

    POST [/v1]/projects/<project>/locations/global/edgeCacheServices/<name>:invalidateCache        Media CDN
    POST [/compute/v1]/projects/<project>/global/urlMaps/<name>/invalidateCache                    Cloud CDN

    Both take {"host", "path", "cacheTags"}: a host or *.host, a path or one with /* at its end (the viewer's and the
    rewritten one count), tags of which one must fit. Sources: Media CDN API, edgeCacheServices.invalidateCache; Compute
    API, urlMaps.invalidateCache (CacheInvalidationRule); "Invalidate cached content" of both.
    """

    def __init__(self, registry: Registry, store: ObjectStore) -> None:
        self._registry, self._store = registry, store

    def answer(self, method: str, path: str, body: bytes) -> web.Response | None:
        if found := _MEDIA_CDN.fullmatch(unquote(path)):
            service = self._registry.configuration.edge_cache_services.get(found[1])
            return self._answer(method, f"edgeCacheServices/{found[1]}", service and service.id, body, {})
        if found := _CLOUD_CDN.fullmatch(unquote(path)):
            load_balancer = self._registry.configuration.load_balancers.get(found[2])
            site_id = load_balancer and load_balancer.url_map.id
            return self._answer(method, f"urlMaps/{found[2]}", site_id, body, _operation(found[1], found[2]))
        return None

    def _answer(
        self, method: str, name: str, site_id: str | None, body: bytes, done: dict[str, object]
    ) -> web.Response:
        if site_id is None:
            return _error(404, "NOT_FOUND", f"The resource '{name}' was not found")
        if method != "POST":
            return _error(405, "INVALID_ARGUMENT", f"{method} is not possible; use POST")
        try:
            rule = _Rule.read(body)
        except ConfigurationError as error:
            return _error(400, "INVALID_ARGUMENT", str(error))
        self._store.remove(
            lambda one: isinstance(one.key, GoogleCacheKey) and one.key.site_id == site_id and rule.fits(one)
        )
        return web.json_response(done)


def _host_fits(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*") else host == pattern


def _path_fits(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        raise ConfigurationError("the request is not JSON") from None


def _operation(project: str, url_map: str) -> dict[str, object]:
    name = f"operation-{uuid.uuid4()}"
    target = f"https://www.googleapis.com/compute/v1/projects/{project}/global/urlMaps/{url_map}"
    return {
        "kind": "compute#operation",
        "name": name,
        "operationType": "invalidateCache",
        "targetLink": target,
        "status": "DONE",
        "progress": 100,
        "selfLink": f"https://www.googleapis.com/compute/v1/projects/{project}/global/operations/{name}",
    }


def _error(status: int, reason: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "status": reason, "message": message}}, status=status)
