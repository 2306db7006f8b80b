"""A real Prometheus takes both files of rules, scrapes a node's metrics, and fires.

Needs prometheus (Debian's package of that name).
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import yaml

from ops.status.wilson import wilson_interval
from tests.ops.dashboards.shown import BOTH

PROMETHEUS = shutil.which("prometheus")
pytestmark = pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not on PATH")
LISTENING = re.compile(r'msg="Listening on" address=(\S+)')
DEADLINE_SECONDS = 60
T = TypeVar("T")
# {n} grows with every scrape: one comparison of eleven is wrong.
METRICS = """\
# TYPE kong_inference_edge_requests_total counter
kong_inference_edge_requests_total{{model="digits",version="1",outcome="hit",detail=""}} {n}00
# TYPE kong_inference_edge_request_ms histogram
kong_inference_edge_request_ms_bucket{{model="digits",outcome="hit",le="5"}} {n}00
kong_inference_edge_request_ms_bucket{{model="digits",outcome="hit",le="100"}} {n}00
kong_inference_edge_request_ms_bucket{{model="digits",outcome="hit",le="+Inf"}} {n}00
kong_inference_edge_request_ms_count{{model="digits",outcome="hit"}} {n}00
kong_inference_edge_request_ms_sum{{model="digits",outcome="hit"}} {n}00
# TYPE kong_inference_edge_verified_total counter
kong_inference_edge_verified_total{{model="digits",outcome="same"}} {n}0
kong_inference_edge_verified_total{{model="digits",outcome="wrong"}} {n}
# TYPE kong_inference_edge_cache_off gauge
kong_inference_edge_cache_off{{model="digits",cause="wrong"}} 1
kong_inference_edge_cache_off{{model="digits",cause="nondeterministic"}} 0
# TYPE kong_inference_edge_price gauge
kong_inference_edge_price{{model="digits",per="call"}} 0.0002
kong_inference_edge_price_as_of_seconds{{model="digits"}} 1577836800
"""


@contextmanager
def node() -> Iterator[str]:
    """The address of a node whose metrics grow."""
    scrapes = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = METRICS.format(n=next(scrapes)).encode()
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def prometheus(target: str, folder: Path) -> Iterator[httpx.Client]:
    """A client of a Prometheus that scrapes the target and evaluates the rules every second."""
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(shown.rules_file) for shown in BOTH],
        "scrape_configs": [{"job_name": "kong", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    options = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0"]
    log = folder / "log"
    with log.open("wb") as written:
        process = subprocess.Popen([str(PROMETHEUS), *options], cwd=folder, stdout=written, stderr=written)
    try:
        address = until(lambda: LISTENING.search(log.read_text(encoding="utf-8")), process)[1]
        with httpx.Client(base_url=f"http://{address}/api/v1", timeout=10) as client:
            until(lambda: client.get(f"http://{address}/-/ready").status_code == 200, process)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=20)


def until(found: Callable[[], T | None], process: subprocess.Popen[bytes] | None = None) -> T:
    """What `found` gives, once it gives something."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (result := found()):
        assert time.monotonic() < deadline, "not in time"
        assert process is None or process.poll() is None, "Prometheus has ended"
        time.sleep(0.2)
    return result


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with node() as target, prometheus(target, tmp_path_factory.mktemp("prometheus")) as client:
        yield client


def test_alerts_fire_with_what_they_say(api: httpx.Client) -> None:
    expected = {"InferenceCacheIsOff", "InferenceAnswersAreWrong", "InferencePriceIsOld"}

    def firing() -> dict[str, dict[str, Any]]:
        alerts = api.get("/alerts").json()["data"]["alerts"]
        found = {alert["labels"]["alertname"]: alert for alert in alerts if alert["state"] == "firing"}
        return found if set(found) >= expected else {}

    alerts = until(firing)
    assert set(alerts) == expected
    off = alerts["InferenceCacheIsOff"]
    assert off["labels"] == {
        "alertname": "InferenceCacheIsOff",
        "severity": "critical",
        "model": "digits",
        "cause": "wrong",
    }
    assert off["annotations"]["summary"] == "Verification switched off the cache of digits (nodes: 1)"


def test_every_rule_is_loaded_and_evaluated_without_an_error(api: httpx.Client) -> None:
    """A group is evaluated first within its interval; the pools' and the day's have longer ones than a test."""

    def rules() -> dict[str, list[dict[str, str]]]:
        groups = {group["name"]: group["rules"] for group in api.get("/rules").json()["data"]["groups"]}
        known = [rule["health"] for rule in groups["inference-edge-models"]]
        return groups if "unknown" not in known else {}

    groups = until(rules)
    assert set(groups) == {"inference-edge-pools", "inference-edge-models", "inference-edge-models-day"}
    assert {rule["name"] for group in groups.values() for rule in group} == {
        rule.get("record") or rule["alert"] for shown in BOTH for rule in shown.rules
    }
    errors = [rule["name"] for group in groups.values() for rule in group if rule["health"] == "err"]
    assert errors == [] and {rule["health"] for rule in groups["inference-edge-models"]} == {"ok"}


def test_the_interval_of_the_mismatch_ratio_is_that_of_ops_status(api: httpx.Client) -> None:
    of_model = 'model:inference_edge_{}{{model="digits"}}'
    names = ("verified:increase1h", "mismatches:increase1h", "mismatches:ratio1h_low", "mismatches:ratio1h_high")

    def values() -> list[float]:
        at = time.time() - 0.5  # all of one evaluation, which has ended by now
        answers = [api.get("/query", params={"query": of_model.format(name), "time": at}).json() for name in names]
        found = [answer["data"]["result"] for answer in answers]
        return [float(series["value"][1]) for (series,) in found] if all(found) else []

    comparisons, mismatches, *interval = until(values)
    assert interval == pytest.approx(wilson_interval(mismatches, comparisons), abs=1e-6)


def test_every_expression_can_be_evaluated(api: httpx.Client) -> None:
    answers = {
        asks: api.get("/query", params={"query": expression}).json()
        for shown in BOTH
        for asks, expression in shown.expressions.items()
    }
    assert {asks: answer for asks, answer in answers.items() if answer["status"] != "success"} == {}
