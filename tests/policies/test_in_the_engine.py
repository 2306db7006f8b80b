"""The embedded engine holds a deployment against a pack, as the CLI does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kong as kong
import pulumi_random as random
import pytest

from local.engine import EmbeddedEngine, EngineError
from tests.components.recording import GENERATED_PASSWORD, Recorder
from tests.stacks.projects import ROOT

PACK = ROOT / "policies"
_SMALL_PACK = """
from pulumi_policy import *

def hosts(args, report):
    if args.resource_type == "kong:index/service:Service":
        if args.props["host"] not in args.get_config()["allowed"]:
            report("the host is not allowed")

def names(args, report):
    for resource in args.resources:
        if resource.resource_type == "kong:index/service:Service" and resource.props["name"] == "bad":
            report("the name is bad", resource.urn)

allowed = PolicyConfigSchema({"allowed": {"type": "array", "items": {"type": "string"}, "default": ["model"]}})
PolicyPack("small", [
    ResourceValidationPolicy("hosts", "Hosts are allowed ones.", hosts, EnforcementLevel.MANDATORY, allowed),
    StackValidationPolicy("names", "Names are good.", names, EnforcementLevel.ADVISORY),
])
"""


class Project:
    """A project with a pack. `engine(program)` has a Recorder for Kong, so that nothing is really made."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.recorder = folder, Recorder()
        self.pack = folder / "pack"
        self.pack.mkdir()
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        self.config = ""
        self.write_pack(_SMALL_PACK)

    def write_pack(self, program: str) -> None:
        (self.pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
        (self.pack / "__main__.py").write_text(program)

    def engine(self, program: Callable[[], Any], pack: Path | None = None, **config: Any) -> EmbeddedEngine:
        (self.folder / "Pulumi.dev.yaml").write_text(self.config or "config: {}\n")
        given = self.folder / "policies.json"
        given.write_text(json.dumps(config))
        return EmbeddedEngine(
            self.folder,
            "dev",
            self.folder / ".state",
            program=lambda: (program(), None)[1],
            passphrase="",
            providers=self.recorder.providers,
            policy_pack=pack or self.pack,
            policy_pack_config=given if config else None,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def service(host: pulumi.Input[str] = "model", name: str = "digits") -> kong.Service:
    return kong.Service(name, name=name, protocol="http", host=host)


def two_services() -> None:
    service()
    service("elsewhere", "words")


def test_a_deployment_that_complies_says_so(project: Project) -> None:
    result = project.engine(service).up()
    assert result.changes["create"] == 2
    assert result.policies == f"Policies:\n    ✅ small@v1.2.3 (local: {project.pack})"


def test_a_mandatory_violation_stops_before_anything_is_changed(project: Project) -> None:
    for operation in ("preview", "up"):
        with pytest.raises(EngineError) as error:
            getattr(project.engine(two_services), operation)()
        assert str(error.value) == (
            "the policies do not allow it, nothing was changed\n"
            "Policies:\n"
            f"    ❌ small@v1.2.3 (local: {project.pack})\n"
            "        - [mandatory]  hosts  (kong:index:Service: words)\n"
            "          Hosts are allowed ones.\n"
            "          the host is not allowed"
        )
    assert project.recorder.calls == []
    assert not list(project.folder.glob(".state/shop/dev.json")) or project.engine(service).outputs() == {}


def test_an_advisory_violation_is_shown_and_stops_nothing(project: Project) -> None:
    result = project.engine(lambda: service(name="bad")).up()
    assert "⚠️ small@v1.2.3" in result.policies
    assert (
        "- [advisory]  names  (kong:index:Service: bad)\n          Names are good.\n          the name is bad"
        in result.policies
    )
    assert result.changes["create"] == 2


def test_what_a_preview_does_not_know_is_checked_before_it_is_made(project: Project) -> None:
    def program() -> None:
        drawn = random.RandomPassword("drawn", length=40)
        service(drawn.result, "late")

    preview = project.engine(program).preview()
    assert "can't run policy 'hosts'" in preview.policies and "[advisory]" in preview.policies
    with pytest.raises(EngineError) as error:
        project.engine(program).up()
    assert "- [mandatory]  hosts  (kong:index:Service: late)" in str(error.value)
    assert "nothing was changed" not in str(error.value)
    assert project.recorder.entities("create") == []
    assert GENERATED_PASSWORD not in str(error.value)


def test_our_rules_are_silent_about_what_is_not_known(project: Project) -> None:
    def program() -> None:
        drawn = random.RandomPassword("drawn", length=40)
        config = pulumi.Output.json_dumps({"strategy": "memory", "vary_headers": [drawn.result]})
        kong.Plugin("cache", name="proxy-cache", config_json=config, tags=["project:shop", "stack:dev"])

    assert "✅" in project.engine(program, PACK).preview().policies
    with pytest.raises(EngineError, match="kong-cache-own-dictionary") as error:
        project.engine(program, PACK).up()
    assert GENERATED_PASSWORD not in str(error.value)


@pytest.mark.parametrize(
    ("config", "allowed"),
    [
        ({"hosts": {"allowed": ["model", "elsewhere"]}}, True),
        ({"hosts": "advisory"}, True),
        ({"all": "disabled"}, True),
        ({"all": "advisory", "hosts": {"enforcementLevel": "mandatory"}}, False),
        ({"all": "mandatory", "hosts": {"enforcementLevel": "disabled"}}, True),
    ],
)
def test_a_config_changes_levels_and_properties(config: dict[str, Any], allowed: bool, project: Project) -> None:
    engine = project.engine(two_services, **config)
    if allowed:
        assert engine.preview().changes["create"] == 3
    else:
        with pytest.raises(EngineError, match="hosts"):
            engine.preview()


def test_a_wrong_config_is_told_with_all_its_problems(project: Project) -> None:
    with pytest.raises(EngineError) as error:
        project.engine(service, hosts={"allowed": "model", "denied": []}, names="strict", nobody={}).preview()
    file = project.folder / "policies.json"
    assert str(error.value).splitlines() == [
        f"{file}: hosts: allowed: Invalid type. Expected: array",
        f"{file}: hosts: denied is none of its properties, which are allowed",
        f"{file}: names: the enforcement level must be one of advisory, mandatory, disabled, remediate",
        f"{file}: nobody: the pack small has no such policy",
    ]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import nothing_that_exists\n", "No module named 'nothing_that_exists'"),
        (_SMALL_PACK.replace('args.props["host"]', "1 / 0"), "failed"),
    ],
)
def test_a_broken_pack_stops_the_deployment(program: str, said: str, project: Project) -> None:
    project.write_pack(program)
    with pytest.raises(EngineError, match=f"(?s)policy pack .*{said}"):
        project.engine(service).up()
    assert project.recorder.calls == []


def test_a_folder_that_is_no_pack_is_refused(project: Project) -> None:
    with pytest.raises(EngineError, match="is no policy pack: no PulumiPolicy.yaml there"):
        project.engine(service, project.folder).preview()


def test_the_default_provider_has_the_stack_config(project: Project) -> None:
    project.config = "config:\n  kong:kongAdminUri: http://kong.example.com:8001\n"
    with pytest.raises(EngineError, match="Provider 'default' calls the Admin API by plain HTTP"):
        project.engine(service, PACK).preview()


def test_destroy_and_refresh_ask_no_policy(project: Project) -> None:
    project.engine(service).up()
    project.write_pack("raise SystemExit(1)\n")
    project.engine(service).refresh()
    assert project.engine(service).destroy().changes["delete"] == 2
