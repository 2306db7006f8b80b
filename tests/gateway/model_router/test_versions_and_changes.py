"""Versions, fallbacks and changes of a router: a caller keeps its version, and no version gives another's answer."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.gateway.deployed_pool import until
from tests.gateway.model_router.routed_models import ENTRY, MODELS, RoutedModels
from tests.gateway.model_server import ModelServer, model_server
from tests.gateway.replicas import Replica, running_replicas

CALLERS = [f"192.0.2.{i}" for i in range(120)]  # callers that no key is asked of are told apart by what they send


@pytest.fixture
def route(gateway, tmp_path) -> Iterator[Callable[..., RoutedModels]]:
    admin, proxy, settle = gateway
    with contextlib.ExitStack() as stack:

        def made(*args: Any, **router: Any) -> RoutedModels:
            routed = RoutedModels(admin, proxy, tmp_path, settle, *args, **router)
            stack.callback(routed.close)
            return routed

        yield made


@pytest.fixture
def servers() -> Iterator[dict[str, ModelServer]]:
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(model_server(name)) for name in ("one", "two", "three")}


def weighted(**weights: int) -> list[dict[str, Any]]:
    """One name whose versions have these weights."""
    return [{"name": "m", "versions": [{"model": model, "weight": weight} for model, weight in weights.items()]}]


def endpoints(servers: dict[str, ModelServer]) -> dict[str, Any]:
    return {name: {"endpoint": server.url} for name, server in servers.items()}


def entry_of(admin: str) -> dict[str, Any]:
    """The function of the whole gateway."""
    plugins = httpx.get(f"{admin}/plugins?size=1000").json()["data"]
    [entry] = [plugin for plugin in plugins if plugin["name"] == "pre-function" and plugin["service"] is None]
    return entry


def who_answers(routed: RoutedModels, servers: dict[str, ModelServer], question: bytes = b'{"model": "m"}') -> dict:
    """By caller, the version whose answer it got."""
    found = {}
    for caller in CALLERS:
        answer = routed.send(question, {"authorization": caller})
        [found[caller]] = [
            name for name, server in servers.items() if server.answer_to(question, caller) == answer.json()["answer"]
        ]
    return found


def test_a_caller_keeps_its_version_and_weights_move_only_whom_they_must(route, servers):
    routed = route(endpoints(servers), models=weighted(one=80, two=20, three=0))
    before = who_answers(routed, servers)
    counts = Counter(before.values())
    assert 60 < counts["one"] < 115 and counts["two"] > 5 and not counts["three"]
    assert who_answers(routed, servers) == before
    routed.deploy(models=weighted(three=40, two=20, one=80))
    after = who_answers(routed, servers)
    moved = {caller for caller in CALLERS if before[caller] != after[caller]}
    assert {after[caller] for caller in moved} == {"three"}
    assert 10 < len(moved) < 60


def test_versions_share_no_answers(route, servers):
    routed = route(endpoints(servers), models=weighted(one=50, two=50))
    question = b'{"model": "m", "q": "the same"}'
    answers = {name: server.answer_to(question) for name, server in servers.items()}
    routed.deploy(models=weighted(one=100, two=0))
    for expected in ("fwd=miss", "hit"):
        answer = routed.send(question)
        assert answer.json()["answer"] == answers["one"]
        assert expected in answer.headers["cache-status"]
    routed.deploy(models=weighted(one=0, two=100))
    for expected in ("fwd=miss", "hit"):
        answer = routed.send(question)
        assert answer.json()["answer"] == answers["two"]
        assert expected in answer.headers["cache-status"]


def test_a_served_name_is_each_versions_own(route, servers):
    versions = [{"model": "one", "served_name": "first"}, {"model": "two", "served_name": "org/second"}]
    routed = route(endpoints(servers), models=[{"name": "m", "versions": versions}])
    expected = {
        servers["one"].answer_to(b'{"model":"first"}', "a"),
        servers["two"].answer_to(b'{"model":"org/second"}', "a"),
    }
    assert routed.send(b'{"model":"m"}', {"authorization": "a"}).json()["answer"] in expected


@pytest.fixture
def replicas() -> Iterator[list[Replica]]:
    with running_replicas("main", "spare") as running:
        yield running


def test_the_fallback_answers_while_the_pool_is_down(route, replicas):
    main, spare = replicas
    models = [{"name": "m", "versions": [{"model": "main"}], "fallback": {"model": "spare", "served_name": "small"}}]
    routed = route({"main": {"replica": main}, "spare": {"replica": spare}}, models=models)
    questions = iter(range(100_000))

    def answered_by() -> str | None:
        answer = routed.ask({"model": "m", "q": next(questions)})
        return answer.json()["answer"] if answer.status_code == 200 else None

    def answers_from(name: str) -> Callable[[], bool]:
        return lambda: {answered_by() for _ in range(10)} == {name}

    until(answers_from("main"))
    main.stop()
    until(answers_from("spare"))
    assert {answered_by() for _ in range(30)} == {"spare"}
    question = {"model": "m", "q": "of the fallback"}
    assert routed.ask(question).json()["answer"] == "spare"
    main.start()
    until(answers_from("main"))
    assert routed.ask(question).json()["answer"] == "main", "the fallback's answers are its own"


def test_without_a_fallback_a_pool_that_is_down_is_an_error(route, replicas):
    main, spare = replicas
    routed = route({"main": {"replica": main}, "spare": {"replica": spare}})
    main.stop()
    until(lambda: routed.ask({"model": "main"}).status_code == 503)
    assert routed.ask({"model": "spare"}).json()["answer"] == "spare"


def test_without_a_models_argument_every_model_has_its_own_name(route, servers):
    routed = route(endpoints(servers))
    assert routed.names_told() == ["one", "three", "two"]
    for name, server in servers.items():
        body = b'{"model": "%s"}' % name.encode()
        assert routed.send(body).json()["answer"] == server.answer_to(body)


def test_without_a_header_what_is_not_looked_into_is_refused(route, servers):
    routed = route(endpoints(servers), max_body_bytes=100)
    for body, headers, status, message in (
        (b'{"model": "one", "x": "%s"}' % (b"y" * 100), {}, 413, "Send at most 100 bytes"),
        (b"1,2", {"content-type": "text/csv"}, 415, "Send application/json"),
    ):
        answer = routed.send(body, {**headers, "x-model": "one"})
        assert (answer.status_code, answer.json()["error"]["message"]) == (status, message)
    assert not servers["one"].calls


def test_the_name_may_stand_deeper(route, servers):
    routed = route(endpoints(servers), model_pointer="/inputs/0/model~1name", models_path="/models")
    body = b'{"model": "two", "inputs": [{"model/name": "one"}]}'
    assert routed.send(body).json()["answer"] == servers["one"].answer_to(body)
    answer = routed.send(b'{"model": "one"}')
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "inputs.0.model/name")
    assert error["message"] == "The body must name a model at /inputs/0/model~1name"


def test_a_model_of_another_host_is_unknown(route, servers):
    routes = endpoints(servers)
    routes["one"]["hosts"] = ["api.test"]
    routed = route(routes)
    answer = routed.ask({"model": "one"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "There is no model 'one'")
    body = b'{"model": "one"}'
    assert routed.send(body, {"host": "api.test"}).json()["answer"] == servers["one"].answer_to(body)


def test_other_paths_take_the_place_of_the_first(route, servers):
    routed = route(endpoints(servers))
    routed.deploy(paths=["/v2/chat", "/v1/completions"])
    body = b'{"model": "one"}'
    for path in ("/v2/chat", "/v1/completions"):
        assert routed.send(body, path=path).json()["answer"] == servers["one"].answer_to(body)
    assert routed.send(body, {"Xpredictionmodel": "one"}).status_code == 404


def test_when_the_function_is_missing_nothing_is_routed(route, servers, gateway):
    """Somebody has switched it off by hand: the directory refuses, whatever a client says."""
    routed = route(endpoints(servers))
    httpx.patch(f"{gateway[0]}/plugins/{entry_of(gateway[0])['id']}", json={"enabled": False}).raise_for_status()
    until(lambda: routed.ask({"model": "one"}).status_code == 503)
    answer = routed.ask({"model": "one"})
    assert answer.json()["error"]["code"] == "router_missing"


@pytest.mark.parametrize("access", [{"mode": "open"}, {"mode": "key-auth"}], ids=str)
def test_where_the_function_is_not_yet_or_no_longer_a_forged_header_leads_nowhere(route, servers, gateway, access):
    """Kong's workers build their routes and their plugins one after the other."""
    routed = route({name: {**args, "access": access} for name, args in endpoints(servers).items()}, {"web": []})
    httpx.delete(f"{gateway[0]}/plugins/{entry_of(gateway[0])['id']}").raise_for_status()
    key = {"apikey": routed.key_of("web")}
    # A body that names no model: the function, where a worker still has it, leads nowhere, either.
    until(lambda: all(routed.ask({}, Xpredictionmodel="one", **key).status_code == 503 for _ in range(20)))
    for forged in ("one", "ONE", "one.", "one.0", f"one.{'a' * 48}", "~*one", "~*.*", "~*^one", ""):
        answer = routed.ask({"model": "one"}, Xpredictionmodel=forged, **key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "router_missing")
    assert not servers["one"].calls


def test_without_the_router_its_paths_are_gone(route, servers):
    routed = route(endpoints(servers))
    routed.close()
    with httpx.Client(base_url=str(routed.client.base_url)) as client:
        until(lambda: client.post(ENTRY, json={"model": "one"}).status_code == 404)
        assert client.get(MODELS).status_code == 404


def test_a_name_is_replaced_for_language_models_too(route, servers):
    """Their answers are not buffered: Kong goes on in another location of nginx."""
    versions = [{"model": "one", "served_name": "llama-3"}]
    routes = {"one": {"endpoint": servers["one"].url, "cache": {"profile": "llm"}}}
    routed = route(routes, models=[{"name": "m", "versions": versions}])
    answer = routed.send(b'{"stream": true, "model": "m"}', {"Xpredictionmodel": "two"})
    assert answer.json()["answer"] == servers["one"].answer_to(b'{"stream": true, "model": "llama-3"}')
