"""The example of a model with replicas, by the wheel, deployed to a gateway and asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from local.engine import EmbeddedEngine
from tests.examples.documents import EXAMPLES
from tests.gateway.deployed_pool import until
from tests.gateway.replicas import running_replicas
from tests.kong.running import running_kong
from tests.package.running import ROOT


def engine(folder: Path, **options: Any) -> EmbeddedEngine:
    return EmbeddedEngine(EXAMPLES / "pool", "dev", folder, **options)


def test_a_conversation_stays_at_a_replica_until_that_is_drained(wheel: None, tmp_path: Path) -> None:
    with running_replicas("a", "b") as replicas, running_kong("--client-body-buffer-size", "1m") as kong:

        def deployed(*weights: int) -> EmbeddedEngine:
            targets = [
                {"address": one.address, "weight": weight} for one, weight in zip(replicas, weights, strict=True)
            ]
            config: dict[str, Any] = {"kong:kongAdminUri": kong.admin, "shop-pool:replicas": targets}
            stack = engine(tmp_path, config=config)
            stack.up()
            return stack

        key = deployed(100, 100).outputs(show_secrets=True)["consumerKeys"]["web"]

        def ask(*said: str) -> httpx.Response:
            question = {"messages": [{"role": "user", "content": content} for content in said]}
            return httpx.post(f"{kong.proxy}/chat/predict", headers={"apikey": key}, json=question)

        until(lambda: ask("hello", "who are you?").status_code == 200)
        first = [ask("hello", "who are you?", *more).json()["answer"] for more in ([], ["a"], ["a", "b"])]
        assert len(set(first)) == 1
        stack = deployed(*(0 if one.name == first[0] else 100 for one in replicas))
        until(lambda: ask("hello", "who are you?").json()["answer"] != first[0])
        stack.destroy()


def test_it_keeps_the_policies(wheel: None, tmp_path: Path) -> None:
    assert engine(tmp_path, policy_pack=ROOT / "policies").preview().changes["create"] > 10
