"""What goes together with the store of a model's answers, and with the nodes of the Kong cluster."""

from __future__ import annotations

from typing import Any

import pytest

from settings.cache_models import ANSWER_HEADERS
from tests.settings.support import (
    cloud_cdn,
    elasticache,
    model,
    problems,
    quick_shared_model,
    redis_model,
    redis_stack,
    shared_model,
    stack,
)

NODES = ["kong-1.internal:8000", "kong-2.internal:8000"]
SHARDED = {"topology": "sharded", "nodes": NODES}
ENTERPRISE = {"edition": "enterprise"}
NETWORK = {"region": "europe-west3", "network": "projects/shop/global/networks/default"}


def memory_model(**changes: Any) -> dict[str, Any]:
    return model(cache={"store": "memory", **changes})


def enterprise_stack(**cache: Any) -> dict[str, Any]:
    return {**redis_stack(redis_model(**cache)), "kong": ENTERPRISE}


BAD: list[tuple[dict[str, Any], str]] = [
    (
        stack(model(), redis_model() | {"name": "words"}),
        'models[1].cache.store = "redis": needs sharedCache, which tells where that is; '
        "or memory, which each Kong node keeps by itself",
    ),
    (
        redis_stack(memory_model()),
        "sharedCache = a mapping: must be left out without a model with cache.store redis: nobody would ask it",
    ),
    (
        stack(memory_model(), kong={"topology": "sharded"}),
        "kong.nodes = an empty list: must name at least two nodes with topology sharded: "
        "each answer is kept by one of them",
    ),
    (
        stack(memory_model(), kong={"topology": "sharded", "nodes": NODES[:1]}),
        "kong.nodes = a list: must name at least two nodes with topology sharded: each answer is kept by one of them",
    ),
    (
        stack(memory_model(), kong={"nodes": NODES}),
        "kong.nodes = a list: only with topology sharded (topology is replicated)",
    ),
    (
        stack(model(), kong=SHARDED),
        'models[0].cache.store = "proxy-cache": must be memory with kong.topology sharded: '
        "no other store is kept by one node for each answer",
    ),
    (
        redis_stack() | {"kong": SHARDED},
        'models[0].cache.store = "redis": must be memory with kong.topology sharded: '
        "no other store is kept by one node for each answer",
    ),
    (
        stack(model(cache={"answerHeaders": ["etag"]})),
        "models[0].cache.answerHeaders = a list: only with cache.store memory or redis: "
        "Kong's own plugin keeps all headers",
    ),
    (
        enterprise_stack(answerHeaders=["etag"]),
        "models[0].cache.answerHeaders = a list: only with cache.store memory, or kong.edition community: "
        "Kong's own plugin keeps all headers",
    ),
    (
        enterprise_stack(staleIfErrorSeconds=60),
        "models[0].cache.staleIfErrorSeconds = 60: "
        "must be 0 without cache.shareable or cache.store memory, or kong.edition community: "
        "nobody else serves stale answers",
    ),
    (
        redis_stack(provider="elasticache"),
        "sharedCache.elasticache: required but missing with provider elasticache; must be a mapping",
    ),
    (
        redis_stack(provider="existing"),
        "sharedCache.url: required but missing with provider existing; must be rediss://, a host, and optionally a "
        "port and a database from 0 to 15; redis:// for localhost and 127.0.0.1 alone; no user, password or query, "
        "which have keys of their own",
    ),
    (
        redis_stack(elasticache=elasticache()),
        "sharedCache.elasticache = a mapping: only with provider elasticache (provider is existing)",
    ),
    (
        redis_stack(provider="memorystore", memorystore=NETWORK, url="rediss://cache.example.com"),
        'sharedCache.url = "rediss://cache.example.com": only with provider existing (provider is memorystore)',
    ),
    (
        redis_stack(provider="memorystore", memorystore=NETWORK, username="app"),
        'sharedCache.username = "app": only with provider existing (provider is memorystore)',
    ),
    (
        redis_stack(protect=True),
        "sharedCache.protect = true: only with provider elasticache or memorystore (provider is existing)",
    ),
    (
        redis_stack(username="app"),
        'sharedCache.username = "app": needs password: a user without one is nobody; '
        "leave it out for the server's default user",
    ),
    (
        cloud_cdn(quick_shared_model(cache={"shareable": True, "staleIfErrorSeconds": 60})),
        "models[0].cache.staleIfErrorSeconds = 60: must be 0 behind Cloud CDN, "
        "which serves no stale answer for an error",
    ),
]


@pytest.mark.parametrize(("document", "message"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_refuses_with_these_words(document: dict[str, Any], message: str) -> None:
    assert problems(document) == [message]


@pytest.mark.parametrize(
    "document",
    [
        redis_stack(),
        redis_stack(redis_model(enabled=False)),
        redis_stack(redis_model(answerHeaders=["etag"], staleWhileRevalidateSeconds=5, staleIfErrorSeconds=60)),
        redis_stack(redis_model(), model(name="words"), memory_model() | {"name": "faces"}),
        redis_stack(provider="elasticache", elasticache=elasticache(), protect=True),
        redis_stack(provider="memorystore", memorystore=NETWORK, protect=True),
        enterprise_stack(),
        stack(memory_model(answerHeaders=[], staleWhileRevalidateSeconds=5, staleIfErrorSeconds=60)),
        stack(memory_model(), kong=SHARDED),
        stack(memory_model(), model(name="words", cache={"enabled": False}), kong=SHARDED),
        stack(model(cache={"answerHeaders": list(ANSWER_HEADERS)})),
        cloud_cdn(quick_shared_model(cache={"shareable": True, "store": "memory", "staleIfErrorSeconds": 60})),
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_an_edge_serves_stale_answers_of_enterprises_cache() -> None:
    document = redis_stack(shared_model(cache={"store": "redis", "shareable": True, "staleIfErrorSeconds": 60}))
    edge = {"provider": "cloudfront", "origin": {"domain": "kong.example.com"}}
    assert problems({**document, "kong": ENTERPRISE, "edge": edge}) == []


def test_a_wrong_store_is_told_once() -> None:
    (problem,) = problems(redis_stack(model(cache={"store": "valkey"})))
    assert problem == 'models[0].cache.store = "valkey": must be proxy-cache, memory or redis'
