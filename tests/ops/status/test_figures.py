"""What the command prints against the requests themselves, counted one by one with other means."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from ops.__main__ import main
from ops.status.histogram import BOUNDS_MS
from tests.ops.fake_admin import FakeAdmin, serve

OUTCOMES = ("hit", "stale", "miss", "bypass", "refused", "failed")
REQUEST = st.tuples(st.sampled_from(OUTCOMES), st.integers(0, 90_000))
NODES = st.lists(st.lists(REQUEST, max_size=60), min_size=1, max_size=3)
VERIFIED = st.fixed_dictionaries({name: st.integers(0, 500) for name in ("same", "wrong", "nondeterministic")})
PRICE = Fraction(7, 1000)
STACK = """\
config:
  inference-edge:models:
    - name: digits
      version: "2"
      endpoint: "http://127.0.0.1:8080/invocations"
      cost: {%s, asOf: 2026-11-01}
"""


def exposition(requests: list[tuple[str, int]], verified: dict[str, int]) -> str:
    """As a gateway shows these requests, a series for each millisecond count in the bucket that it falls into."""
    lines = ["kong_node_info 1"]
    for outcome, count in Counter(outcome for outcome, _ in requests).items():
        lines.append(f'kong_inference_edge_requests_total{{model="digits",version="2",outcome="{outcome}"}} {count}')
        took = [ms for found, ms in requests if found == outcome]
        labels = f'model="digits",outcome="{outcome}"'
        for bound in BOUNDS_MS:
            within = sum(ms <= bound for ms in took)
            lines.append(f'kong_inference_edge_request_ms_bucket{{{labels},le="{bound}"}} {within}')
        lines.append(f'kong_inference_edge_request_ms_bucket{{{labels},le="+Inf"}} {count}')
        lines.append(f"kong_inference_edge_request_ms_sum{{{labels}}} {sum(took)}")
    for outcome, count in verified.items():
        lines.append(f'kong_inference_edge_verified_total{{model="digits",outcome="{outcome}"}} {count}')
    return "\n".join(lines) + "\n"


def bucket(took: list[int], share: Fraction) -> tuple[float, float]:
    """The bounds around the observation of this rank, which is all that a histogram knows."""
    ordered = sorted(took)
    value = ordered[max(0, -(-share * len(ordered) // 1) - 1)]
    place = bisect_left(BOUNDS_MS, value)
    if place == len(BOUNDS_MS):
        return BOUNDS_MS[-1], BOUNDS_MS[-1]
    return (BOUNDS_MS[place - 1] if place else 0), BOUNDS_MS[place]


@pytest.mark.parametrize("price", ["perCall: 0.007", "perInstanceHour: 0.007, concurrency: 4"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nodes=NODES, verified=VERIFIED)
def test_figures(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    price: str,
    nodes: list[list[tuple[str, int]]],
    verified: dict[str, int],
) -> None:
    (project / "Pulumi.dev.yaml").write_text(STACK % price)
    told = model_of(project, capsys, [exposition(requests, verified) for requests in nodes])

    requests = [request for of_node in nodes for request in of_node]
    took = {outcome: [ms for found, ms in requests if found == outcome] for outcome in OUTCOMES}
    served = len(took["hit"]) + len(took["stale"])
    looked_up = served + len(took["miss"]) + len(took["bypass"])
    assert told["requests"] == len(requests)
    assert told["saved"]["calls"] == served
    assert told["hit_ratio"] == (pytest.approx(float(Fraction(served, looked_up))) if looked_up else None)
    if price.startswith("perCall"):
        assert told["saved"]["money"] == pytest.approx(float(served * PRICE))
    elif took["miss"] or not served:
        mean_hours = Fraction(sum(took["miss"]), 3_600_000 * max(1, len(took["miss"])))
        assert told["saved"]["money"] == pytest.approx(float(served * mean_hours * PRICE / 4))
    else:
        assert told["saved"]["money"] is None
    for outcome, name in (("hit", "hit_ms"), ("miss", "miss_ms")):
        for quantile in (50, 95, 99):
            value = told[name][f"p{quantile}"]
            if not took[outcome]:
                assert value is None
                continue
            low, high = bucket(took[outcome], Fraction(quantile, 100))
            assert low <= value <= high
    trials = sum(verified.values()) * len(nodes)
    wrong = trials - verified["same"] * len(nodes)
    if trials:
        exact = binomtest(wrong, trials).proportion_ci(0.95, "wilson")
        assert told["verification"]["mismatch_ratio"] == pytest.approx(wrong / trials)
        assert told["verification"]["mismatch_interval_95"] == pytest.approx([exact.low, exact.high], abs=1e-9)
    else:
        assert told["verification"]["mismatch_interval_95"] is None


def model_of(project: Path, capsys: pytest.CaptureFixture[str], texts: list[str]) -> dict[str, Any]:
    """The model in what `--json` prints of nodes that show these texts."""
    with ExitStack() as running:
        nodes = [FakeAdmin(answers={"/metrics": (200, "text/plain", text)}) for text in texts]
        uris = [each for node in nodes for each in ("--node", running.enter_context(serve(node)).uri)]
        where = ["--project-dir", str(project), "--state-dir", str(project / "st")]
        assert main(["status", "--stack", "dev", *where, "--json", *uris]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["models"][0]
