"""The admin address of a local edge in memory: enough of it for the engine's tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


class MemoryEdgeApi:
    """Usage: ``with MemoryEdgeApi() as edge: ... edge.url, edge.resources, edge.writes``.

    `refuse(method, id)` may give a status and the JSON of an answer in place of the usual one.
    """

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []
        self.refuse: Callable[[str, str], tuple[int, Any] | None] = lambda method, id_: None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> MemoryEdgeApi:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of_type(self, name: str) -> list[dict[str, Any]]:
        """The resources whose type ends so."""
        return [item for item in self.resources.values() if item["type"].endswith(f":{name}")]

    def serve(self, method: str, id_: str, body: Any) -> tuple[int, Any]:
        """Status and JSON of a request."""
        with self._lock:
            if method != "GET":
                self.writes.append((method, id_))
            if refusal := self.refuse(method, id_):
                return refusal
            if id_ == "/status":
                return 200, {"resources": len(self.resources)}
            if method == "PUT":
                self.resources[id_] = body
                return 200, body
            if id_ not in self.resources:
                return 404, {"message": f"there is no resource {id_}"}
            if method == "DELETE":
                del self.resources[id_]
                return 204, None
            return 200, {name: self.resources[id_][name] for name in ("type", "id")}


def _handler(api: MemoryEdgeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            status, answer = api.serve(self.command, unquote(self.path.removeprefix("/resources/")), body)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            if status != 204:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
