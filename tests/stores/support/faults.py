"""What a Redis server may do to its clients, each as a fault of ``FaultyRedis``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.stores.support.faulty_redis import Exchange, Fault, no_fault

KEYED = ("GET", "SET", "PTTL", "DEL", "PEXPIRE")


async def hang(exchange: Exchange) -> None:
    """Take the command and never answer."""
    await asyncio.Event().wait()


def drip(seconds: float) -> Fault:
    """The right reply, a byte at a time."""

    async def fault(exchange: Exchange) -> None:
        for byte in await exchange.reply():
            await exchange.send(bytes([byte]))
            await asyncio.sleep(seconds)

    return fault


def error(text: str, *names: str) -> Fault:
    """This error instead of a reply, to these commands or to all."""

    async def fault(exchange: Exchange) -> None:
        if names and exchange.name not in names:
            return await no_fault(exchange)
        await exchange.send(f"-{text}\r\n".encode())

    return fault


def moved(kind: str, address: str) -> Fault:
    """MOVED or ASK to this address, whichever slot is asked for."""
    from redis.crc import key_slot

    async def fault(exchange: Exchange) -> None:
        if exchange.name not in KEYED:
            return await no_fault(exchange)
        await exchange.send(f"-{kind} {key_slot(exchange.command[1])} {address}\r\n".encode())

    return fault


def cut(name: str, *, reset: bool = False) -> Fault:
    """The first half of the reply to this command, and then the end of the connection."""

    async def fault(exchange: Exchange) -> None:
        if exchange.name != name:
            return await no_fault(exchange)
        reply = await exchange.reply()
        await exchange.send(reply[: max(1, len(reply) // 2)])
        exchange.end(reset=reset)

    return fault


def altered(name: str, change: Callable[[bytes], bytes]) -> Fault:
    """Another reply to this command: whatever `change` makes of the right one."""

    async def fault(exchange: Exchange) -> None:
        reply = await exchange.reply()
        await exchange.send(change(reply) if exchange.name == name else reply)

    return fault


def bulk(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """For `altered`: change what is in a bulk string, and leave a missing one."""

    def changed(reply: bytes) -> bytes:
        if not reply.startswith(b"$") or reply.startswith(b"$-1"):
            return reply
        text = change(reply.partition(b"\r\n")[2][:-2])
        return b"$%d\r\n%b\r\n" % (len(text), text)

    return changed
