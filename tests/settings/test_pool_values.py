"""Each value of `pools`, of a model's pool and of `router` by itself."""

from __future__ import annotations

from typing import Any

import pytest

from settings import parse_settings
from tests.settings.support import pool_stack, pooled_model, problems, routed, router_stack, stack

ADDRESS = "must be the host and port of a replica, such as 10.0.3.7:8080; an IPv6 address in brackets"
WEIGHT = "must be a whole number from 0 to 65535"
NAME = "must be 1 to 40 lower-case letters, digits and hyphens, beginning with a letter"
ROUTED = "must be 1 to 128 letters, digits and . _ : / @ -"
ROUTE_PATH = "must be an exact path such as /digits/predict"
POINTER = "must be a JSON pointer (RFC 6901) such as /model"
HEADER = "must be a header name in lower-case letters, digits and hyphens"


def pool_at(path: str, value: Any) -> dict[str, Any]:
    """A document with a value at a dotted path of its pool; `discovery` instead of targets where it begins so."""
    sections = path.split(".")
    for section in reversed(sections[1:]):
        value = {section: value}
    if sections[0] == "discovery" and isinstance(value, dict):
        return pool_stack(discovery={"name": "replicas.internal", "port": 8000, **value})
    return pool_stack(**{sections[0]: value})


POOL_ACCEPTED = [
    ("targets", [{"address": "127.0.0.1:1"}, {"address": "Model-2.internal:65535", "weight": 1}]),
    ("targets", [{"address": "[::1]:8080", "weight": 65_535}, {"address": "my_model:80", "weight": 0}]),
    ("discovery.name", "replicas.internal"),
    ("discovery.port", 65_535),
    ("protocol", "https"),
    ("hostHeader", "model.internal"),
    ("hostHeader", "model.internal:8443"),
    ("algorithm", "round-robin"),
    ("algorithm", "least-connections"),
    ("affinity", {}),
    ("affinity", {"messages": 1, "characters": 65_536, "maxLoadFactor": 1}),
    ("affinity", {"by": "session", "header": "x-user"}),
    ("affinity", {"by": "key", "maxLoadFactor": 10}),
    ("health.path", "/v2/health/ready"),
    ("health", {"intervalSeconds": 3_600, "timeoutSeconds": 60, "successes": 254, "failures": 1}),
    ("circuitBreaker", {"connectionFailures": 0, "timeouts": 254, "errors": 5, "statuses": [429, 599]}),
]
POOL_REFUSED = [
    ("name", "Chat", NAME),
    ("targets", [], "must be a list of 1 to 100 targets"),
    ("targets", [{"address": "127.0.0.1"}], ADDRESS),
    ("targets", [{"address": "http://127.0.0.1:80"}], ADDRESS),
    ("targets", [{"address": "127.0.0.1:0"}], ADDRESS),
    ("targets", [{"address": "127.0.0.1:65536"}], ADDRESS),
    ("targets", [{"address": "::1:80"}], ADDRESS),
    ("targets", [{"address": "127.0.0.1:80", "weight": -1}], WEIGHT),
    ("targets", [{"address": "127.0.0.1:80", "weight": 65_536}], WEIGHT),
    ("targets", [{"address": "127.0.0.1:80", "weight": 0.5}], WEIGHT),
    ("discovery.name", "10.0.0.1", "must be a DNS name without scheme and port, such as replicas.internal"),
    ("discovery.name", "http://replicas", "must be a DNS name without scheme and port, such as replicas.internal"),
    ("discovery.port", 0, "must be a whole number from 1 to 65535"),
    ("protocol", "grpc", "must be http or https"),
    ("hostHeader", "https://model", "must be a host name, and a port if need be"),
    ("algorithm", "latency", "must be round-robin, least-connections or consistent-hashing"),
    ("affinity.by", "user", "must be prompt, session or key"),
    ("affinity.messages", 0, "must be a whole number from 1 to 100 (messages)"),
    ("affinity.characters", 65_537, "must be a whole number from 1 to 65536 (characters)"),
    ("affinity", {"by": "session", "header": "X-Session"}, HEADER),
    ("affinity", {"by": "session", "header": "connection"}, "connection is not allowed here: it belongs to the conn"),
    ("affinity", {"by": "session", "header": "xpredictionaffinity"}, "xpredictionaffinity is not allowed here: it bel"),
    ("affinity.maxLoadFactor", 0.99, "must be a number from 1 to 10 (times the mean)"),
    ("affinity.maxLoadFactor", 11, "must be a number from 1 to 10 (times the mean)"),
    ("health", None, "must be a mapping; leave the key out for its defaults"),
    ("health.path", "ping", "must be a path such as /ping"),
    ("health.path", "/ping?deep", "must be a path such as /ping"),
    ("health.intervalSeconds", 0, "must be a whole number from 1 to 3600 (seconds)"),
    ("health.timeoutSeconds", 61, "must be a whole number from 1 to 60 (seconds)"),
    ("health.successes", 0, "must be a whole number from 1 to 254 (in a row)"),
    ("health.failures", 255, "must be a whole number from 1 to 254 (in a row)"),
    ("circuitBreaker.connectionFailures", -1, "must be a whole number from 0 to 254 (in a row)"),
    ("circuitBreaker.timeouts", 255, "must be a whole number from 0 to 254 (in a row)"),
    ("circuitBreaker.errors", 1.5, "must be a whole number from 0 to 254 (in a row)"),
    ("circuitBreaker.statuses", [], "must be a list of 1 to 50 status codes"),
    ("circuitBreaker.statuses", [200], "must be a whole number from 400 to 599"),
    ("circuitBreaker.statuses", [500, 500], "must be a list of 1 to 50 status codes, each once"),
]
MODEL_POOL_ACCEPTED = [{}, {"path": "/"}, {"path": "/v1/chat/completions"}]
MODEL_POOL_REFUSED = [
    ({"name": "Chat"}, NAME),
    ({"path": "v1"}, "must be a path such as /v1/chat/completions, without query and fragment"),
    ({"path": "/v1?x=1"}, "must be a path such as /v1/chat/completions, without query and fragment"),
]
ROUTER_ACCEPTED = [
    ("paths", ["/v1/chat/completions", "/v1/completions", "/"]),
    ("modelsPath", "/models"),
    ("modelPointer", "/parameters/model~1name"),
    ("modelHeader", "x-model"),
    ("modelHeader", None),
    ("maxBodyBytes", 1_048_576),
    ("models", None),
    ("models", [routed("digits", name="openai/gpt-4.1:latest@2026-01_b", fallback=None)]),
    ("models", [routed({"model": "digits", "weight": 90, "servedName": "org/m"}, {"model": "words", "weight": 0})]),
]
ROUTER_REFUSED = [
    ("paths", [], "must be a list of 1 to 20 paths"),
    ("paths", "/v1/chat/completions", "must be a list of 1 to 20 paths"),
    ("paths", ["/v1/chat/"], ROUTE_PATH),
    ("paths", ["~/v1/.*"], ROUTE_PATH),
    ("paths", ["/v1", "/v1"], "must be a list of 1 to 20 paths, each once"),
    ("modelsPath", "models", ROUTE_PATH),
    ("modelPointer", "model", POINTER),
    ("modelPointer", "", POINTER),
    ("modelPointer", "/a~2", POINTER),
    ("modelPointer", '/a"b', POINTER),
    ("modelHeader", "X-Model", HEADER),
    ("modelHeader", "authorization", "authorization is not allowed here: it has another meaning already"),
    ("modelHeader", "apikey", "apikey is not allowed here: it has another meaning already"),
    ("maxBodyBytes", 0, "must be a whole number from 1 to 1048576 (bytes)"),
    ("maxBodyBytes", 1_048_577, "must be a whole number from 1 to 1048576 (bytes)"),
    ("models", [], "must be a list of 1 to 1000 names"),
    ("models", [routed("digits", name="gpt x")], ROUTED),
    ("models", [routed("digits", name="g" * 129)], ROUTED),
    ("models", [routed()], "must be a list of 1 to 20 versions"),
    ("models", [routed({"model": "digits", "weight": -1})], WEIGHT),
    ("models", [routed({"model": "digits", "servedName": 'a"b'})], ROUTED),
    ("models", [routed({"model": "Digits"})], NAME),
]


@pytest.mark.parametrize(("path", "value"), POOL_ACCEPTED)
def test_accepts_of_a_pool(path: str, value: Any) -> None:
    assert problems(pool_at(path, value)) == []


@pytest.mark.parametrize(("path", "value", "message"), POOL_REFUSED)
def test_refuses_of_a_pool(path: str, value: Any, message: str) -> None:
    (problem,) = problems(pool_at(path, value))
    assert message in problem


@pytest.mark.parametrize("address", ["10.0.0.300:80", "1.2.3:80", "[::zz]:80", "[1::2::3]:80", "[10.0.0.1]:80"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    (problem,) = problems(pool_stack(targets=[{"address": address}]))
    assert problem == f'pools[0].targets[0].address = "{address}": {ADDRESS}'


@pytest.mark.parametrize("use", MODEL_POOL_ACCEPTED)
def test_accepts_of_a_models_pool(use: dict[str, Any]) -> None:
    assert problems(pool_stack(pooled_model(use))) == []


@pytest.mark.parametrize(("use", "message"), MODEL_POOL_REFUSED)
def test_refuses_of_a_models_pool(use: dict[str, Any], message: str) -> None:
    (problem,) = problems(pool_stack(pooled_model(use)))
    assert message in problem


@pytest.mark.parametrize(("key", "value"), ROUTER_ACCEPTED)
def test_accepts_of_a_router(key: str, value: Any) -> None:
    assert problems(router_stack(**{key: value})) == []


@pytest.mark.parametrize(("key", "value", "message"), ROUTER_REFUSED)
def test_refuses_of_a_router(key: str, value: Any, message: str) -> None:
    (problem,) = problems(router_stack(**{key: value}))
    assert message in problem


@pytest.mark.parametrize("value", [1, "yes", None])
def test_whether_kong_repeats_is_true_or_false(value: Any) -> None:
    (problem,) = problems(stack(kong={"repeatsLostRequests": value}))
    assert "kong.repeatsLostRequests" in problem and problem.endswith("must be true or false")


def test_the_defaults() -> None:
    settings = parse_settings({**pool_stack(affinity={}), "router": {"paths": ["/v1"]}})
    (pool,), router = settings.pools, settings.router
    assert (pool.protocol, pool.host_header, pool.algorithm) == ("http", None, None)
    assert pool.affinity is not None and pool.affinity.by == "prompt"
    assert settings.models[0].pool is not None and settings.models[0].pool.path == "/invocations"
    assert settings.models[0].timeouts.stream_seconds is None
    assert router is not None and (router.models_path, router.models) == ("/v1/models", None)
    assert settings.kong.repeats_lost_requests is False
    plain = parse_settings(stack())
    assert (plain.pools, plain.router) == ((), None)


def test_a_section_without_its_required_keys_names_them_all() -> None:
    document = pool_stack(targets=[{}], affinity={"by": "nobody"})
    document["router"] = {"models": [{"versions": [{}]}, {}]}
    assert [problem.partition(":")[0] for problem in problems(document)] == [
        'pools[0].affinity.by = "nobody"',
        "pools[0].targets[0].address",
        "router.paths",
        "router.models[0].name",
        "router.models[0].versions[0].model",
        "router.models[1].name",
        "router.models[1].versions",
    ]


def test_a_problem_of_the_router_hides_neither_those_of_pools_nor_of_consumers() -> None:
    document = pool_stack(targets=[{"address": "a:1"}, {"address": "A:1"}])
    document |= {"router": {"paths": ["/v1"], "models": [7]}, "consumers": [{"name": "web", "models": ["words"]}]}
    assert [problem.partition(":")[0] for problem in problems(document)] == [
        'pools[0].targets[1].address = "A',
        "router.models[0] = 7",
        'consumers[0].models[0] = "words"',
    ]
