"""What an entry takes is what the gateway's dictionary counts."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from ops.plan.entry_size import entry_bytes, usable_bytes
from tests.gateway.conftest import deploy, gateway, model, store
from tests.gateway.deployed import DeployedModel
from tests.gateway.model_server import Behaviour, ModelServer

__all__ = ["deploy", "gateway", "model", "store"]

_USED = re.compile(r'^kong_memory_lua_shared_dict_bytes\{shared_dict="prediction_cache".*\} (\S+)$', re.MULTILINE)
QUESTIONS = 30


@pytest.mark.parametrize("store", ["proxy-cache", "memory"], indirect=True)
@pytest.mark.parametrize("filler", [0, 1_000, 6_000, 20_000])
def test_an_answer_takes_about_what_the_dictionary_grows_by(
    deploy: Callable[..., DeployedModel], model: ModelServer, gateway: tuple[str, ...], filler: int
) -> None:
    model.behaviour = Behaviour(filler=filler)
    deployed = deploy()
    before = used_bytes(gateway[0])
    replies = [deployed.ask({"question": number, "text": "q" * 200}) for number in range(QUESTIONS)]
    taken = (used_bytes(gateway[0]) - before) / QUESTIONS
    answer = int(replies[0].headers["content-length"])
    expected = int(entry_bytes(np.array([answer]), deployed.store)[0])  # type: ignore[arg-type]
    assert taken <= expected * 1.05
    assert taken >= expected * 0.5  # sizes go by powers of two: the next smaller one


def used_bytes(admin: str) -> float:
    found = _USED.search(httpx.get(f"{admin}/metrics").text)
    assert found
    return float(found[1])


def test_the_shared_redis_has_no_slabs() -> None:
    assert entry_bytes(np.array([1_000, 5_000]), "redis").tolist() == [1_294, 5_294]
    assert usable_bytes(2**20, "redis") == 2**20 > usable_bytes(2**20, "memory")
