"""What the dashboard and the rules ask for is what a gateway under pool traffic tells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ops.names import StackNames
from ops.needs import needs_of
from settings import parse_settings
from tests.gateway.replicas import Replica
from tests.ops.dashboards.deployed_gateway import deployed_gateway
from tests.ops.dashboards.shown import POOLS, uses

PATH = "/v1/chat/completions"
SERIES = re.compile(r"(\w+)(?:\{(.*)\})? \S+")


def document(target: str) -> dict[str, Any]:
    """A name with a fallback before a pool with affinity."""
    name = {"name": "gpt-x", "versions": [{"model": "chat-1"}], "fallback": {"model": "small"}}
    models = [
        {"name": model, "version": "1", "pool": {"name": pool}, "access": {"mode": "open"}}
        for model, pool in (("chat-1", "chat"), ("small", "spare"))
    ]
    pools = [
        {"name": pool, "targets": [{"address": target}], "affinity": {}, "health": {"intervalSeconds": 1}}
        for pool in ("chat", "spare")
    ]
    return {"models": models, "pools": pools, "router": {"paths": [PATH], "models": [name]}, "consumers": []}


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    replica = Replica("r0")
    yield replica
    replica.stop()


@pytest.fixture(scope="module")
def ready(replica: Replica, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of an embedded Kong with that stack."""
    with deployed_gateway(document(replica.address), tmp_path_factory.mktemp("gateway")) as ready:
        yield ready


@pytest.fixture(scope="module")
def told(ready: dict[str, str]) -> dict[str, frozenset[str]]:
    """The metrics after some traffic, each with its labels."""
    with httpx.Client(base_url=ready["proxy"], timeout=30) as client:
        for question in range(4):
            asked = client.post(PATH, json={"model": "gpt-x", "messages": [{"role": "user", "content": str(question)}]})
            assert asked.status_code == 200, asked.text
        assert client.post(PATH, json={"model": "gpt-y"}).status_code == 404
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for line in httpx.get(f"{ready['admin']}/metrics").text.splitlines():
        if (found := SERIES.fullmatch(line)) and not line.startswith("#"):
            labels[found[1]] |= set(re.findall(r'(\w+)="', found[2] or ""))
    return {metric: frozenset(names) for metric, names in labels.items()} | POOLS.recorded


@pytest.mark.parametrize("asks", POOLS.expressions.keys())
def test_every_metric_and_label_exists(asks: str, told: dict[str, frozenset[str]]) -> None:
    for use in uses(POOLS.expressions[asks]):
        assert use.metric in told
        assert use.labels <= told[use.metric]


def test_the_names_that_the_preflight_looks_for_are_those_of_the_deployment(
    ready: dict[str, str], replica: Replica
) -> None:
    needs = needs_of(parse_settings(document(replica.address)), StackNames("inference-edge", "dev"))
    for collection, names in needs.names.items():
        found = httpx.get(f"{ready['admin']}/{collection}?size=1000").json()["data"]
        assert {entity.get("name") or entity.get("username") for entity in found} == set(names)
