"""What is in the shared cache is checked when it is read: only what was stored for this very question is served."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.stores.support.asking import Asking
from tests.stores.support.entries import Entry, names, stored
from tests.stores.support.valkey import Valkey

Change = Callable[[bytes], bytes]


def entry_of(asking: Asking, server: Valkey, question: Any) -> bytes:
    """The name of the only entry, which is the answer to this question."""
    server.client.flushall()
    asking.wait_until_stored(question)
    (name,) = names(server.client)
    return name


def flipped(at: int) -> Change:
    return lambda text: text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]


ALTERED: dict[str, Change] = {
    "empty": lambda text: b"",
    "one byte": lambda text: text[:1],
    "the signature alone": lambda text: text[:20],
    "without the last byte": lambda text: text[:-1],
    "with a byte more": lambda text: text + b"}",
    "cut in the head": lambda text: text[:25],
    "cut in the headers": lambda text: text[:60],
    "signature altered": flipped(0),
    "format version altered": flipped(21),
    "time of creation altered": lambda text: text[:23] + b"9" + text[24:],
    "body altered": lambda text: text[:-10] + bytes([text[-10] ^ 1]) + text[-9:],
    "no digits": lambda text: text[:20] + b"P1 a b c d e\n" + text[60:],
    "length of the headers beyond the end": lambda text: text[:20] + b"P1 1 1 1 200 999999999\n" + text[60:],
    "another program's value": lambda text: b'{"answer": "made up"}',
    "null bytes": lambda text: b"\x00" * len(text),
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED.keys())
def test_an_altered_value_is_a_miss_and_is_replaced(asking: Asking, server: Valkey, change: Change) -> None:
    question = {"q": asking.next_number()}
    name = entry_of(asking, server, question)
    server.client.set(name, change(stored(server.client, name)), keepttl=True)
    calls = asking.calls
    reply, _ = asking.ask(question)
    assert not reply.hit
    assert asking.calls == calls + 1
    asking.wait_until_stored(question)


def test_a_value_of_another_type_is_a_miss_and_is_replaced(asking: Asking, server: Valkey) -> None:
    question = {"q": asking.next_number()}
    name = entry_of(asking, server, question)
    for command in (("RPUSH", name, "a"), ("HSET", name, "a", "b"), ("SADD", name, "a")):
        server.client.delete(name)
        server.client.execute_command(*command)
        server.client.pexpire(name, 60_000)
        reply, _ = asking.ask(question)
        assert (reply.hit, reply.detail) == (False, "store-reply")
        asking.wait_until_stored(question)


def test_an_entry_under_another_name_is_a_miss(asking: Asking, server: Valkey) -> None:
    first, second = ({"q": asking.next_number()} for _ in range(2))
    name = entry_of(asking, server, first)
    text = stored(server.client, name)
    other = entry_of(asking, server, second)
    server.client.set(other, text, px=60_000)
    assert not asking.ask(second)[0].hit  # and the answer is the right one, as `ask` judges


def test_an_entry_of_another_model_is_a_miss(asking: Asking, deployed: Callable[..., Asking], server: Valkey) -> None:
    """The same question, asked of two models with secrets of their own."""
    other, question = deployed(), {"q": "the same"}
    text = stored(server.client, entry_of(other, server, question))
    name = entry_of(asking, server, question)
    server.client.set(name, text, px=60_000)
    assert not asking.ask(question)[0].hit
    asking.wait_until_stored(question)  # the model's own answer, which must not come after what follows
    forged = Entry.parse(text).text(other.secret, name)
    server.client.set(name, forged, px=60_000)
    assert not asking.ask(question)[0].hit


def test_an_entry_signed_with_the_models_own_secret_is_a_hit(asking: Asking, server: Valkey) -> None:
    """So that the tests around this one fail for their own reason."""
    question = {"q": asking.next_number()}
    name = entry_of(asking, server, question)
    text = stored(server.client, name)
    assert Entry.parse(text).text(asking.secret, name) == text


def test_an_entry_without_expiry_is_a_miss(asking: Asking, server: Valkey) -> None:
    question = {"q": asking.next_number()}
    name = entry_of(asking, server, question)
    server.client.persist(name)
    assert not asking.ask(question)[0].hit
    asking.wait_until_stored(question)
    assert server.client.pttl(name) > 0


@pytest.mark.parametrize("seconds", [-86_400, -400, 400, 86_400])
def test_a_clock_that_is_wrong_lets_no_answer_live_longer(asking: Asking, server: Valkey, seconds: int) -> None:
    """Stored by a node whose clock is ahead or behind; the model's answers may live for 300 seconds."""
    question = {"q": asking.next_number()}
    name = entry_of(asking, server, question)
    entry = Entry.parse(stored(server.client, name))
    skewed = replace(entry, created=entry.created + seconds).text(asking.secret, name)
    server.client.set(name, skewed, px=2_000)
    reply, _ = asking.ask(question)
    assert reply.hit == (seconds > 0)
    if reply.hit:
        assert int(reply.headers["age"]) >= 0
        assert 0 <= int(reply.cache.partition("ttl=")[2].partition(";")[0]) <= 2
        deadline = time.monotonic() + 10
        while asking.ask(question)[0].hit and time.monotonic() < deadline:
            time.sleep(0.1)
        assert time.monotonic() < deadline, "served when it had expired"


def test_an_entry_that_lives_longer_than_it_may_is_not_served(asking: Asking, server: Valkey) -> None:
    question = {"q": asking.next_number()}
    name = entry_of(asking, server, question)
    entry = Entry.parse(stored(server.client, name))
    old = replace(entry, created=entry.created - 301).text(asking.secret, name)
    server.client.set(name, old, px=3_600_000)
    assert not asking.ask(question)[0].hit


def test_nothing_of_the_request_is_stored(asking: Asking, server: Valkey) -> None:
    marker = "a-word-that-only-the-request-has"
    name = entry_of(asking, server, {marker: asking.next_number()})
    assert marker.encode() not in name + stored(server.client, name)
