"""What the canonicaliser, the costly part of a first-seen rendering, takes under LuaJIT."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from lupa.luajit21 import LuaRuntime

from components.prediction_key import KeySettings, lua_source

SIZES_BYTES = (100, 1_000, 10_000, 60_000)
_DISTINCT = 20  # documents of one kind and size, so that neither interned strings nor branch prediction flatter
_BYTES_A_ROUND = 3_000_000
_ROUNDS = 3

_TIMER = b"""
local canonical, documents, n, times = ...
local clock = os.clock
local from = clock()
for _ = 1, times do
  for i = 1, n do canonical(documents[i]) end
end
return (clock() - from) / (n * times) * 1e6
"""

Maker = Callable[[random.Random, int], Any]


def _numbers(rng: random.Random, count: int) -> Any:
    return {"instances": [[round(rng.uniform(-3, 3), 5) for _ in range(count)]]}


def _features(rng: random.Random, count: int) -> Any:
    return {"inputs": {f"feature_{i}": round(rng.uniform(0, 3), 6) for i in range(count)}}


def _strings(rng: random.Random, count: int) -> Any:
    text = "the quick brown fox jumps over it. " * 4
    return {"messages": [{"role": "user", "content": f"{text}{rng.random()}"} for _ in range(count)]}


def _nesting(rng: random.Random, count: int) -> Any:
    return {
        "instances": [{"id": i, "x": {"a": [1, rng.randrange(9)], "b": None, "name": f"n{i}"}} for i in range(count)]
    }


KINDS: dict[str, Maker] = {"numbers": _numbers, "features": _features, "strings": _strings, "nesting": _nesting}


def measure_key() -> list[dict[str, float | str]]:
    """Return for each kind and size of document: bytes, microseconds a call (best of 3) and megabytes a second."""
    settings = KeySettings(
        model="bench",
        kong_name="bench",
        version="1",
        generation=1,
        dictionary="prediction_cache",
        profile="classic",
        ttl_seconds=300,
        lease_seconds=60,
        max_body_bytes=65_536,
        max_response_bytes=1_048_576,
        response_codes=(200,),
        content_types=("application/json",),
    )
    chunk = f"local C = {settings.lua()}\n{lua_source('canonical')}\nreturn canonical"
    return [_measure(chunk.encode(), kind, size) for kind in KINDS for size in SIZES_BYTES]


def _measure(chunk: bytes, kind: str, size: int) -> dict[str, float | str]:
    lua = LuaRuntime(encoding=None)  # type: ignore[call-arg]
    run: Callable[..., Any] = lua.execute  # type: ignore[assignment]
    canonical = run(chunk)
    documents = _documents(kind, size)
    times = max(3, _BYTES_A_ROUND // size // _DISTINCT)
    table = lua.table_from(documents)
    microseconds = min(run(_TIMER, canonical, table, _DISTINCT, times) for _ in range(_ROUNDS))
    length = sum(map(len, documents)) / len(documents)
    return {
        "document": kind,
        "bytes": round(length),
        "microseconds": round(microseconds, 1),
        "megabytes_per_second": round(length / microseconds),
    }


def _documents(kind: str, size: int) -> list[bytes]:
    rng, count = random.Random(size), 1
    while len(json.dumps(KINDS[kind](rng, count + 1))) <= size:
        count = max(count + 1, int(count * 1.02))
    return [json.dumps(KINDS[kind](rng, count)).encode() for _ in range(_DISTINCT)]
