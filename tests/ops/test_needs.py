"""What a stack needs from its Kong."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from tests.ops.fake_admin import PLUGINS
from tests.ops.support import MODEL, needs

ALWAYS = {"correlation-id", "post-function", "prometheus", "request-size-limiting"}
METRICS = "kong.plugins.prometheus.exporter"
PUBLIC_KEY = (
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnow0lvMBGPnPr3vjyaDbNrgX6YIN\n"
    "hX8XGZ4sIKcoDDTTQTJxsd/yDpqrxUiEkQLBjJfL2eVMBt2eNYXZ31fBPA==\n-----END PUBLIC KEY-----\n"
)
CACHE = {"pre-function", "proxy-cache"}
OPEN = {**MODEL, "access": {"mode": "open"}}
SHARED = {**OPEN, "cache": {"store": "redis"}}
CACHE_SERVER = {"url": "rediss://cache.example.com/0"}
ELASTICACHE = {
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
    "gatewaySecurityGroupIds": ["sg-0a1b2c3d"],
}
MEMORYSTORE = {"region": "europe-west1", "network": "projects/p-12345/global/networks/kong"}


def test_a_stack_that_uses_everything_needs_every_plugin() -> None:
    assert needs().plugins == set(PLUGINS)


def test_only_plugins_that_the_stack_uses_are_needed() -> None:
    assert needs({**MODEL, "access": {"mode": "open"}}).plugins == ALWAYS | CACHE
    assert needs({**MODEL, "cache": {"enabled": False}}).plugins == ALWAYS | {"key-auth", "acl"}


def test_sizes_are_those_of_the_largest_cached_model() -> None:
    small = {**MODEL, "name": "small", "cache": {"maxBodyBytes": 100, "maxResponseBytes": 1000}}
    large = {**MODEL, "cache": {"maxBodyBytes": 5000, "maxResponseBytes": 20_000}}
    off = {**MODEL, "name": "off", "cache": {"enabled": False, "maxBodyBytes": 1_000_000}}
    assert needs(small, large, off).body_buffer_bytes == 5000
    assert needs(small, large, off).dictionary_bytes == 4 * 25_000
    assert needs(off).dictionary is None


def test_a_store_of_our_own_needs_no_plugin_of_kongs_cache() -> None:
    wanted = needs({**OPEN, "cache": {"store": "memory"}})
    assert wanted.plugins == ALWAYS
    assert [module.name for module in wanted.modules] == [METRICS]
    edge = {"provider": "cloudfront", "origin": {"domain": "kong.example.com"}}
    assert needs({**OPEN, "cache": {"store": "memory"}}, edge=edge).plugins == ALWAYS | {"pre-function"}
    both = needs({**OPEN, "cache": {"store": "memory"}}, {**OPEN, "name": "words"})
    assert both.plugins == ALWAYS | CACHE


def test_the_shared_cache_is_asked_from_the_sandbox() -> None:
    wanted = needs(SHARED, sharedCache=CACHE_SERVER)
    assert wanted.plugins == ALWAYS
    assert [module.name for module in wanted.modules] == ["resty.redis", METRICS]


def test_enterprise_asks_the_shared_cache_by_its_own_plugin() -> None:
    wanted = needs(SHARED, sharedCache=CACHE_SERVER, kong={"edition": "enterprise"})
    assert wanted.plugins == ALWAYS | {"pre-function", "proxy-cache-advanced"}
    assert (wanted.edition, [module.name for module in wanted.modules]) == ("enterprise", [METRICS])
    own = needs({**OPEN, "cache": {"store": "memory"}}, kong={"edition": "enterprise"})
    assert own.plugins == ALWAYS


def test_an_entry_of_our_own_is_no_larger_than_the_answer() -> None:
    sizes = {"maxBodyBytes": 1_000_000, "maxResponseBytes": 8_000_000}
    assert needs({**OPEN, "cache": {**sizes, "store": "memory"}}).dictionary_bytes == 2 * (8_000_000 + 8_192)
    shared = {**OPEN, "cache": {**sizes, "store": "redis"}}
    assert needs(shared, sharedCache=CACHE_SERVER).dictionary_bytes == 2**20


@pytest.mark.parametrize(
    ("cache", "trusts"),
    [
        ({"url": "redis://127.0.0.1:6379/0"}, "nobody"),
        ({"url": "rediss://cache.example.com/0"}, "public"),
        ({"provider": "elasticache", "elasticache": ELASTICACHE}, "public"),
        ({"provider": "memorystore", "memorystore": MEMORYSTORE}, "private"),
    ],
)
def test_whose_certificate_has_to_be_trusted(cache: dict[str, Any], trusts: str) -> None:
    assert needs(SHARED, sharedCache=cache).trusts == trusts
    assert needs({**MODEL}).trusts == "nobody"


def test_nodes_are_those_of_a_sharded_cluster() -> None:
    nodes = ["kong-1.internal:8000", "kong-2.internal:8000"]
    model = {**OPEN, "cache": {"store": "memory"}}
    assert needs(model, kong={"topology": "sharded", "nodes": nodes}).nodes == tuple(nodes)
    assert needs(model).nodes == ()


def test_names_are_those_of_the_components() -> None:
    wanted = needs({**MODEL}, consumers=[{"name": "web"}])
    assert wanted.names == {
        "services": ("edge-dev-digits",),
        "routes": ("edge-dev-digits",),
        "upstreams": (),
        "consumers": ("edge-dev-web",),
    }
    assert wanted.tags == {"project:edge", "stack:dev"}


def test_asking_for_names_leaves_the_process_without_project_and_stack() -> None:
    before = (pulumi.get_project(), pulumi.get_stack())
    needs()
    assert (pulumi.get_project(), pulumi.get_stack()) == before


def test_an_edge_has_a_lock_and_asks_as_a_consumer_of_its_own() -> None:
    edge = {"provider": "cloudfront", "origin": {"domain": "kong.example.com"}}
    uncached = {**MODEL, "name": "words", "cache": {"enabled": False}, "access": {"mode": "open"}}
    wanted = needs(uncached, edge=edge)
    assert wanted.plugins == ALWAYS | {"pre-function"}
    assert wanted.names["consumers"] == ()

    signed = {**edge, "authentication": {"mode": "signed-url", "publicKeys": [PUBLIC_KEY]}}
    wanted = needs({**MODEL, "cache": {"shareable": True}}, edge=signed, consumers=[{"name": "web"}])
    assert wanted.names["consumers"] == ("edge-dev-web", "edge-dev-edge-cache")


def test_a_sagemaker_endpoint_needs_the_headers_for_its_api() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/digits"
    model = {"name": "digits", "version": "1", "sagemaker": {"endpointArn": arn}, "cache": {"enabled": False}}
    assert needs({**model, "access": {"mode": "open"}}).plugins == ALWAYS


def pooled(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "version": "1", "pool": {"name": "chat"}, "access": {"mode": "open"}, **changes}


POOLS = [{"name": "chat", "targets": [{"address": "127.0.0.1:8081"}]}]
UNCACHED = {"cache": {"enabled": False}}


def test_a_pool_counts_its_requests_in_the_dictionary() -> None:
    wanted = needs(pooled("chat-1", **UNCACHED), pools=POOLS)
    assert wanted.plugins == ALWAYS
    assert (wanted.dictionary, wanted.dictionary_bytes) == ("prediction_cache", 2**20)
    assert [(module.name, module.level) for module in wanted.modules] == [
        ("kong.plugins.prometheus.exporter", "warning")
    ]
    assert wanted.names == {
        "services": ("edge-dev-chat-1",),
        "routes": ("edge-dev-chat-1",),
        "upstreams": ("edge-dev-chat-pool",),
        "consumers": (),
    }
    assert not wanted.has_router


def test_a_router_has_a_directory_and_a_second_route_to_each_model() -> None:
    wanted = needs({**OPEN, **UNCACHED}, router={"paths": ["/v1"], "maxBodyBytes": 1_000})
    assert wanted.plugins == ALWAYS | {"pre-function", "post-function"}
    assert wanted.has_router
    assert (wanted.dictionary, wanted.body_buffer_bytes) == (None, 1_000)
    assert wanted.names["services"] == ("edge-dev-digits", "edge-dev-models_directory")
    assert wanted.names["routes"] == ("edge-dev-digits", "edge-dev-models_directory", "edge-dev-digits_routed")


def test_only_models_that_the_router_names_have_a_second_route() -> None:
    names = [{"name": "gpt-x", "versions": [{"model": "digits"}]}]
    wanted = needs(OPEN, {**OPEN, "name": "words"}, router={"paths": ["/v1"], "models": names})
    assert [name for name in wanted.names["routes"] if name.endswith("_routed")] == ["edge-dev-digits_routed"]


def test_only_a_fallback_asks_for_the_health_of_pools() -> None:
    name: dict[str, Any] = {"name": "gpt-x", "versions": [{"model": "chat-1"}]}
    models = [pooled("chat-1"), {**OPEN, "name": "small"}]
    without = needs(*models, pools=POOLS, router={"paths": ["/v1"], "models": [name]})
    assert [module.name for module in without.modules] == ["kong.plugins.prometheus.exporter"]
    names = [{**name, "fallback": {"model": "small"}}]
    wanted = needs(*models, pools=POOLS, router={"paths": ["/v1"], "models": names})
    assert [module.name for module in wanted.modules] == ["kong.runloop.balancer", "kong.plugins.prometheus.exporter"]
    assert {"edge-dev-chat-1_routed", "edge-dev-small_routed"} <= set(wanted.names["routes"])


def test_a_limit_for_streamed_answers_is_set_by_a_function() -> None:
    assert needs({**OPEN, **UNCACHED, "timeouts": {"streamSeconds": 30}}).plugins == ALWAYS


def test_whether_kong_repeats_is_what_the_stack_says() -> None:
    assert not needs().repeats_lost_requests
    assert needs(kong={"repeatsLostRequests": True}).repeats_lost_requests
