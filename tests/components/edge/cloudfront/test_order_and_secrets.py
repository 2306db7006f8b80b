"""What is made first, what is deleted first, what is kept and what nobody may read."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.edge.cloudfront import CloudFrontEdge
from components.gateway import KongCachedRoute
from local.engine import EngineError
from tests.components.arguments import minimal_route
from tests.components.edge.cloudfront.arguments import JWT_SECRETS, ORIGIN_SECRET, bare_args, full_args, jwt_args
from tests.components.edge.cloudfront.memory_aws import EdgeStack

ROUTE = "route shop-test-digits"


def gateway_and_edge() -> None:
    route = KongCachedRoute("digits", minimal_route())
    CloudFrontEdge("edge", bare_args(), pulumi.ResourceOptions(depends_on=[route]))


def test_nothing_is_asked_of_a_gateway_that_is_not_ready(stack: EdgeStack) -> None:
    stack.recorder.failing.add(ROUTE)
    with pytest.raises(EngineError):
        stack.up(gateway_and_edge)
    assert not {"create Function", "create Distribution"} & set(stack.aws.calls)


def test_function_and_distribution_depend_on_what_the_edge_depends_on(stack: EdgeStack) -> None:
    graph = stack.up(gateway_and_edge)
    for name in ("edge-viewer-request", "edge-distribution"):
        assert {"digits-route", "digits-service", "digits-pre-function"} <= graph.dependencies(name)


def test_the_gateway_outlives_its_edge(stack: EdgeStack) -> None:
    stack.up(gateway_and_edge)
    stack.aws.failing.add("delete Distribution")
    with pytest.raises(EngineError):
        stack.destroy()
    assert stack.recorder.entities("delete") == []


def test_what_a_distribution_uses_is_deleted_after_it(stack: EdgeStack) -> None:
    stack.up(lambda: CloudFrontEdge("edge", full_args(protect=False)))
    stack.aws.calls.clear()
    stack.destroy()
    last = stack.aws.calls.index("delete Distribution")
    used = {
        "CachePolicy",
        "OriginRequestPolicy",
        "ResponseHeadersPolicy",
        "Function",
        "KeyGroup",
        "WebAcl",
        "VpcOrigin",
    }
    assert all(stack.aws.calls.index(f"delete {kind}") > last for kind in used)
    assert stack.aws.calls.index("delete LogDelivery") < stack.aws.calls.index("delete LogDeliverySource") < last


def test_logs_are_delivered_only_once_they_are_allowed(stack: EdgeStack) -> None:
    stack.up(lambda: CloudFrontEdge("edge", full_args()))
    place = stack.aws.calls.index
    assert place("create BucketPolicy") < place("create LogDeliveryDestination") < place("create LogDelivery")
    assert place("create LogResourcePolicy") < place("create WebAclLoggingConfiguration")


def test_what_is_protected_cannot_be_deleted(stack: EdgeStack) -> None:
    graph = stack.up(lambda: CloudFrontEdge("edge", full_args()))
    kept = {name for name, item in graph.items() if item["options"].get("protect")}
    assert kept == {"edge-distribution", "edge-certificate", "edge-logs"}
    assert graph["edge-distribution"]["inputs"]["retainOnDelete"] is True
    with pytest.raises(EngineError, match="protected"):
        stack.destroy()


def test_protection_of_the_whole_edge_is_inherited(stack: EdgeStack) -> None:
    graph = stack.up(lambda: CloudFrontEdge("edge", bare_args(), pulumi.ResourceOptions(protect=True)))
    assert {item["options"]["protect"] for item in graph.values()} == {True}


@pytest.mark.parametrize("args", [full_args(), jwt_args()], ids=["everything", "jwt"])
def test_secrets_are_in_no_state_and_no_output(stack: EdgeStack, args: Any) -> None:
    graph = stack.up(lambda: CloudFrontEdge("edge", args))
    state = b"".join(path.read_bytes() for path in stack.state_dir.rglob("*") if path.is_file())
    for secret in (ORIGIN_SECRET, *JWT_SECRETS):
        assert secret.encode() not in state
        assert secret not in json.dumps(graph.result.graph)


def test_the_function_is_secret_only_when_it_holds_a_secret(stack: EdgeStack) -> None:
    graph = stack.up(lambda: [CloudFrontEdge("open", bare_args()), CloudFrontEdge("jwt", jwt_args())])
    assert graph.secret_inputs("jwt-viewer-request") == {"code"}
    assert graph.secret_inputs("open-viewer-request") == set()
