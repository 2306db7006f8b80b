"""Servers for what speaks to Redis: a real one, and one that answers as a test says."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.kong.running import ROOT

Play = Callable[[socket.socket], object]


@contextlib.contextmanager
def running_redis(*options: str) -> Iterator[int]:
    """The port of a real server on this machine."""
    command = [sys.executable, "-m", "local.redis", "--bind", "127.0.0.1:0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["url"].split(":")[2].partition("/")[0])
        finally:
            process.terminate()


@dataclass
class PlayedServer:
    """Each connection is handed to `play`, in a thread of its own; `connections` counts them."""

    port: int
    play: Play = lambda connection: None
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def answers(self, *answers: bytes) -> None:
        """One of these for each read, then the connection is closed."""

        def play(connection: socket.socket) -> None:
            for answer in answers:
                if not connection.recv(65536):
                    break
                connection.sendall(answer)

        self.play = play

    def hangs_after(self, *answers: bytes) -> None:
        """One of these for each read, then nothing until the other side closes, which sets `ended`."""

        def play(connection: socket.socket) -> None:
            for answer in answers:
                connection.recv(65536)
                connection.sendall(answer)
            while connection.recv(65536):
                pass
            self.ended.set()

        self.ended.clear()
        self.play = play


@contextlib.contextmanager
def played_server(tls: ssl.SSLContext | None = None) -> Iterator[PlayedServer]:
    """A server on a free port whose play the test sets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = PlayedServer(listener.getsockname()[1])

        def serve(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                wrapped = tls.wrap_socket(connection, server_side=True) if tls else connection
                with wrapped:
                    server.play(wrapped)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                server.connections += 1
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
