"""A model whose answer tells what it was asked and by whom, and which misbehaves when the question says so."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_HELD_SECONDS = 30  # at most; a test that fails must not hang
_NOT_OF_A_CALLER = frozenset({"connection", "content-length", "host", "keep-alive", "via", "user-agent"})


@dataclass(frozen=True)
class Call:
    """One request to the model; header names in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def question(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class RecordingModel:
    """A running model; `url` is its endpoint, `calls` what it was asked.

    The answer is ``{"version", "question", "saw", "call"}``: the question as the model got it, the headers that it
    got, and a number that no other answer has. A question's member ``how`` says how to answer it: ``status``,
    ``headers`` (pairs), ``filler`` (bytes more), ``chunked``, ``truncated``, ``unframed`` (no length: the connection's
    end is the body's), ``hold`` (not before `release`).
    """

    def __init__(self, url: str, version: str) -> None:
        self.url, self.version = url, version
        self._calls: list[Call] = []
        self._changed = threading.Condition()
        self._held = True

    @property
    def calls(self) -> list[Call]:
        with self._changed:
            return list(self._calls)

    def calls_for(self, question: Any) -> int:
        """How often the model was asked a question with this id."""
        return len(self.asked(question))

    def asked(self, question: Any) -> list[Call]:
        found = [(call, call.question) for call in self.calls]
        return [call for call, asked in found if isinstance(asked, dict) and asked.get("id") == question["id"]]

    def wait_for_calls(self, question: Any, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls_for(question) >= count, _HELD_SECONDS)

    def release(self) -> None:
        """Answer what is held, and from now on hold nothing."""
        with self._changed:
            self._held = False
            self._changed.notify_all()

    def hold(self) -> None:
        with self._changed:
            self._held = True

    def record(self, call: Call) -> int:
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()
            return len(self._calls)

    def wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._held, _HELD_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is not news."""


@contextlib.contextmanager
def recording_model(version: str) -> Iterator[RecordingModel]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 65536

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): ", ".join(self.headers.get_all(name) or []) for name in self.headers}
            call = Call(self.requestline, headers, body)
            number = model.record(call)
            how = call.question.get("how", {}) if isinstance(call.question, dict) else {}
            if how.get("hold"):
                model.wait()
            saw = {name: value for name, value in headers.items() if name not in _NOT_OF_A_CALLER}
            answer: dict[str, Any] = {"version": version, "question": call.question, "saw": saw}
            answer["call"] = f"{version}/{number}"
            if "filler" in how:
                answer["filler"] = "x" * how["filler"]
            self._reply(json.dumps(answer).encode(), how)

        do_GET = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = do_POST  # noqa: N815

        def _reply(self, payload: bytes, how: dict[str, Any]) -> None:
            self.send_response_only(how.get("status", 200))
            if how.get("status") == 304:
                payload = b""
            self.send_header("Content-Type", how.get("type", "application/json"))
            for name, value in how.get("headers", []):
                self.send_header(name, value)
            if how.get("chunked"):
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(payload), payload))
                return
            self.close_connection = bool(how.get("unframed") or how.get("truncated"))
            if not how.get("unframed"):
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload[: len(payload) // 2] if how.get("truncated") else payload)

    server = _Server(("127.0.0.1", 0), Handler)
    model = RecordingModel(f"http://127.0.0.1:{server.server_port}/invocations", version)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.release()
        server.shutdown()
        server.server_close()
        thread.join()
