"""Every way in which a node's numbers cannot be had, in words, with what to do and without what is secret."""

from __future__ import annotations

from typing import Any

import pytest

from ops.findings import Finding
from ops.status.nodes import Node, NodeReading, read_nodes
from tests.ops.fake_admin import FakeAdmin, serve
from tests.ops.status.metrics_texts import HTTP_REQUESTS, NODE_A, NODE_B, QUIET
from tests.stores.support.valkey import free_port

TOKEN = "adm1n-t0ken-0123456789"
TEXT = "text/plain; charset=UTF-8"
SERVICES = ["inference-edge-dev-digits"]
REQUESTS = "kong_inference_edge_requests_total"


def kong(text: str) -> FakeAdmin:
    return FakeAdmin(answers={"/metrics": (200, TEXT, text)})


def read(admin: FakeAdmin, *, is_admin: bool = True, token: str | None = None) -> NodeReading:
    with serve(admin):
        (found,) = read_nodes([Node(admin.uri, is_admin, token)], SERVICES)
    return found


def problem(admin: FakeAdmin, **options: Any) -> Finding:
    found = read(admin, **options).problem
    assert found is not None
    return found


def test_a_node_that_is_well() -> None:
    found = read(kong(NODE_A))
    assert found.problem is None
    assert found.reading is not None
    assert found.reading.total(REQUESTS, model="digits") == 1007


def test_a_node_that_nobody_has_asked_is_well() -> None:
    assert read(kong(QUIET)).problem is None


def test_a_kong_without_the_plugin() -> None:
    found = problem(FakeAdmin(answers={"/metrics": (404, "application/json", '{"message":"Not found"}')}))
    assert found.message == "it has no /metrics, so this Kong has no prometheus plugin"
    assert "KONG_PLUGINS=bundled" in found.fix


def test_a_plugin_that_fails() -> None:
    found = problem(FakeAdmin(answers={"/metrics": (500, "application/json", '{"message":"An unexpected error"}')}))
    assert found.message == "its prometheus plugin cannot show the metrics (500)"
    assert "error log" in found.fix


def test_a_kong_whose_sandbox_lacks_the_exporter() -> None:
    found = problem(kong(HTTP_REQUESTS + QUIET))
    assert found.message.startswith("it answers this stack's requests, and counts none of them")
    assert "kong.plugins.prometheus.exporter to KONG_UNTRUSTED_LUA_SANDBOX_REQUIRES" in found.fix


def test_requests_of_another_stack_tell_nothing_of_the_sandbox() -> None:
    assert read(kong(HTTP_REQUESTS.replace("-dev-", "-prod-") + QUIET)).problem is None


def test_a_control_plane() -> None:
    admin = kong(QUIET)
    admin.configuration["role"] = "control_plane"
    found = problem(admin)
    assert found.message == "this is a control plane, which has no requests to count"
    assert "--node" in found.fix


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, "text/html", "<html>"), "what answers there is not Kong's Admin API (200, text/html)"),
        ((200, "application/json", "{}"), "what answers there shows no metrics"),
        ((200, TEXT, "go_goroutines 7\n"), "it shows metrics, but none of a Kong"),
        ((200, TEXT, f"{REQUESTS}{{model= 1\n"), "its metrics are not in Prometheus' text format"),
        ((404, "application/json", '{"message":"no Route matched with those values"}'), "this is Kong's proxy port"),
    ],
)
def test_what_is_no_kong(answer: tuple[int, str, str], message: str) -> None:
    found = problem(FakeAdmin(answers={"/metrics": answer}))
    assert found.message.startswith(message)
    assert found.fix


def test_the_token_goes_to_the_admin_api_alone() -> None:
    class Asked(FakeAdmin):
        tokens: list[str | None] = []

        def answer(self, target: str, token: str | None) -> tuple[int, str, str]:
            self.tokens.append(token)
            return super().answer(target, token)

    admin = Asked(answers={"/metrics": (200, TEXT, QUIET)})
    read(admin, token=TOKEN)
    assert set(admin.tokens) == {TOKEN}
    admin.tokens.clear()
    read(admin, is_admin=False)
    assert set(admin.tokens) == {None}


@pytest.mark.parametrize(("token", "message"), [(None, "wants a token"), (TOKEN + "x", "refuses the admin token")])
def test_a_token_that_is_missing_or_wrong(token: str | None, message: str) -> None:
    found = problem(FakeAdmin(token=TOKEN), token=token)
    assert message in found.message
    assert TOKEN not in str(found)


def test_a_node_that_does_not_answer_is_told_beside_those_that_do() -> None:
    with serve(kong(NODE_A)) as admin:
        gone = f"http://127.0.0.1:{free_port()}"
        well, lost = read_nodes([Node(admin.uri, False), Node(gone, False)], SERVICES)
    assert well.problem is None
    assert (lost.name, lost.reading) == (gone, None)
    assert lost.problem is not None
    assert lost.problem.message == "cannot connect: connection refused"
    assert "KONG_STATUS_LISTEN" in lost.problem.fix


def test_credentials_in_an_address_are_not_shown() -> None:
    assert Node("http://user:s3cret@10.0.0.5:8100", False).name == "http://10.0.0.5:8100"


def between(before: str, after: str) -> NodeReading:
    admin = kong(before)

    def change() -> None:
        admin.answers["/metrics"] = (200, TEXT, after)

    with serve(admin):
        (found,) = read_nodes([Node(admin.uri, False)], SERVICES, change)
    return found


def test_an_interval_counts_what_comes_in_it() -> None:
    found = between(NODE_A, NODE_A.replace('detail="stored"} 96', 'detail="stored"} 99'))
    assert found.reading is not None
    assert found.reading.by("outcome", REQUESTS) == {"miss": 3}
    assert not found.was_restarted


def test_a_restart_in_the_interval_is_told() -> None:
    found = between(NODE_A, NODE_B)
    assert found.was_restarted
    assert found.reading is not None
    assert found.reading.total(REQUESTS, model="digits") == 380


def test_a_node_that_goes_in_the_interval_has_no_numbers() -> None:
    with serve(kong(NODE_A)) as admin:

        def stop() -> None:
            admin.answers["/metrics"] = (503, "application/json", '{"message": "stopping"}')

        (found,) = read_nodes([Node(admin.uri, True)], SERVICES, stop)
    assert found.reading is None
    assert found.problem == Finding("reachable", "the Admin API answers 503", "look into Kong's error log")
