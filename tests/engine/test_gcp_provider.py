"""The gcp stand-in: what it checks, makes up and refuses."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pytest
from pulumi import _types

from local.edge import cloud_cdn, media_cdn
from local.engine import EmbeddedEngine
from local.engine.difference import find_changes
from local.engine.providers.gcp.kinds import KINDS
from local.engine.providers.gcp.provider import GcpProvider
from local.engine.providers.gcp.settings import PROJECT_ID, SETTINGS
from local.engine.providers.stand_in.inputs import input_names, required_names
from local.engine.values import UNKNOWN
from tests.engine.conftest import MakeEngine
from tests.engine.support import gcp_programs
from tests.engine.support.edge_api import MemoryEdgeApi
from tests.engine.support.failures import failure_of
from tests.engine.support.gcp_programs import STAND_IN, compute

KEYSET = "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset"
ORIGIN = "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin"
BACKEND = "gcp:compute/backendService:BackendService"
RECORD = "gcp:dns/recordSet:RecordSet"
MakeGcp = Callable[..., EmbeddedEngine]


@pytest.fixture
def provider() -> GcpProvider:
    return GcpProvider.configure({"project": PROJECT_ID})


@pytest.fixture
def make_gcp(make_engine: MakeEngine) -> MakeGcp:
    """Makes engines of a stack of the stand-in, without a local edge."""
    return lambda program, **config: make_engine(program, config={**STAND_IN, **config})


def unchanged(changes: dict[str, int]) -> bool:
    """Whether a run changed nothing, of at least one resource."""
    return 0 < changes["same"] == sum(changes.values())


# The table


@pytest.mark.parametrize("type_", KINDS)
def test_a_type_names_automatically_what_the_real_provider_does(type_: str) -> None:
    automatic = {"name"} & input_names(type_) - required_names(type_)
    assert KINDS[type_].auto_name == "".join(automatic)


@pytest.mark.parametrize("type_", KINDS)
def test_what_replaces_a_type_and_what_makes_its_id_are_inputs_of_it(type_: str, provider: GcpProvider) -> None:
    kind = KINDS[type_]
    assert kind.replacing(type_) <= input_names(type_)
    made = provider.new_id(type_, {name: f"<{name}>" for name in input_names(type_)})
    assert made and (kind.has_id_of_its_own or set(re.findall(r"<(\w+)>", made)) <= input_names(type_))


@pytest.mark.parametrize("type_", KINDS)
def test_every_computed_output_is_one_of_the_type(type_: str) -> None:
    module, name = type_.split(":")[1].split("/")[0], type_.split(":")[2]
    outputs = set(_types.resource_types(getattr(getattr(gcp, module), name)))
    assert set(KINDS[type_].outputs) <= outputs
    assert {"project", "effectiveLabels"} & input_names(type_) <= outputs


def test_the_settings_are_those_of_the_real_provider() -> None:
    names = set(_types.input_type_py_to_pulumi_names(gcp.ProviderArgs).values())
    assert {name for name in names if not name.endswith("CustomEndpoint")} == SETTINGS
    assert {"networkServicesCustomEndpoint", "computeCustomEndpoint"} <= names


def test_google_can_have_no_project_of_the_stand_ins_name() -> None:
    assert not re.fullmatch("[a-z][a-z0-9-]{4,28}[a-z0-9]", PROJECT_ID)


def test_what_goes_to_the_local_edge_is_what_it_takes() -> None:
    endpoints = {"networkServicesCustomEndpoint": "http://127.0.0.1:1", "computeCustomEndpoint": "http://127.0.0.1:1"}
    provider = GcpProvider.configure({"project": PROJECT_ID, **endpoints})
    assert {type_ for type_ in KINDS if provider._edge_of(type_)} == media_cdn.TYPES | cloud_cdn.TYPES
    provider.close()


# Checking


@pytest.mark.parametrize(
    ("type_", "inputs", "message"),
    [
        (ORIGIN, {"originAdress": "a"}, "unknown input originAdress; known are awsV4Authentication, deletionPolicy,"),
        (ORIGIN, {}, "originAddress is required"),
        (
            ORIGIN,
            {"originAddress": "a", "timeout": {"connectTimeout": ["5s"]}},
            "timeout.connectTimeout must be a text",
        ),
        (ORIGIN, {"originAddress": "a", "timeout": {"connect": "5s"}}, "unknown input timeout.connect"),
        (BACKEND, {"cdnPolicy": {"serveWhileStale": "long"}}, "cdnPolicy.serveWhileStale must be a number, not a text"),
        (BACKEND, {"name": "Backend"}, "name must have lower-case letters, digits and hyphens alone, at most 63"),
        (RECORD, {"managedZone": "z", "type": "A"}, "name is required"),
        ("gcp:storage/bucket:Bucket", {}, "the embedded engine has no gcp:storage/bucket:Bucket; deploy this stack"),
    ],
)
def test_wrong_inputs_are_named(type_: str, inputs: dict[str, Any], message: str, provider: GcpProvider) -> None:
    assert message in failure_of(lambda: provider.check(type_, "r", inputs, {}))


def test_unknown_inputs_may_be_anything(provider: GcpProvider) -> None:
    inputs = {"name": UNKNOWN, "timeoutSec": UNKNOWN, "cdnPolicy": UNKNOWN}
    assert provider.check(BACKEND, "r", inputs, {}) == inputs


def test_a_resource_needs_a_project(make_engine: MakeEngine) -> None:
    def address(**inputs: Any) -> Any:
        return lambda: compute.GlobalAddress("a", **inputs) and None

    assert "gcp:project is missing" in failure_of(make_engine(address()).preview)
    assert make_engine(address(project="shop-prod")).preview().changes["create"] == 2


def test_automatic_names_follow_the_logical_name(provider: GcpProvider) -> None:
    first = provider.check(KEYSET, "keys", {}, {})
    assert re.fullmatch(r"keys-[0-9a-f]{7}", first["name"])
    assert provider.check(KEYSET, "keys", {"description": "d"}, first)["name"] == first["name"]
    assert len(provider.check(KEYSET, "x" * 55, {}, {})["name"]) == 63
    assert "is too long for an automatic name: at most 55 characters" in failure_of(
        lambda: provider.check(KEYSET, "x" * 56, {}, {})
    )


def test_a_change_of_project_makes_a_new_resource(provider: GcpProvider) -> None:
    replacement = provider.replacement(KEYSET, find_changes({"name": "k"}, {"name": "k", "project": "other"}))
    assert (replacement.properties, replacement.delete_first) == ({"project"}, True)


# Settings


@pytest.mark.parametrize("project", ["shop-prod", "", "local-stand-in"])
def test_no_other_project_is_changed(project: str, make_engine: MakeEngine) -> None:
    program = gcp_programs.load_balancer()
    config = {"gcp:project": project} if project else {}
    engine = make_engine(lambda: compute.GlobalAddress("a", project="shop-prod") and None, config=config)
    assert engine.preview().changes["create"] == 2
    message = failure_of(engine.up)
    assert "cannot change a Google Cloud project (gcp:compute/globalAddress:GlobalAddress): deploy this" in message
    assert 'set gcp:project to "local-stand-in." with the dot, the project of the stand-in' in message
    if project:
        message = failure_of(make_engine(program, config=config).up)
        assert re.search(r"\(gcp:\S+ and 10 more types\)", message)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"gcp:projects": "a"}, "unknown setting gcp:projects; known are accessToken,"),
        (
            {"gcp:networkServicesCustomEndpoint": "https://networkservices.googleapis.com/v1/"},
            "gcp:networkServicesCustomEndpoint must be the local edge on this machine",
        ),
        (
            {"gcp:networkServicesCustomEndpoint": "http://127.0.0.1:1/v1/"},
            "or correct gcp:networkServicesCustomEndpoint",
        ),
    ],
)
def test_wrong_settings_are_named(make_gcp: MakeGcp, config: dict[str, Any], message: str) -> None:
    assert message in failure_of(make_gcp(gcp_programs.media_cdn(), **config).up)


def test_an_explicit_provider_has_settings_of_its_own(make_engine: MakeEngine) -> None:
    def program() -> None:
        other = gcp.Provider("other", project=PROJECT_ID, region="europe-west1")
        address = compute.GlobalAddress("a", name="a", opts=pulumi.ResourceOptions(provider=other))
        pulumi.export("id", address.id)

    assert make_engine(program).up().outputs["id"] == "projects/local-stand-in./global/addresses/a"


# What it makes up


def test_ids_links_and_computed_outputs_are_like_googles(make_gcp: MakeGcp) -> None:
    outputs = make_gcp(gcp_programs.load_balancer()).up().outputs
    link = (
        r"https://www\.googleapis\.com/compute/v1/projects/local-stand-in\./global/backendServices/backend-[0-9a-f]{7}"
    )
    assert re.fullmatch(link, outputs["backend"])
    assert re.fullmatch(r"projects/local-stand-in\./global/forwardingRules/rule-[0-9a-f]{7}", outputs["rule"])
    assert re.fullmatch(r"2001:db8::[0-9a-f]{4}", outputs["address"])
    assert outputs["record"] == "_acme-challenge.edge.example.com."
    assert outputs["map"] > 10**17 < outputs["generated"]
    assert unchanged(make_gcp(gcp_programs.load_balancer()).up().changes)


def test_an_update_keeps_the_identity_and_changes_the_fingerprint(make_gcp: MakeGcp) -> None:
    before = make_gcp(gcp_programs.load_balancer()).up().outputs
    assert make_gcp(gcp_programs.load_balancer(60)).preview().outputs["fingerprint"] == "[unknown]"
    after = make_gcp(gcp_programs.load_balancer(60)).up().outputs
    assert after.pop("fingerprint") != before.pop("fingerprint") and after == before


def test_the_origin_secret_rests_encrypted(make_gcp: MakeGcp, project_dir: Path) -> None:
    make_gcp(gcp_programs.load_balancer()).up()
    assert gcp_programs.ORIGIN_SECRET not in (project_dir / ".state" / "shop" / "dev.json").read_text()


def test_refresh_without_a_local_edge_changes_nothing(make_gcp: MakeGcp) -> None:
    made = make_gcp(gcp_programs.load_balancer()).up().changes["create"]
    assert unchanged(make_gcp(None).refresh().changes)
    assert make_gcp(None).destroy().changes["delete"] == made


def test_a_service_has_addresses_and_labels(make_gcp: MakeGcp, edge_api: MemoryEdgeApi) -> None:
    make_gcp(gcp_programs.media_cdn()).up()
    outputs = make_gcp(None).outputs(show_secrets=True)
    assert re.fullmatch(r"192\.0\.2\.\d+", *outputs["ipv4_addresses"])
    assert re.fullmatch(r"2001:db8::[0-9a-f]{4}", *outputs["ipv6_addresses"])
    assert (outputs["project"], outputs["effective_labels"]) == (PROJECT_ID, {"team": "shop"})
    assert edge_api.writes == []


def test_the_engine_needs_no_gcp_sdk() -> None:
    code = "import sys, local.engine; sys.exit('pulumi_gcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
