from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from local.bench.cost import CASES, STOCK, body_of, measure_cost
from local.bench.cost_table import cost_table
from local.bench.gateway_node import GatewayNode, cpu_seconds
from local.world import LocalWorld


@pytest.mark.parametrize(("request_bytes", "answer_bytes"), CASES)
def test_a_request_has_its_length_and_its_number(request_bytes: int, answer_bytes: int) -> None:
    bodies = {body_of(request_bytes, answer_bytes, number) for number in (0, 1, 150)}
    assert {len(body) for body in bodies} == {request_bytes}
    assert len(bodies) == 3


@pytest.mark.skipif(not Path("/proc").exists(), reason="there is no /proc")
def test_counts_the_cpu_time_of_a_process() -> None:
    before = cpu_seconds([os.getpid()])
    assert before is not None
    while cpu_seconds([os.getpid()]) == before:
        pass


def test_where_there_is_no_such_process_there_is_no_cpu_time() -> None:
    assert cpu_seconds([2**30]) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="CPU times are from /proc")
def test_measures_every_store_and_only_our_entries_leave_the_request_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.bench.cost._RUN_SECONDS", 0.3)
    monkeypatch.setattr("local.bench.cost._ROUNDS", 1)
    monkeypatch.delenv("KONG_ADMIN_URL", raising=False)
    with LocalWorld(latency_seconds=0, redis_port=0) as world:
        node = GatewayNode.of(world)
        rows = measure_cost(world, node, cases=[(100_000, 1_000)])
    entries = {row["store"]: row["entry_bytes"] for row in rows}
    assert list(entries) == [STOCK, "proxy-cache", "memory", "redis"]
    assert min(entries[STOCK], entries["proxy-cache"]) > 100_000
    assert min(entries["memory"], entries["redis"]) > 1_000
    assert max(entries["memory"], entries["redis"]) < 10_000
    assert all(row["cpu_us_per_hit"] > 0 for row in rows)
    assert rows[0]["of_stock"] == 1
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(cost_table({"gateway": node.name, "rows": rows}))
    assert "…" not in console.export_text()


def test_a_real_kong_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    world = LocalWorld()
    monkeypatch.setenv("KONG_ADMIN_URL", "http://kong:8001/")
    monkeypatch.setenv("KONG_PROXY_URL", "http://kong:8000")
    assert GatewayNode.of(world) == GatewayNode("http://kong:8001", "http://kong:8000", is_real=True)
    monkeypatch.delenv("KONG_PROXY_URL")
    assert not GatewayNode.of(world).is_real
