"""What a person sees."""

from __future__ import annotations

import datetime
import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

from ops.findings import Finding
from ops.status.cache_usage import CacheUsage
from ops.status.edge_traffic import EdgeTraffic
from ops.status.nodes import NodeReading
from ops.status.reading import Reading
from ops.status.screen import print_status
from ops.status.status import Status, model_statuses, node_status, status_json
from settings import ModelSettings
from tests.ops.status.metrics_texts import NODE_A, NODE_B, QUIET, model

A, B = "http://10.0.0.5:8100", "http://10.0.0.6:8100"
LETTERS = model(name="letters", version="1", cache={"enabled": False}, cost=None)
WORDS = model(name="words", version="1", cost=None)
SINCE_START = "its numbers are those since that node's start"
HOSTILE = "[red]x[/red][/]\x1b[2J\n|"


def of(*found: NodeReading, models: tuple[ModelSettings, ...] = (model(),), **others: Any) -> Status:
    fields: dict[str, Any] = {"interval_seconds": None, "shared_cache": None, "edge": None, **others}
    nodes = tuple(node_status(node, "prediction_cache") for node in found)
    return Status("dev", nodes=nodes, models=model_statuses(models, found), dictionary="prediction_cache", **fields)


def node(text: str, name: str = A, **others: Any) -> NodeReading:
    return NodeReading(name, Reading.parse(text), **others)


def lines(status: Status, width: int = 100, *, color: bool = False) -> list[str]:
    out = io.StringIO()
    colors = "standard" if color else None
    print_status(status, Console(file=out, width=width, highlight=False, force_terminal=color, color_system=colors))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_one_node() -> None:
    assert lines(of(node(NODE_A), models=(model(), LETTERS, WORDS))) == [
        "Stack dev: what 1 node of Kong counted since its start.",
        "",
        "Model and                 Hit     Hits, ms   Misses, ms  Calls     Money",
        "version    Requests     ratio  p50/p95/p99  p50/p95/p99  saved     saved",
        "digits 2      1,007    82.0 %    < 1/< 1/3   50/175/235    820  0.16 USD",
        "letters 1        30  no cache            -            -      0         -",
        "",
        "digits",
        "  answers       hits 800 (collapsed 10), stale 20 (error 20), misses 100, bypasses 80, refused 5 (401 5), "
        "failed 2 (504 2)",
        "  not kept      status 4",
        "  bypasses      authorization 60, cookie 20",
        "  money         at 0.0002 USD a call as of 2026-11-01",
        "  store         7 evictions, 12 waited for another's answer, store errors: timeout 3",
        "  verification  90 comparisons, mismatch ratio 0 % (with 95 % confidence 0 % to 4.1 %), skipped: busy 9",
        "letters",
        "  answers       without a cache 30",
        "words: no requests yet",
        "Dictionary prediction_cache: 32.0 MiB of 128.0 MiB used (25.0 %)",
    ]


def test_a_cache_that_verification_switched_off_comes_first_in_red() -> None:
    status = of(node(NODE_A), node(NODE_B, B))
    off = f"digits: cache switched OFF by verification (wrong) on {B}: "
    assert lines(status)[0] == off + "look at the model, then: make purge STACK=dev MODEL=digits"
    assert lines(status, color=True)[0].startswith("\x1b[1;31mdigits: cache switched OFF")
    assert lines(of(node(NODE_B)))[0].startswith("digits: cache switched OFF by verification (wrong): look at")


def test_nodes_that_differ_are_told_one_by_one() -> None:
    shown = lines(of(node(NODE_A), node(NODE_B, B)))
    assert "  versions      version 2: 1,087, version 1: 300; the stack's config has 2" in shown
    assert f"  node          {A}: 1,007 requests, hit ratio 82.0 %, version 2: 1,007" in shown
    alone = f"{B}: 380 requests, hit ratio 52.6 %, version 1: 300, version 2: 80, cache OFF (wrong)"
    assert f"  node          {alone}" in shown
    assert f"Dictionary prediction_cache at {B}: 32.0 MiB of 128.0 MiB used (25.0 %)" in shown
    assert not [line for line in lines(of(node(NODE_A), node(NODE_A, B))) if line.startswith("  node")]


def test_a_model_that_differs_from_itself_is_called_so() -> None:
    (told,) = [line for line in lines(of(node(NODE_B))) if line.startswith("  verification")]
    assert told == (
        "  verification  10 comparisons, mismatch ratio 80.0 % (with 95 % confidence 49.0 % to 94.3 %), 7 wrong, "
        "1 nondeterministic (asked again, the model differs from itself), 4 without a comparable answer"
    )


def test_verification_that_has_compared_nothing_yet() -> None:
    wanted = model(cache={"verify": {}})
    quiet = "\n".join(line for line in NODE_A.splitlines() if "verif" not in line)
    assert "  verification  0 comparisons" in lines(of(node(quiet), models=(wanted,)))


def test_a_node_without_numbers_is_told_with_what_to_do() -> None:
    lost = NodeReading(B, None, Finding("reachable", "cannot connect: connection refused", "start this Kong"))
    shown = lines(of(node(NODE_A), lost))
    assert shown[:3] == [
        "Stack dev: what 1 of 2 nodes of Kong counted since their start.",
        f"  x {B}: cannot connect: connection refused",
        "      start this Kong",
    ]
    assert any(line.startswith("digits 2") for line in shown)
    assert lines(of(lost)) == [
        "Stack dev: no numbers, as no node of Kong gives any.",
        f"  x {B}: cannot connect: connection refused",
        "      start this Kong",
    ]


def test_the_numbers_of_an_interval() -> None:
    shown = lines(of(node(QUIET), interval_seconds=10.0))
    assert shown[:2] == ["Stack dev: what 1 node of Kong counted in 10 s.", "digits: no requests in these 10 s"]
    restarted = lines(of(node(NODE_A, was_restarted=True), interval_seconds=10.0))
    assert restarted[1] == f"  ! {A} has restarted meanwhile, or another node answers there: {SINCE_START}"


def test_money_that_is_not_known_yet() -> None:
    hour = model(cost={"perInstanceHour": 3.6, "asOf": "2026-11-01"})
    only_hits = "\n".join(line for line in NODE_A.splitlines() if 'outcome="miss"' not in line)
    expected = "unknown until a miss tells how long a call takes: at 3.6 USD an instance hour as of 2026-11-01"
    assert f"  money         {expected}" in lines(of(node(only_hits), models=(hour,)))


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        (CacheUsage("cache:6379", 1536, 0, 0), "Shared cache cache:6379: 1.5 KiB used, 0 keys evicted since its start"),
        (
            CacheUsage("cache:6379", 2**20, 2**30, 1234),
            "Shared cache cache:6379: 1.0 MiB of 1.0 GiB used, 1,234 keys evicted since its start",
        ),
        ("cache:6379 cannot be reached", "Shared cache: not known from here, cache:6379 cannot be reached"),
    ],
)
def test_the_shared_cache(cache: CacheUsage | str, expected: str) -> None:
    assert lines(of(node(QUIET), shared_cache=cache))[-1] == expected


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ("Unable to locate credentials", ": no numbers, Unable to locate credentials"),
        (EdgeTraffic("E1", 0, None, None, None), " E1, last hour: no requests"),
        (
            EdgeTraffic("E1", 1200, None, 0.0, 0.02),
            " E1, last hour: 1,200 requests, hit ratio unknown (CloudFront's additional metrics are off: edge.alarms), "
            "4xx 0 %, 5xx 2.0 %",
        ),
        (
            EdgeTraffic("E1", 1200, 0.9996, 0.00001, 0.005, {"hit": 900, "miss": 300}, 35.4),
            " E1, last hour: 1,200 requests, hit ratio > 99.9 % (hit 900, miss 300), 4xx < 0.01 %, 5xx 0.50 %, "
            "9 of 10 answers of the gateway within 35 ms",
        ),
    ],
)
def test_the_edge(edge: EdgeTraffic | str, expected: str) -> None:
    assert lines(of(node(QUIET), edge=edge, edge_provider="cloudfront"))[-1] == f"Edge cloudfront{expected}"


def test_names_and_labels_are_no_markup_and_move_no_cursor() -> None:
    label = HOSTILE.replace("\n", "\\n")
    text = NODE_A.replace('detail="cookie"', f'detail="{label}"').replace('version="2"', f'version="{label}"')
    problem = Finding("metrics", HOSTILE, "none")
    status = of(node(text), NodeReading(HOSTILE, None, problem), shared_cache=HOSTILE, edge=HOSTILE)
    shown = lines(status)
    visible = "[red]x[/red][/]\ufffd[2J\ufffd|"
    assert f"  bypasses      authorization 60, {visible} 20" in shown
    assert f"  x {visible}: {visible}" in shown
    assert "\x1b" not in "".join(shown)
    assert len(shown) == len(lines(of(node(NODE_A), NodeReading("b", None, problem), shared_cache="x", edge="x"))) + 1


def test_a_long_name_is_folded_and_nothing_is_cut() -> None:
    name = "m" * 40
    text = NODE_A.replace('model="digits"', f'model="{name}"')
    shown = lines(of(node(text), models=(model(name=name),)), width=80)
    table = shown[shown.index("") + 3 : shown.index("", shown.index("") + 1)]
    assert "".join(table).count("m") == len(name)
    assert table[0].split()[1:] == ["1,007", "82.0", "%", "<", "1/<", "1/3", "50/175/235", "820", "0.16", "USD"]


def test_on_a_terminal_what_is_long_goes_on_below_its_text() -> None:
    shown = [re.sub("\x1b[^m]*m", "", line) for line in lines(of(node(NODE_B)), width=60, color=True)]
    place = next(place for place, line in enumerate(shown) if line.startswith("  verification  10 comparisons"))
    assert shown[place + 1].startswith(" " * 16 + "95 % confidence 49.0 %")
    assert max(len(line) for line in shown[place:] if line.startswith("  ")) <= 60


def test_json_holds_the_numbers_and_what_follows_from_them() -> None:
    lost = NodeReading("http://b", None, Finding("reachable", "gone", "start it"))
    told = json.loads(status_json(of(node(NODE_A), node(NODE_B, B), lost, edge="no credentials", notes=("a",))))
    assert (told["ok"], told["stack"], told["edge"], told["shared_cache"]) == (
        False,
        "dev",
        {"problem": "no credentials"},
        None,
    )
    (digits,) = told["models"]
    assert digits["requests"] == 1387
    assert digits["cache_off"] == {"wrong": [B]}
    assert digits["versions"] == {"2": 1087, "1": 300}
    assert digits["outcomes"]["miss"] == {"stored": 196, "status": 4}
    assert digits["saved"]["as_of"] == str(datetime.date(2026, 11, 1))
    assert digits["verification"]["mismatch_ratio"] == 0.08
    assert digits["verification"]["mismatch_interval_95"] == pytest.approx([0.0411, 0.15], abs=0.0001)
    assert told["nodes"][2]["problem"]["fix"] == "start it"
