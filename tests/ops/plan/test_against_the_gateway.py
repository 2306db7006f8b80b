"""The gateway replays a log at the log's own times: its Cache-Status counts what the plan has promised."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.plan.advice import Terms, plan_model
from ops.plan.reading import read_traces
from tests.gateway.conftest import deploy, gateway, model, store
from tests.gateway.deployed import DeployedModel
from tests.ops.plan.replayed import Sent, hit_ratio, latest_seconds, replay

__all__ = ["deploy", "gateway", "model", "store"]

REQUESTS, SECONDS, DISTINCT = 2_400, 14, 350
TTL_SECONDS = 4
# Stores count whole seconds, and a request may be late. So a question is asked at one place of the second, which moves
# on by 25 ms a second: an answer is a whole TTL old never sooner than 100 ms before its question comes again, and every
# request has 100 ms left in its second. The number of seconds since the answer alone decides.
MARGIN_SECONDS = 0.1
ATTEMPTS = 3


def due_requests() -> list[tuple[float, bytes]]:
    """Questions by Zipf's law; a tenth of the requests cannot be cached."""
    chance = random.Random(5)
    places = [chance.uniform(0.02, 0.5) for _ in range(DISTINCT)]
    popularity = [1 / rank for rank in range(1, DISTINCT + 1)]
    due = []
    for question in chance.choices(range(DISTINCT), popularity, k=REQUESTS):
        second = chance.randrange(SECONDS)
        body = {"question": question, "stream": True} if chance.random() < 0.1 else {"question": question}
        due.append((second + places[question] + 0.025 * second, json.dumps(body).encode()))
    return sorted(due)


@pytest.mark.parametrize("store", ["proxy-cache", "memory"], indirect=True)
@pytest.mark.timeout(180)
def test_its_hit_ratio_is_the_plans(deploy: Callable[..., DeployedModel], tmp_path: Path) -> None:
    due = due_requests()
    log = tmp_path / "requests.jsonl"
    lines = [{"time": 1_793_491_200 + at, "model": "m", "body": body.decode()} for at, body in due]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (found,) = read_traces(log).models
    plan = plan_model(found, Terms(ttl_seconds=TTL_SECONDS))
    assert plan.bypasses["stream"] == sum(b"stream" in body for _, body in due)
    promised = plan.at(TTL_SECONDS).hit_ratio
    assert 0.5 < promised < 0.8  # neither nothing nor everything: the TTL plays its part
    assert abs(promised - plan.at(5).hit_ratio) > 0.01 and abs(promised - plan.at(2).hit_ratio) > 0.01

    sent = replayed_in_time(deploy, due)
    assert {one.status for one in sent} == {200}
    late = f"the latest answer was {latest_seconds(sent):.3f} s late"
    assert hit_ratio(sent) == pytest.approx(promised, abs=0.001), late


def replayed_in_time(deploy: Callable[..., DeployedModel], due: list[tuple[float, bytes]]) -> list[Sent]:
    """On a machine that is busy with something else once more, with an empty cache."""
    sent: list[Sent] = []
    for _ in range(ATTEMPTS):
        deployed = deploy(cache={"ttl_seconds": TTL_SECONDS})
        sent = replay(deployed.proxy + deployed.url, {"apikey": deployed.key_of("web")}, due)
        if latest_seconds(sent) < MARGIN_SECONDS:
            break
    return sent
