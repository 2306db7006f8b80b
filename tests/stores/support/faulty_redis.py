"""A server in front of a real Valkey that does to its replies what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

_HOST = "127.0.0.1"
_ABORT = struct.pack("ii", 1, 0)  # of SO_LINGER: close by a reset


@dataclass
class Exchange:
    """One command of a client, and what a fault may do with it."""

    command: list[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    valkey: tuple[asyncio.StreamReader, asyncio.StreamWriter]

    @property
    def name(self) -> str:
        return self.command[0].decode().upper()

    async def reply(self) -> bytes:
        """What the real server says to it."""
        reader, writer = self.valkey
        parts = [b"*%d\r\n" % len(self.command), *(b"$%d\r\n%b\r\n" % (len(part), part) for part in self.command)]
        writer.write(b"".join(parts))
        return await raw_reply(reader)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def end(self, *, reset: bool = False) -> None:
        """Close the client's connection; nothing more of it is read."""
        if reset:
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            self.writer.transport.abort()
        self.writer.close()
        raise ConnectionResetError


Fault = Callable[[Exchange], Awaitable[None]]


async def no_fault(exchange: Exchange) -> None:
    """Pass the real server's reply on."""
    await exchange.send(await exchange.reply())


@dataclass
class FaultyRedis:
    """A running server; `fault` may be changed at any time and holds for the commands that come then.

    `connections` and `commands` count what came since `forget()`. `refuse()` and `listen()` close and open the port.
    """

    host: str
    port: int
    valkey_port: int
    fault: Fault = no_fault
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    at_connection: bool = False
    """Never read from a new connection: what a server does that has stopped."""

    _loop: asyncio.AbstractEventLoop | None = None
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def forget(self) -> None:
        """Start counting anew."""
        self.connections, self.commands = 0, []

    def heal(self) -> None:
        """Be as good as the real server again."""
        self.fault, self.at_connection = no_fault, False
        self.listen()

    def refuse(self) -> None:
        """Listen no more, and close what is open."""
        self._call(self._close())

    def listen(self) -> None:
        """Listen again on the same port."""
        self._call(self._open())

    def _call(self, work: Awaitable[None]) -> None:
        assert self._loop

        async def run() -> None:
            await work

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self.host, self.port, reuse_address=True)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        open_writers = [writer]
        try:
            valkey = await asyncio.open_connection(_HOST, self.valkey_port)
            open_writers.append(valkey[1])
            if self.at_connection:
                await asyncio.Event().wait()
            while command := await _command(reader):
                exchange = Exchange(command, reader, writer, valkey)
                self.commands.append(exchange.name)
                await self.fault(exchange)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a client that went away, or one that was to lose us
        finally:
            self._tasks.discard(task)
            for each in open_writers:
                each.transport.abort()


@contextlib.contextmanager
def faulty_redis(valkey_port: int, port: int = 0) -> Iterator[FaultyRedis]:
    """It on a free port, or on this one."""
    if not port:
        with socket.create_server((_HOST, 0)) as free:
            port = free.getsockname()[1]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = FaultyRedis(_HOST, port, valkey_port, _loop=loop)
    server.listen()
    try:
        yield server
    finally:
        server.refuse()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    """The next command; empty at the connection's end."""
    line = await reader.readline()
    if not line:
        return []
    assert line.startswith(b"*"), line
    parts = []
    for _ in range(int(line[1:])):
        size = int((await reader.readline())[1:])
        parts.append((await reader.readexactly(size + 2))[:-2])
    return parts


async def raw_reply(reader: asyncio.StreamReader) -> bytes:
    """One reply of RESP 2, as it was sent."""
    line = await reader.readline()
    kind, rest = line[:1], line[1:]
    if kind == b"$" and int(rest) >= 0:
        return line + await reader.readexactly(int(rest) + 2)
    if kind == b"*":
        return line + b"".join([await raw_reply(reader) for _ in range(int(rest))])
    return line
