"""A relay in front of an Admin API that lets no change through before something has happened."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 60


class Refusal(Exception):
    """Raised by a function of `relay`: the change is refused."""


@contextlib.contextmanager
def relay(target: str, before_each_change: Callable[[], None]) -> Iterator[str]:
    """The URL of a relay to `target`."""
    netloc = urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                if self.command != "GET":
                    before_each_change()
            except Refusal:
                self._reply(503, [("Content-Type", "application/json")], b'{"message": "not now"}')
                return
            connection = http.client.HTTPConnection(netloc, timeout=_TIMEOUT_SECONDS)
            try:
                connection.request(self.command, self.path, body or None, dict(self.headers.items()))
                reply = connection.getresponse()
                content = reply.read()
            finally:
                connection.close()
            self._reply(reply.status, reply.getheaders(), content)

        def _reply(self, status: int, headers: Sequence[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
