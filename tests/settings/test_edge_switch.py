"""Another edge is another word in one line of the stack file."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from components.wiring import EdgeArgs
from settings import Settings, parse_settings
from settings.arguments import edge_arguments
from tests.settings.test_schema import VALIDATOR

STACK_FILE = """\
config:
  inference-edge:edge:
    provider: cloudfront
    origin: {domain: kong.example.com, readTimeoutSeconds: 15, secretRotation: 2}
    aliases: [predict.example.com]
    hostedZoneId: Z0123456789ABCDEFGHIJ
    dnsZone: example-com
    geoRestriction: {deny: [FR]}
    logs: {enabled: true}
    alarms: {minimumHitRatioPercent: 30}
    protect: true
  inference-edge:models:
    - name: digits
      version: "1"
      endpoint: https://model.example.com/invocations
      timeouts: {connectSeconds: 1, readSeconds: 10}
      cache: {shareable: true, keyHeaders: [x-tenant]}
      access: {mode: open}
"""
PROVIDERS = {"cloudfront": "cloudfront", "media-cdn": "media_cdn", "cloud-cdn": "cloud_cdn"}
SHARED = {
    "aliases": ["predict.example.com"],
    "geo_restriction": {"deny": ["FR"]},
    "protect": True,
}


def _switched(provider: str) -> str:
    return STACK_FILE.replace("provider: cloudfront", f"provider: {provider}")


def _parsed(text: str) -> Settings:
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return parse_settings({key.partition(":")[2]: value for key, value in config.items()})


def _edge(text: str) -> EdgeArgs:
    args = edge_arguments(_parsed(text))
    assert "edge" in args
    return args["edge"]


@pytest.mark.parametrize(("provider", "argument"), PROVIDERS.items())
def test_one_line_switches_to_another_edge(provider: str, argument: str) -> None:
    before, after = STACK_FILE.splitlines(), _switched(provider).splitlines()
    changed = [line for line, other in zip(before, after, strict=True) if line != other]
    assert changed == ([] if provider == "cloudfront" else ["    provider: cloudfront"])
    assert VALIDATOR.is_valid(yaml.safe_load("\n".join(after)))
    edge: dict[str, Any] = {**_edge("\n".join(after))}
    assert set(edge) == {argument, "secret_rotation"}
    assert edge["secret_rotation"] == 2
    assert {name: edge[argument][name] for name in SHARED} == SHARED
    assert edge[argument]["origin"] == {
        "domain": "kong.example.com",
        "protocol": "https",
        "port": 443,
        "read_timeout_seconds": 15,
    }
    assert edge[argument]["alarms"]["minimum_hit_ratio_percent"] == 30


def test_each_edge_gets_the_zone_in_its_own_cloud_and_nothing_of_the_other() -> None:
    cloudfront = _edge(STACK_FILE).get("cloudfront") or {}
    assert cloudfront.get("hosted_zone_id") == "Z0123456789ABCDEFGHIJ"
    assert not {"dns_zone", "certificate_ids"} & set(cloudfront)
    for provider in ("media-cdn", "cloud-cdn"):
        edge: dict[str, Any] = {**_edge(_switched(provider))}
        google = edge[PROVIDERS[provider]]
        assert google["dns_zone"] == "example-com"
        assert not {"hosted_zone_id", "price_class", "http_version", "wait_for_deployment"} & set(google)
        assert google["logs"] == {"enabled": True, "sample_rate": 1.0}


def test_what_does_not_depend_on_the_edge_stays() -> None:
    found = [edge_arguments(_parsed(_switched(provider))) for provider in ("cloudfront", "cloud-cdn")]
    assert found[0]["models"] == found[1]["models"]
    assert _parsed(_switched("media-cdn")).models[0].route == _parsed(STACK_FILE).models[0].route
