"""What the stack config says of stores, as the components get it; what it accepts, they accept too."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.gateway import arguments as gateway
from components.gateway.checks import CACHE_RULES
from components.shared_cache import arguments as store
from components.shared_cache.checks import check_arguments
from settings import parse_settings
from settings import shared_cache_models as models
from settings.arguments import edge_arguments
from tests.settings.support import model, problems, redis_model, redis_stack, stack
from tests.settings.test_store_rules import ENTERPRISE, NODES, SHARDED, memory_model
from tests.settings.test_store_values import CACHE_ACCEPTED, cache_at

COMMON = {"key_prefix": "inference-edge:stack", "timeout_seconds": 0.1, "retry_seconds": 5}


def arguments(document: dict[str, Any]) -> dict[str, Any]:
    settings = parse_settings(document, secret_sections=frozenset({"sharedCache"}))
    return {**edge_arguments(settings)}


def shared_cache(document: dict[str, Any]) -> dict[str, Any]:
    return arguments(document)["shared_cache"]


def test_a_url_becomes_its_parts() -> None:
    made = shared_cache(redis_stack(url="rediss://Cache.example.com:6380/3", timeoutSeconds=1, retrySeconds=9))
    existing = {"host": "cache.example.com", "port": 6380, "tls": True, "database": 3}
    assert made == {**COMMON, "timeout_seconds": 1, "retry_seconds": 9, "existing": existing}


def test_a_url_may_say_no_more_than_the_host() -> None:
    existing = {"host": "localhost", "port": 6379, "tls": False, "database": 0}
    assert shared_cache(redis_stack(url="redis://localhost/")) == {**COMMON, "existing": existing}


async def test_the_password_becomes_a_secret() -> None:  # an Output needs an event loop
    existing = shared_cache(redis_stack(username="app", password="for-this-test-only"))["existing"]
    assert existing["username"] == "app"
    assert isinstance(existing["password"], pulumi.Output)


def test_a_cache_that_is_made_has_its_own_arguments() -> None:
    made = shared_cache(cache_at("memorystore.memoryGigabytes", 5))
    assert set(made) == {*COMMON, "memorystore", "protect"}
    assert made["memorystore"]["memory_gigabytes"] == 5
    assert "notification_channels" not in made["memorystore"]["alarms"]


def test_a_stack_without_a_shared_cache_makes_none() -> None:
    assert "shared_cache" not in arguments(stack())


def test_a_route_knows_what_its_store_needs() -> None:
    document = redis_stack(redis_model(), memory_model() | {"name": "words"}, model(name="faces"))
    redis, memory, plugin = arguments(document)["models"]
    assert redis["kong_edition"] == "community"
    assert redis["cache"]["answer_headers"] == tuple(gateway.CACHE["answer_headers"])
    assert memory["cache"]["answer_headers"] == redis["cache"]["answer_headers"]
    assert not {"kong_edition", "shards"} & {*memory, *plugin}
    assert "answer_headers" not in plugin["cache"]


def test_enterprise_is_given_no_answer_headers() -> None:
    (route,) = arguments({**redis_stack(), "kong": ENTERPRISE})["models"]
    assert route["kong_edition"] == "enterprise"
    assert "answer_headers" not in route["cache"]


def test_the_nodes_are_the_shards_of_models_that_cache() -> None:
    off = model(name="words", cache={"enabled": False, "store": "memory"})
    on, without = arguments(stack(memory_model(), off, kong=SHARDED))["models"]
    assert on["shards"] == NODES
    assert "shards" not in without


@pytest.mark.parametrize(("path", "value"), CACHE_ACCEPTED)
def test_the_component_takes_what_the_config_accepts(path: str, value: Any) -> None:
    made: Any = shared_cache(cache_at(path, value))
    assert check_arguments("edge-shared-cache", made) in made


@pytest.mark.parametrize(
    "name",
    [
        *("age", "cache-control", "cache-status", "connection", "content-encoding", "content-length", "content-md5"),
        *("date", "etag", "expires", "keep-alive", "link", "server", "set-cookie", "te", "trailer", "upgrade", "vary"),
        *("transfer-encoding", "via", "x-kong-response-latency", "x-model", "x-request-id"),
    ],
)
def test_the_component_keeps_every_header_that_the_config_accepts(name: str) -> None:
    holds, _ = CACHE_RULES["answer_headers"]
    assert holds([name]) or problems(stack(memory_model(answerHeaders=[name])))


def test_defaults_are_those_of_the_component() -> None:
    found = parse_settings(cache_at("elasticache.alarms", {})).shared_cache
    assert found is not None and found.elasticache is not None
    assert found.elasticache.max_gigabytes == store.MAX_GIGABYTES
    assert found.elasticache.max_ecpu_per_second == store.MAX_ECPU_PER_SECOND
    assert found.elasticache.alarms.memory_percent == store.MEMORY_PERCENT
    assert found.timeout_seconds == store.TIMEOUT_SECONDS == gateway.REDIS["timeout_seconds"]
    assert found.retry_seconds == gateway.REDIS["retry_seconds"]
    assert gateway.REDIS["key_prefix"] == store.KEY_PREFIX
    other = parse_settings(cache_at("memorystore.alarms", {})).shared_cache
    assert other is not None and other.memorystore is not None
    assert other.memorystore.memory_gigabytes == store.MEMORY_GIGABYTES
    assert other.memorystore.alarms.memory_percent == store.MEMORY_PERCENT


@pytest.mark.parametrize(
    ("section", "component"),
    [
        (models.ElastiCacheSettings, store.ElastiCacheArgs),
        (models.ElastiCacheAlarmSettings, store.ElastiCacheAlarmArgs),
        (models.MemorystoreSettings, store.MemorystoreArgs),
        (models.MemorystoreAlarmSettings, store.MemorystoreAlarmArgs),
    ],
)
def test_a_section_has_the_keys_of_the_components_arguments(section: Any, component: Any) -> None:
    assert set(section.model_fields) == set(component.__annotations__)
