"""The stores memory and redis, and proxy-cache-advanced of Kong Enterprise: which plugins are made, with what."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import ArgumentError, KongCachedRoute
from components.prediction_key import (
    EdgeAccess,
    RedisSettings,
    StoreSettings,
    post_function_phases,
    pre_function_phases,
)
from tests.components.arguments import minimal_route
from tests.components.recording import GENERATED_BYTES
from tests.components.test_kong_cached_route import counted, deployed, function_config, settings
from tests.components.trial_stack import TrialStack

HEADERS = (
    "content-type",
    "content-language",
    "x-amzn-invoked-production-variant",
    "x-amzn-sagemaker-custom-attributes",
)
REDIS = {"host": "cache.test", "port": 6379, "username": "app", "password": "of-the-cache", "database": 2}
SECRET = "of-the-edge-0123456789"


def own_key(store: StoreSettings, **more: Any) -> Any:
    return settings(store=store, **more)


def test_memory_needs_post_function_alone(stack: TrialStack) -> None:
    graph = deployed(stack, minimal_route(cache={"store": "memory"}))
    plugins = {"acl", "correlation-id", "key-auth", "post-function", "prometheus", "request-size-limiting"}
    assert set(graph.of_type("Plugin")) == {f"d-{name}" for name in plugins}
    phases = post_function_phases(own_key(StoreSettings(HEADERS)), GENERATED_BYTES)
    assert graph.config("d-post-function") == counted(phases)


def test_redis_gets_its_address_names_and_times(stack: TrialStack) -> None:
    cache = {"store": "redis", "stale_while_revalidate_seconds": 30, "stale_if_error_seconds": 600}
    redis = {**REDIS, "key_prefix": "shop:test", "timeout_seconds": 0.25, "retry_seconds": 2.0, "tls": False}
    graph = deployed(stack, minimal_route(cache=cache, redis=redis))
    known = RedisSettings("cache.test", 6379, "app", "of-the-cache", 2, False, "shop:test", 0.25, 2.0)
    phases = post_function_phases(own_key(StoreSettings(HEADERS, 30, 600, known)), GENERATED_BYTES)
    assert graph.config("d-post-function") == counted(phases)
    assert known.lua_values("digits", "1", 3)["prefix"] == "shop:test:digits@1:3:"


def test_an_edge_adds_its_lock_and_the_key_of_its_own_consumer(stack: TrialStack) -> None:
    edge = {"secrets": [SECRET], "key": "edge-key-0123456789"}
    graph = deployed(stack, minimal_route(cache={"store": "memory", "shareable": True}, edge=edge))
    [lock, entry] = graph.config("d-pre-function")["access"]
    assert [lock] == pre_function_phases(None, "", EdgeAccess((SECRET,), key="edge-key-0123456789"))["access"]
    assert "edge-key-0123456789" in entry
    assert GENERATED_BYTES not in lock + entry


@pytest.mark.parametrize("edition", ["community", "enterprise"])
def test_what_the_store_holds_is_a_secret(edition: str, stack: TrialStack) -> None:
    def program() -> None:
        redis: Any = {**REDIS, "password": pulumi.Output.secret("of-the-cache")}
        KongCachedRoute("d", minimal_route(cache={"store": "redis"}, redis=redis, kong_edition=edition))

    graph = stack.up(program)
    holder = "d-post-function" if edition == "community" else "d-proxy-cache-advanced"
    assert "configJson" in graph.secret_inputs(holder)
    assert "of-the-cache" in str(graph.config(holder))


def test_kong_enterprise_keeps_answers_in_redis_by_its_own_plugin(stack: TrialStack) -> None:
    graph = deployed(stack, minimal_route(cache={"store": "redis"}, redis=REDIS, kong_edition="enterprise"))
    assert "d-proxy-cache" not in graph
    assert graph.config("d-proxy-cache-advanced") == {
        "strategy": "redis",
        "redis": {
            "host": "cache.test",
            "port": 6379,
            "username": "app",
            "password": "of-the-cache",
            "database": 2,
            "ssl": True,
            "ssl_verify": True,
            "server_name": "cache.test",
            "connect_timeout": 100,
            "send_timeout": 100,
            "read_timeout": 100,
        },
        "bypass_on_err": True,
        "cache_control": True,
        "cache_ttl": 300,
        "storage_ttl": None,
        "request_method": ["POST"],
        "response_code": [200],
        "content_type": ["application/json", "application/json; charset=utf-8"],
        "vary_headers": ["Xpredictionkey"],
        "vary_query_params": ["__none__"],
        "ignore_uri_case": False,
        "response_headers": {"age": True, "X-Cache-Status": False, "X-Cache-Key": False},
    }
    assert graph.config("d-pre-function") == function_config(pre_function_phases(settings(), GENERATED_BYTES))


@pytest.mark.parametrize(
    ("args", "argument"),
    [
        ({"cache": {"store": "disk"}}, "cache.store"),
        ({"cache": {"store": "redis"}}, "redis"),
        ({"redis": REDIS}, "redis"),
        ({"cache": {"store": "memory"}, "redis": REDIS}, "redis"),
        ({"cache": {"store": "redis"}, "redis": {"host": "cache.test"}}, "redis.port"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "host": "a b"}}, "redis.host"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "port": 0}}, "redis.port"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "port": 70_000}}, "redis.port"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "key_prefix": "a*"}}, "redis.key_prefix"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "timeout_seconds": 0}}, "redis.timeout_seconds"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "retry_seconds": 0}}, "redis.retry_seconds"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "password": None}}, "redis.password"),
        ({"cache": {"store": "redis"}, "redis": {**REDIS, "hots": "x"}}, "redis.hots"),
        ({"kong_edition": "free"}, "kong_edition"),
        ({"cache": {"stale_if_error_seconds": 1}}, "cache.stale_if_error_seconds"),
        ({"cache": {"stale_while_revalidate_seconds": 1}}, "cache.stale_while_revalidate_seconds"),
        ({"cache": {"answer_headers": ["content-type"]}}, "cache.answer_headers"),
        ({"cache": {"store": "memory", "answer_headers": ["Set-Cookie"]}}, "cache.answer_headers"),
        ({"cache": {"store": "memory", "answer_headers": ["a\nb"]}}, "cache.answer_headers"),
        ({"shards": ["a:8000", "b:8000"]}, "shards"),
        (
            {"cache": {"store": "redis", "stale_if_error_seconds": 1}, "redis": REDIS, "kong_edition": "enterprise"},
            "cache.stale_if_error_seconds",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_name(args: dict[str, Any], argument: str, stack: TrialStack) -> None:
    with pytest.raises(ArgumentError) as error:
        KongCachedRoute("d", minimal_route(**args))
    assert str(error.value).split(": ")[1].startswith(argument)
    assert "of-the-cache" not in str(error.value)
