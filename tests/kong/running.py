"""Starts the embedded Kong and echo upstreams on free ports for a test."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    """status None: the connection was closed without an answer."""

    status: int | None
    headers: dict[str, list[str]]
    body: Any

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower(), [None])[0]


def send(
    url: str, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None, chunked: bool = False
) -> Answer:
    """One exchange; a dict or list is sent as JSON, a JSON answer is parsed."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    given = dict(headers or {})
    data: Any = body
    if isinstance(body, (dict, list)):
        data = json.dumps(body)
        given.setdefault("Content-Type", "application/json")
    data = data.encode() if isinstance(data, str) else data
    try:
        if chunked:
            size = max(1, len(data) // 3 + 1)
            given["Transfer-Encoding"] = "chunked"
            pieces = iter([data[i : i + size] for i in range(0, len(data), size)])
            connection.request(method, path, pieces, given, encode_chunked=True)
        else:
            connection.request(method, path, data, given)
        reply = connection.getresponse()
        raw = reply.read()
    except http.client.RemoteDisconnected as error:
        return Answer(None, {}, repr(error))
    finally:
        connection.close()
    found: dict[str, list[str]] = {}
    for name, value in reply.getheaders():
        found.setdefault(name.lower(), []).append(value)
    try:
        return Answer(reply.status, found, json.loads(raw))
    except ValueError:
        return Answer(reply.status, found, raw.decode("utf8", "replace"))


@contextlib.contextmanager
def echo_upstream() -> Iterator[int]:
    """The port of a running echo upstream; it calls itself u<port>."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(Path(__file__).parent / "echo_upstream.py"), str(port), f"u{port}"])
    try:
        deadline = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None and time.monotonic() < deadline, "the echo upstream did not start"
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class RunningKong:
    admin: str
    proxy: str
    process: subprocess.Popen[str]

    def create(self, path: str, entity: dict[str, Any]) -> dict[str, Any]:
        answer = send(self.admin, "POST", path, body=entity)
        assert answer.status == 201, answer.body
        return answer.body

    def route(self, port: int, path: str, **plugins: dict[str, Any]) -> None:
        """A service on this port with a route on this path; plugins by name with `_` for `-`."""
        name = path.strip("/")
        self.create("/services", {"name": name, "url": f"http://127.0.0.1:{port}", "retries": 0})
        self.create(f"/services/{name}/routes", {"name": name, "paths": [path]})
        for plugin, config in plugins.items():
            self.create(f"/routes/{name}/plugins", {"name": plugin.replace("_", "-"), "config": config})


@contextlib.contextmanager
def running_kong(*options: str) -> Iterator[RunningKong]:
    """The embedded Kong as its own process, on free ports."""
    command = [sys.executable, "-m", "local.kong", "--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield RunningKong(ready["admin"], ready["proxy"], process)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def running_node(admin: str, *options: str) -> Iterator[str]:
    """The proxy URL of a further node that follows the one with this Admin API."""
    command = [sys.executable, "-m", "local.kong", "--follow", admin, "--proxy", "127.0.0.1:0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["proxy"]
        finally:
            process.terminate()
