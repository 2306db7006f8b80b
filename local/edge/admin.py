"""The administration side: resources by the embedded engine, invalidations as CloudFront's REST API takes them."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from aiohttp import web

from local.edge.fields import ConfigurationError
from local.edge.invalidation import InvalidationError, Invalidations
from local.edge.object_store import ObjectStore
from local.edge.registry import InUse, Registry

_LOCATION = "https://cloudfront.amazonaws.com/2020-05-31/distribution"
_RESOURCE = re.compile("/resources/(.+)")
_INVALIDATION = re.compile("/2020-05-31/distribution/([^/]+)/invalidation(?:/([^/]+))?")


class AdminApi:
    """`handle` answers an aiohttp request to the admin port.

    PUT /resources/<id>      {"type", "id", "inputs", "outputs"}; 200, or 400 {"message"} and nothing changes
    GET /resources/<id>      200 {"type", "id"} (inputs may hold secrets and are not shown) or 404
    DELETE /resources/<id>   204, 404, or 409 {"message"} while another resource refers to it
    GET /status              200 {"resources", "objects", "objectBytes", "capacityBytes"}
    POST /2020-05-31/distribution/<Id>/invalidation, GET .../invalidation/<Id>    CreateInvalidation, GetInvalidation
    """

    def __init__(self, registry: Registry, store: ObjectStore) -> None:
        self._registry, self._store = registry, store
        self._invalidations = Invalidations(store)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        path = request.raw_path.partition("?")[0]
        body = await request.content.read() if request.can_read_body else b""
        found = _RESOURCE.fullmatch(path)
        if found:
            return self._resource(request.method, unquote(found[1]), body)
        found = _INVALIDATION.fullmatch(path)
        if found:
            return self._invalidation(request.method, unquote(found[1]), found[2], body)
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

    def _invalidation(
        self, method: str, distribution_id: str, invalidation_id: str | None, body: bytes
    ) -> web.Response:
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


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        raise ConfigurationError("the body is not JSON") from None


def _json(status: int, body: object) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")
