"""The gateway behind a load balancer."""

from __future__ import annotations

from typing import Any

from components.edge.cloud_cdn import CloudCdnEdge
from tests.components.edge.cloudfront.arguments import private_route, shareable_route
from tests.components.edge.google.arguments import bare_args, cloud_args
from tests.components.edge.google.memory_gcp import GcpStack, made_id, name_of
from tests.components.trial_stack import Graph


def graph(stack: GcpStack, args: Any) -> Graph:
    return stack.up(lambda: CloudCdnEdge("edge", args))


def test_the_gateway_is_reached_by_its_name(stack: GcpStack) -> None:
    made = graph(stack, cloud_args())
    group = made["edge-gateway"]
    assert group["inputs"]["networkEndpointType"] == "INTERNET_FQDN_PORT"
    assert group["inputs"]["defaultPort"] == 8443
    endpoint = made["edge-endpoint"]["inputs"]
    assert (endpoint["fqdn"], endpoint["port"]) == ("kong.test", 8443)
    assert made["edge-endpoint"]["options"]["deleteBeforeReplace"] is True
    assert endpoint["globalNetworkEndpointGroup"] == name_of(made_id(group))
    for name in ("edge-passing", "edge-cached-digits"):
        assert made[name]["inputs"]["backends"] == [{"group": made_id(group)}]
        assert made[name]["inputs"]["protocol"] == "HTTPS"


def test_a_backend_service_is_used_once_the_gateway_is_behind_it(stack: GcpStack) -> None:
    made = graph(stack, bare_args())
    for name in ("edge-passing", "edge-cached-digits"):
        assert {"edge-endpoint", "edge-gateway"} <= made.dependencies(name)


def test_each_waits_longer_than_what_it_is_for(stack: GcpStack) -> None:
    routes = [shareable_route(timeout_seconds=12), private_route(timeout_seconds=60)]
    made = graph(stack, bare_args(routes=routes))
    assert made["edge-cached-digits"]["inputs"]["timeoutSec"] == 17
    assert made["edge-passing"]["inputs"]["timeoutSec"] == 65


def test_a_given_time_is_for_all(stack: GcpStack) -> None:
    made = graph(stack, cloud_args())
    names = ("edge-cached-digits", "edge-passing")
    assert {made[name]["inputs"]["timeoutSec"] for name in names} == {14}
