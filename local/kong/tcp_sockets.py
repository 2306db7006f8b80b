"""The sockets behind ngx.socket.tcp: who has which, and the pools of those kept alive."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections import defaultdict, deque
from dataclasses import dataclass, field

from local.kong.tcp_socket import SocketError, TcpSocket

Result = tuple[object, ...]


@dataclass
class _Pool:
    """`connections`: in use, idle and waiting to be made. `backlog` None: as many as are asked for."""

    size: int
    backlog: int | None
    connections: int = 0
    idle: deque[TcpSocket] = field(default_factory=deque)
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class TcpSockets:
    """Connects, pools and closes the sockets of requests and timers ("owners"), each known to Lua by a number.

    Pools are lua-nginx-module's: by name, the last used first out, an idle one gone as soon as anything happens on it;
    with a backlog, connections above the pool's size wait for one to be given back. Results are what the Lua methods
    return: (None, "reason") for a failure. `trusted_certificates`: a PEM file, None for the system's.
    """

    def __init__(self, trusted_certificates: str | None) -> None:
        self._verified = ssl.create_default_context(cafile=trusted_certificates)
        self._verified_nameless = ssl.create_default_context(cafile=trusted_certificates)
        self._verified_nameless.check_hostname = False
        self._unverified = ssl.create_default_context()
        self._unverified.check_hostname = False
        self._unverified.verify_mode = ssl.CERT_NONE
        self._numbers = itertools.count(1)
        self._sockets: dict[int, TcpSocket] = {}
        self._owned: defaultdict[int, set[int]] = defaultdict(set)
        self._pools: dict[str, _Pool] = {}

    async def connect(
        self, owner: int, host: str, port: int, name: str, size: int | None, backlog: int | None, seconds: float
    ) -> Result:
        """(number, times it was reused): an idle socket of the pool `name`, or a new one."""
        pool = self._pools.get(name)
        if pool is None and size is not None:
            pool = self._pools[name] = _Pool(size, backlog)
        try:
            socket = await _connected(pool, host, int(port), seconds)
        except SocketError as error:
            self._forget_if_empty(name)
            return None, str(error)
        if pool is not None:
            socket.on_close = lambda closed: self._lost(name, pool, closed)
        return self._owned_by(owner, socket)

    def take(self, owner: int, name: str) -> Result:
        """As `connect`, where nothing need be waited for; else (None,)."""
        pool = self._pools.get(name)
        return self._owned_by(owner, _woken(pool)) if pool is not None and pool.idle else (None,)

    async def secure(self, number: int, verify: bool, server_name: str | None, seconds: float) -> Result:
        context = self._unverified
        if verify:
            context = self._verified if server_name else self._verified_nameless
        try:
            await self._sockets[number].secure(context, server_name, seconds)
        except SocketError as error:
            return None, str(error)
        return (True,)

    def send(self, number: int, data: str) -> Result:
        """(True,), or (False,) when the rest must be waited for with `drain`."""
        try:
            return (self._sockets[number].send(data.encode("latin-1")),)
        except SocketError as error:
            return None, str(error)

    async def drain(self, number: int, seconds: float) -> Result:
        try:
            await self._sockets[number].drain(seconds)
        except SocketError as error:
            return None, str(error)
        return (True,)

    async def read(self, number: int, size: int, seconds: float) -> Result:
        """(data, None) with at least `size` bytes, or (less, "timeout" or "closed")."""
        return await self._sockets[number].read(int(size), seconds)

    def keep(self, owner: int, number: int, idle_milliseconds: float, name: str, size: int) -> Result:
        """Gives the socket to the pool `name`."""
        socket = self._sockets[number]
        if socket.closed:
            return None, "closed"
        if socket.has_unread:
            return None, "unread data in buffer"
        self._disown(owner, number)
        pool = self._pools.setdefault(name, _Pool(int(size), None))
        if socket.on_close is None:
            pool.connections += 1
            socket.on_close = lambda closed: self._lost(name, pool, closed)
        if len(pool.idle) >= pool.size:
            pool.idle[0].close()
        pool.idle.append(socket)
        socket.rest(idle_milliseconds / 1000)
        _wake_next(pool)
        return (1,)

    def close(self, owner: int, number: int) -> Result:
        socket = self._sockets[number]
        was_closed = socket.closed
        self._disown(owner, number)
        socket.close()
        return (None, "closed") if was_closed else (1,)

    def release(self, owner: int) -> None:
        """The request or timer is over: what it still has is closed, an unread answer with it."""
        for number in self._owned.pop(owner, ()):
            self._sockets.pop(number).close()

    def close_all(self) -> None:
        for owner in list(self._owned):
            self.release(owner)
        for pool in list(self._pools.values()):
            for socket in list(pool.idle):
                socket.close()

    def _lost(self, name: str, pool: _Pool, socket: TcpSocket) -> None:
        if socket.idle:
            pool.idle.remove(socket)
        pool.connections -= 1
        _wake_next(pool)
        self._forget_if_empty(name)

    def _forget_if_empty(self, name: str) -> None:
        pool = self._pools.get(name)
        if pool is not None and pool.connections == 0 and not pool.waiting:
            del self._pools[name]

    def _owned_by(self, owner: int, socket: TcpSocket) -> Result:
        number = next(self._numbers)
        self._sockets[number] = socket
        self._owned[owner].add(number)
        return number, socket.reused

    def _disown(self, owner: int, number: int) -> None:
        del self._sockets[number]
        self._owned[owner].discard(number)
        if not self._owned[owner]:
            del self._owned[owner]


async def _connected(pool: _Pool | None, host: str, port: int, seconds: float) -> TcpSocket:
    if pool is None:
        return await TcpSocket.connect(host, port, seconds)
    if pool.backlog is not None:
        await _room(pool, pool.backlog, seconds)
    if pool.idle:
        return _woken(pool)
    pool.connections += 1
    try:
        return await TcpSocket.connect(host, port, seconds)
    except BaseException:
        pool.connections -= 1
        _wake_next(pool)
        raise


def _woken(pool: _Pool) -> TcpSocket:
    socket = pool.idle.pop()
    socket.take()
    return socket


async def _room(pool: _Pool, backlog: int, seconds: float) -> None:
    """Returns when there is an idle socket or room for one more."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while pool.connections >= pool.size and not pool.idle:
        if len(pool.waiting) >= backlog:
            raise SocketError("too many waiting connect operations")
        turn = loop.create_future()
        pool.waiting.append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                await turn
        except BaseException as error:
            if turn in pool.waiting:
                pool.waiting.remove(turn)
            else:
                _wake_next(pool)
            if isinstance(error, TimeoutError):
                raise SocketError("timeout") from None
            raise


def _wake_next(pool: _Pool) -> None:
    while pool.waiting:
        turn = pool.waiting.popleft()
        if not turn.done():  # else its client has left
            turn.set_result(None)
            return
