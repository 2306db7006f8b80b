"""How a program runs, and what is told of it: the graph, secrets, outputs, progress."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pulumi_kong
import pulumi_random

from local.engine import Event, Secret
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.programs import shop

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def test_the_graph_is_what_was_registered_sorted_by_urn(make_engine: MakeEngine) -> None:
    def program() -> None:
        bag = pulumi_random.RandomString("bag", length=4)
        pulumi_kong.Service(
            "s",
            protocol="http",
            host="a.test",
            tags=[pulumi.Output.secret("t")],
            opts=pulumi.ResourceOptions(
                depends_on=[bag],
                delete_before_replace=True,
                replace_on_changes=["host"],
                ignore_changes=["retries"],
                additional_secret_outputs=["path"],
                aliases=[pulumi.Alias(name="old"), "urn:pulumi:dev::shop::kong:index/service:Service::older"],
            ),
        )

    result = make_engine(program).preview()
    assert [item["urn"] for item in result.graph] == sorted(item["urn"] for item in result.graph)
    service = next(item for item in result.graph if item["type"] == "kong:index/service:Service")
    assert service == {
        "urn": "urn:pulumi:dev::shop::kong:index/service:Service::s",
        "type": "kong:index/service:Service",
        "custom": True,
        "parent": STACK,
        "inputs": {"host": "a.test", "protocol": "http", "tags": ["[secret]"]},
        "dependencies": ["urn:pulumi:dev::shop::random:index/randomString:RandomString::bag"],
        "propertyDependencies": {"host": [], "protocol": [], "tags": []},
        "options": {
            "protect": False,
            "deleteBeforeReplace": True,
            "replaceOnChanges": ["host"],
            "additionalSecretOutputs": ["path"],
            "ignoreChanges": ["retries"],
            "aliases": [{"name": "old"}, "urn:pulumi:dev::shop::kong:index/service:Service::older"],
        },
    }
    clear = next(item for item in result.graph_with(show_secrets=True) if item["urn"] == service["urn"])
    assert clear["inputs"]["tags"] == ["t"]
    assert result.graph == make_engine(program).preview().graph


def test_urns_carry_the_types_of_component_parents(make_engine: MakeEngine) -> None:
    class Inner(pulumi.ComponentResource):
        def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
            super().__init__("shop:index:Inner", name, {}, opts)
            pulumi_random.RandomUuid(f"{name}-id", opts=pulumi.ResourceOptions(parent=self))

    class Outer(pulumi.ComponentResource):
        def __init__(self, name: str) -> None:
            super().__init__("shop:index:Outer", name, {})
            Inner(f"{name}-i", pulumi.ResourceOptions(parent=self))

    urns = [item["urn"] for item in make_engine(lambda: Outer("o") and None).preview().graph]
    assert "urn:pulumi:dev::shop::shop:index:Outer$shop:index:Inner$random:index/randomUuid:RandomUuid::o-i-id" in urns


def test_secret_config_reaches_the_program_and_stays_secret(make_engine: MakeEngine) -> None:
    def program() -> None:
        pulumi.export("token", pulumi.Config().require_secret("token"))
        pulumi.export("plain", pulumi.Config().require_int("plain"))

    engine = make_engine(program, config={"shop:token": Secret("s3cr3t"), "shop:plain": 3})
    assert engine.up().outputs == {"token": "[secret]", "plain": 3}
    assert engine.outputs() == {"token": "[secret]", "plain": 3}
    assert engine.outputs(show_secrets=True) == {"token": "s3cr3t", "plain": 3}


def test_progress_tells_changes_and_log_messages(make_engine: MakeEngine) -> None:
    events: list[Event] = []

    def program() -> None:
        pulumi.log.warn("look out")
        pulumi_random.RandomUuid("id")

    make_engine(program, on_event=events.append).up()
    assert [(event.severity, event.message) for event in events if event.kind == "log"] == [("warning", "look out")]
    done = [event.step.name for event in events if event.kind == "done" and event.step]
    assert done == ["shop-dev", "id"]


def test_logging_about_a_resource_does_not_block(make_engine: MakeEngine) -> None:
    messages: list[str] = []

    def program() -> None:
        one = pulumi_random.RandomUuid("id")
        for number in range(20):
            pulumi.log.info(f"message {number}", resource=one)

    make_engine(program, on_event=lambda event: messages.append(event.message)).preview()
    assert {f"message {number}" for number in range(20)} <= set(messages)


def test_the_program_file_runs_in_its_folder(project_dir: Path, make_engine: MakeEngine) -> None:
    (project_dir / "helper_of_shop.py").write_text("NAME = 'from the helper'\n")
    (project_dir / "note.txt").write_text("from the folder\n")
    (project_dir / "__main__.py").write_text(
        "import pulumi\nfrom pathlib import Path\nfrom helper_of_shop import NAME\n"
        "pulumi.export('name', NAME)\npulumi.export('note', Path('note.txt').read_text())\n"
    )
    assert make_engine(None).up().outputs == {"name": "from the helper", "note": "from the folder\n"}


def test_results_are_json(make_engine: MakeEngine) -> None:
    result = make_engine(shop()).up()
    json.dumps([result.changes, result.outputs, result.graph])


def test_preview_of_an_explicit_provider_with_an_unknown_address(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        token = pulumi_random.RandomString("token", length=8)
        provider = pulumi_kong.Provider("local", kong_admin_uri=token.result.apply(lambda _: kong.url))
        pulumi_kong.Consumer("c", username="c", opts=pulumi.ResourceOptions(provider=provider))

    assert make_engine(program, config={"kong:kongAdminUri": "http://127.0.0.1:1"}).preview().changes["create"] == 4
    make_engine(program, config={"kong:kongAdminUri": "http://127.0.0.1:1"}).up()
    assert [item["username"] for item in kong.all("consumers")] == ["c"]
    make_engine(program, config={"kong:kongAdminUri": "http://127.0.0.1:1"}).destroy()
    assert kong.count() == 0


def test_an_engine_runs_inside_a_running_event_loop(make_engine: MakeEngine) -> None:
    import asyncio

    async def inside() -> dict[str, int]:
        return make_engine(shop()).preview().changes

    assert asyncio.run(inside())["create"] == 6
