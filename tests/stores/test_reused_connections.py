"""Replies that nobody asked for, on a connection that is used again: never another question's answer."""

from __future__ import annotations

import asyncio

import pytest

from tests.stores.support.asking import Asking
from tests.stores.support.entries import names, stored
from tests.stores.support.faulty_redis import Exchange, FaultyRedis
from tests.stores.support.valkey import Valkey


@pytest.mark.parametrize("delay_seconds", [0, 0.01])
def test_a_reply_too_many_is_not_taken_for_the_next(
    asking: Asking, faulty: FaultyRedis, server: Valkey, delay_seconds: float
) -> None:
    """After the right replies come those of a hit on another question: the connection is off by two."""
    asking.wait_until_stored({"q": "another"})
    others = stored(server.client, names(server.client)[0])

    async def twice(exchange: Exchange) -> None:
        await exchange.send(await exchange.reply())
        await asyncio.sleep(delay_seconds)
        if exchange.name == "PTTL":
            await exchange.send(b"$%d\r\n%b\r\n:60000\r\n" % (len(others), others))

    faulty.fault = twice
    for _ in range(10):
        asking.ask_new()
        asking.ask({"q": "another"})
    faulty.heal()
    asking.wait_until_stored({"q": "healed"})


def test_replies_in_another_order_are_no_answer(asking: Asking, faulty: FaultyRedis, server: Valkey) -> None:
    """The server answers every GET with the entry that it was asked for before."""
    last = [b"$-1\r\n"]

    async def one_behind(exchange: Exchange) -> None:
        reply = await exchange.reply()
        if exchange.name == "GET":
            reply, last[0] = last[0], reply
        await exchange.send(reply)

    questions = [{"q": asking.next_number()} for _ in range(4)]
    for question in questions:
        asking.wait_until_stored(question)
    faulty.fault = one_behind
    for _ in range(3):
        for question in questions:
            asking.ask(question)


def test_a_late_reply_is_not_read_by_another_request(asking: Asking, faulty: FaultyRedis, server: Valkey) -> None:
    """It comes after the time-out, on a connection that was given up."""
    first, second = ({"q": asking.next_number()} for _ in range(2))
    for question in (first, second):
        asking.wait_until_stored(question)

    async def late(exchange: Exchange) -> None:
        reply = await exchange.reply()
        await asyncio.sleep(0.15)
        await exchange.send(reply)

    faulty.fault = late
    for _ in range(20):
        asking.ask(first)
        asking.ask(second)


def test_connections_are_reused_and_closed_ones_replaced(asking: Asking, faulty: FaultyRedis) -> None:
    for _ in range(20):
        asking.ask_new()
    assert faulty.connections <= 4
    faulty.refuse()
    faulty.listen()
    question = {"q": asking.next_number()}
    asking.wait_until_stored(question)
    assert asking.ask(question)[0].hit
