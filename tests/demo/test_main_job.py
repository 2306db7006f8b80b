"""The demo as a user starts it, small and with little added latency."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.demo.ways import FASTAPI
from tests.demo.running import demo
from tests.world.support import children, eventually, is_gone

SMALL = ["--engine", "embedded", "--latency-seconds", "0.05", "--requests", "24"]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds child processes by /proc")


def read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"the demo ended without {words!r}: {process.stderr.read() if process.stderr else ''}")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo")
    with demo(folder, *SMALL) as process:
        output, errors = process.communicate(timeout=150)
    assert (process.returncode, errors) == (0, "")
    return folder, output


@pytest.fixture(scope="module")
def report(finished: tuple[Path, str]) -> dict[str, Any]:
    return json.loads((finished[0] / "out" / "demo.json").read_text())


def test_compares_every_answer_of_three_ways(report: dict[str, Any]) -> None:
    alone, stock, ours = report["rows"]
    assert [row["name"] for row in report["rows"]] == ["model alone", "stock proxy-cache", "inference-edge"]
    for row in report["rows"]:
        assert row["requests"] == row["hits"] + row["misses"] == len(row["answers"]) == 24
        assert 0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
    assert (alone["hits"], alone["wrong"], alone["model_calls"]) == (0, 0, 24)
    assert stock["wrong"] > 0
    assert (ours["wrong"], ours["model_calls"]) == (0, ours["misses"])
    assert ours["model_calls"] == report["distinct_inputs"] < 24
    assert report["speedup_p50"] > 1


def test_rolls_out_without_a_stale_answer_and_back(report: dict[str, Any]) -> None:
    rollout, rollback = report["rollout"], report["rollback"]
    assert (rollout["stale"], rollout["wrong"], rollout["old_model_calls"]) == (0, 0, 0)
    assert rollout["changes"]["update"] > 0
    assert rollout["during"]["old"] > 0 < rollout["during"]["new"]
    assert rollout["during"]["wrong"] == 0
    assert rollback["wrong"] == 0 < rollback["hits"]


def test_previews_no_change_and_leaves_nothing(report: dict[str, Any]) -> None:
    second = report["second_preview"]
    assert {operation for operation, count in second.items() if count} == {"same"}
    assert report["up"]["create"] == report["preview"]["create"]
    assert report["destroy"]["delete"] == report["up"]["create"] + report["changed_model"]["switch_on"]["create"]
    assert report["deployed"]["routes"] == 2
    assert report["left_over"] == {}


def test_finds_out_that_the_model_was_changed_behind_the_caches_back(report: dict[str, Any]) -> None:
    changed = report["changed_model"]
    assert changed["share"] == 0.01
    assert changed["before"]["hits"] == changed["before"]["requests"] >= 40
    assert changed["until_off"]["wrong"] == changed["until_off"]["hits"] > 0
    assert changed["compared"]["wrong"] >= 3
    assert changed["told"]["metrics"] == ['kong_inference_edge_cache_off{model="digits",cause="wrong"} 1']
    assert changed["told"]["log"][0].startswith("the cache of digits is off: too many of its answers are wrong")
    assert (changed["off"]["wrong"], changed["purged"]["wrong"], changed["off_after_purge"]) == (0, 0, [])
    assert changed["purged"]["hits"] >= 40


def test_says_that_the_latency_is_added(finished: tuple[Path, str], report: dict[str, Any]) -> None:
    assert report["added_latency_seconds"] == 0.05
    assert "0.05 s late on purpose" in finished[1]
    assert "0.05 s late on purpose" in (finished[0] / "out" / "demo.html").read_text()


def test_writes_no_secret_and_leaves_no_temporary_file(finished: tuple[Path, str]) -> None:
    folder, output = finished
    assert list((folder / "tmp").iterdir()) == []
    assert "consumerKeys" not in output + (folder / "out" / "demo.json").read_text()


@pytest.fixture(scope="module", params=["edge", "edge-gcp"])
def edge_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp(f"{request.param}-demo")
    with demo(folder, *SMALL, "--stack", request.param) as process:
        output, errors = process.communicate(timeout=150)
    assert (process.returncode, errors) == (0, ""), output
    return json.loads((folder / "out" / "demo.json").read_text())


def test_with_an_edge_its_hits_never_reach_the_gateway(edge_report: dict[str, Any]) -> None:
    _, _, by_post, by_get = edge_report["rows"]
    assert (by_post["name"], by_get["name"]) == ("Kong cache (POST)", "edge cache (GET)")
    assert (by_post["wrong"], by_post["edge_hits"], by_post["gateway_requests"]) == (0, 0, 24)
    assert by_post["hits"] > 0
    assert (by_get["wrong"], by_get["hits"]) == (0, by_get["edge_hits"])
    assert by_get["gateway_requests"] == by_get["model_calls"] == by_get["misses"] == edge_report["distinct_inputs"]


def test_the_model_is_not_changed_behind_an_edge(edge_report: dict[str, Any]) -> None:
    assert edge_report["changed_model"] is None


def test_with_an_edge_rolls_out_and_back_without_a_stale_or_failed_answer(edge_report: dict[str, Any]) -> None:
    for rolled in (edge_report["rollout"], edge_report["rollback"]):
        assert (rolled["stale"], rolled["wrong"], rolled["old_model_calls"]) == (0, 0, 0)
        assert rolled["during"]["old"] > 0 < rolled["during"]["new"]
        assert (rolled["during"]["wrong"], rolled["during"]["failed"]) == (0, 0)
        assert rolled["edge_hits"] > 0


def test_with_an_edge_leaves_nothing_there_either(edge_report: dict[str, Any]) -> None:
    assert edge_report["deployed"]["edge resources"] > 0
    assert edge_report["destroy"]["delete"] == edge_report["up"]["create"]
    assert edge_report["left_over"] == {}


@pytest.fixture(scope="module")
def shared_report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("shared-demo")
    with demo(folder, *SMALL, "--stack", "shared") as process:
        output, errors = process.communicate(timeout=170)
    assert (process.returncode, errors) == (0, ""), output
    assert list((folder / "tmp").iterdir()) == []
    return json.loads((folder / "out" / "demo.json").read_text())


def test_with_a_shared_cache_the_other_node_has_hits_alone(shared_report: dict[str, Any]) -> None:
    _, _, first, other = shared_report["rows"]
    assert (first["wrong"], first["model_calls"]) == (0, shared_report["distinct_inputs"])
    assert (other["name"], other["wrong"], other["hits"], other["model_calls"]) == ("the other node", 0, 24, 0)


def test_with_a_shared_cache_rolls_out_and_back_on_both_nodes(shared_report: dict[str, Any]) -> None:
    for rolled in (shared_report["rollout"], shared_report["rollback"]):
        assert (rolled["stale"], rolled["wrong"], rolled["old_model_calls"]) == (0, 0, 0)
        assert rolled["during"]["old"] > 0 < rolled["during"]["new"]
        assert (rolled["during"]["wrong"], rolled["during"]["failed"]) == (0, 0)


def test_a_shared_cache_killed_under_traffic_fails_no_request(shared_report: dict[str, Any]) -> None:
    outage = shared_report["outage"]
    for phase in ("with", "without", "again"):
        assert outage[phase]["requests"] > 0
        assert (outage[phase]["failed"], outage[phase]["wrong"]) == (0, 0)
    assert outage["without"]["hits"] == 0
    assert outage["hits_again"]


def test_every_design_is_measured_and_compared(shared_report: dict[str, Any]) -> None:
    comparison = shared_report["comparison"]
    assert len(comparison["hits"]) == 2 * 3
    assert all(row["wrong"] == 0 < row["per_second"] for row in comparison["hits"])
    ours = [row for row in comparison["faults"] if row["design"] != FASTAPI]
    assert {(row["failed"], row["wrong"]) for row in ours} == {(0, 0)}
    assert {row["model_calls"] for row in ours if row["case"] == "cold, 8 at once"} == {1}


@LINUX
def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    with demo(tmp_path, "--engine", "embedded") as process:
        read_until(process, "✓ up")
        parts = children(process.pid)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert len(parts) == 3
    assert process.returncode == 130
    assert errors == "demo interrupted; the local world is stopped, its state removed\n"
    assert all(is_gone(pid) for pid in parts)
    assert list((tmp_path / "tmp").iterdir()) == []


@LINUX
def test_a_gateway_that_dies_is_named_and_the_rest_is_stopped(tmp_path: Path) -> None:
    with demo(tmp_path, *SMALL) as process:
        read_until(process, "✓ up")
        parts = children(process.pid)
        os.kill(next(pid for pid, command in parts.items() if "local.kong" in command), signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("demo failed: gateway was ended by SIGKILL")
    assert "Traceback" not in errors
    eventually(lambda: all(is_gone(pid) for pid in parts))
    assert not (tmp_path / "out").exists()


def test_an_unknown_stack_is_one_line(tmp_path: Path) -> None:
    with demo(tmp_path, "--stack", "nowhere") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.splitlines()[0].startswith("demo failed: no stack named 'nowhere': there is no ")
