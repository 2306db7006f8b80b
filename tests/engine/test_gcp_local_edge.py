"""The gcp stand-in with a local edge: what it sends, in which order, and what it is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.engine import EmbeddedEngine
from tests.engine.conftest import MakeEngine
from tests.engine.support.edge_api import MemoryEdgeApi
from tests.engine.support.failures import failure_of
from tests.engine.support.gcp_programs import ORIGIN_SECRET, STAND_IN, load_balancer, media_cdn

ORIGIN_ID = "projects/local-stand-in./locations/global/edgeCacheOrigins/shop-origin"
MakeEdge = Callable[[Any], EmbeddedEngine]


@pytest.fixture
def make_edge(make_engine: MakeEngine, edge_api: MemoryEdgeApi) -> MakeEdge:
    """Makes engines of a stack of the stand-in with the local edge `edge_api`, at addresses as the real ones."""
    config = {
        **STAND_IN,
        "gcp:networkServicesCustomEndpoint": f"{edge_api.url}/v1/",
        "gcp:computeCustomEndpoint": f"{edge_api.url}/compute/v1/",
    }
    return lambda program: make_engine(program, config=config)


def test_the_edge_gets_resolved_values(make_edge: MakeEdge, edge_api: MemoryEdgeApi) -> None:
    outputs = make_edge(media_cdn()).up().outputs
    [service], [origin] = (edge_api.of_type(name) for name in ("EdgeCacheService", "EdgeCacheOrigin"))
    assert origin["id"] == ORIGIN_ID == outputs["origin"]
    assert service["id"] == outputs["id"] and service["inputs"]["name"] == outputs["name"]
    assert re.fullmatch(r"projects/local-stand-in\./locations/global/edgeCacheServices/edge-[0-9a-f]{7}", service["id"])
    [rule] = service["inputs"]["routing"]["pathMatchers"][0]["routeRules"]
    [added] = rule["headerAction"]["requestHeaderToAdds"]
    assert (rule["origin"], added["headerValue"]) == (ORIGIN_ID, ORIGIN_SECRET)
    assert service["outputs"]["ipv4Addresses"] == outputs["ipv4_addresses"]


def test_only_what_answers_requests_goes_to_the_edge(make_edge: MakeEdge, edge_api: MemoryEdgeApi) -> None:
    make_edge(load_balancer()).up()
    kinds = sorted(one["type"].rpartition(":")[2] for one in edge_api.resources.values())
    assert kinds == [
        "BackendService",
        "GlobalForwardingRule",
        "GlobalNetworkEndpoint",
        "GlobalNetworkEndpointGroup",
        "TargetHttpsProxy",
        "URLMap",
    ]
    make_edge(None).destroy()
    assert edge_api.resources == {}


def test_the_origin_secret_rests_encrypted(make_edge: MakeEdge, edge_api: MemoryEdgeApi, project_dir: Path) -> None:
    make_edge(media_cdn()).up()
    edge_api.refuse = lambda method, id_: (400, {"message": "no such origin"}) if method == "PUT" else None
    message = failure_of(make_edge(media_cdn("second")).up)
    assert "HTTP 400, the local edge says: no such origin" in message and ORIGIN_SECRET not in message
    assert ORIGIN_SECRET not in "".join(file.read_text() for file in (project_dir / ".state" / "shop").iterdir())


def test_an_update_is_sent_in_place(make_edge: MakeEdge, edge_api: MemoryEdgeApi) -> None:
    before = make_edge(media_cdn()).up().outputs
    edge_api.writes.clear()
    assert make_edge(media_cdn("second")).up().outputs == before
    assert edge_api.writes == [("PUT", before["id"])]
    assert edge_api.resources[before["id"]]["inputs"]["description"] == "second"


def test_a_replaced_origin_outlives_the_last_service_that_uses_it(make_edge: MakeEdge, edge_api: MemoryEdgeApi) -> None:
    id_ = make_edge(media_cdn()).up().outputs["id"]
    edge_api.writes.clear()
    make_edge(media_cdn(origin_name="shop-origin-2")).up()
    assert edge_api.writes == [("PUT", f"{ORIGIN_ID}-2"), ("PUT", id_), ("DELETE", ORIGIN_ID)]


def test_what_is_gone_from_the_edge_is_made_again_after_a_refresh(make_edge: MakeEdge, edge_api: MemoryEdgeApi) -> None:
    id_ = make_edge(media_cdn()).up().outputs["id"]
    del edge_api.resources[id_]
    assert make_edge(None).refresh().changes["delete"] == 1
    make_edge(media_cdn()).up()
    assert len(edge_api.of_type("EdgeCacheService")) == 1


def test_another_server_is_not_taken_for_the_edge(make_edge: MakeEdge, edge_api: MemoryEdgeApi) -> None:
    edge_api.refuse = lambda method, id_: (404, {"error": {"code": 404}})
    message = failure_of(make_edge(media_cdn()).up)
    assert "this is not the local edge's admin address; correct gcp:networkServicesCustomEndpoint" in message
    assert edge_api.resources == {}
