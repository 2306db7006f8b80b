"""The transport in front of the embedded Kong: the deployed twin answers it, and refuses what it should."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from client import CacheStatus, PredictionTransport, cache_status
from tests.gateway.deployed import DeployedModel
from tests.gateway.model_server import ModelServer, model_server
from tests.kong.running import running_kong

Ask = Callable[[Any], httpx.Response]


@pytest.fixture(scope="module")
def kong() -> Iterator[Any]:
    with running_kong("--client-body-buffer-size", "1m") as running:
        yield running


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def deploy(kong: Any, model: ModelServer, tmp_path: Path) -> Iterator[Callable[..., tuple[DeployedModel, Ask]]]:
    """deploy(cache={...}) puts the model behind the gateway, and gives a client's post to it."""
    with contextlib.ExitStack() as stack:

        def deployed(**args: Any) -> tuple[DeployedModel, Ask]:
            store = {"cache": {"store": "proxy-cache"}}
            made = DeployedModel(kong.admin, kong.proxy, tmp_path, _settle, store, {"endpoint": model.url, **args})
            stack.callback(made.close)
            client = stack.enter_context(httpx.Client(base_url=kong.proxy, transport=PredictionTransport()))
            model.calls.clear()
            headers = {"apikey": made.key_of("web")}
            return made, lambda document: client.post(made.url, json=document, headers=headers)

        yield deployed


def _settle(serves: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not serves():
        assert time.monotonic() < deadline, "the deployed route is not served"
        time.sleep(0.05)


def test_equal_questions_share_the_entry_of_the_twin(deploy: Any, model: ModelServer) -> None:
    _, ask = deploy()
    first, second = ask({"x": 1.0, "y": "é"}), ask({"y": "é", "x": 1.0})
    assert cache_status(first) == CacheStatus(source="model", stored=True)
    status = cache_status(second)
    assert status.hit and status.source == "gateway" and status.ttl_seconds
    assert second.json() == first.json() and len(model.calls) == 1


def test_the_model_is_asked_the_same_as_by_post(deploy: Any, model: ModelServer) -> None:
    made, ask = deploy(cache={"enabled": False})
    document = {"b": [1.0, 1e-7, 12345678901234567890], "a": "é"}
    answers = [
        ask(document).json(),
        made.client.post(made.url, json=document, headers=dict(made.headers("web", {}))).json(),
    ]
    assert answers[0] == answers[1] and len(model.calls) == 2


def test_a_bypass_is_told_with_its_reason(deploy: Any) -> None:
    _, ask = deploy()
    status = cache_status(ask({"x": 1, "stream": True}))
    assert (status.hit, status.stored, status.detail) == (False, False, "stream")


def test_without_twin_the_post_is_asked(deploy: Any, model: ModelServer) -> None:
    _, ask = deploy(cache={"get_twin": False})
    first, second = ask({"x": 1}), ask({"x": 1})
    assert first.status_code == second.status_code == 200 and len(model.calls) == 1
    assert cache_status(second).hit


def test_a_question_that_is_too_long_for_a_url_is_asked_by_post(deploy: Any, model: ModelServer) -> None:
    _, ask = deploy()
    question = {"x": "1" * 7_000}
    assert [cache_status(ask(question)).hit for _ in range(2)] == [False, True]
    assert len(model.calls) == 1
