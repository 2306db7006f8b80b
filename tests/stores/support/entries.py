"""The entries of a model in the shared cache, and entries made here as the gateway makes them (entry.lua)."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from redis import Redis

_FORM = re.compile(rb"P1 (\d+) (\d+) (\d+) (\d{3}) (\d+)\n")
_KEY = re.compile(rb"\{(.*)\}$")


@dataclass(frozen=True)
class Entry:
    """What an entry says; times in seconds."""

    created: int
    ttl_seconds: int
    stale_seconds: int
    status: int
    headers: bytes
    body: bytes

    def text(self, secret: str, name: bytes) -> bytes:
        """As it is stored under this name by a model with this secret."""
        numbers = (self.created, self.ttl_seconds, self.stale_seconds, self.status, len(self.headers))
        head = b"P1 %d %d %d %03d %d\n" % numbers
        said = head + self.headers + self.body
        return hmac.new(secret.encode(), key_of(name) + said, hashlib.sha1).digest() + said

    @classmethod
    def parse(cls, text: bytes) -> Entry:
        match = _FORM.match(text, 20)
        assert match, text
        at = match.end()
        created, ttl_seconds, stale_seconds, status, length = map(int, match.groups())
        return cls(created, ttl_seconds, stale_seconds, status, text[at : at + length], text[at + length :])


def key_of(name: bytes) -> bytes:
    """What is in the braces of a name."""
    match = _KEY.search(name)
    assert match, name
    return match[1]


def names(client: Redis) -> list[bytes]:
    """Of all entries, without the leases."""
    return [name for name in client.scan_iter() if not name.endswith(b":f")]


def stored(client: Redis, name: bytes) -> bytes:
    value: Any = client.get(name)
    assert isinstance(value, bytes)
    return value
