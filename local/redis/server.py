"""One Valkey or Redis server that keeps nothing on disk, as a child process."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from local.child import end_with_parent

_MAX_MEMORY = "256mb"
_START_SECONDS = 20.0
_POLL_SECONDS = 0.02
_ATTEMPTS = 3


class RedisServer:
    """A cache: nothing is saved and the least recently used goes first.

    Usage:
        server = RedisServer(find_server(), "127.0.0.1", port=0, password="secret")
        server.url, server.pid          # "redis://127.0.0.1:NNNN/0"
        server.wait(); server.stop()

    port 0 takes a free one. password: without white space; "" for none. It reaches the server by a pipe, and appears
    in no argument, file or log. Raises SystemExit with a text for a person when the server does not start.
    """

    def __init__(self, program: Path, host: str, port: int, password: str) -> None:
        self._host = host
        for attempt in range(1, _ATTEMPTS + 1):
            self._port = _free_port(host, port)
            self._process = _started(program, _configuration(host, self._port, password))
            if self._answers():
                return
            self.stop()
            if port or attempt == _ATTEMPTS:  # else another program was faster to take the free port
                raise SystemExit(f"{program.name} did not start on {host}:{self._port}")

    @property
    def url(self) -> str:
        """Where it listens; without the password."""
        return f"redis://{self._host}:{self._port}/0"

    @property
    def pid(self) -> int:
        """Process id of the server itself."""
        return self._process.pid

    def wait(self) -> int:
        """Return its exit code when it has ended."""
        return self._process.wait()

    def stop(self) -> None:
        """Ask it to end; harmless when it has."""
        self._process.terminate()

    def _answers(self) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self._host, self._port), timeout=1) as connection,
            ):
                connection.sendall(b"PING\r\n")
                if connection.recv(64).startswith((b"+PONG", b"-NOAUTH")) and self._process.poll() is None:
                    return True
            time.sleep(_POLL_SECONDS)
        return False


def _started(program: Path, configuration: str) -> subprocess.Popen[bytes]:
    parent = os.getpid()
    process = subprocess.Popen(
        [program, "-"],
        stdin=subprocess.PIPE,
        stdout=sys.stderr,
        preexec_fn=lambda: end_with_parent(parent),
    )
    assert process.stdin
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(configuration.encode())
    return process


def _configuration(host: str, port: int, password: str) -> str:
    settings = {
        "bind": host,
        "port": str(port),
        "protected-mode": "yes",  # without a password only this machine gets in, whatever it is bound to
        "save": '""',
        "appendonly": "no",
        "maxmemory": _MAX_MEMORY,
        "maxmemory-policy": "allkeys-lru",
        "loglevel": "warning",
        **({"requirepass": password} if password else {}),
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _free_port(host: str, port: int) -> int:
    try:
        # As the server binds: beside connections of a stopped one that linger, not beside another server.
        with socket.create_server((host, port)) as free:
            return free.getsockname()[1]
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise SystemExit(f"cannot listen on {host}:{port}: {reason}") from None
