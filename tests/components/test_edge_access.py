"""A route behind an edge, shareable answers, headers for the model: what is deployed, and what of it is secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_random as random
import pytest

from components import ArgumentError, KongCachedRoute
from components.prediction_key import EdgeAccess, Sharing, lua_source, post_function_phases, pre_function_phases
from local.engine import EngineError
from tests.components.arguments import ENDPOINT, minimal_route
from tests.components.recording import GENERATED_BYTES
from tests.components.test_kong_cached_route import counted, function_config, settings
from tests.components.trial_stack import Graph, TrialStack

SECRETS = ["the-first-secret-of-the-edge", "the-second-secret-of-the-edge"]
KEY = "the-key-that-the-edge-is-let-in-with"
API_KEY = "the-key-of-the-endpoint"
SHARING = Sharing(endpoint=ENDPOINT)
TWIN_SOURCES = ("get_twin", "get_twin_header_filter")
SHARING_SOURCES = ("shareable", "shareable_header_filter")


def deployed(stack: TrialStack, **args: Any) -> Graph:
    return stack.up(lambda: KongCachedRoute("d", minimal_route(**args)))


def lua_of(graph: Graph) -> str:
    texts = [graph.config(f"d-{name}") for name in ("pre-function", "post-function") if f"d-{name}" in graph]
    return "\n".join(chunk for phases in texts for chunks in phases.values() for chunk in chunks)


def holds(graph: Graph, source: str) -> bool:
    return lua_source(source) in lua_of(graph)


def test_a_route_without_any_of_it_has_none_of_its_lua(stack: TrialStack) -> None:
    graph = deployed(stack, cache={"get_twin": False})
    for source in (*TWIN_SOURCES, *SHARING_SOURCES, "edge_lock", "upstream_headers"):
        assert not holds(graph, source)
    assert graph["d-route"]["inputs"]["methods"] == ["POST"]
    key = settings(get_twin=False)
    assert graph.config("d-pre-function") == function_config(pre_function_phases(key, GENERATED_BYTES))
    assert graph.config("d-post-function") == counted(post_function_phases(key))


def test_a_get_is_taken_by_default_and_its_answers_are_nobody_elses(stack: TrialStack) -> None:
    graph = deployed(stack, access={"cors": {"origins": ["*"]}})
    assert all(holds(graph, source) for source in TWIN_SOURCES)
    assert not any(holds(graph, source) for source in SHARING_SOURCES)
    assert graph["d-route"]["inputs"]["methods"] == ["POST", "GET", "OPTIONS"]
    assert graph.config("d-cors")["methods"] == ["POST", "GET", "OPTIONS"]
    assert graph.config("d-proxy-cache")["request_method"] == ["POST"]


@pytest.mark.parametrize("cache", [{"enabled": False}, {"get_twin": False}], ids=str)
def test_without_a_twin_a_browser_may_not_get(stack: TrialStack, cache: dict[str, Any]) -> None:
    graph = deployed(stack, cache=cache, access={"cors": {"origins": ["*"]}})
    assert graph["d-route"]["inputs"]["methods"] == ["POST", "OPTIONS"]
    assert graph.config("d-cors")["methods"] == ["POST", "OPTIONS"]


def test_shareable_answers_have_a_token_and_how_long_they_may_be_stale(stack: TrialStack) -> None:
    cache = {"shareable": True, "stale_while_revalidate_seconds": 5.0, "key_headers": ["X-Tenant"]}

    def program() -> None:
        pulumi.export("token", KongCachedRoute("d", minimal_route(cache=cache)).version_token)

    graph = stack.up(program)
    sharing = Sharing(ENDPOINT, key_headers=("x-tenant",), stale_while_revalidate_seconds=5)
    key = settings(headers=(*settings().headers, "x-tenant"), get_twin=True, sharing=sharing)
    assert graph.config("d-pre-function") == function_config(pre_function_phases(key, GENERATED_BYTES))
    assert graph.config("d-post-function") == counted(post_function_phases(key))
    token = key.version_token(GENERATED_BYTES)
    assert graph.result.outputs["token"] == token
    assert token in lua_of(graph)
    assert token not in str(graph.config("d-post-function"))
    assert graph.secret_inputs("d-post-function") == set()


def test_behind_an_edge_the_lock_is_the_first_to_run(stack: TrialStack) -> None:
    edge = {"secrets": SECRETS, "client_certificate": True, "key": KEY}
    graph = deployed(stack, cache={"shareable": True}, edge=edge)
    access = EdgeAccess(tuple(SECRETS), True, KEY)
    key = settings(get_twin=True, sharing=SHARING)
    assert graph.config("d-pre-function") == function_config(pre_function_phases(key, GENERATED_BYTES, access))
    assert lua_source("edge_lock") in graph.config("d-pre-function")["access"][0]
    assert graph.config("d-post-function") == counted(post_function_phases(key))


def test_the_lock_needs_no_cache(stack: TrialStack) -> None:
    graph = deployed(stack, cache={"enabled": False}, edge={"secrets": SECRETS})
    access = EdgeAccess(tuple(SECRETS))
    assert graph.config("d-pre-function") == function_config(pre_function_phases(None, "", access))
    assert graph.config("d-post-function") == counted(post_function_phases(None))
    assert "d-pre-function" in graph.dependencies("d-route")
    assert graph.secret_inputs("d-pre-function") == {"configJson"}


@pytest.mark.parametrize("cache", [{}, {"enabled": False}], ids=str)
def test_headers_for_the_model_make_the_post_function_a_secret(stack: TrialStack, cache: dict[str, Any]) -> None:
    graph = deployed(stack, cache=cache, upstream_headers={"X-Api-Key": API_KEY})
    assert holds(graph, "upstream_headers")
    assert '["x-api-key"]' in lua_of(graph).replace("\\045", "-")
    assert graph.secret_inputs("d-post-function") == {"configJson"}
    assert graph["d-post-function"]["options"]["additionalSecretOutputs"] == ["computedConfig"]
    assert "d-post-function" in graph.dependencies("d-route")
    if not cache:
        assert graph.secret_inputs("d-proxy-cache") == set()
        assert API_KEY not in str(graph.config("d-pre-function"))


def test_nothing_of_it_is_in_the_state_in_clear(stack: TrialStack) -> None:
    edge, headers = {"secrets": SECRETS, "key": KEY}, {"x-api-key": API_KEY}
    graph = deployed(stack, cache={"shareable": True}, edge=edge, upstream_headers=headers)
    assert {"upstreamHeaders"} <= graph.secret_inputs("d")
    files = [path for path in Path(stack.state_dir).rglob("*") if path.is_file() and path.name != "key"]
    text = "\n".join(path.read_text() for path in files)
    assert "shop-test-digits" in text
    shown = json.dumps(graph.result.graph)
    for secret in (*SECRETS, KEY, API_KEY):
        assert secret not in text
        assert secret not in shown


def test_values_that_are_known_late_are_checked_late_and_leave_the_rest_of_a_preview_known(stack: TrialStack) -> None:
    def program() -> None:
        late = random.RandomString("late", length=20, special=False).result
        args = minimal_route(edge={"secrets": [late]}, upstream_headers={"x-api-key": late}, endpoint="http://m:1/")
        KongCachedRoute("d", args)

    graph = stack.preview(program)
    unknown = {name for name, item in graph.of_type("Plugin").items() if item["inputs"]["configJson"] == "[unknown]"}
    assert unknown == {"d-pre-function", "d-post-function"}
    graph = stack.up(program)
    assert holds(graph, "edge_lock")
    assert holds(graph, "upstream_headers")


def test_a_value_that_turns_out_wrong_is_refused_without_showing_it(stack: TrialStack) -> None:
    def program() -> None:
        late = random.RandomString("late", length=5, special=False).result
        KongCachedRoute("d", minimal_route(edge={"secrets": [late]}))

    with pytest.raises(EngineError, match="edge.secrets must have 16 to 128 letters, digits and"):
        stack.up(program)


SECRET_TEXT = "must have 16 to 128 letters, digits and + / = _ ~ . -"
NOT_ADDED = (
    "upstream_headers must name headers that neither change the answer nor are the connection's or the cache's own"
)
SHAREABLE = {"shareable": True}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "shareable without the twin": (
        {"cache": {**SHAREABLE, "get_twin": False}},
        "cache.shareable needs cache.enabled and cache.get_twin",
    ),
    "shareable without the cache": (
        {"cache": {**SHAREABLE, "enabled": False}},
        "cache.shareable needs cache.enabled and cache.get_twin",
    ),
    "shareable credentials": (
        {"cache": SHAREABLE, "access": {"mode": "upstream-credential"}},
        "cache.shareable cannot be with access.mode upstream-credential, whose answers are each caller's own",
    ),
    "stale but not shareable": (
        {"cache": {"stale_if_error_seconds": 5}},
        "cache.stale_if_error_seconds needs cache.shareable, or cache.store memory or redis of the community edition",
    ),
    "stale for less than no time": (
        {"cache": {**SHAREABLE, "stale_while_revalidate_seconds": -1}},
        "cache.stale_while_revalidate_seconds must be a whole number from 0 to 31536000",
    ),
    "the edge's own header in the key": (
        {"cache": {"key_headers": ["X-Model-Version"]}},
        "cache.key_headers must be header names that are not the connection's or the cache's own",
    ),
    "unknown in edge": (
        {"edge": {"secret": "a"}},
        "edge.secret is not an argument; known are client_certificate, key, secrets",
    ),
    "an edge without a secret": (
        {"edge": {"secrets": []}},
        "edge.secrets must name at least one value of X-Origin-Verify",
    ),
    "a short secret": ({"edge": {"secrets": [SECRETS[0], "short"]}}, f"edge.secrets {SECRET_TEXT}"),
    "a secret of two values": ({"edge": {"secrets": [", ".join(SECRETS)]}}, f"edge.secrets {SECRET_TEXT}"),
    "a short key": (
        {"cache": SHAREABLE, "edge": {"secrets": SECRETS, "key": "short"}},
        f"edge.key {SECRET_TEXT}",
    ),
    "a key for nothing": (
        {"edge": {"secrets": SECRETS, "key": KEY}},
        "edge.key needs cache.shareable and access.mode key-auth",
    ),
    "a key where none is asked for": (
        {"cache": SHAREABLE, "access": {"mode": "open"}, "edge": {"secrets": SECRETS, "key": KEY}},
        "edge.key needs cache.shareable and access.mode key-auth",
    ),
    "a header of the key": ({"upstream_headers": {"X-Amzn-SageMaker-Target-Variant": "a"}}, NOT_ADDED),
    "a header of the connection": ({"upstream_headers": {"Transfer-Encoding": "chunked"}}, NOT_ADDED),
    "no header name": ({"upstream_headers": {"x api key": "a"}}, NOT_ADDED),
    "a second header in a value": (
        {"upstream_headers": {"x-api-key": "a\r\nx-evil: 1"}},
        "upstream_headers.x-api-key must be printable ASCII text",
    ),
    "an empty value": (
        {"upstream_headers": {"x-api-key": ""}},
        "upstream_headers.x-api-key must be printable ASCII text",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_route_refuses(stack: TrialStack, case: str) -> None:
    args, message = REFUSED[case]
    caught: list[ArgumentError] = []

    def program() -> None:
        try:
            KongCachedRoute("d", minimal_route(**args))
        except ArgumentError as error:
            caught.append(error)

    stack.preview(program)
    assert [str(error) for error in caught] == [f"KongCachedRoute: {message}"]
