"""Requests exactly as given, and answers as they come."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """status, headers (lower case, several joined) and body; edge_hit: the edge `by` which it came asked nobody."""

    status: int
    headers: dict[str, str]
    body: bytes
    by: Any = None

    @property
    def edge_hit(self) -> bool:
        return self.by is not None and self.by.is_hit(self.headers)

    @property
    def document(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def is_prediction(self) -> bool:
        return isinstance(self.document, dict) and "call" in self.document

    @property
    def call(self) -> str:
        """Which call of which version of the model this answer is."""
        assert self.is_prediction, (self.status, self.body[:300])
        return self.document["call"]


def encoded(body: bytes) -> str:
    """As a GET's input."""
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def json_bytes(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def exchange(url: str, method: str, target: str, headers: Headers, body: bytes | None = None) -> tuple[int, Any, bytes]:
    """Send this very request line and these very headers (Content-Length is added to a body); one connection each."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        return reply.status, reply.getheaders(), reply.read()
    finally:
        connection.close()


def raw_exchange(url: str, request: bytes) -> bytes:
    """Everything that the server sends to these bytes until it closes; the request should say Connection: close."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(request)
        chunks = []
        while chunk := connection.recv(65536):
            chunks.append(chunk)
        return b"".join(chunks)


def joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        lower = name.lower()
        found[lower] = f"{found[lower]}, {value}" if lower in found else value
    return found
