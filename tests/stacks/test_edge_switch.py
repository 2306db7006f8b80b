"""Another edge is another word in one line of a stack file: each one is previewed, with the same models behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.engine import EmbeddedEngine
from tests.components.recording import Recorder
from tests.stacks.projects import ROOT

# With the limits that every edge has: Media CDN takes no larger body, so Kong's own limits would follow it there.
STACK_FILE = """\
config:
  aws:region: eu-west-1
  gcp:project: shop
  inference-edge:gatewayUrl: https://kong.example.com
  inference-edge:edge:
    provider: cloudfront
    aliases: [predict.example.com]
    hostedZoneId: Z0123456789ABCDEFGHIJ
    dnsZone: example-com
    geoRestriction: {deny: [AQ]}
  inference-edge:models:
    - name: digits
      version: "1"
      endpoint: https://digits.example.com/invocations
      timeouts: {connectSeconds: 1, readSeconds: 10}
      cache: {shareable: true, maxBodyBytes: 16384}
      access: {mode: open, maxRequestBytes: 16384}
    - name: faces
      version: "1"
      endpoint: https://faces.example.com/invocations
      timeouts: {connectSeconds: 1, readSeconds: 10}
      cache: {maxBodyBytes: 16384}
      access: {maxRequestBytes: 16384}
"""
# The one resource that answers viewers, of each edge.
SITES = {
    "cloudfront": "aws:cloudfront/distribution:Distribution",
    "media-cdn": "gcp:networkservices/edgeCacheService:EdgeCacheService",
    "cloud-cdn": "gcp:compute/targetHttpsProxy:TargetHttpsProxy",
}


def switched(provider: str) -> str:
    return STACK_FILE.replace("provider: cloudfront", f"provider: {provider}")


def resources(text: str, folder: Path) -> dict[str, dict[str, Any]]:
    """What a preview of the stack would make, by URN."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (folder / "__main__.py").symlink_to(ROOT / "__main__.py")
    (folder / "Pulumi.shop.yaml").write_text(text)
    result = EmbeddedEngine(folder, "shop", folder / "state").preview()
    assert result.changes["create"] == sum(result.changes.values())
    return {item["urn"]: item for item in result.graph}


@pytest.fixture(scope="module")
def previews(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("edges")
    return {provider: resources(switched(provider), folder / provider) for provider in SITES}


def of_package(preview: Mapping[str, Mapping[str, Any]], package: str) -> set[str]:
    return {urn for urn, item in preview.items() if item["type"].startswith(f"{package}:")}


@pytest.mark.parametrize("provider", SITES)
def test_one_line_makes_another_edge(previews: dict[str, dict[str, dict[str, Any]]], provider: str) -> None:
    lines = zip(STACK_FILE.splitlines(), switched(provider).splitlines(), strict=True)
    assert sum(before != after for before, after in lines) == (provider != "cloudfront")
    made = [item["type"] for item in previews[provider].values()]
    assert [made.count(site) for site in SITES.values()] == [int(other == provider) for other in SITES]
    clouds = {cloud for cloud in ("aws", "gcp") if of_package(previews[provider], cloud)}
    assert clouds == {"aws" if provider == "cloudfront" else "gcp"}


def test_the_models_and_the_gateway_are_the_same_behind_every_edge(
    previews: dict[str, dict[str, dict[str, Any]]],
) -> None:
    gateways = [{urn: preview[urn]["inputs"] for urn in of_package(preview, "kong")} for preview in previews.values()]
    assert len(gateways[0]) > 15
    assert gateways[0] == gateways[1] == gateways[2]


@pytest.mark.parametrize(("before", "after"), [("media-cdn", "cloud-cdn"), ("cloud-cdn", "media-cdn")])
def test_googles_products_hand_their_host_names_over(tmp_path: Path, before: str, after: str) -> None:
    """One product's records may not be deleted after the other has made the same ones."""
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (tmp_path / "__main__.py").symlink_to(ROOT / "__main__.py")

    def up(provider: str) -> dict[str, Any]:
        (tmp_path / "Pulumi.shop.yaml").write_text(switched(provider))
        engine = EmbeddedEngine(tmp_path, "shop", tmp_path / "state", passphrase="", providers=Recorder().providers)
        return {f"{step.type} {step.name}": step for step in engine.up().steps}

    def records(steps: dict[str, Any]) -> dict[str, str]:
        return {name: step.op for name, step in steps.items() if "dns/recordSet" in name or "dnsAuthorization" in name}

    made = records(up(before))
    kept = records(up(after))
    assert len(made) >= 4
    assert set(made.values()) == {"create"}
    assert set(kept) == set(made)
    assert set(kept.values()) <= {"same", "update"}
