"""The administration side: resources by the embedded engine, invalidations as the products' REST APIs take them."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from aiohttp import web

from local.edge.cloudfront.invalidation_api import CloudFrontInvalidations
from local.edge.fields import ConfigurationError
from local.edge.google.invalidation import GoogleInvalidations
from local.edge.http_cache.object_store import ObjectStore
from local.edge.registry import InUse, Registry

_RESOURCE = re.compile("/resources/(.+)")


class AdminApi:
    """`handle` answers an aiohttp request to the admin port.

    PUT /resources/<id>      {"type", "id", "inputs", "outputs"}; 200, or 400 {"message"} and nothing changes
    GET /resources/<id>      200 {"type", "id"} (inputs may hold secrets and are not shown) or 404
    DELETE /resources/<id>   204, 404, or 409 {"message"} while another resource refers to it
    GET /status              200 {"resources", "objects", "objectBytes", "capacityBytes"}
    and the invalidations of CloudFront, Media CDN and Cloud CDN (`CloudFrontInvalidations`, `GoogleInvalidations`)
    """

    def __init__(self, registry: Registry, store: ObjectStore) -> None:
        self._registry, self._store = registry, store
        self._invalidations = (CloudFrontInvalidations(registry, store), GoogleInvalidations(registry, store))

    async def handle(self, request: web.BaseRequest) -> web.Response:
        path = request.raw_path.partition("?")[0]
        body = await request.content.read() if request.can_read_body else b""
        found = _RESOURCE.fullmatch(path)
        if found:
            return self._resource(request.method, unquote(found[1]), body)
        for invalidations in self._invalidations:
            answer = invalidations.answer(request.method, path, body)
            if answer is not None:
                return answer
        if path == "/status" and request.method == "GET":
            return _json(200, self._status())
        return _json(404, {"message": f"the local edge has no {path}"})

    def _status(self) -> dict[str, int]:
        return {
            "resources": len(self._registry),
            "objects": len(self._store),
            "objectBytes": self._store.size_bytes,
            "capacityBytes": self._store.capacity_bytes,
        }

    def _resource(self, method: str, resource_id: str, body: bytes) -> web.Response:
        try:
            if method == "PUT":
                self._registry.put(resource_id, _parsed(body))
            elif method == "DELETE":
                if not self._registry.delete(resource_id):
                    return _json(404, {"message": f"no resource {resource_id} is registered"})
                return web.Response(status=204)
            elif method != "GET":
                return _json(405, {"message": f"{method} is not possible; use PUT, GET or DELETE"})
        except ConfigurationError as error:
            return _json(400, {"message": str(error)})
        except InUse as error:
            return _json(409, {"message": str(error)})
        resource = self._registry.find(resource_id)
        if resource is None:
            return _json(404, {"message": f"no resource {resource_id} is registered"})
        return _json(200, {"type": resource.type, "id": resource.id})


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        raise ConfigurationError("the body is not JSON") from None


def _json(status: int, body: object) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")
