"""Updates, replacements and resource options against a running Admin API."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_kong
import pulumi_random
import pytest

from local.engine import EngineError
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.programs import Shop, empty, shop

Options = pulumi.ResourceOptions


def service(opts: Options | None = None, name: str = "s", **inputs: Any) -> Any:
    """A program with one service."""

    def program() -> None:
        pulumi_kong.Service(name, opts=opts, **{"name": "s", "protocol": "http", "host": "a.test", **inputs})

    return program


def kinds(kong: MemoryAdminApi) -> list[tuple[str, str]]:
    return [(method, path.split("/")[1]) for method, path in kong.writes]


def test_an_update_keeps_the_id_and_shows_old_and_new(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(service(path="/a")).up()
    [before] = kong.all("services")
    result = make_engine(service(host="b.test", retries=7)).up()
    [after] = kong.all("services")
    assert after["id"] == before["id"]
    assert (after["host"], after["retries"], after["path"]) == ("b.test", 7, None)
    [step] = [step for step in result.steps if step.op == "update"]
    assert step.diff == ['~ host: "a.test" => "b.test"', '- path: "/a"', "~ retries: 5 => 7"]
    assert step.summary == "[diff: ~host-path~retries]"


def test_json_texts_are_compared_inside_and_equal_ones_are_no_change(
    make_engine: MakeEngine, kong: MemoryAdminApi
) -> None:
    def plugin(config: str) -> Any:
        return lambda: pulumi_kong.Plugin("p", name="cors", config_json=config) and None

    make_engine(plugin('{"ttl": 300, "methods": ["GET"]}')).up()
    same = make_engine(plugin('{"methods":["GET"],\n "ttl":300.0}')).up()
    assert same.changes["same"] == 2
    [step] = [step for step in make_engine(plugin('{"methods":["GET","PUT"],"ttl":77}')).up().steps if step.diff]
    assert step.diff == ['+ configJson.methods[1]: "PUT"', "~ configJson.ttl: 300 => 77"]
    assert kong.all("plugins")[0]["config"]["methods"] == ["GET", "PUT"]


def test_secrets_are_masked_in_every_diff(make_engine: MakeEngine) -> None:
    def plugin(key: str) -> Any:
        secret = pulumi.Output.secret(json.dumps({"key": key}))
        return lambda: pulumi_kong.Plugin("p", name="cors", config_json=pulumi.Output.secret(secret)) and None

    created = make_engine(lambda: plugin("first-secret")()).up()
    changed = make_engine(lambda: plugin("other-secret")()).up()
    lines = [line for step in [*created.steps, *changed.steps] for line in step.diff]
    assert "configJson: [secret]" in lines and "~ configJson: [secret] => [secret]" in lines
    assert not any("first-secret" in line or "other-secret" in line for line in lines)


def test_a_change_of_secretness_alone_is_no_update(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(service(path="/secret-path")).up()
    result = make_engine(lambda: service(path=pulumi.Output.secret("/secret-path"))()).up()
    assert result.changes["update"] == 0 and len(kong.writes) == 1


def test_a_plugin_of_another_name_is_deleted_first(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(shop(plugin="proxy-cache")).up()
    del kong.requests[:]
    preview = make_engine(shop(plugin="key-auth")).preview()
    assert [(step.op, step.name) for step in preview.steps if step.op != "same"] == [("replace", "shop-plugin")]
    assert make_engine(shop(plugin="key-auth")).up().changes["replace"] == 1
    assert kinds(kong) == [("DELETE", "plugins"), ("PUT", "plugins")]


def test_a_replacement_is_created_before_the_old_one_goes(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    options = Options(replace_on_changes=["name"])
    make_engine(service(opts=options, name="s")).up()
    [old] = kong.all("services")
    del kong.requests[:]

    def program() -> None:
        pulumi_kong.Service("s", name="other", protocol="http", host="a.test", opts=options)

    make_engine(program).up()
    [new] = kong.all("services")
    assert new["id"] != old["id"] and new["name"] == "other"
    assert kinds(kong) == [("PUT", "services"), ("DELETE", "services")]


def test_dependents_that_must_be_replaced_go_before_what_they_need(
    make_engine: MakeEngine, kong: MemoryAdminApi
) -> None:
    def program(protocol: str) -> Any:
        def run() -> None:
            one = pulumi_kong.Service(
                "s",
                name="s",
                protocol=protocol,
                host="a.test",
                opts=Options(replace_on_changes=["protocol"], delete_before_replace=True),
            )
            route = pulumi_kong.Route(
                "r",
                name="r",
                protocols=["http"],
                paths=["/"],
                service_id=one.id,
                opts=Options(replace_on_changes=["serviceId"], delete_before_replace=True),
            )
            pulumi_kong.Plugin("p", name="cors", route_id=route.id, opts=Options(replace_on_changes=["routeId"]))

        return run

    make_engine(program("http")).up()
    del kong.requests[:]
    assert make_engine(program("https")).preview().changes["replace"] == 3
    assert make_engine(program("https")).up().changes["replace"] == 3
    assert kinds(kong) == [
        ("DELETE", "plugins"),
        ("DELETE", "routes"),
        ("DELETE", "services"),
        ("PUT", "services"),
        ("PUT", "routes"),
        ("PUT", "plugins"),
    ]


def test_protected_resources_are_neither_deleted_nor_replaced(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    protected = Options(protect=True, replace_on_changes=["host"])
    make_engine(service(opts=protected)).up()
    for program in (empty, service(opts=protected, host="b.test")):
        for operation in ("preview", "up"):
            with pytest.raises(EngineError, match="protected") as failure:
                getattr(make_engine(program), operation)()
            assert "kong:index/service:Service::s" in str(failure.value)
    with pytest.raises(EngineError, match="protected"):
        make_engine(empty).destroy()
    assert len(kong.all("services")) == 1 and len(kong.writes) == 1
    make_engine(service()).up()
    make_engine(empty).up()
    assert kong.count() == 0


def test_protection_of_a_component_reaches_its_children(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(lambda: Shop("shop", "a.test", "cors", Options(protect=True)) and None).up()
    with pytest.raises(EngineError, match="Service::shop-service"):
        make_engine(empty).up()
    assert kong.count() == 3


def test_ignored_changes_stay_as_they_were(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(service(tags=["a", "b"], path="/a")).up()
    options = Options(ignore_changes=["tags[0]", "path", "host"])
    result = make_engine(service(opts=options, tags=["x", "y"], host="b.test")).up()
    [one] = kong.all("services")
    assert (one["tags"], one["path"], one["host"]) == (["a", "y"], "/a", "a.test")
    assert result.changes["update"] == 1


def test_retained_resources_stay_in_kong(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(service(opts=Options(retain_on_delete=True))).up()
    assert make_engine(empty).up().changes["delete"] == 1
    assert len(kong.all("services")) == 1


def test_an_alias_moves_the_resource_in_the_state(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(service(name="old")).up()
    program = service(name="new", opts=Options(aliases=[pulumi.Alias(name="old")]))
    assert make_engine(program).preview().changes == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 2}
    assert make_engine(program).up().changes["same"] == 2
    assert make_engine(service(name="new")).up().changes["same"] == 2
    assert len(kong.writes) == 1


def test_children_inherit_the_alias_of_a_renamed_component(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(lambda: Shop("old", "a.test", "cors") and None).up()
    writes = len(kong.writes)

    def program() -> None:
        Shop("new", "a.test", "cors", Options(aliases=[pulumi.Alias(name="old")]))

    result = make_engine(program).up()
    assert result.changes["create"] == result.changes["delete"] == 0
    assert {method for method, _ in kong.writes[writes:]} == {"PUT"}
    assert [item["name"] for item in kong.all("services")] == ["new"]


def test_an_alias_into_a_component_moves_the_resource(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(service(name="s")).up()

    class Group(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("shop:index:Group", "group", {})
            no_parent = pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)
            service(name="s", opts=Options(parent=self, aliases=[no_parent]))()

    assert make_engine(lambda: Group() and None).up().changes["create"] == 1
    assert len(kong.writes) == 1


def test_additional_secret_outputs_are_secret_for_the_program(make_engine: MakeEngine) -> None:
    def program() -> None:
        one = pulumi_kong.Consumer("c", username="c", opts=Options(additional_secret_outputs=["username"]))
        pulumi.export("username", one.username)

    assert make_engine(program).up().outputs == {"username": "[secret]"}
    assert make_engine(program).up().outputs == {"username": "[secret]"}


def test_stack_transforms_change_properties_and_options(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        def add_tag(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
            if not args.type_.startswith("kong:"):
                return None
            opts = Options.merge(args.opts, Options(protect=True))
            return pulumi.ResourceTransformResult({**args.props, "tags": ["managed"]}, opts)

        pulumi.runtime.register_resource_transform(add_tag)
        pulumi_random.RandomUuid("id")
        pulumi_kong.Consumer("c", username="c")

    result = make_engine(program).up()
    assert kong.all("consumers")[0]["tags"] == ["managed"]
    assert {item["urn"].split("::")[-1]: item["options"]["protect"] for item in result.graph} == {
        "shop-dev": False,
        "id": False,
        "c": True,
    }


def test_a_transform_of_one_resource_and_a_failing_one(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def rename(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        return pulumi.ResourceTransformResult({**args.props, "username": "transformed"}, args.opts)

    def fail(_: pulumi.ResourceTransformArgs) -> None:
        raise ValueError("no such tag")

    make_engine(lambda: pulumi_kong.Consumer("c", username="c", opts=Options(transforms=[rename])) and None).up()
    assert kong.all("consumers")[0]["username"] == "transformed"
    with pytest.raises(EngineError, match="(?s)a transform failed.*no such tag"):
        make_engine(lambda: pulumi_kong.Consumer("c", username="c", opts=Options(transforms=[fail])) and None).up()


def test_an_interrupted_update_is_sent_again(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(service()).up()
    real = kong.on_request

    def cut(method: str, path: str) -> None:
        if method == "PUT":
            raise ConnectionAbortedError

    kong.on_request = cut
    with pytest.raises(EngineError, match="the connection was cut"):
        make_engine(service(host="b.test")).up()
    kong.on_request = real
    assert make_engine(service()).up().changes["update"] == 1
    assert make_engine(service()).up().changes["same"] == 2
