"""A route with shards: the service in front, the shard on every node, and the upstream that finds a key's node."""

from __future__ import annotations

from typing import Any

import pytest

from components import ArgumentError, KongCachedRoute, lua
from components.prediction_key import (
    SHARD_HEADER,
    KeySettings,
    Sharing,
    StoreSettings,
    header_lock_phases,
    shard_phases,
    to_shard_phases,
)
from local.engine import EngineError
from tests.components.arguments import minimal_route
from tests.components.recording import GENERATED_BYTES, GENERATED_PASSWORD
from tests.components.test_kong_cached_route import TAGS, counted, deployed, function_config, settings
from tests.components.test_stores import HEADERS
from tests.components.trial_stack import Graph, TrialStack

NODES = ["kong-1.internal:8000", "kong-2.internal:8443"]
URL = "http://model.test:8080/invocations"
ENTRY, SHARDS = "shop-test-digits_entry", "shop-test-digits_shards"
GUARDS = {"acl", "correlation-id", "key-auth", "prometheus", "request-size-limiting"}


def sharded_route(**more: Any) -> Any:
    return minimal_route(shards=NODES, **{"cache": {"store": "memory"}, **more})


def own_key(**more: Any) -> KeySettings:
    return settings(store=StoreSettings(HEADERS), **more)


@pytest.fixture
def graph(stack: TrialStack) -> Graph:
    return deployed(stack, sharded_route())


def test_the_entry_has_the_guards_and_the_shards_have_the_lock_and_the_store(graph: Graph) -> None:
    entry = {f"d-entry-{name}" for name in GUARDS | {"post-function"}}
    shards = {f"d-shards-{name}" for name in ("pre-function", "post-function", "prometheus")}
    assert set(graph.of_type("Plugin")) == entry | shards
    assert {item["inputs"]["serviceId"] for name, item in graph.items() if name in entry} == {f"service {ENTRY}"}
    assert {item["inputs"]["serviceId"] for name, item in graph.items() if name in shards} == {f"service {SHARDS}"}
    assert graph["d-shards"]["type"] == "inference-edge:index:ShardTier"
    assert graph["d-shards"]["inputs"] == {"model": "digits", "nodes": NODES}
    assert graph["d-route"]["inputs"]["serviceId"] == f"service {ENTRY}"
    assert graph["d-route"]["inputs"]["name"] == "shop-test-digits"
    assert "d-service" not in graph


def test_the_functions_are_those_of_both_ends(graph: Graph) -> None:
    hop = to_shard_phases(own_key(), GENERATED_BYTES, URL, GENERATED_PASSWORD)
    assert graph.config("d-entry-post-function") == counted(hop)
    assert graph.config("d-shards-pre-function") == function_config(
        header_lock_phases(SHARD_HEADER, GENERATED_PASSWORD)
    )
    assert graph.config("d-shards-post-function") == function_config(shard_phases(own_key(), GENERATED_BYTES))


def test_credentials_of_the_model_are_added_by_the_shard_alone(stack: TrialStack) -> None:
    graph = deployed(stack, sharded_route(upstream_headers={"x-api-key": "of-the-model"}))
    holders = {name for name in graph.of_type("Plugin") if "of-the-model" in str(graph.config(name))}
    assert holders == {"d-shards-post-function"}


def test_what_the_plugins_hold_is_secret_and_the_shard_holds_a_digest_of_what_lets_in(graph: Graph) -> None:
    holders = {"d-entry-post-function", "d-shards-pre-function", "d-shards-post-function"}
    for name, item in graph.of_type("Plugin").items():
        assert graph.secret_inputs(name) == ({"configJson"} if name in holders else set())
        assert item["options"]["additionalSecretOutputs"] == (["computedConfig"] if name in holders else [])
    spelled = lua.literal(GENERATED_PASSWORD)
    assert spelled in graph.config("d-entry-post-function")["access"][0]
    assert spelled not in str(graph.config("d-shards-pre-function")) + str(graph.config("d-shards-post-function"))
    assert graph["d-shards-secret"]["inputs"] == {"length": 48, "special": False}


def test_the_entry_calls_the_upstream_and_waits_longer_than_a_shard_does(graph: Graph) -> None:
    assert graph["d-entry-service"]["inputs"] == {
        "name": ENTRY,
        "protocol": "http",
        "host": SHARDS,
        "port": 80,
        "path": "/-/shards/shop-test-digits",
        "connectTimeout": 1000,
        "readTimeout": 3 * 125_000 + 10_000,
        "writeTimeout": 60_000,
        "retries": 10,
        "tags": TAGS,
    }
    shard = graph["d-shards-service"]["inputs"]
    assert (shard["name"], shard["host"], shard["port"], shard["path"]) == (SHARDS, "model.test", 8080, "/invocations")
    assert (shard["readTimeout"], shard["retries"]) == (60_000, 1)


def test_the_wait_for_a_shard_has_the_largest_time_that_kong_takes(stack: TrialStack) -> None:
    timeouts = {"connect_seconds": 3600, "read_seconds": 3600, "write_seconds": 3600}
    graph = deployed(stack, sharded_route(timeouts=timeouts, retries=10))
    assert graph["d-entry-service"]["inputs"]["readTimeout"] == 12 * 10_800_000 + 10_000 < 2**31 - 1


def test_the_wait_for_a_shard_is_as_long_as_a_streams_silence(stack: TrialStack) -> None:
    graph = deployed(stack, sharded_route(timeouts={"stream_seconds": 600}))
    assert graph["d-entry-service"]["inputs"]["readTimeout"] == 3 * 665_000 + 10_000
    graph = deployed(stack, sharded_route(timeouts={"stream_seconds": 1}))  # of answers that are no streams
    assert graph["d-entry-service"]["inputs"]["readTimeout"] == 3 * 125_000 + 10_000


def test_the_shards_route_takes_its_path_alone(graph: Graph) -> None:
    route = graph["d-shards-route"]["inputs"]
    assert route["paths"] == ["~/-/shards/shop-test-digits$"]
    assert route["serviceId"] == f"service {SHARDS}"
    assert "hosts" not in route


def test_the_upstream_hashes_the_key_and_has_every_node(graph: Graph) -> None:
    upstream = graph["d-shards-upstream"]["inputs"]
    assert (upstream["name"], upstream["slots"]) == (SHARDS, 65_536)
    assert (upstream["hashOn"], upstream["hashOnHeader"]) == ("header", "Xpredictionkey")
    assert upstream["hashFallback"] == "none"
    targets = graph.of_type("Target")
    assert set(targets) == {"d-shards-node-kong-1.internal-8000", "d-shards-node-kong-2.internal-8443"}
    for item, node in zip(targets.values(), NODES, strict=True):
        expected = {"target": node, "upstreamId": f"upstream {SHARDS}", "weight": 100, "tags": TAGS}
        assert item["inputs"] == expected


def test_a_node_leaves_when_it_refuses_or_is_silent_and_never_for_the_models_faults(graph: Graph) -> None:
    checks = graph["d-shards-upstream"]["inputs"]["healthchecks"]
    active, passive = checks["active"], checks["passive"]["unhealthy"]
    assert (active["type"], active["httpPath"]) == ("http", "/-/shards/shop-test-digits")
    assert active["healthy"] == {"interval": 3, "successes": 1, "httpStatuses": [403]}  # of the shard's lock
    assert 404 in active["unhealthy"]["httpStatuses"]  # the node does not have the model
    assert (passive["tcpFailures"], passive["timeouts"], passive["httpFailures"]) == (1, 0, 0)


def test_the_tier_is_whole_before_the_entry_and_the_entrys_route_is_last(stack: TrialStack) -> None:
    deployed(stack, sharded_route())
    created = stack.recorder.entities("create")
    targets = {f"target {SHARDS}/{node}" for node in NODES}
    tier = {
        f"service {SHARDS}",
        *(f"plugin {SHARDS}/{name}" for name in ("pre-function", "post-function", "prometheus")),
        f"route {SHARDS}",
        f"upstream {SHARDS}",
        *targets,
    }
    plugins = {name for name in tier if name.startswith("plugin")}
    assert stack.recorder.call("create", f"route {SHARDS}").after >= plugins
    assert stack.recorder.call("create", f"upstream {SHARDS}").after >= {f"route {SHARDS}"}
    assert stack.recorder.call("create", f"service {ENTRY}").after == tier
    assert created[-1] == "route shop-test-digits"
    assert stack.recorder.call("create", created[-1]).after == set(created[:-1])


@pytest.mark.parametrize("entity", [f"plugin {SHARDS}/pre-function", f"target {SHARDS}/{NODES[1]}"])
def test_there_is_no_way_in_when_a_part_of_the_tier_fails(stack: TrialStack, entity: str) -> None:
    stack.recorder.failing.add(entity)
    with pytest.raises(EngineError, match="was made to fail"):
        deployed(stack, sharded_route())
    assert not {f"service {ENTRY}", "route shop-test-digits"} & set(stack.recorder.entities("create"))
    assert f"plugin {SHARDS}" not in entity or f"route {SHARDS}" not in stack.recorder.entities("create")


@pytest.mark.parametrize("to_shards", [True, False])
def test_all_guards_stand_on_both_services_while_the_route_goes_from_one_to_the_other(
    stack: TrialStack, to_shards: bool
) -> None:
    replicated = minimal_route(cache={"store": "memory"})
    before, after = (replicated, sharded_route()) if to_shards else (sharded_route(), replicated)
    deployed(stack, before)
    guarded = {name for name in stack.recorder.entities("create") if "/key-auth" in name}
    start = len(stack.recorder.calls)
    deployed(stack, after)
    calls = [(call.operation, call.entity) for call in stack.recorder.calls[start:]]
    moved = calls.index(("update", "route shop-test-digits"))
    assert {operation for operation, _ in calls[:moved]} == {"create"}
    assert {operation for operation, _ in calls[moved + 1 :]} == {"delete"}
    assert any(entity.endswith("/key-auth") for _, entity in calls[:moved])
    assert guarded <= {entity for _, entity in calls[moved:]}


def test_another_node_is_one_more_target_and_changes_nothing_else(stack: TrialStack) -> None:
    deployed(stack, sharded_route())
    before = len(stack.recorder.entities("create"))
    deployed(stack, {**sharded_route(), "shards": [*NODES, "kong-3.internal:8000"]})
    assert stack.recorder.entities("create")[before:] == [f"target {SHARDS}/kong-3.internal:8000"]
    assert not stack.recorder.entities("update")


def test_another_version_takes_another_key_secret_and_the_same_way_in(stack: TrialStack) -> None:
    graph = deployed(stack, sharded_route())
    keepers = {"version": "1", "endpoint": URL}
    assert graph["d-key-secret"]["inputs"]["keepers"] == keepers
    assert "keepers" not in graph["d-shards-secret"]["inputs"]


def test_both_ends_agree_on_what_they_speak_of_and_no_other_version_does() -> None:
    def stamp(**more: Any) -> str:
        [chunk] = to_shard_phases(own_key(**more), "s", URL, "x")["header_filter"]
        return next(line for line in chunk.splitlines() if line.startswith("C.stamp = "))

    sharing = Sharing(URL)
    assert stamp() == stamp(get_twin=False) == stamp(sharing=sharing)
    others = [stamp(version="2"), stamp(generation=2), stamp(ttl_seconds=1), stamp(model="words")]
    assert len({stamp(), *others}) == 5


def test_without_a_cache_there_is_nothing_to_divide(stack: TrialStack) -> None:
    graph = deployed(stack, sharded_route(cache={"store": "memory", "enabled": False}))
    assert "d-service" in graph
    assert not graph.of_type("Upstream")


@pytest.mark.parametrize(
    ("args", "argument"),
    [
        ({"shards": []}, "shards"),
        ({"shards": ["a:8000", "a:8000"]}, "shards"),
        ({"shards": ["a"]}, "shards"),
        ({"shards": ["a:0"]}, "shards"),
        ({"shards": ["a:70000"]}, "shards"),
        ({"shards": ["http://a:8000"]}, "shards"),
        ({"shards": [f"a{number}:8000" for number in range(65)]}, "shards"),
        ({"cache": {"store": "proxy-cache"}}, "shards"),
        ({"path": "/-/shards/shop-test-digits"}, "path"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_name(args: dict[str, Any], argument: str, stack: TrialStack) -> None:
    with pytest.raises(ArgumentError) as error:
        KongCachedRoute("d", sharded_route() | args)
    assert str(error.value).split(": ")[1].startswith(f"{argument} ")
