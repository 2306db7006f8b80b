"""Small model servers that can die, come back, and be ill, each with a name of its own."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Replica:
    """A model at `address`. replica.stop() and start() at the same address; replica.status, ping_status: what it says.

    `calls` counts questions, `hosts` are methods and hosts it was called with. With `breaks` it reads questions and
    closes the connection.
    """

    def __init__(self, name: str, tls: ssl.SSLContext | None = None) -> None:
        self.name, self.status, self.ping_status, self.breaks, self.calls = name, 200, 200, False, 0
        self.holds, self.hosts, self._tls = False, set[tuple[str, str]](), tls
        self._hold_next, self._released, self._lock = False, threading.Event(), threading.Lock()
        self._port, self._server, self._thread = 0, None, None
        self.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listens, after stop() at the same port."""
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_port
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuses connections from now on; what it works on is finished."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None

    def hold_next(self) -> None:
        """Thinks about the next question (`holds`) until release()."""
        self._hold_next = True

    def release(self) -> None:
        self._released.set()

    def take(self) -> None:
        """A question came."""
        with self._lock:
            self.calls += 1
            mine, self._hold_next = self._hold_next, False
        if mine:
            self.holds = True
            self._released.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = block_on_close = True
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is not news."""


@contextlib.contextmanager
def running_replicas(*names: str, tls: ssl.SSLContext | None = None) -> Iterator[list[Replica]]:
    """Replicas of these names."""
    replicas = [Replica(name, tls) for name in names]
    try:
        yield replicas
    finally:
        for replica in replicas:
            replica.release()
            replica.stop()


def _handler(replica: Replica) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):  # HTTP/1.0: a connection for each request, so that none is open at a stop
        wbufsize = 65536

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            replica.hosts.add((self.command, self.headers["Host"]))
            self._answer(replica.ping_status if self.path == "/ping" else 404)

        def do_POST(self) -> None:
            replica.hosts.add((self.command, self.headers["Host"]))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            replica.take()
            if not replica.breaks:
                self._answer(replica.status)

        def _answer(self, status: int) -> None:
            payload = json.dumps({"answer": replica.name}).encode()
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    return Handler
