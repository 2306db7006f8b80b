"""Kong's Admin API over HTTP: entities, tags, pagination, /status, /metrics and the proxy-cache endpoints."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable
from typing import Any
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from local.kong.balancer.admin import Answer, BalancerAdmin, Found
from local.kong.balancer.entities import TARGETS, UPSTREAMS
from local.kong.entities import ACLS, CONSUMERS, KEY_AUTHS, KINDS, PLUGINS, ROUTES, SERVICES
from local.kong.pagination import api_error, page, tags_wanted
from local.kong.plugin_schemas import PLUGINS as PLUGIN_SCHEMAS
from local.kong.request_body import parsed, read_body, understood, with_url
from local.kong.schema import Kind
from local.kong.store import Row, Store, StoreError, shown

PATHS: dict[str, Kind] = {
    "services": SERVICES,
    "routes": ROUTES,
    "consumers": CONSUMERS,
    "plugins": PLUGINS,
    "key-auths": KEY_AUTHS,
    "acls": ACLS,
    "upstreams": UPSTREAMS,
    "targets": TARGETS,
}
NESTED: dict[tuple[str, str], tuple[Kind, str]] = {
    ("services", "routes"): (ROUTES, "service"),
    ("services", "plugins"): (PLUGINS, "service"),
    ("routes", "plugins"): (PLUGINS, "route"),
    ("consumers", "plugins"): (PLUGINS, "consumer"),
    ("consumers", "key-auth"): (KEY_AUTHS, "consumer"),
    ("consumers", "acls"): (ACLS, "consumer"),
}
COLLECTION, ENTITY = "GET, HEAD, OPTIONS, POST", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
READ_ONLY = "GET, HEAD, OPTIONS"
HTML = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
CACHE_ENTRY = "DELETE, GET, HEAD, OPTIONS"


def not_found() -> StoreError:
    return StoreError(404, {"message": "Not found"})


class AdminApi:
    """The Admin API of one gateway; `handle` answers an aiohttp request.

    `gateway` gives what is not an entity: information(), status(), metrics_text(), cache_get(key), cache_delete(key),
    cache_flush(), balancers, publisher, lua.node_id. `token`: required in the header Kong-Admin-Token when set.
    """

    def __init__(self, store: Store, gateway: Any, version: str, token: str | None) -> None:
        self._store, self._gateway, self._version, self._token = store, gateway, version, token
        self._balancer = BalancerAdmin(store, gateway.balancers, gateway.lua.node_id)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        started = time.monotonic()
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
        try:
            if self._token is not None and request.headers.get("Kong-Admin-Token") != self._token:
                raise StoreError(401, {"message": "Unauthorized"})
            answer = self._answer(request, await read_body(request), headers)
            status, body = await answer if isinstance(answer, Awaitable) else answer
        except StoreError as error:
            status, body = error.status, error.body
        content_type = "text/html; charset=UTF-8" if isinstance(body, str) else "application/json; charset=utf-8"
        if isinstance(body, bytes):
            content_type, text = "text/plain; charset=UTF-8", body
        else:
            text = (
                b""
                if body is None
                else (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
            )
        if body is not None:
            headers["Content-Type"] = content_type
        headers["X-Kong-Admin-Latency"] = str(int((time.monotonic() - started) * 1000))
        headers["Server"] = f"kong/{self._version}"
        return web.Response(status=status, body=text if request.method != "HEAD" else None, headers=headers)

    def _answer(self, request: web.BaseRequest, body: bytes, headers: dict[str, str]) -> Answer | Awaitable[Answer]:
        path, _, query = request.raw_path.partition("?")
        parts = [unquote(part) for part in path.strip("/").split("/")] if path.strip("/") else []
        method = "GET" if request.method == "HEAD" else request.method
        allowed, action = self._find(parts)
        if method == "OPTIONS":
            headers |= {
                "Allow": allowed,
                "Access-Control-Allow-Methods": allowed,
                "Access-Control-Allow-Headers": "Content-Type",
            }
            return 204, None
        if method not in allowed.split(", "):
            raise StoreError(405, {"message": "Method not allowed"})
        content_type = request.headers.get("Content-Type", "")
        if method not in ("GET", "DELETE") and body and not understood(content_type):
            return 415, HTML.format("415 Unsupported Media Type")
        given = {} if method in ("GET", "DELETE") else parsed(body, content_type)
        return action(method, dict(parse_qsl(query, keep_blank_values=True)), given)

    def _find(self, parts: list[str]) -> Found:
        """The methods that a URL allows and what answers it; StoreError 404 when there is none."""
        found = self._find_about_the_node(parts) or self._find_cache(parts) or self._balancer.find(parts)
        if found:
            return found
        match parts:
            case [plural] if plural in PATHS:
                kind = PATHS[plural]
                return COLLECTION, lambda method, query, given: self._collection(
                    method, kind, {}, "/" + plural, query, given
                )
            case [plural, key] if plural in PATHS:
                return ENTITY, lambda method, query, given: self._entity(method, PATHS[plural], key, {}, given)
            case [plural, parent, nested, *rest] if plural in PATHS and len(rest) < 2:
                return self._find_nested(plural, parent, nested, rest)
        raise not_found()

    def _find_about_the_node(self, parts: list[str]) -> Found | None:
        match parts:
            case []:
                return READ_ONLY, lambda *_: (200, self._gateway.information())
            case ["status"]:
                return READ_ONLY, lambda *_: (200, self._gateway.status())
            case ["embedded", "entities"]:
                return READ_ONLY, lambda method, query, given: self._gateway.publisher.after(query.get("known"))
            case ["metrics"]:
                return READ_ONLY, lambda *_: (200, self._gateway.metrics_text())
            case ["plugins", "enabled"]:
                return READ_ONLY, lambda *_: (200, {"enabled_plugins": list(PLUGIN_SCHEMAS)})
            case ["schemas", plural, "validate"]:
                return "OPTIONS, POST", lambda method, query, given: self._validate(plural, given)
            case ["tags"] | ["tags", _]:
                return READ_ONLY, lambda method, query, given: self._tagged(parts[1:], query)
        return None

    def _find_cache(self, parts: list[str]) -> Found | None:
        match parts:
            case ["proxy-cache"]:
                return "DELETE, OPTIONS", lambda *_: (self._gateway.cache_flush(), (204, None))[1]
            case ["proxy-cache", key]:
                return CACHE_ENTRY, lambda method, query, given: self._cached(method, key)
            case ["proxy-cache", plugin, "caches", key]:
                known = key if self._store.find(PLUGINS, plugin) else ""
                return CACHE_ENTRY, lambda method, query, given: self._cached(method, known)
        return None

    def _find_nested(self, plural: str, parent: str, nested: str, rest: list[str]) -> Found:
        owner = self._store.find(PATHS[plural], parent)
        if owner is None:
            raise not_found()
        if (plural, nested) in NESTED:
            kind, name = NESTED[plural, nested]
            fixed = {name: {"id": owner["id"]}}
            if rest:
                return ENTITY, lambda method, query, given: self._entity(method, kind, rest[0], fixed, given)
            url = f"/{plural}/{parent}/{nested}"
            return COLLECTION, lambda method, query, given: self._collection(method, kind, fixed, url, query, given)
        target = PATHS[plural].fields.get(nested)
        if rest or target is None or not target.refers_to or not owner.get(nested):
            raise not_found()
        return ENTITY, lambda method, query, given: self._entity(
            method, KINDS[target.refers_to], owner[nested]["id"], {}, given
        )

    def _collection(self, method: str, kind: Kind, fixed: Row, url: str, query: dict[str, str], given: Row) -> Answer:
        if method == "POST":
            return 201, shown(self._store.insert(kind, with_url({**given, **fixed})))
        where = {name: value["id"] for name, value in fixed.items()}
        if kind is CONSUMERS and "custom_id" in query:
            where["custom_id"] = query["custom_id"]
        rows = self._store.list(kind, where)
        if "tags" in query:
            rows = [row for row in rows if tags_wanted(query["tags"])(row)]
        return 200, page([shown(row) for row in rows], url, query)

    def _entity(self, method: str, kind: Kind, key: str, fixed: Row, given: Row) -> Answer:
        row = self._store.find(kind, key)
        if row is not None and any(row[name] != value for name, value in fixed.items()):
            row = None
        given = with_url({**given, **fixed})
        if method == "PUT":
            return 200, shown(self._store.upsert(kind, key, given))
        if row is None and method == "PATCH":
            label = "id" if not kind.label or key.count("-") == 4 else kind.label
            raise api_error(
                404, 6, "not found", f"could not find the entity with '{{{label}=\"{key}\"}}'", fields={label: key}
            )
        if row is None and method == "GET":
            raise not_found()
        if method == "PATCH" and row is not None:
            return 200, shown(self._store.update(kind, row, given))
        if method == "DELETE":
            if row is not None:
                self._store.delete(kind, row)
            return 204, None
        return 200, shown(row or {})

    def _validate(self, plural: str, given: Row) -> Answer:
        if plural not in PATHS:
            raise StoreError(404, {"message": f"No entity named '{plural}'"})
        self._store.validate(PATHS[plural], with_url(given))
        return 200, {"message": "schema validation successful"}

    def _cached(self, method: str, key: str) -> Answer:
        entry = self._gateway.cache_get(key) if key else None
        if entry is None:
            return 404, HTML.format("404 Not Found")
        if method == "DELETE":
            self._gateway.cache_delete(key)
            return 204, None
        return 200, json.loads(entry)

    def _tagged(self, wanted: list[str], query: dict[str, str]) -> Answer:
        rows = [
            {"entity_name": name, "entity_id": row["id"], "tag": tag}
            for name, kind in KINDS.items()
            for row in self._store.list(kind, {})
            for tag in row.get("tags") or []
            if not wanted or tag == wanted[0]
        ]
        return 200, page(rows, "/" + "/".join(["tags", *wanted]), query)
