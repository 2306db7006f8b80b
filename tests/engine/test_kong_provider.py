"""The kong provider: defaults, ids, normal forms, refresh, adoption."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pulumi_kong
import pytest

from local.engine.providers.kong.entities import ENTITIES
from local.engine.providers.kong.provider import KongProvider
from local.engine.providers.kong.wire import from_wire, to_wire
from local.engine.values import UNKNOWN
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.failures import failure_of
from tests.engine.support.programs import consumer

SERVICE = "kong:index/service:Service"
ROUTE = "kong:index/route:Route"
PLUGIN = "kong:index/plugin:Plugin"
Program = Callable[[], Any]


@pytest.fixture
def provider() -> Iterator[KongProvider]:
    provider = KongProvider.configure({"kongAdminUri": "http://127.0.0.1:1"})
    yield provider
    provider.close()


def test_the_defaults_are_those_of_the_real_provider(provider: KongProvider) -> None:
    checked = provider.check(SERVICE, "svc", {"protocol": "http", "host": "h.test"}, {})
    assert checked.pop("name").startswith("svc-")
    assert checked == {
        "protocol": "http",
        "host": "h.test",
        "port": 80,
        "retries": 5,
        "connectTimeout": 60000,
        "readTimeout": 60000,
        "writeTimeout": 60000,
    }
    route = provider.check(ROUTE, "r", {"protocols": ["http"], "serviceId": UNKNOWN, "name": "r"}, {})
    assert route == {
        "name": "r",
        "protocols": ["http"],
        "serviceId": UNKNOWN,
        "httpsRedirectStatusCode": 426,
        "pathHandling": "v0",
        "requestBuffering": True,
        "responseBuffering": True,
        "stripPath": True,
    }
    assert provider.check(PLUGIN, "p", {"name": "cors"}, {}) == {"name": "cors", "enabled": True}


def test_a_generated_name_is_kept_and_a_given_one_is_not(provider: KongProvider) -> None:
    inputs = {"protocol": "http"}
    generated = provider.check(SERVICE, "svc", inputs, {})["name"]
    assert provider.check(SERVICE, "svc", inputs, {"name": generated})["name"] == generated
    assert provider.check(SERVICE, "svc", inputs, {"name": "mine"})["name"] != "mine"


@pytest.mark.parametrize(
    ("type_", "inputs", "message"),
    [
        (SERVICE, {"protocol": "http", "port": 8080.5}, "port must be a whole number, not float"),
        (SERVICE, {"protocol": "http", "port": True}, "port must be a whole number, not bool"),
        (SERVICE, {"protocol": "http", "tags": "a"}, "tags must be a list of texts, not str"),
        (SERVICE, {}, "protocol is required"),
        (ROUTE, {"protocols": ["http"], "serviceId": "x", "stripPath": "yes"}, "stripPath must be true or false"),
        (PLUGIN, {"name": "cors", "configJson": ""}, "configJson is not valid JSON (line 1 column 1)"),
        (PLUGIN, {"name": "cors", "configJson": "[]"}, "configJson must be a JSON object"),
        (PLUGIN, {"name": "cors", "config_json": "{}"}, "unknown input config_json; known are configJson,"),
        (PLUGIN, {}, "name is required"),
    ],
)
def test_wrong_inputs_are_named(type_: str, inputs: dict[str, Any], message: str, provider: KongProvider) -> None:
    assert message in failure_of(lambda: provider.check(type_, "x", inputs, {}))


def test_texts_that_are_numbers_or_booleans_are_converted(provider: KongProvider) -> None:
    checked = provider.check(SERVICE, "s", {"protocol": "http", "port": "8081", "tlsVerify": "true"}, {})
    assert checked["port"] == 8081 and checked["tlsVerify"] is True


def test_a_left_out_config_json_stays(provider: KongProvider) -> None:
    old = {"name": "cors", "configJson": '{"a":1}'}
    assert provider.check(PLUGIN, "p", {"name": "cors"}, old)["configJson"] == '{"a":1}'


def test_headers_and_foreign_keys_have_their_wire_form() -> None:
    entity = ENTITIES[ROUTE]
    inputs = {"serviceId": "1", "headers": [{"name": "x-a", "values": ["1", "2"]}], "paths": [], "name": ""}
    assert to_wire(entity, inputs) == {"service": {"id": "1"}, "headers": {"x-a": ["1", "2"]}}
    assert from_wire(entity.fields["headers"], {"x-a": ["1", "2"]}) == inputs["headers"]


def test_health_checks_change_case_both_ways() -> None:
    entity = ENTITIES["kong:index/upstream:Upstream"]
    checks = {"active": {"httpPath": "/ping", "healthy": {"httpStatuses": [200]}}}
    wire = to_wire(entity, {"healthchecks": checks})["healthchecks"]
    assert wire == {"active": {"http_path": "/ping", "healthy": {"http_statuses": [200]}}}
    assert from_wire(entity.fields["healthchecks"], wire) == checks


def test_nested_ids_hold_the_parent(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        one = pulumi_kong.Consumer("c", username="c")
        pulumi.export("key", pulumi_kong.ConsumerKeyAuth("k", consumer_id=one.id).id)
        pulumi.export("acl", pulumi_kong.ConsumerAcl("a", consumer_id=one.id, group="g").id)
        up = pulumi_kong.Upstream("u", name="u")
        pulumi.export("target", pulumi_kong.Target("t", target="a.test:80", weight=1, upstream_id=up.id).id)

    outputs = make_engine(program).up().outputs
    [owner], [upstream] = kong.all("consumers"), kong.all("upstreams")
    assert outputs["key"] == f"{kong.all('key-auth')[0]['id']}|{owner['id']}"
    assert outputs["acl"] == f"{kong.all('acls')[0]['id']}|{owner['id']}"
    assert outputs["target"] == f"{upstream['id']}/{kong.all('targets')[0]['id']}"
    assert make_engine(program).up().changes["same"] == 6
    make_engine(program).refresh()
    assert make_engine(program).up().changes["same"] == 6
    make_engine(program).destroy()
    assert kong.count() == 0


def test_a_generated_key_is_secret_and_survives_an_update(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program(tags: list[str]) -> Program:
        def run() -> None:
            one = pulumi_kong.Consumer("c", username="c")
            pulumi.export("key", pulumi_kong.ConsumerKeyAuth("k", consumer_id=one.id, tags=tags).key)

        return run

    assert make_engine(program(["a"])).up().outputs == {"key": "[secret]"}
    [before] = kong.all("key-auth")
    make_engine(program(["b"])).up()
    [after] = kong.all("key-auth")
    assert after == {**before, "tags": ["b"]}


def test_a_target_is_replaced_whatever_changes(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program(weight: int) -> Program:
        def run() -> None:
            up = pulumi_kong.Upstream("u", name="u")
            options = pulumi.ResourceOptions(delete_before_replace=True)
            pulumi_kong.Target("t", target="a.test:80", weight=weight, upstream_id=up.id, opts=options)

        return run

    make_engine(program(1)).up()
    assert make_engine(program(2)).up().changes["replace"] == 1
    assert [item["weight"] for item in kong.all("targets")] == [2]


def test_computed_config_holds_what_kong_added(make_engine: MakeEngine) -> None:
    def program() -> None:
        plugin = pulumi_kong.Plugin("p", name="cors", config_json='{"a": 1}')
        pulumi.export("config", plugin.computed_config)

    assert make_engine(program).preview().outputs == {"config": "[unknown]"}
    assert make_engine(program).up().outputs == {"config": '{"a":1,"hide_credentials":false}'}


# Refresh


def test_refresh_takes_drift_into_the_state_and_up_repairs_it(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        pulumi_kong.Service("s", name="s", protocol="http", host="a.test", tags=["t"])
        pulumi_kong.Plugin("p", name="cors", enabled=True, config_json='{"ttl": 300}')

    make_engine(program).up()
    [service], [plugin] = kong.all("services"), kong.all("plugins")
    service |= {"host": "drift.test", "path": "/drift", "tags": None}
    plugin |= {"enabled": False, "config": {"ttl": 1, "more": 2}}
    result = make_engine(program).refresh()
    assert {step.name: step.diff for step in result.steps if step.op == "update"} == {
        "s": ['~ host: "a.test" => "drift.test"', '+ path: "/drift"', '- tags: ["t"]'],
        "p": ["~ configJson.ttl: 300 => 1", "~ enabled: true => false"],
    }
    assert make_engine(program).refresh().changes["update"] == 0
    assert make_engine(program).up().changes["update"] == 2
    [service], [plugin] = kong.all("services"), kong.all("plugins")
    assert (service["host"], service["path"], service["tags"]) == ("a.test", None, ["t"])
    assert plugin["enabled"] is True and plugin["config"]["ttl"] == 300


def test_refresh_drops_what_is_gone_and_up_creates_it(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(consumer()).up()
    kong.entities.clear()
    result = make_engine(consumer()).refresh()
    assert [step.name for step in result.steps if step.op == "delete"] == ["c"]
    assert make_engine(consumer()).up().changes["create"] == 1


# Adoption


def test_an_entity_with_exactly_our_tags_is_adopted(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    kong.entities["consumers"] = {"old": {"id": "old", "username": "c", "tags": ["b", "a"], "custom_id": "x"}}
    make_engine(consumer(tags=["a", "b"])).up()
    assert [(item["id"], item["custom_id"]) for item in kong.all("consumers")] == [("old", None)]
    assert make_engine(consumer(tags=["a", "b"])).up().changes["same"] == 2


@pytest.mark.parametrize("tags", [None, ["a"], ["a", "b", "c"]])
def test_an_entity_with_other_tags_is_left_alone(
    tags: list[str] | None, make_engine: MakeEngine, kong: MemoryAdminApi
) -> None:
    theirs = {"id": "old", "username": "c", "tags": tags}
    kong.entities["consumers"] = {"old": dict(theirs)}
    message = failure_of(make_engine(consumer(tags=["a", "b"])).up)
    assert "HTTP 409, Kong says: UNIQUE violation" in message
    assert f"{kong.url}/consumers/old has other tags" in message and "delete it, or choose another name" in message
    assert kong.all("consumers") == [theirs]


def test_untagged_entities_are_never_adopted(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    kong.entities["consumers"] = {"old": {"id": "old", "username": "c", "tags": None}}
    assert "has other tags (none)" in failure_of(make_engine(consumer()).up)


def test_two_resources_never_share_an_entity(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        one = pulumi_kong.Consumer("one", username="c", tags=["a"])
        pulumi_kong.Consumer("two", username="c", tags=["a"], opts=pulumi.ResourceOptions(depends_on=[one]))

    message = failure_of(make_engine(program).up)
    assert "Consumer two" in message and "already belongs to another resource of this stack" in message
    assert len(kong.all("consumers")) == 1
