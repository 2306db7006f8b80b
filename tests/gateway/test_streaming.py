"""Answers that a model streams: passed on as they come, never cached, and cut when the model falls silent."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.gateway.deployed import DeployedModel

TIMEOUT_SECONDS = 30
WAIT_SECONDS = 1.5  # the model's silence that is allowed


class StreamingModel:
    """A model that sends an event when the test says so, and counts its requests and the clients that went away."""

    def __init__(self) -> None:
        self.calls = 0
        self.went_away = threading.Event()
        self._steps = threading.Semaphore(0)
        self._over = False

    def send_event(self) -> None:
        self._steps.release()

    def finish(self) -> None:
        self._over = True
        self._steps.release()

    def events(self) -> Iterator[bytes]:
        number = 0
        while self._steps.acquire(timeout=TIMEOUT_SECONDS) and not self._over:
            number += 1
            yield f"data: {number}\n\n".encode()
        yield b"data: [DONE]\n\n"


@pytest.fixture
def streaming() -> Iterator[tuple[StreamingModel, str]]:
    model = StreamingModel()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            model.calls += 1
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for event in model.events():
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
                    self.wfile.flush()
                self.wfile.write(b"0\r\n\r\n")
            except OSError:
                model.went_away.set()
                self.close_connection = True

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is not news."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield model, f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
        finally:
            model.finish()
            server.shutdown()


QUESTION = {"messages": [{"role": "user", "content": "hello"}], "temperature": 0, "stream": True}


@contextlib.contextmanager
def stream(deployed: DeployedModel) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    body = json.dumps(QUESTION).encode()
    headers = deployed.headers("web", {})
    with deployed.client.stream("POST", deployed.url, content=body, headers=headers) as answer:
        yield answer, (line for line in answer.iter_lines() if line)


def test_each_event_passes_before_the_next_is_made(deploy, streaming: tuple[StreamingModel, str]) -> None:
    model, endpoint = streaming
    deployed = deploy(endpoint=endpoint, cache={"profile": "llm"})
    before = model.calls
    model.send_event()
    with stream(deployed) as (answer, lines):
        assert next(lines) == "data: 1"
        assert "detail=stream" in answer.headers["cache-status"]
        model.send_event()
        assert next(lines) == "data: 2"
        model.finish()
        assert next(lines) == "data: [DONE]"
    assert model.calls == before + 1


def test_a_stream_is_never_kept(deploy, streaming: tuple[StreamingModel, str]) -> None:
    model, endpoint = streaming
    deployed = deploy(endpoint=endpoint, cache={"profile": "llm"})
    model.finish()
    before = model.calls
    for _ in range(3):
        with stream(deployed) as (_, lines):
            assert list(lines) == ["data: [DONE]"]
        model.finish()
    assert model.calls == before + 3


def test_a_model_that_falls_silent_is_cut_off(deploy, streaming: tuple[StreamingModel, str]) -> None:
    model, endpoint = streaming
    limits = {"read_seconds": TIMEOUT_SECONDS, "stream_seconds": WAIT_SECONDS}
    deployed = deploy(endpoint=endpoint, cache={"profile": "llm"}, timeouts=limits)
    model.send_event()
    with stream(deployed) as (_, lines), pytest.raises(httpx.RemoteProtocolError):
        assert next(lines) == "data: 1"
        list(lines)


def test_a_client_that_goes_away_ends_the_models_work(deploy, streaming: tuple[StreamingModel, str]) -> None:
    model, endpoint = streaming
    deployed = deploy(endpoint=endpoint, cache={"profile": "llm"})
    model.send_event()
    with stream(deployed) as (_, lines):
        assert next(lines) == "data: 1"
    for _ in range(2000):
        model.send_event()
        if model.went_away.wait(0.01):
            break
    assert model.went_away.is_set()
