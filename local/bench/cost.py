"""What a hit costs the gateway in CPU time, and how large the entry is, by the size of request and answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import redis

from local.bench.beside import beside
from local.bench.deployed_stores import STORES, deployed_stores
from local.bench.gateway_node import GatewayNode, cpu_seconds
from local.bench.load_run import ask, warm_up
from local.demo.gateway import wait_for_route
from local.demo.stock_cache import StockProxyCache
from local.demo.target import Target
from local.world import LocalWorld

STOCK = "stock"
SIZES_BYTES = (1_000, 10_000, 100_000, 1_000_000)
# One of both grows, the other stays at 1 KB.
CASES = tuple((size, SIZES_BYTES[0]) for size in SIZES_BYTES) + tuple(
    (SIZES_BYTES[0], size) for size in SIZES_BYTES[1:]
)
_CONNECTIONS = 8
_RUN_SECONDS = 0.4
_ROUNDS = 3
_ENTRIES_BYTES = 1_000_000
_MAX_ENTRIES = 200
_MIN_ENTRIES = 16
_WRITTEN_SECONDS = 10.0
_POLL_SECONDS = 0.02
# The dictionaries of the stack's models, and of Kong's own plugin by default.
_OURS, _STOCKS = "prediction_cache", "kong_db_cache"


@dataclass(frozen=True)
class _Store:
    """One of the caches: where to ask, and how much it holds."""

    name: str
    target: Target
    used_bytes: Callable[[], int]
    body_in_key: bool

    def url(self, question: str) -> str:
        """Return where to ask a question, which the stock cache tells from others by the URL alone."""
        return self.target.url if self.body_in_key else f"{self.target.url}?{question}"


def measure_cost(
    world: LocalWorld, node: GatewayNode, cases: Sequence[tuple[int, int]] = CASES
) -> list[dict[str, Any]]:
    """Return for each store and size: microseconds of CPU a hit, of gateway and Redis, and bytes of an entry.

    The same bytes are asked again and again on eight connections; nobody has to show a key, as with stock proxy-cache.
    `of_stock` is the CPU time against stock proxy-cache's. An entry's size is what the dictionary or the Redis server
    grows by, with all that surrounds it. Raises EngineError, WorldError, LoadError, httpx.HTTPError and RuntimeError
    when an answer is no hit.
    """
    with _stores(world, node) as stores:
        return [row for case in cases for row in _case(world, node, stores, *case)]


@contextmanager
def _stores(world: LocalWorld, node: GatewayNode) -> Iterator[list[_Store]]:
    cache = {"maxBodyBytes": 1_048_576, "maxResponseBytes": 1_048_576}
    with ExitStack() as cleanup:
        model = cleanup.enter_context(beside("model", "local.bench.sized_model", []))
        endpoint = model["endpoint"]
        stock = cleanup.enter_context(StockProxyCache(node.admin, node.proxy, endpoint))
        wait_for_route(stock)
        deployed = deployed_stores(world, node, endpoint, STORES, cache, {"mode": "open"})
        targets = cleanup.enter_context(deployed)
        client = cleanup.enter_context(redis.Redis.from_url(world.redis_url, password=world.redis_password or None))
        ours = {name: lambda: node.dictionary_bytes(_OURS) for name in STORES} | {"redis": lambda: _redis_bytes(client)}
        yield [
            _Store(STOCK, Target(stock, {}), lambda: node.dictionary_bytes(_STOCKS), body_in_key=False),
            *(_Store(name, target, ours[name], body_in_key=True) for name, target in targets.items()),
        ]


def _case(
    world: LocalWorld, node: GatewayNode, stores: Sequence[_Store], request_bytes: int, answer_bytes: int
) -> list[dict[str, Any]]:
    entries = {store.name: _entry_bytes(store, request_bytes, answer_bytes) for store in stores}
    body = body_of(request_bytes, answer_bytes, 0)
    hits = dict.fromkeys(entries, 0)
    gateway, server = dict.fromkeys(entries, 0.0), dict.fromkeys(entries, 0.0)
    workers = node.worker_pids
    urls = {store.name: store.url(f"{request_bytes}.{answer_bytes}") for store in stores}
    for store in stores:  # with this client's own headers, which may be in the key
        warm_up(urls[store.name], store.target.headers, [body], _CONNECTIONS)
    for _ in range(_ROUNDS):
        for store in stores:
            before = cpu_seconds(workers), cpu_seconds([world.redis_pid])
            run = ask(urls[store.name], store.target.headers, [body], _CONNECTIONS, _RUN_SECONDS)
            after = cpu_seconds(workers), cpu_seconds([world.redis_pid])
            strange = [
                seen for seen in run.answers if not seen.hit or (seen.status, len(seen.body)) != (200, answer_bytes)
            ]
            if strange:
                shown = strange[0]
                raise RuntimeError(
                    f"{store.name}, {request_bytes} bytes: no hit but {shown.status} {shown.cache_status}"
                )
            hits[store.name] += len(run.times_ms)
            gateway[store.name] += (after[0] or 0) - (before[0] or 0)
            server[store.name] += (after[1] or 0) - (before[1] or 0)
    micros = {name: 1e6 * gateway[name] / hits[name] for name in entries}
    return [
        {
            "store": name,
            "request_bytes": request_bytes,
            "answer_bytes": answer_bytes,
            "cpu_us_per_hit": round(micros[name]),
            "of_stock": round(micros[name] / micros[STOCK], 2) if micros[STOCK] else 0.0,
            "redis_cpu_us_per_hit": round(1e6 * server[name] / hits[name]),
            "entry_bytes": entries[name],
        }
        for name in entries
    ]


def _entry_bytes(store: _Store, request_bytes: int, answer_bytes: int) -> int:
    """Return by how much the store grows with each new question."""
    count = max(_MIN_ENTRIES, min(_MAX_ENTRIES, _ENTRIES_BYTES // (request_bytes + answer_bytes)))
    before = store.used_bytes()
    with httpx.Client(headers={"Content-Type": "application/json"}, timeout=30) as client:
        for number in range(1, count + 1):
            body = body_of(request_bytes, answer_bytes, number)
            url = (
                store.target.url if store.body_in_key else f"{store.target.url}?{request_bytes}.{answer_bytes}.{number}"
            )
            client.post(url, content=body, headers=store.target.headers).raise_for_status()
    return round((_settled(store.used_bytes) - before) / count)


def _settled(used_bytes: Callable[[], int]) -> int:
    """Return how much is used once two looks agree: an entry is written to Redis after its answer."""
    deadline = time.monotonic() + _WRITTEN_SECONDS
    used = used_bytes()
    while time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        used, previous = used_bytes(), used
        if used == previous:
            break
    return used


def _redis_bytes(client: redis.Redis) -> int:
    return sum(int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter(count=1000))


def body_of(request_bytes: int, answer_bytes: int, number: int) -> bytes:
    """Return a request of about that length: small numbers, as a model has them."""
    document = {"answer_bytes": answer_bytes, "number": number, "instances": []}
    room = request_bytes - len(json.dumps(document, separators=(",", ":")))
    values = [round((position * 37 % 1000) / 1000, 3) for position in range(room // 6)]
    text = json.dumps({**document, "instances": values}, separators=(",", ":"))
    return (text[:-1] + " " * max(0, request_bytes - len(text)) + "}").encode()
