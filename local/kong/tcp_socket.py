"""One TCP connection of Lua's ngx.socket.tcp, with or without TLS."""

from __future__ import annotations

import asyncio
import math
import os
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any

_HELD_BYTES = 1 << 20
_WRONG_NAME = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH


class SocketError(Exception):
    """Why an operation failed, in lua-nginx-module's words: timeout, closed, connection refused, ..."""


def _reason(error: OSError, host: str) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return f"{host} could not be resolved (3: Host not found)"
    number = re.search(r"Errno (\d+)", str(error))  # of the first, when a name has several addresses
    return os.strerror(int(number[1])).lower() if number else "error"


class TcpSocket(asyncio.Protocol):
    """Connects, sends and reads; every wait has its own time-out in seconds, a read's begins anew with each piece.

    Usage:
        socket = await TcpSocket.connect("127.0.0.1", 6379, 0.1)
        socket.send(b"PING\r\n")
        data, problem = await socket.read(1, 0.1)
        socket.close()

    `reused`: how often it came from a pool. `on_close`: called once, with the socket, when it is closed here or by its
    peer.
    """

    def __init__(self) -> None:
        self.reused = 0
        self.closed = self.idle = False
        self.on_close: Callable[[TcpSocket], None] | None = None
        self._transport: Any = None
        self._secure = False
        self._received = bytearray()
        self._wanted = 0
        self._writable = True
        self._paused = False
        self._waiter: asyncio.Future[bool] | None = None
        self._loop = asyncio.get_running_loop()
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def connect(cls, host: str, port: int, timeout_seconds: float) -> TcpSocket:
        """A connected socket. Raises SocketError."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_seconds):
                if host.startswith("unix:"):
                    return (await loop.create_unix_connection(cls, host[5:]))[1]
                return (await loop.create_connection(cls, host, port))[1]
        except OSError as error:
            raise SocketError(_reason(error, host)) from None

    async def secure(self, context: ssl.SSLContext, server_name: str | None, timeout_seconds: float) -> None:
        """TLS from here on; nothing to do where that is so already. Raises SocketError."""
        if self.closed:
            raise SocketError("closed")
        if self._secure:
            return
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_seconds):
                self._transport = await loop.start_tls(self._transport, self, context, server_hostname=server_name)
        except ssl.SSLCertVerificationError as error:
            self.close()
            if error.verify_code in _WRONG_NAME:
                raise SocketError("certificate host mismatch") from None
            raise SocketError(f"{error.verify_code}: {error.verify_message}") from None
        except OSError as error:
            self.close()
            raise SocketError("timeout" if isinstance(error, TimeoutError) else "handshake failed") from None
        self._secure = True
        self._transport.set_write_buffer_limits(high=0)

    def send(self, data: bytes) -> bool:
        """Whether all of it is on its way; else `drain` waits for the rest. Raises SocketError."""
        if self.closed:
            raise SocketError("closed")
        self._transport.write(data)
        return self._writable

    async def drain(self, timeout_seconds: float) -> None:
        """Waits until everything sent is on its way. Raises SocketError, and closes."""
        while not self._writable:
            if not await self._wait(timeout_seconds):
                self.close()
                raise SocketError("timeout")
            if self.closed:
                raise SocketError("closed")

    async def read(self, size: int, timeout_seconds: float) -> tuple[bytes, str | None]:
        """All that has come, at least `size` bytes; less with "timeout" or "closed"."""
        self._wanted = size
        problem = None
        while len(self._received) < size and problem is None:
            if self.closed:
                problem = "closed"
            else:
                self._resume()
                if not await self._wait(timeout_seconds):
                    problem = "timeout"
        data = bytes(self._received)
        self._received.clear()
        self._wanted = 0
        return data, problem

    @property
    def has_unread(self) -> bool:
        return bool(self._received)

    def rest(self, seconds: float) -> None:
        """Idle until `take`: closed after `seconds` (0: never) and as soon as anything comes."""
        self.idle = True
        self._resume()
        self._set_timer(seconds if seconds > 0 else math.inf)

    def take(self) -> None:
        """In use again."""
        self.idle = False
        self.reused += 1

    def close(self) -> None:
        if not self.closed:
            self._transport.abort()
            self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        if self.idle:
            self.close()
            return
        self._received += data
        if len(self._received) >= max(self._wanted, _HELD_BYTES) and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.closed:
            return
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._wake()
        if self.on_close is not None:
            self.on_close(self)

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._wake()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def _wake(self, happened: bool = True) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(happened)

    async def _wait(self, timeout_seconds: float) -> bool:
        """Whether anything happened in time."""
        self._waiter = self._loop.create_future()
        self._set_timer(timeout_seconds)
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def _set_timer(self, seconds: float) -> None:
        """One timer for many waits: moved when it would come too late; when it comes too early, it is set again."""
        self._until = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._until:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and self._until < math.inf:
            self._timer = self._loop.call_at(self._until, self._time_over)

    def _time_over(self) -> None:
        self._timer = None
        if not self.idle and self._waiter is None:
            return
        if self._loop.time() < self._until:
            self._set_timer(self._until - self._loop.time())
        elif self.idle:
            self.close()
        else:
            self._wake(False)
