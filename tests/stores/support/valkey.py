"""A real Valkey server for a test, with whatever settings it wants."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from local.redis.binary import find_server

_START_SECONDS = 20.0


class Valkey:
    """A server on a free port of 127.0.0.1 that saves nothing; `client` asks it, and each test may change it.

    Usage: ``with valkey("requirepass secret") as server: server.client.get("name")``
    """

    def __init__(self, settings: tuple[str, ...], folder: Path | None) -> None:
        self._settings, self._folder = settings, folder
        self.host, self.port = "127.0.0.1", free_port()
        self.password = next((line.split()[1] for line in settings if line.startswith("requirepass ")), None)
        self.client = Redis(self.host, self.port, password=self.password, socket_timeout=5)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, on the same port as before."""
        lines = (f"bind {self.host}", f"port {self.port}", 'save ""', "appendonly no", "loglevel warning")
        self._process = subprocess.Popen(
            [find_server(), "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=self._folder
        )
        assert self._process.stdin
        with self._process.stdin as pipe:
            pipe.write("\n".join((*lines, *self._settings, "")).encode())
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.client.ping()
                return
            except RedisError:
                assert self._process.poll() is None, "valkey-server ended"
                assert time.monotonic() < deadline, "valkey-server does not answer"
                time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as the kernel would that needs its memory."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def url(self) -> str:
        """For the stack config."""
        return f"redis://{self.host}:{self.port}/0"


@contextlib.contextmanager
def valkey(*settings: str, folder: Path | None = None) -> Iterator[Valkey]:
    """A running server; `settings` are lines of valkey.conf, `folder` is where a cluster node keeps its own file."""
    server = Valkey(settings, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        server.client.close()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]
