"""What the dashboard and the rules of models ask for is what a gateway with a cache tells."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.gateway.replicas import Replica
from tests.gateway.scraped import eventually
from tests.ops.dashboards.deployed_gateway import deployed_gateway
from tests.ops.dashboards.shown import METRICS

SERIES = re.compile(r"(\w+)(?:\{(.*)\})? \S+")
# Of a small dictionary and of Redis: tests/gateway and tests/stores.
ELSEWHERE = {"kong_inference_edge_evictions_total", "kong_inference_edge_store_failures_total"}


def document(address: str) -> dict[str, Any]:
    """A model that has a price, and whose every hit is to be verified."""
    cost = {"perCall": 0.0002, "currency": "USD", "asOf": "2026-11-01"}
    cache = {"store": "memory", "verify": {"share": 1, "maxPerSecond": 0.1}}
    model = {"name": "digits", "version": "1", "endpoint": f"http://{address}/invocations", "cost": cost}
    return {"models": [model | {"cache": cache, "access": {"mode": "open"}}], "consumers": []}


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    replica = Replica("r0")
    yield replica
    replica.release()
    replica.stop()


@pytest.fixture(scope="module")
def ready(replica: Replica, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of an embedded Kong with that stack."""
    with deployed_gateway(document(replica.address), tmp_path_factory.mktemp("gateway")) as ready:
        yield ready


def told(admin: str) -> dict[str, set[str]]:
    """The metrics, each with its labels; a histogram by its own name."""
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for line in httpx.get(f"{admin}/metrics").text.splitlines():
        if (found := SERIES.fullmatch(line)) and not line.startswith("#"):
            name = re.sub(r"(?<=_ms)_(bucket|sum|count)$", "", found[1])
            labels[name] |= set(re.findall(r'(\w+)="', found[2] or "")) - {"le"}
    return labels


def test_the_metrics_of_the_page_have_their_labels(ready: dict[str, str], replica: Replica) -> None:
    with httpx.Client(base_url=ready["proxy"], timeout=30) as client, ThreadPoolExecutor(2) as pool:

        def ask(question: int) -> str:
            answer = client.post("/digits/predict", json={"q": question})
            assert answer.status_code == 200, answer.text
            return answer.headers["Cache-Status"]

        replica.hold_next()
        first = pool.submit(ask, 1)
        assert eventually(lambda: replica.holds)
        second = pool.submit(ask, 1)
        time.sleep(0.2)
        replica.release()
        assert "stored" in first.result() and "hit" in second.result()
        assert all("hit" in ask(1) for _ in range(3))
    expected = {name: labels for name, labels in METRICS.items() if name not in ELSEWHERE}
    assert eventually(lambda: set(expected) <= set(told(ready["admin"])))
    found = told(ready["admin"])
    for name, labels in expected.items():
        assert labels <= found[name] if name.startswith("kong_memory") else labels == found[name], name
