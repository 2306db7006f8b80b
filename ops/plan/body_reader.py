"""Reads bodies as the gateway does: by the very Lua that is deployed (components/prediction_key/canonical.lua).

    read = BodyReader(CacheRules()).read([b'{"b": 1, "a": 2}'], in_lines=False)

A body's key is the sum of its members' digests, both halves modulo 2^64: to leave a member out is to subtract it, and
two bodies have equal sums when their canonical texts have equal members (128 bits of BLAKE2b each). A document that is
an array counts as one member without a name.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lupa.luajit21 import LuaRuntime
from numpy.typing import NDArray

from components import lua
from components.prediction_key.render import MAX_DEPTH
from ops.plan.cache_rules import CacheRules


@dataclass(frozen=True)
class BodiesRead:
    """What some bodies consist of. `reasons`: place of a body -> why it bypasses; it has no members then.

    `counts`: members of each body. For all members, body after body: `names` (places in `fields`, -1 for none) and
    `digests`, two numbers of 64 bits each.
    """

    reasons: dict[int, str]
    fields: list[str]
    counts: NDArray[np.int32]
    names: NDArray[np.int32]
    digests: NDArray[np.uint64]


class BodyReader:
    """For one set of rules; it keeps a Lua of its own."""

    def __init__(self, rules: CacheRules) -> None:
        self._max_bytes = rules.max_body_bytes
        known = {
            "profile": rules.profile,
            "exclude": {name: True for name in rules.exclude_fields},
            "max_depth": MAX_DEPTH,
        }
        source = lua.chunk({"C": known}, "prediction_key/canonical") + "\n" + _members_source()
        runtime = LuaRuntime(encoding=None, unpack_returned_tuples=True)  # type: ignore[call-arg]
        execute: Callable[..., Any] = runtime.execute  # type: ignore[assignment]
        self._members_of, self._span_of = execute(source.encode())

    def read(self, texts: Sequence[bytes], *, in_lines: bool) -> BodiesRead:
        """Bodies as sent, or lines of a log whose `body` is one."""
        reasons: dict[int, str] = {}
        fields: dict[bytes, int] = {}
        counts = np.zeros(len(texts), np.int32)
        names: list[int] = []
        digests: list[bytes] = []
        for place, text in enumerate(texts):
            body = self._body_in(text) if in_lines else text
            members, reason = self._members(body)
            if reason:
                reasons[place] = reason
                continue
            counts[place] = len(members)
            for member in members:
                name = member[1 : member.index(b'"', 1)] if member[:1] == b'"' else None
                names.append(-1 if name is None else fields.setdefault(name, len(fields)))
                digests.append(hashlib.blake2b(member, digest_size=16).digest())
        known = [name.decode() for name in fields]
        halves = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
        return BodiesRead(reasons, known, counts, np.array(names, np.int32), halves)

    def _members(self, body: bytes) -> tuple[list[bytes], str]:
        if len(body) > self._max_bytes:
            return [], "size"
        if not body:
            return [], "empty"
        found = self._members_of(body)
        if isinstance(found, tuple):
            return [], found[1].decode()
        return (found.split(b"\n") if found else []), ""

    def _body_in(self, line: bytes) -> bytes:
        span = self._span_of(line, b"body")
        return line[span[0] - 1 : span[1]] if span else b""  # the name itself has an escape


@functools.cache
def reader_of(rules: CacheRules) -> BodyReader:
    """The reader of this process for these rules."""
    return BodyReader(rules)


def _members_source() -> str:
    return (Path(__file__).parent / "members.lua").read_text(encoding="utf-8")
