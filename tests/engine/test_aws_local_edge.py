"""The aws stand-in with a local edge: what it sends, in which order, and what a killed run leaves."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.engine import EngineError
from local.engine.providers.stand_in.local_edge import LocalEdge
from tests.engine.conftest import MakeAws
from tests.engine.support.aws_programs import ORIGIN_SECRET, edge
from tests.engine.support.crash import Crash, Killed
from tests.engine.support.edge_api import MemoryEdgeApi
from tests.engine.support.failures import failure_of

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"


def test_the_edge_gets_resolved_values_and_outputs_as_of_cloudfront(
    make_edge: MakeAws, edge_api: MemoryEdgeApi
) -> None:
    outputs = make_edge(edge()).up().outputs
    [distribution], [function], [policy] = (
        edge_api.of_type(name) for name in ("Distribution", "Function", "CachePolicy")
    )
    assert distribution["id"] == outputs["id"] and re.fullmatch(r"E[0-9A-Z]{13}", outputs["id"])
    assert outputs["arn"] == f"arn:aws:cloudfront::000000000000:distribution/{outputs['id']}"
    assert outputs["hosted_zone_id"] == "Z2FDTNDATAQYW2" and outputs["domain_name"].endswith(".cloudfront.net")
    assert distribution["type"] == DISTRIBUTION and distribution["outputs"]["etag"] == outputs["etag"]
    inputs = distribution["inputs"]
    assert inputs["origins"][0]["customHeaders"] == [{"name": "X-Origin-Verify", "value": ORIGIN_SECRET}]
    assert inputs["defaultCacheBehavior"]["cachePolicyId"] == policy["id"]
    [association] = inputs["defaultCacheBehavior"]["functionAssociations"]
    assert association["functionArn"] == function["outputs"]["arn"]
    assert function["id"] == "shop-request" and function["inputs"]["code"].startswith("function handler")
    assert re.fullmatch(r"policy-[0-9a-f]{7}", policy["inputs"]["name"])
    assert len(edge_api.resources) == 3


def test_the_origin_secret_rests_encrypted(make_edge: MakeAws, edge_api: MemoryEdgeApi, project_dir: Path) -> None:
    make_edge(edge()).up()
    edge_api.refuse = lambda method, id_: (400, {"message": "no such origin"}) if method == "PUT" else None
    message = failure_of(make_edge(edge("second")).up)
    assert ORIGIN_SECRET not in message
    assert ORIGIN_SECRET not in "".join(file.read_text() for file in (project_dir / ".state" / "shop").iterdir())


def test_an_update_keeps_the_identity_and_changes_the_etag(make_edge: MakeAws, edge_api: MemoryEdgeApi) -> None:
    before = make_edge(edge()).up().outputs
    edge_api.writes.clear()
    assert make_edge(edge("second")).preview().outputs["etag"] == "[unknown]"
    after = make_edge(edge("second")).up().outputs
    assert edge_api.writes == [("PUT", before["id"])]
    assert after.pop("etag") != before.pop("etag") and after == before
    assert edge_api.resources[before["id"]]["inputs"]["comment"] == "second"


def test_a_replaced_function_outlives_the_last_one_that_uses_it(make_edge: MakeAws, edge_api: MemoryEdgeApi) -> None:
    id_ = make_edge(edge()).up().outputs["id"]
    edge_api.writes.clear()
    make_edge(edge(function_name="shop-request-2")).up()
    assert edge_api.writes == [("PUT", "shop-request-2"), ("PUT", id_), ("DELETE", "shop-request")]


def test_destroy_deletes_users_first(make_edge: MakeAws, edge_api: MemoryEdgeApi) -> None:
    id_ = make_edge(edge()).up().outputs["id"]
    edge_api.writes.clear()
    make_edge(None).destroy()
    assert edge_api.writes[0] == ("DELETE", id_) and len(edge_api.writes) == 3
    assert edge_api.resources == {}


def test_a_refusal_of_the_edge_is_told_with_its_words(make_edge: MakeAws, edge_api: MemoryEdgeApi) -> None:
    edge_api.refuse = lambda method, id_: (
        (400, {"message": "the function is too long"}) if id_ == "shop-request" else None
    )
    message = failure_of(make_edge(edge()).up)
    where = f"PUT {edge_api.url}/resources/shop-request"
    assert f"{FUNCTION} request: {where}: HTTP 400, the local edge says: the function is too long" in message


def test_what_is_gone_from_the_edge_is_made_again_after_a_refresh(make_edge: MakeAws, edge_api: MemoryEdgeApi) -> None:
    id_ = make_edge(edge()).up().outputs["id"]
    del edge_api.resources[id_]
    assert make_edge(None).refresh().changes["delete"] == 1
    make_edge(edge()).up()
    [distribution] = edge_api.of_type("Distribution")
    assert distribution["id"] != id_


@pytest.mark.parametrize("answer", [{"error": "no such page"}, ["message"], "message"])
def test_another_server_is_not_taken_for_the_edge(answer: Any, make_edge: MakeAws, edge_api: MemoryEdgeApi) -> None:
    make_edge(edge()).up()
    edge_api.refuse = lambda method, id_: (404, answer)
    for operation in (make_edge(edge("second")).up, make_edge(None).refresh, make_edge(None).destroy):
        assert "this is not the local edge's admin address" in failure_of(operation)


CRASHES: dict[str, tuple[Any, Any, int]] = {
    "create": (lambda: None, edge(), 3),
    "update": (edge(), edge("second"), 3),
    "replace": (edge(), edge(function_name="other"), 3),
    "destroy": (edge(), lambda: None, 0),
}


@pytest.mark.parametrize("name", CRASHES)
def test_up_after_a_kill_at_any_point_converges_without_duplicates(
    name: str, make_edge: MakeAws, edge_api: MemoryEdgeApi, project_dir: Path
) -> None:
    before, after, expected = CRASHES[name]
    at = 0
    while True:
        at += 1
        make_edge(before).up()
        with pytest.MonkeyPatch.context() as patch:
            crash = Crash(patch, at=at)
            crash.watch(patch, LocalEdge, "_call")
            with contextlib.suppress(EngineError, Killed):
                make_edge(after).up()
        make_edge(after).up()
        assert len(edge_api.resources) == expected, f"killed at point {at}"
        changes = make_edge(after).preview().changes
        assert changes["same"] == sum(changes.values()), f"killed at point {at}"
        assert not json.loads((project_dir / ".state" / "shop" / "dev.json").read_text())["pending"]
        make_edge(None).destroy()
        assert edge_api.resources == {}, f"killed at point {at}"
        if crash.points < at:
            break
    assert at > 10
