"""The resources of a KongCachedRoute, input by input."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_random as random
import pytest

from components import AccessMode, CacheProfile, KongCachedRoute, lua
from components.lua import Phases
from components.metrics.phases import Metrics
from components.prediction_key import KEY_HEADERS, KeySettings, post_function_phases, pre_function_phases
from tests.components.arguments import ENDPOINT, full_route, minimal_route
from tests.components.recording import GENERATED_BYTES
from tests.components.trial_stack import Graph, TrialStack

TAGS = ["project:shop", "stack:test", "model:digits"]
JSON_TYPES = ["application/json", "application/json; charset=utf-8"]


def deployed(stack: TrialStack, args: Any) -> Graph:
    return stack.up(lambda: KongCachedRoute("d", args))


def settings(**more: Any) -> KeySettings:
    values: dict[str, Any] = {
        "model": "digits",
        "kong_name": "shop-test-digits",
        "version": "1",
        "generation": 1,
        "dictionary": "prediction_cache",
        "profile": "classic",
        "ttl_seconds": 300,
        "lease_seconds": 126,
        "max_body_bytes": 65_536,
        "max_response_bytes": 1_048_576,
        "response_codes": (200,),
        "content_types": tuple(JSON_TYPES),
        "credential_header": "apikey",
        "get_twin": True,
        **more,
    }
    return KeySettings(**values)


def function_config(phases: dict[str, list[str]]) -> dict[str, list[str]]:
    names = ("certificate", "rewrite", "access", "header_filter", "body_filter", "log")
    return {name: phases.get(name, []) for name in names}


def counted(phases: Phases, version: str = "1") -> dict[str, list[str]]:
    """The configuration of post-function: every model's requests are counted."""
    return function_config(lua.merged(phases, Metrics("digits", version).phases()))


def test_the_least_arguments_make_a_cached_route_for_consumers_with_keys(stack: TrialStack) -> None:
    graph = deployed(stack, minimal_route())
    plugins = {"acl", "correlation-id", "key-auth", "post-function", "pre-function", "prometheus", "proxy-cache"}
    assert set(graph.of_type("Plugin")) == {f"d-{name}" for name in plugins | {"request-size-limiting"}}
    assert set(graph) - set(graph.of_type("Plugin")) == {"d", "d-service", "d-key-secret", "d-route"}
    assert graph["d"]["inputs"] == {"model": "digits", "version": "1", "endpoint": ENDPOINT}
    keepers = {"version": "1", "endpoint": "http://model.test:8080/invocations"}
    assert graph["d-key-secret"]["inputs"] == {"length": 32, "keepers": keepers}
    assert graph["d-service"]["inputs"] == {
        "name": "shop-test-digits",
        "protocol": "http",
        "host": "model.test",
        "port": 8080,
        "path": "/invocations",
        "connectTimeout": 5000,
        "readTimeout": 60_000,
        "writeTimeout": 60_000,
        "retries": 1,
        "tags": TAGS,
    }
    assert graph["d-route"]["inputs"] == {
        "name": "shop-test-digits",
        "serviceId": "service shop-test-digits",
        "protocols": ["http", "https"],
        "methods": ["POST", "GET"],
        "paths": ["~/digits/predict$"],
        "stripPath": True,
        "preserveHost": False,
        "regexPriority": 1,
        "pathHandling": "v0",
        "httpsRedirectStatusCode": 426,
        "requestBuffering": True,
        "responseBuffering": True,
        "tags": TAGS,
    }
    assert graph.config("d-key-auth") == {
        "key_names": ["apikey"],
        "key_in_header": True,
        "key_in_query": False,
        "key_in_body": False,
        "hide_credentials": True,
        "anonymous": None,
        "realm": None,
        "run_on_preflight": True,
    }
    assert graph.config("d-acl") == {
        "allow": ["shop-test-digits"],
        "deny": None,
        "hide_groups_header": True,
        "always_use_authenticated_groups": False,
    }
    assert graph.config("d-request-size-limiting") == {
        "allowed_payload_size": 6_291_456,
        "size_unit": "bytes",
        "require_content_length": False,
    }
    assert graph.config("d-correlation-id") == {
        "header_name": "X-Request-ID",
        "generator": "uuid",
        "echo_downstream": True,
    }
    assert graph.config("d-prometheus") == {
        "per_consumer": False,
        "status_code_metrics": True,
        "latency_metrics": True,
        "bandwidth_metrics": True,
        "upstream_health_metrics": False,
    }
    assert graph.config("d-proxy-cache") == {
        "strategy": "memory",
        "memory": {"dictionary_name": "prediction_cache"},
        "cache_control": True,
        "cache_ttl": 300,
        "storage_ttl": None,
        "request_method": ["POST"],
        "response_code": [200],
        "content_type": JSON_TYPES,
        "vary_headers": ["Xpredictionkey"],
        "vary_query_params": ["__none__"],
        "ignore_uri_case": False,
        "response_headers": {"age": True, "X-Cache-Status": False, "X-Cache-Key": False},
    }
    assert graph.config("d-pre-function") == function_config(pre_function_phases(settings(), GENERATED_BYTES))
    assert graph.config("d-post-function") == counted(post_function_phases(settings()))


def test_every_argument_reaches_its_resource(stack: TrialStack) -> None:
    graph = deployed(stack, full_route())
    service, route = graph["d-service"]["inputs"], graph["d-route"]["inputs"]
    assert {key: service[key] for key in ("protocol", "host", "port", "path", "retries")} == {
        "protocol": "https",
        "host": "model.test",
        "port": 443,
        "path": "/v1/models/digits",
        "retries": 3,
    }
    assert [service[f"{kind}Timeout"] for kind in ("connect", "read", "write")] == [250, 10_000, 2500]
    assert route["hosts"] == ["api.test", "www.test"]
    assert route["paths"] == ["~/v1/digits\\.json$"]
    assert route["protocols"] == ["https"]
    assert route["methods"] == ["POST", "GET", "OPTIONS"]
    assert graph.config("d-key-auth")["run_on_preflight"] is False
    assert graph.config("d-rate-limiting") == {
        **dict.fromkeys(("day", "month", "year", "header_name", "path")),
        "second": 5,
        "minute": 60,
        "hour": 600,
        "limit_by": "consumer",
        "policy": "local",
        "sync_rate": -1,
        "fault_tolerant": True,
        "hide_client_headers": False,
        "error_code": 429,
        "error_message": "API rate limit exceeded",
    }
    assert graph.config("d-cors") == {
        "origins": ["https://app.test"],
        "methods": ["POST", "GET", "OPTIONS"],
        "headers": ["content-type", "accept", "cache-control", "x-request-id", "apikey"],
        "exposed_headers": ["Cache-Status", "Age", "X-Request-ID", "Retry-After"],
        "credentials": False,
        "max_age": 30,
        "preflight_continue": False,
        "private_network": False,
    }
    assert graph.config("d-request-size-limiting")["allowed_payload_size"] == 4000
    cache = graph.config("d-proxy-cache")
    assert (cache["memory"], cache["cache_ttl"]) == ({"dictionary_name": "digits_cache"}, 120)
    assert (cache["response_code"], cache["content_type"]) == ([200, 201], ["application/vnd.digits+json"])
    key = settings(
        version="2025-11",
        generation=7,
        dictionary="digits_cache",
        profile="embeddings",
        ttl_seconds=120,
        lease_seconds=13,
        max_body_bytes=1000,
        max_response_bytes=2000,
        response_codes=(200, 201),
        content_types=("application/vnd.digits+json",),
        exclude_fields=("request_id", "trace"),
        headers=(*KEY_HEADERS, "x-tenant"),
    )
    assert graph.config("d-pre-function") == function_config(pre_function_phases(key, GENERATED_BYTES))
    assert graph.config("d-post-function") == counted(post_function_phases(key), "2025-11")


@pytest.mark.parametrize(("profile", "ttl_seconds"), [("classic", 300), ("embeddings", 86_400), ("llm", 3600)])
def test_the_time_to_live_follows_the_profile(stack: TrialStack, profile: str, ttl_seconds: int) -> None:
    graph = deployed(stack, minimal_route(cache={"profile": profile}))
    assert graph.config("d-proxy-cache")["cache_ttl"] == ttl_seconds
    key = settings(profile=profile, ttl_seconds=ttl_seconds)
    assert graph.config("d-post-function") == counted(post_function_phases(key))


def test_a_word_is_as_good_as_an_enum_member(stack: TrialStack) -> None:
    def inputs(profile: Any, mode: Any) -> dict[str, Any]:
        args = minimal_route(cache={"profile": profile}, access={"mode": mode})
        graph = stack.preview(lambda: KongCachedRoute("d", args))
        return {name: item["inputs"] for name, item in graph.items()}

    assert inputs(CacheProfile.LLM, AccessMode.OPEN) == inputs("llm", "open")


def test_without_a_cache_there_is_neither_key_nor_secret(stack: TrialStack) -> None:
    graph = deployed(stack, minimal_route(cache={"enabled": False}))
    guards = {"acl", "correlation-id", "key-auth", "post-function", "prometheus", "request-size-limiting"}
    assert set(graph.of_type("Plugin")) == {f"d-{name}" for name in guards}
    assert graph.config("d-post-function") == counted(post_function_phases(None))
    assert not graph.of_type("RandomBytes")


def test_open_access_asks_for_no_key_and_limits_by_address(stack: TrialStack) -> None:
    args = minimal_route(access={"mode": "open", "rate_limit": {"per_minute": 9}, "cors": {"origins": ["*"]}})
    graph = deployed(stack, args)
    assert not {"d-key-auth", "d-acl"} & set(graph)
    assert graph.config("d-rate-limiting")["limit_by"] == "ip"
    assert "apikey" not in graph.config("d-cors")["headers"]
    assert graph.config("d-cors")["max_age"] == 600
    assert graph.config("d-post-function") == counted(post_function_phases(settings(credential_header=None)))


@pytest.mark.parametrize(
    ("given", "names"), [({}, ["authorization"]), ({"credential_headers": ["x-token", "accept"]}, ["x-token"])]
)
def test_credentials_that_the_model_checks_are_part_of_the_key(
    stack: TrialStack, given: dict[str, Any], names: list[str]
) -> None:
    graph = deployed(stack, minimal_route(access={"mode": "upstream-credential", **given}))
    assert not {"d-key-auth", "d-acl"} & set(graph)
    key = settings(credential_header=None, headers=(*KEY_HEADERS, *names))
    assert graph.config("d-pre-function") == function_config(pre_function_phases(key, GENERATED_BYTES))


def test_header_names_count_in_any_case(stack: TrialStack) -> None:
    args = minimal_route(
        cache={"key_headers": ["X-Tenant", "Accept"]},
        access={"mode": "upstream-credential", "credential_headers": ["X-Token"]},
    )
    key = settings(credential_header=None, headers=(*KEY_HEADERS, "x-tenant", "x-token"))
    assert deployed(stack, args).config("d-pre-function") == function_config(pre_function_phases(key, GENERATED_BYTES))


def test_a_browser_may_send_the_credentials_that_the_model_checks(stack: TrialStack) -> None:
    access = {"mode": "upstream-credential", "credential_headers": ["x-token"], "cors": {"origins": ["https://a.test"]}}
    assert deployed(stack, minimal_route(access=access)).config("d-cors")["headers"][-1] == "x-token"


def test_a_preview_with_unknown_version_and_endpoint_leaves_only_what_hangs_on_them_open(stack: TrialStack) -> None:
    def program() -> None:
        elsewhere = random.RandomString("elsewhere", length=8, special=False, upper=False).result
        KongCachedRoute("d", minimal_route(version=elsewhere, endpoint=pulumi.Output.concat("http://", elsewhere, "/")))

    graph = stack.preview(program)
    service = graph["d-service"]["inputs"]
    assert {key for key, value in service.items() if value == "[unknown]"} == {"protocol", "host", "port", "path"}
    unknown = {name for name, item in graph.of_type("Plugin").items() if item["inputs"]["configJson"] == "[unknown]"}
    assert unknown == {"d-pre-function", "d-post-function", "d-proxy-cache"}
    for name in unknown | {"d-service"}:
        assert "elsewhere" in graph.dependencies(name)
    assert graph.secret_inputs("d-pre-function") == {"configJson"}
    assert graph["d-route"]["inputs"]["paths"] == ["~/digits/predict$"]

    graph = stack.up(program)
    version = graph["d"]["inputs"]["version"]
    assert len(version) == 8 and graph["d-service"]["inputs"]["host"] == version
    assert graph.config("d-post-function") == counted(post_function_phases(settings(version=version)), version)
