"""A small Admin API over real HTTP, whose answers a test changes."""

from __future__ import annotations

import copy
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PLUGINS = (
    "acl",
    "correlation-id",
    "cors",
    "key-auth",
    "post-function",
    "pre-function",
    "prometheus",
    "proxy-cache",
    "rate-limiting",
    "request-size-limiting",
)
# As Kong 3.10 answers `GET /` and `GET /status`, without what is not asked.
_ROOT: dict[str, Any] = {
    "version": "3.10.0",
    "edition": "community",
    "plugins": {
        "enabled_in_cluster": [],
        "available_on_server": {name: {"version": "3.10.0", "priority": 1} for name in PLUGINS},
    },
    "configuration": {
        "database": "postgres",
        "role": "traditional",
        "untrusted_lua": "sandbox",
        "untrusted_lua_sandbox_requires": ["kong.plugins.prometheus.exporter"],
        "lua_max_req_headers": 100,
        "client_body_buffer_size": "8k",
        "nginx_http_client_body_buffer_size": "1m",
        "nginx_http_lua_shared_dict": "prediction_cache 128m",
        "nginx_http_directives": [
            {"name": "client_body_buffer_size", "value": "1m"},
            {"name": "lua_shared_dict", "value": "prediction_cache 128m"},
        ],
        "nginx_proxy_directives": [{"name": "real_ip_header", "value": "X-Real-IP"}],
    },
}
_DICTIONARIES = {
    "kong_db_cache": {"allocated_slabs": "0.76 MiB", "capacity": "128.00 MiB"},
    "prediction_cache": {"allocated_slabs": "0.04 MiB", "capacity": "128.00 MiB"},
}


@dataclass
class FakeAdmin:
    """What the server answers; `answers` overrides a path with (status, content type, body)."""

    uri: str = ""
    root: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(_ROOT))
    dictionaries: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(_DICTIONARIES))
    entities: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    token: str | None = None
    page_size: int = 2

    @property
    def configuration(self) -> dict[str, Any]:
        return self.root["configuration"]

    def answer(self, target: str, token: str | None) -> tuple[int, str, str]:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path in self.answers:
            return self.answers[path]
        if self.token is not None and token != self.token:
            return _json(401, {"message": "Unauthorized"})
        if path == "/":
            return _json(200, self.root)
        if path == "/status":
            return _json(200, {"memory": {"lua_shared_dicts": self.dictionaries}, "database": {"reachable": True}})
        collection, _, name = path.strip("/").partition("/")
        entities = self.entities.get(collection, [])
        if name:
            named = [entity for entity in entities if name in map(entity.get, ("id", "name", "username"))]
            return _json(200, named[0]) if named else _json(404, {"message": "Not found"})
        return _json(200, self._page(collection, entities, query))

    def _page(self, collection: str, entities: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        tags = query.get("tags", [""])[0]
        wanted = {tag for tag in tags.split(",") if tag}
        tagged = [entity for entity in entities if wanted <= set(entity.get("tags") or ())]
        start = int(query.get("offset", ["0"])[0])
        following = start + self.page_size
        more = f"/{collection}?tags={tags}&offset={following}" if following < len(tagged) else None
        return {"data": tagged[start:following], "next": more}


@contextmanager
def serve(admin: FakeAdmin, tls: ssl.SSLContext | None = None) -> Iterator[FakeAdmin]:
    """The fake on a free port of 127.0.0.1; sets its ``uri``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = admin.answer(self.path, self.headers.get("Kong-Admin-Token"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status in (301, 302):
                self.send_header("Location", body)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a refused TLS handshake is what some tests want

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    admin.uri = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    try:
        yield admin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _json(status: int, body: dict[str, Any]) -> tuple[int, str, str]:
    return status, "application/json; charset=utf-8", json.dumps(body)
