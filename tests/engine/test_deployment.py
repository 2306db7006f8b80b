"""What the engine does with resources: preview, up, a second up, deletion, destroy, a failure."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_kong
import pytest

from local.engine import EngineError
from local.engine.values import UNKNOWN
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.programs import Shop, empty, shop

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def test_preview_shows_creations_without_calling_kong(
    make_engine: MakeEngine, kong: MemoryAdminApi, project_dir: Path
) -> None:
    result = make_engine(shop()).preview()
    assert result.changes == {"create": 6, "update": 0, "replace": 0, "delete": 0, "same": 0}
    assert result.outputs == {"shop-route": "[unknown]", "shop-key": "[secret]"}
    assert kong.requests == []
    assert not (project_dir / ".state").exists()


def test_preview_gives_unknown_outputs_to_the_program(make_engine: MakeEngine) -> None:
    applied: list[str] = []

    def program() -> None:
        service = pulumi_kong.Service("s", protocol="http", host="a.test")
        service.id.apply(lambda id_: applied.append(id_))
        pulumi_kong.Route("r", protocols=["http"], paths=["/"], service_id=service.id)

    route = next(item for item in make_engine(program).preview().graph if item["type"].endswith(":Route"))
    assert route["inputs"]["serviceId"] == "[unknown]"
    assert applied == []
    make_engine(program).up()
    assert len(applied) == 1 and UNKNOWN not in applied


def test_up_creates_what_the_program_says(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    result = make_engine(shop()).up()
    [service], [route], [plugin] = kong.all("services"), kong.all("routes"), kong.all("plugins")
    assert service["host"] == "a.test" and service["read_timeout"] == 60000
    assert route["service"] == {"id": service["id"]} and route["strip_path"] is True
    assert plugin["route"] == {"id": route["id"]} and plugin["config"]["ttl"] == 300
    assert result.outputs == {"shop-route": route["id"], "shop-key": "[secret]"}


def test_a_second_up_changes_nothing(make_engine: MakeEngine, kong: MemoryAdminApi, project_dir: Path) -> None:
    make_engine(shop()).up()
    writes, state = len(kong.writes), (project_dir / ".state/shop/dev.json").read_bytes()
    assert make_engine(shop()).up().changes == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 6}
    assert len(kong.writes) == writes
    assert (project_dir / ".state/shop/dev.json").read_bytes() == state


def test_a_second_up_without_changes_needs_no_kong(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(shop()).up()
    requests = len(kong.requests)
    make_engine(shop()).up()
    assert len(kong.requests) == requests


def test_creation_follows_dependencies_and_destroy_reverses_them(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        first = pulumi_kong.Consumer("first", username="first")
        second = pulumi_kong.Consumer("second", username="second", opts=pulumi.ResourceOptions(depends_on=[first]))
        pulumi_kong.Consumer("third", username="third", opts=pulumi.ResourceOptions(depends_on=[second]))

    make_engine(program).up()
    assert [body["username"] for method, _, body in kong.requests if method == "PUT"] == ["first", "second", "third"]
    names = {item["id"]: item["username"] for item in kong.all("consumers")}
    make_engine(program).destroy()
    assert [names[path.split("/")[-1]] for method, path in kong.writes if method == "DELETE"] == [
        "third",
        "second",
        "first",
    ]


def test_depending_on_a_component_waits_for_its_resources(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        one = Shop("shop", "a.test", "proxy-cache")
        pulumi_kong.Consumer("last", username="last", opts=pulumi.ResourceOptions(depends_on=[one]))

    make_engine(program).up()
    assert [path.split("/")[1] for _, path in kong.writes] == ["services", "routes", "plugins", "consumers"]


def test_destroy_leaves_nothing(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(shop()).up()
    assert make_engine(shop()).destroy().changes["delete"] == 6
    assert kong.count() == 0
    assert make_engine(shop()).destroy().changes == dict.fromkeys(("create", "update", "replace", "delete", "same"), 0)
    assert make_engine(shop()).up().changes["create"] == 6


def test_destroy_of_what_is_gone_already_is_fine(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(shop()).up()
    kong.entities.clear()
    assert make_engine(shop()).destroy().changes["delete"] == 6


def test_independent_resources_are_created_in_parallel(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    import threading

    together = threading.Barrier(4, timeout=30)

    def wait_for_the_others(method: str, path: str) -> None:
        if method != "GET":
            together.wait()

    kong.on_request = wait_for_the_others

    def program() -> None:
        for name in "abcd":
            pulumi_kong.Consumer(name, username=name)

    make_engine(program).up()
    make_engine(program).destroy()
    assert len(kong.writes) == 8 and not together.broken


def test_a_resource_that_left_the_program_is_deleted_after_the_others_changed(
    make_engine: MakeEngine, kong: MemoryAdminApi
) -> None:
    make_engine(shop(names=("old",))).up()
    del kong.requests[:]
    assert make_engine(shop(names=("new",))).up().changes == {
        "create": 5,
        "update": 0,
        "replace": 0,
        "delete": 5,
        "same": 1,
    }
    assert [(method, path.split("/")[1]) for method, path in kong.writes] == [
        ("PUT", "services"),
        ("PUT", "routes"),
        ("PUT", "plugins"),
        ("DELETE", "plugins"),
        ("DELETE", "routes"),
        ("DELETE", "services"),
    ]


def test_dropping_everything_from_the_program_empties_kong(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(shop()).up()
    preview = make_engine(empty).preview()
    assert preview.changes["delete"] == 5
    assert [step.type.split(":")[-1] for step in preview.steps if step.op == "delete"][-1] in ("Shop", "RandomBytes")
    make_engine(empty).up()
    assert kong.count() == 0


def test_a_failing_step_stops_the_run_and_keeps_what_was_done(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program(config: str = '{"bogus": 1}') -> None:
        one = pulumi_kong.Consumer("one", username="one")
        bad = pulumi_kong.Plugin("bad", name="cors", consumer_id=one.id, config_json=config)
        pulumi_kong.Consumer("never", username="never", opts=pulumi.ResourceOptions(depends_on=[bad]))

    with pytest.raises(EngineError) as failure:
        make_engine(program).up()
    message = str(failure.value)
    assert "kong:index/plugin:Plugin bad" in message and "config.bogus: unknown field" in message
    assert "2 steps were done and saved" in message
    assert [item["username"] for item in kong.all("consumers")] == ["one"]
    assert make_engine(lambda: program("{}")).up().changes == {
        "create": 2,
        "update": 0,
        "replace": 0,
        "delete": 0,
        "same": 2,
    }
