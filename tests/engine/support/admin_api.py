"""A small Admin API in memory: enough of Kong's rules for the engine's tests."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

Entity = dict[str, Any]

_NESTED = {"consumers": {"key-auth": "consumer", "acls": "consumer"}, "upstreams": {"targets": "upstream"}}
_UNIQUE: dict[str, Callable[[Entity], Any]] = {
    "services": lambda e: e.get("name"),
    "routes": lambda e: e.get("name"),
    "upstreams": lambda e: e.get("name"),
    "consumers": lambda e: e.get("username"),
    "key-auth": lambda e: e.get("key"),
    "acls": lambda e: (e["consumer"]["id"], e.get("group")),
    "targets": lambda e: (e["upstream"]["id"], e.get("target")),
    "plugins": lambda e: (
        e["name"],
        *(json.dumps(e.get(scope), sort_keys=True) for scope in ("service", "route", "consumer")),
    ),
}
_REFERENCES = {"routes": ["service"], "plugins": ["service", "route", "consumer"]}
_CASCADES = {"routes": ["plugins"], "consumers": ["plugins", "key-auth", "acls"], "upstreams": ["targets"]}
_DEFAULTS: dict[str, Entity] = {
    "services": {"path": None, "enabled": True, "retries": 5, "tags": None, "port": 80},
    "routes": {"regex_priority": 0, "preserve_host": False, "hosts": None, "methods": None, "tags": None},
    "plugins": {"service": None, "route": None, "consumer": None, "tags": None, "enabled": True},
    "consumers": {"custom_id": None, "tags": None},
}


class MemoryAdminApi:
    """Usage: ``with MemoryAdminApi() as kong: ... kong.url, kong.entities["services"], kong.requests``.

    `on_request(method, path)` may raise `Refusal`, or do anything else, before a request is served.
    """

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self.entities: dict[str, dict[str, Entity]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.on_request: Callable[[str, str], None] = lambda method, path: None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> MemoryAdminApi:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def all(self, collection: str) -> list[Entity]:
        """The entities of a collection."""
        return list(self.entities.get(collection, {}).values())

    def count(self) -> int:
        """Number of all entities."""
        return sum(map(len, self.entities.values()))

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Method and path of every request but GETs."""
        return [(method, path) for method, path, _ in self.requests if method != "GET"]

    def serve(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        """Status and JSON of a request."""
        try:
            self.on_request(method, path)
            with self._lock:
                self.requests.append((method, path, body))
                if self.token is not None and token != self.token:
                    raise Refusal(401, "Unauthorized")
                return self._serve(method, [unquote(part) for part in urlsplit(path).path.strip("/").split("/")], body)
        except Refusal as refusal:
            return refusal.status, {"message": refusal.message}

    def _serve(self, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        fixed: Entity = {}
        if len(parts) > 2:
            owner = _NESTED[parts[0]][parts[2]]
            if parts[1] not in self.entities.get(parts[0], {}):
                raise Refusal(404, "Not found")
            fixed = {owner: {"id": parts[1]}}
            parts = parts[2:]
        collection = self.entities.setdefault(parts[0], {})
        if len(parts) == 1:
            if method == "POST":
                return 201, self._store(parts[0], body.get("id") or str(uuid.uuid4()), {**body, **fixed})
            mine = [item for item in collection.values() if fixed.items() <= item.items()]
            return 200, {"data": mine, "next": None}
        id_ = parts[1]
        if method == "PUT":
            return 200, self._store(parts[0], id_, {**body, **fixed})
        if method == "DELETE":
            if id_ in collection:
                self._delete(parts[0], id_)
            return 204, None
        if id_ not in collection:
            raise Refusal(404, "Not found")
        if method == "PATCH":
            collection[id_].update(body)
        return 200, collection[id_]

    def _store(self, kind: str, id_: str, body: Entity) -> Entity:
        for scope in _REFERENCES.get(kind, []):
            if body.get(scope) and body[scope]["id"] not in self.entities.get(scope + "s", {}):
                raise Refusal(400, f"the foreign key '{scope}' does not reference an existing '{scope}s' entity")
        entity = {**_DEFAULTS.get(kind, {}), **body, "id": id_}
        if kind == "plugins":
            if entity.get("config", {}).get("bogus") is not None:
                raise Refusal(400, "schema violation (config.bogus: unknown field)")
            entity["config"] = {"hide_credentials": False, **entity.get("config", {})}
        if kind == "key-auth":
            entity.setdefault("key", uuid.uuid4().hex)
        for other in self.entities[kind].values():
            if other["id"] != id_ and _UNIQUE[kind](other) == _UNIQUE[kind](entity):
                raise Refusal(409, f"UNIQUE violation detected on '{_UNIQUE[kind](entity)}'")
        self.entities[kind][id_] = entity
        return entity

    def _delete(self, kind: str, id_: str) -> None:
        singular = kind.removesuffix("s")
        if kind == "services" and any((r.get("service") or {}).get("id") == id_ for r in self.all("routes")):
            raise Refusal(400, "an existing 'routes' entity references this 'services' entity")
        del self.entities[kind][id_]
        for dependent in _CASCADES.get(kind, []):
            for entity in self.all(dependent):
                if (entity.get(singular) or {}).get("id") == id_:
                    self._delete(dependent, entity["id"])


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def _handler(api: MemoryAdminApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            status, answer = api.serve(self.command, self.path, body, self.headers.get("kong-admin-token"))
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            if status != 204:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
