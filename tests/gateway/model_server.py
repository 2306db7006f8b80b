"""A model for the gateway's tests: answers with a digest of the question, counts, and misbehaves on request."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclasses.dataclass
class Behaviour:
    """How the model answers: status, headers added, how long it thinks, whether it names the length or stops midway.

    It thinks for so many `seconds`, and until `released`.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    seconds: float = 0
    released: threading.Event | None = None
    chunked: bool = False
    truncated: bool = False
    filler: int = 0


class ModelServer:
    """model.url is its endpoint; model.most_at_once how many requests it worked on at once.

    model.calls has the headers of each request, and its first line as :line. model.behaviour may be changed any time.
    """

    def __init__(self, url: str, version: str) -> None:
        self.url, self.version = url, version
        self.behaviour = Behaviour()
        self.calls: list[dict[str, str]] = []
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    def answer_to(self, body: bytes, credential: str = "") -> str:
        """The right answer to a question of a caller."""
        return hashlib.sha256(f"{self.version}|{credential}|".encode() + body).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is not news."""


@contextlib.contextmanager
def model_server(version: str = "1") -> Iterator[ModelServer]:
    """A running model; its answers depend on version, body and Authorization."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 65536

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            """A health check."""
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with model.lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                model.calls.append({":line": self.requestline, **headers})
                model.at_once += 1
                model.most_at_once = max(model.at_once, model.most_at_once)
            how = model.behaviour
            time.sleep(how.seconds)
            if how.released:
                how.released.wait()
            with model.lock:
                model.at_once -= 1
            answer = {"answer": model.answer_to(body, self.headers.get("Authorization") or "")}
            if how.filler:
                answer["filler"] = "x" * how.filler
            payload = json.dumps(answer).encode()
            self.send_response_only(how.status)
            self.send_header("Content-Type", how.content_type)
            for name, value in how.headers:
                self.send_header(name, value)
            if how.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(payload), payload))
                return
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            if how.truncated:
                self.wfile.write(payload[: len(payload) // 2])
                self.wfile.flush()
                self.close_connection = True
                return
            self.wfile.write(payload)

    server = _Server(("127.0.0.1", 0), Handler)
    model = ModelServer(f"http://127.0.0.1:{server.server_port}/invocations", version)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
