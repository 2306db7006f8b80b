"""A server whose event stream a test plays step by step, and a client that sees every piece as it comes."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n%b\r\n"
END = b"0\r\n\r\n"
SECONDS = 10


@dataclass
class Conversation:
    """The server's side of one request."""

    connection: socket.socket
    request: bytes

    def begin(self, *headers: bytes) -> None:
        self.connection.sendall(HEAD % b"".join(header + b"\r\n" for header in headers))

    def event(self, text: str) -> None:
        data = f"data: {text}\n\n".encode()
        self.connection.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        self.connection.sendall(END)

    def peer_has_left(self) -> bool:
        """Waits for the end of the connection."""
        self.connection.settimeout(SECONDS)
        try:
            return self.connection.recv(1) == b""
        except ConnectionResetError:
            return True


@dataclass
class EventServer:
    """`accept` gives the next request; one connection per request."""

    server: socket.socket

    @property
    def port(self) -> int:
        return self.server.getsockname()[1]

    def accept(self) -> Conversation:
        self.server.settimeout(SECONDS)
        connection, _ = self.server.accept()
        connection.settimeout(SECONDS)
        return Conversation(connection, connection.recv(65536))


@contextlib.contextmanager
def event_server() -> Iterator[EventServer]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield EventServer(server)


@dataclass
class Client:
    """The client's side of one request; a read that gets nothing within ten seconds is a TimeoutError."""

    connection: socket.socket
    received: bytes = b""
    chunks: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, url: str, path: str, method: str = "POST") -> Client:
        address = urlsplit(url)
        connection = socket.create_connection((address.hostname or "", address.port or 0))
        connection.settimeout(SECONDS)
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
        return cls(connection)

    def head(self) -> str:
        """Waits for the head."""
        while b"\r\n\r\n" not in self.received:
            self._read()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        return head.decode()

    def chunk(self) -> str | None:
        """Waits for one chunk; None when the connection ends before it."""
        while not (found := re.match(rb"([0-9a-fA-F]+)\r\n", self.received)) or len(self.received) < (
            found.end() + int(found[1], 16) + 2
        ):
            if not self._read():
                return None
        size = int(found[1], 16)
        data = self.received[found.end() : found.end() + size]
        self.received = self.received[found.end() + size + 2 :]
        return data.decode()

    def leave(self) -> None:
        self.connection.close()

    def _read(self) -> bool:
        data = self.connection.recv(65536)
        self.received += data
        return bool(data)
