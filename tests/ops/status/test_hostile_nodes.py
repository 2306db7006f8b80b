"""Nodes that answer without end, or with what harms: each has a problem in words, in bounded time and memory."""

from __future__ import annotations

import gzip
import json
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ops.findings import Finding
from ops.status.model_status import model_status
from ops.status.nodes import Node, NodeReading, read_nodes
from ops.status.reading import Reading
from tests.ops.fake_admin import FakeAdmin, serve
from tests.ops.status.hostile import hostile
from tests.ops.status.metrics_texts import NODE_A, NODE_B, model

TEXT = "text/plain; charset=UTF-8"
REQUESTS = "kong_inference_edge_requests_total"
OK = b"HTTP/1.1 200 OK\r\n"
METRICS = OK + b"Content-Type: text/plain\r\n"
ANOTHER = "is it another program's address?"
TOKEN = "adm1n-t0ken-0123456789"
LATE_SECONDS = 1.0


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Little time for a node, and it is kept."""
    monkeypatch.setattr("ops.status.nodes._LONGEST_SECONDS", LATE_SECONDS)
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LATE_SECONDS + 2


def read(uri: str, *, is_admin: bool = False, token: str | None = None) -> NodeReading:
    (found,) = read_nodes([Node(uri, is_admin, token)], [])
    return found


def answered(status: int, kind: str, body: str, *, is_admin: bool = False) -> NodeReading:
    with serve(FakeAdmin(answers={"/metrics": (status, kind, body)})) as admin:
        return read(admin.uri, is_admin=is_admin)


def problem(found: NodeReading) -> Finding:
    assert found.problem is not None and found.reading is None
    return found.problem


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "answer",
    [
        {"is_silent": True},
        {"drip": b"H"},
        {"pieces": (OK,), "drip": b"X"},
        {"pieces": (METRICS + b"\r\nkong_",), "drip": b"x"},
        {"pieces": (METRICS + b"Transfer-Encoding: chunked\r\n\r\n",), "drip": b"1\r\nx\r\n"},
    ],
    ids=["nothing", "status line", "headers", "body", "chunks"],
)
def test_an_answer_that_drips_is_given_up(answer: dict[str, Any]) -> None:
    with hostile(*answer.pop("pieces", ()), **answer) as uri:
        assert problem(read(uri)).message == f"no whole answer within {LATE_SECONDS:g} s"


@pytest.mark.usefixtures("short")
def test_a_tls_handshake_that_does_not_come_is_given_up() -> None:
    with hostile(is_silent=True) as uri:
        assert problem(read(uri.replace("http", "https"))).message == f"no whole answer within {LATE_SECONDS:g} s"


@pytest.mark.usefixtures("short")
def test_one_node_that_hangs_does_not_hold_up_the_others() -> None:
    with ExitStack() as open_, serve(FakeAdmin(answers={"/metrics": (200, TEXT, NODE_A)})) as admin:
        hanging = [open_.enter_context(hostile(is_silent=True)) for _ in range(20)]
        *lost, well = read_nodes([Node(uri, False) for uri in (*hanging, admin.uri)], [])
    assert all(found.problem for found in lost)
    assert well.reading is not None


@pytest.mark.parametrize(
    "start",
    [METRICS + b"\r\n", OK + b"Content-Type: application/json\r\n\r\n", b"HTTP/1.1 403 No\r\n\r\n"],
    ids=["metrics", "other", "refusal"],
)
def test_an_answer_without_end_takes_little_memory(start: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with hostile(start, endless=b"kong_x 1\n" * 100_000) as uri:
        assert problem(read(uri)) == Finding("metrics", "its answer does not end within 32 MiB", ANOTHER)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_a_root_without_end_is_given_up_too() -> None:
    class Rooted(FakeAdmin):
        def answer(self, target: str, token: str | None) -> tuple[int, str, str]:
            if target == "/":
                return 200, "application/json", json.dumps({"configuration": "x" * (33 * 2**20)})
            return super().answer(target, token)

    with serve(Rooted(answers={"/metrics": (200, TEXT, "kong_x 1\n")})) as admin:
        assert "32 MiB" in problem(read(admin.uri, is_admin=True)).message


@pytest.mark.parametrize("root", [{"configuration": "x"}, {"configuration": [1]}, {}])
def test_a_root_that_is_no_kongs_is_no_control_plane(root: dict[str, Any]) -> None:
    with serve(FakeAdmin(root=root, answers={"/metrics": (200, TEXT, "kong_x 1\n")})) as admin:
        assert read(admin.uri, is_admin=True).problem is None


@pytest.mark.parametrize("encoding", [b"gzip", b"gzip, gzip", b"br", b"deflate"])
def test_a_compressed_answer_is_never_unpacked(encoding: bytes) -> None:
    bomb = gzip.compress(gzip.compress(b"\n" * 10_000_000))
    head = METRICS + b"Content-Encoding: " + encoding + b"\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with hostile(head + bomb) as uri:
        assert problem(read(uri)).message == "it compresses its answer, which it was not asked to"


def test_more_series_than_a_gateway_has_are_not_even_parsed() -> None:
    text = "".join(f"kong_inference_edge_x{{i={i}}} 1\n" for i in range(200_001))
    found = problem(answered(200, TEXT, text))
    assert found.message == "it shows more than 200,000 series of the gateway"


@pytest.mark.parametrize("charset", ["utf-16", "bz2", "rot13", "idna", "no-such"])
@pytest.mark.parametrize("status", [200, 503])
def test_a_charset_unpacks_nothing(charset: str, status: int) -> None:
    found = answered(status, f"text/plain; charset={charset}", NODE_A)
    assert (found.problem is None) == (status == 200)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a": ' * 100_000, "[1]", '"x"', "null", "1" * 5_000])
@pytest.mark.parametrize("is_admin", [True, False])
def test_json_that_is_none_of_kong(body: str, is_admin: bool) -> None:
    assert problem(answered(404, "application/json", body, is_admin=is_admin)).message


@pytest.mark.parametrize("status", [201, 204, 303, 307, 400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("is_admin", [True, False])
def test_every_status_has_its_words(status: int, is_admin: bool) -> None:
    found = problem(answered(status, "application/json", '{"message": "s3cret"}', is_admin=is_admin))
    assert found.message and found.fix and "s3cret" not in str(found)
    if not is_admin:
        assert "Admin" not in str(found)


def test_a_redirect_is_not_followed_and_shows_no_credentials() -> None:
    asked: list[str | None] = []

    class Asked(FakeAdmin):
        def answer(self, target: str, token: str | None) -> tuple[int, str, str]:
            asked.append(token)
            return super().answer(target, token)

    with serve(Asked()) as other:
        to = other.uri.replace("//", "//user:s3cret@") + "/metrics?key=s3cret"
        with serve(FakeAdmin(answers={"/metrics": (302, TEXT, to)})) as admin:
            found = problem(read(admin.uri, is_admin=True, token=TOKEN))
        assert found.message == f"it redirects to {other.uri}/metrics"
    assert asked == []


@pytest.mark.parametrize(
    "line",
    [
        'kong_inference_edge_request_ms_bucket{model="digits",outcome="hit",le="abc"} 1',
        'kong_inference_edge_request_ms_bucket{model="digits",outcome="hit",le="nan"} 1',
        'kong_inference_edge_request_ms_bucket{model="digits",outcome="hit",le="-5"} 1',
        f'{REQUESTS}{{model="digits"}} many',
        f'{REQUESTS}{{model="digits"}}',
        f'{REQUESTS}{{model="digits" 1',
        f"{REQUESTS}{{model=digits}} 1",
    ],
)
def test_text_that_is_malformed(line: str) -> None:
    found = problem(answered(200, TEXT, f"kong_x 1\n{line}\n"))
    assert found.message == "its metrics are not in Prometheus' text format"


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1", "1e18", "1e308"])
def test_a_value_that_is_no_count_counts_nothing(value: str) -> None:
    lines = [line.rpartition(" ")[0] + f" {value}" for line in NODE_A.splitlines() if line.startswith("kong_")]
    found = model_status(model(), {"a": Reading.parse("\n".join(lines))})
    assert (found.requests, found.hit_ratio, found.saved.money, found.hit_ms.p50) == (0, None, 0, None)


def test_buckets_may_be_missing_and_in_any_order() -> None:
    rows = NODE_A.splitlines()
    shuffled = "\n".join(line for line in reversed(rows) if 'le="+Inf"' not in line)
    assert (
        model_status(model(), {"a": Reading.parse(shuffled)}).hit_ms
        == model_status(model(), {"a": Reading.parse(NODE_A)}).hit_ms
    )


def test_one_node_by_two_addresses_is_counted_once() -> None:
    answers = {"/metrics": (200, TEXT, NODE_A)}
    with serve(FakeAdmin(answers=answers)) as a, serve(FakeAdmin(answers=answers)) as b:
        first, again = read_nodes([Node(a.uri, False), Node(b.uri, False)], [])
        named = read_nodes([Node(a.uri, False), Node(a.uri.replace("//", "//user:s3cret@"), False)], [])
    assert first.problem is None
    assert problem(again).message == f"it is the same node as {a.uri}: its numbers are counted once"
    assert [found.problem is None for found in named] == [True, False]
    assert "s3cret" not in str(named)


def test_another_node_behind_the_same_address_is_told() -> None:
    more = NODE_A.replace("8b0e", "beef").replace('detail="stored"} 96', 'detail="stored"} 9600')
    admin = FakeAdmin(answers={"/metrics": (200, TEXT, NODE_A)})
    with serve(admin):
        (found,) = read_nodes(
            [Node(admin.uri, False)], [], lambda: admin.answers.update({"/metrics": (200, TEXT, more)})
        )
    assert found.was_restarted and found.reading is not None
    assert found.reading.total(REQUESTS, detail="stored") == 9600


@pytest.mark.parametrize("uri", ["http://a..b:8100", "http://" + "a" * 64 + ".example:8100"])
def test_a_host_name_that_is_none(uri: str) -> None:
    assert problem(read(uri)).fix


def test_nodes_that_are_well_are_not_held_up_by_one_whose_text_is_broken() -> None:
    broken = FakeAdmin(answers={"/metrics": (200, TEXT, NODE_B.replace('"', ""))})
    with serve(FakeAdmin(answers={"/metrics": (200, TEXT, NODE_A)})) as a, serve(broken) as b:
        well, lost = read_nodes([Node(a.uri, False), Node(b.uri, False)], [])
    assert well.reading is not None and lost.problem is not None
