"""Requests that have something in common get one replica, until it is much busier than the others."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.deployed_pool import until
from tests.gateway.model_server import Behaviour, ModelServer, model_server
from tests.gateway.pooled_model import PooledModel


@pytest.fixture
def pooled(gateway, tmp_path: Path) -> Iterator[PooledModel]:
    admin, proxy, settle = gateway
    made = PooledModel(admin, proxy, tmp_path, settle)
    yield made
    made.close()


@pytest.fixture
def servers() -> Iterator[list[ModelServer]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(model_server()) for _ in range(4)]


def conversation(number: int, turns: int) -> list[dict[str, Any]]:
    """The questions of one conversation, each with all that was said before."""
    said: list[dict[str, str]] = [{"role": "system", "content": "Be brief."}]
    asked = []
    for turn in range(turns):
        said = [*said, {"role": "user", "content": f"question {turn} of conversation {number}"}]
        asked.append({"messages": said})
        said = [*said, {"role": "assistant", "content": f"answer {turn}"}]
    return asked


def test_all_turns_of_a_conversation_get_one_replica(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, affinity={})
    places = [pooled.places(conversation(number, 4)) for number in range(24)]
    assert all(len(set(place)) == 1 for place in places)
    assert {place[0] for place in places} == {0, 1, 2, 3}


def test_models_of_one_pool_and_adapters_of_one_model_are_spread_each_for_itself(
    pooled: PooledModel, servers: list[ModelServer]
) -> None:
    pooled.deploy(servers, affinity={})
    places = pooled.places([{"model": f"adapter-{number}", "prompt": "the same"} for number in range(24)])
    assert len(set(places)) == 4


def test_the_first_characters_of_a_prompt_decide(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, affinity={"characters": 8})
    for number in range(8):
        assert len(set(pooled.places([{"prompt": f"prefix-{number} {more}"} for more in "abc"]))) == 1


def test_a_session_gets_one_replica_whatever_it_asks(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, affinity={"by": "session", "header": "X-Chat"})
    for number in range(6):
        questions = [{"prompt": f"{number} {other}"} for other in range(4)]
        assert len(set(pooled.places(questions, x_chat=f"session-{number}"))) == 1
    assert len(set(pooled.places([{"prompt": str(other)} for other in range(24)]))) == 4  # nobody's: by prompt


def test_the_cache_key_decides_where_replicas_keep_answers_of_their_own(
    pooled: PooledModel, servers: list[ModelServer]
) -> None:
    for server in servers:
        server.behaviour = Behaviour(headers=(("Cache-Control", "no-store"),))
    pooled.deploy(servers, affinity={"by": "key"}, route={"cache": {"enabled": True, "store": "memory"}})
    for number in range(8):
        spellings = [b'{"a":1,"b":%d}' % number, b'{ "b": %d, "a": 1 }' % number]
        assert len({pooled.place(body) for body in spellings}) == 1


def test_a_client_cannot_choose_the_replica(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, affinity={})
    spoofed = [pooled.place(b'{"prompt":"mine"}', xpredictionaffinity=str(number)) for number in range(16)]
    assert len(set(spoofed)) == 1


@pytest.mark.parametrize("body", [b"", b"[", b'{"messages":', b'{"messages":[{"role"', b"\xff\xfe", b'"text"'])
def test_what_is_no_json_goes_to_some_replica(pooled: PooledModel, servers: list[ModelServer], body: bytes) -> None:
    pooled.deploy(servers, affinity={})
    assert pooled.send(body).status_code == 200


def test_a_prompt_that_everybody_sends_is_shared_out(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, affinity={"max_load_factor": 1.25})
    common = {"prompt": "the same for all"}
    for server in servers:
        server.behaviour = Behaviour(seconds=0.05)
    pooled.spread([common] * 960, at_once=16)  # where its slots lead
    for server in servers:
        server.most_at_once = 0
    shares = pooled.spread([common] * 320, at_once=16)
    assert min(shares.values()) > 0
    assert max(server.most_at_once for server in servers) <= 8  # half of all; without a bound it were 16
    assert max(shares.values()) < 1.6 * 320 / 4


def test_without_load_a_common_prompt_stays_where_it_is_warm(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, affinity={})
    assert len(set(pooled.places([{"prompt": "the same for all"}] * 20))) == 1


def test_least_connections_spares_a_busy_replica(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, algorithm="least-connections")
    pooled.spread([{"prompt": str(number)} for number in range(2500)], at_once=8)  # where the slots lead
    released = threading.Event()
    servers[0].behaviour = Behaviour(released=released)
    with ThreadPoolExecutor(3) as held:
        try:
            for number in range(3):
                while servers[0].at_once == number:
                    asked = held.submit(pooled.ask, {"prompt": "held"})
                    until(lambda: asked.done() or servers[0].at_once > number)  # noqa: B023
            servers[0].behaviour = Behaviour()
            shares = Counter(pooled.places([{"prompt": str(number)} for number in range(300)]))
        finally:
            released.set()
    assert shares[0] < 300 / 6  # one of 16: when both that it looks at are this one


def test_no_request_counts_when_it_has_ended_however_it_did(pooled: PooledModel, servers: list[ModelServer]) -> None:
    pooled.deploy(servers, affinity={})
    before = [len(server.calls) for server in servers]
    for server in servers:
        server.behaviour = Behaviour(truncated=True)
    for _ in range(40):
        with contextlib.suppress(httpx.HTTPError):
            pooled.ask({"prompt": "the same for all"})
    # Its replica would be too busy if some of them counted still.
    assert sorted(len(server.calls) - n for server, n in zip(servers, before, strict=True)) == [0, 0, 0, 40]
