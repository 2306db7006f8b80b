"""Models for the tests of verification: one whose answers take their time, one that rounds as it likes."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRIP_SECONDS = 0.1
DRIP = b" " * 8192  # a buffer of Kong's, so that it passes each one on
ANSWER = b'{"answer": "1"}'
LONG_BYTES = 1_000_000  # for 12 seconds; what is longer than max_response_bytes is not read
NUMBERS = 5_000


class DrippingModel:
    """model.url is its endpoint; model.most_at_once how many answers dripped at once, model.begun how many in all.

    The first answer comes at once, all others piece by piece, each soon after the last.
    """

    def __init__(self) -> None:
        self.url = ""
        self.begun = self.most_at_once = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._at_once = 0
        self._asked = itertools.count()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers one request."""
        if next(self._asked) == 0:
            return _send(handler, ANSWER)
        _send(handler, b"", LONG_BYTES)
        with self._lock:
            self.begun += 1
            self._at_once += 1
            self.most_at_once = max(self._at_once, self.most_at_once)
        try:
            while not self._stopped.wait(DRIP_SECONDS):
                handler.wfile.write(DRIP)
        finally:
            with self._lock:
                self._at_once -= 1

    def stop(self) -> None:
        """Ends the answers that still drip."""
        self._stopped.set()


@contextlib.contextmanager
def dripping_model() -> Iterator[DrippingModel]:
    """A running one."""
    model = DrippingModel()
    with _served(model.answer) as model.url:
        yield model
        model.stop()


@contextlib.contextmanager
def rounding_model() -> Iterator[str]:
    """The URL of a model with many numbers in its answer, another 1e-6 each time."""
    asked = itertools.count()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        difference = next(asked) * 1e-6
        _send(handler, json.dumps({"scores": [number / 7 + difference for number in range(NUMBERS)]}).encode())

    with _served(answer) as url:
        yield url


def _send(handler: BaseHTTPRequestHandler, body: bytes, length: int | None = None) -> None:
    handler.send_response_only(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)
    handler.close_connection = length is not None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what these tests wait for."""


@contextlib.contextmanager
def _served(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer(self)

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/invocations"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
