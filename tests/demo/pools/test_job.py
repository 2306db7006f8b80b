"""The demo of the pools as a user starts it, small and with a fast model."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.demo.running import demo

# What rests on enough conversations, or on a model that is slow beside the gateway.
_BY_SIZE = re.compile("times as many|comes sooner|times the mean|moves at most|part by part")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("pools-demo")
    small = ("--stack", "pools", "--engine", "embedded", "--conversations", "24", "--latency-seconds", "0.2")
    with demo(folder, *small) as process:
        output, errors = process.communicate(timeout=170)
    assert errors == "", output
    assert list((folder / "tmp").iterdir()) == []
    assert "consumerKeys" not in output + (folder / "out" / "demo.json").read_text()
    return json.loads((folder / "out" / "demo.json").read_text())


def test_what_does_not_rest_on_its_size_holds(report: dict[str, Any]) -> None:
    assert [
        check["claim"] for check in report["checks"] if not check["holds"] and not _BY_SIZE.search(check["claim"])
    ] == []


def test_both_ways_answer_the_same_conversations(report: dict[str, Any]) -> None:
    round_robin, affinity = report["rows"]
    assert round_robin["requests"] == affinity["requests"] == sum(affinity["by_replica"].values())
    assert 0 < round_robin["warm"] < affinity["warm"]
    assert max(round_robin["by_replica"].values()) - min(round_robin["by_replica"].values()) <= 1


def test_no_request_is_lost_whatever_happens_to_the_replicas(report: dict[str, Any]) -> None:
    load = report["load"]
    assert load["lost"] > 0
    assert [phase["failed"] for phase in load["phases"]] == [0] * 6
    happened = [f"{phase['replica']} {phase['what']}" for phase in load["phases"][1:]]
    assert happened == [
        "large-3 killed",
        "large-3 started again",
        "large-2 drained",
        "large-2 taken back",
        "large-5 added",
    ]


def test_callers_keep_their_version_and_the_fallback_stands_in(report: dict[str, Any]) -> None:
    callers, fallback = report["callers"], report["fallback"]
    assert sum(callers["versions"].values()) == callers["callers"] == 300
    assert callers["changed"] == 0 < callers["versions"]["chat-2"] < callers["versions"]["chat-1"]
    assert (fallback["by_fallback"], fallback["failed"]) == (fallback["requests"], 0)


def test_nothing_is_left(report: dict[str, Any]) -> None:
    assert report["deployed"]["upstreams"] == 2
    assert report["left_over"] == {}
    assert report["destroy"]["delete"] == report["up"]["create"] + 1, "the target that was added"
