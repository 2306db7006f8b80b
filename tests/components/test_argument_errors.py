"""What a component says about a wrong argument, word by word."""

from __future__ import annotations

from typing import Any

import pulumi_random as random
import pytest

from components import ArgumentError, InferenceEdge, KongCachedRoute, KongConsumer
from local.engine import EngineError
from tests.components.arguments import minimal_consumer, minimal_edge, minimal_route
from tests.components.trial_stack import TrialStack

NAME = "must be 1 to 40 lower-case letters, digits and hyphens, letter first"
PATH = "path must be an exact path such as /digits/predict: letters, digits and . _ ~ : -"
URL = "endpoint must be an http or https URL with a host and no query, fragment or credentials"

ROUTE: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": (
        {"ttl": 1},
        "ttl is not an argument; known are access, cache, cost, dictionary, edge, endpoint, hosts, https_only, "
        "kong_edition, model, path, pool, redis, retries, shards, timeouts, upstream_headers, version",
    ),
    "unknown in cache": (
        {"cache": {"ttl": 1}},
        "cache.ttl is not an argument; known are answer_headers, content_types, enabled, exclude_fields, generation, "
        "get_twin, key_headers, max_body_bytes, max_response_bytes, profile, response_codes, shareable, "
        "stale_if_error_seconds, stale_while_revalidate_seconds, store, ttl_seconds, verify",
    ),
    "unknown in access": (
        {"access": {"keys": 1}},
        "access.keys is not an argument; known are cors, credential_headers, max_request_bytes, mode, rate_limit",
    ),
    "no model": ({"model": None}, f"model {NAME}"),
    "empty model": ({"model": ""}, f"model {NAME}"),
    "upper case": ({"model": "Digits"}, f"model {NAME}"),
    "digit first": ({"model": "1digits"}, f"model {NAME}"),
    "line end": ({"model": "digits\n"}, f"model {NAME}"),
    "too long": ({"model": "d" * 41}, f"model {NAME}"),
    "profile": ({"cache": {"profile": "vision"}}, "cache.profile must be one of classic, embeddings, llm"),
    "mode": ({"access": {"mode": "none"}}, "access.mode must be one of key-auth, upstream-credential, open"),
    "credentials of nobody": (
        {"access": {"credential_headers": ["authorization"]}},
        "access.credential_headers needs access.mode upstream-credential",
    ),
    "no version": ({"version": None}, "version is missing"),
    "empty version": ({"version": ""}, "version is missing"),
    "no endpoint": ({"endpoint": None}, "endpoint is missing"),
    "other scheme": ({"endpoint": "grpc://model:80/"}, URL),
    "no host": ({"endpoint": "http:///invocations"}, URL),
    "query": ({"endpoint": "http://model/?a=1"}, URL),
    "fragment": ({"endpoint": "http://model/#a"}, URL),
    "credentials": ({"endpoint": "http://user:password@model/"}, URL),
    "port": ({"endpoint": "http://model:99999/"}, "endpoint must be a URL with a valid port"),
    "relative path": ({"path": "digits"}, PATH),
    "regular expression": ({"path": "/digits.*"}, PATH),
    "path with a closing slash": ({"path": "/digits/"}, PATH),
    "query in the path": ({"path": "/digits?a=1"}, PATH),
    "timeouts": (
        {"timeouts": {"read": 5}},
        "timeouts.read is not an argument; known are connect_seconds, read_seconds, stream_seconds, write_seconds",
    ),
    "rate limit": (
        {"access": {"rate_limit": {"minute": 5}}},
        "access.rate_limit.minute is not an argument; known are per_hour, per_minute, per_second",
    ),
    "cors": (
        {"access": {"cors": {"origins": ["*"], "max_age": 5}}},
        "access.cors.max_age is not an argument; known are max_age_seconds, origins",
    ),
    "password alone": ({"endpoint": "http://:password@model/"}, URL),
    "port 0": ({"endpoint": "http://model:0/"}, "endpoint must be a URL with a valid port"),
    "no origins": ({"access": {"cors": {}}}, "access.cors.origins is missing"),
    "no limit": ({"access": {"rate_limit": {}}}, "access.rate_limit must name at least one limit"),
    "stream": ({"cache": {"exclude_fields": ["stream"]}}, "cache.exclude_fields may not hold stream or temperature"),
    "llm temperature": (
        {"cache": {"profile": "llm", "exclude_fields": ["temperature"]}},
        "cache.exclude_fields may not hold stream or temperature",
    ),
    "the key's own header": (
        {"cache": {"key_headers": ["xpredictionkey"]}},
        "cache.key_headers must be header names that are not the connection's or the cache's own",
    ),
    "Kong's dictionary": (
        {"dictionary": "kong_db_cache"},
        "dictionary must name a shared dictionary that is not one of Kong's own (kong...)",
    ),
    "an error": ({"cache": {"response_codes": [404]}}, "cache.response_codes must be some of 200, 201 and 203"),
    "no code": ({"cache": {"response_codes": []}}, "cache.response_codes must be some of 200, 201 and 203"),
    "half a second": ({"cache": {"ttl_seconds": 1.5}}, "cache.ttl_seconds must be a whole number from 1 to 31536000"),
    "no time": ({"timeouts": {"read_seconds": 0}}, "timeouts.read_seconds must be a number from 0.001 to 3600"),
    "a host with a space": ({"endpoint": "http://a b/"}, URL),
}

# Sections whose unknown names are still ignored.
CONSUMER: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"models": []}, "models is not an argument; known are consumer, groups, key"),
    "no name": ({"consumer": None}, f"consumer {NAME}"),
    "name": ({"consumer": "web_client"}, f"consumer {NAME}"),
}

CLOUDFRONT: dict[str, Any] = {"origin": {"domain": "kong.test"}}
GOOGLE: dict[str, Any] = {**CLOUDFRONT, "aliases": ["edge.test"], "dns_zone": "zone"}
SHARED = [minimal_route(cache={"shareable": True})]
SHARED_KEYS = "models digits cache.shareable"
ONE_EDGE = "edge must have exactly one of cloudfront, media_cdn, cloud_cdn"

EDGE: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": (
        {"url": ""},
        "url is not an argument; known are consumers, edge, gateway_url, models, pooled, pools, router, sagemaker, "
        "shared_cache",
    ),
    "no models": ({"models": []}, "models must name at least one model"),
    "model without a name": ({"models": [{"version": "1"}]}, f"models[].model {NAME}"),
    "consumer without a name": ({"consumers": [{}]}, f"consumers[].name {NAME}"),
    "a model twice": ({"models": [minimal_route(), minimal_route()]}, "models has digits twice"),
    "a consumer twice": ({"consumers": [{"name": "web"}, {"name": "web"}]}, "consumers has web twice"),
    "one name for both": ({"consumers": [{"name": "digits"}]}, "consumers has digits, which is a model's name"),
    "unknown model": (
        {"consumers": [{"name": "web", "models": ["words"]}]},
        "consumers web names words, which is no model with key-auth",
    ),
    "open model": (
        {
            "models": [minimal_route(access={"mode": "open"})],
            "consumers": [{"name": "web", "models": ["digits"]}],
        },
        "consumers web names digits, which is no model with key-auth",
    ),
    "unknown in a consumer": (
        {"consumers": [{"name": "web", "model": ["digits"]}]},
        "consumers[].model is not an argument; known are key, models, name",
    ),
    "an endpoint twice": (
        {"sagemaker": {"digits": {"endpoint_arn": "arn"}}},
        "models digits must have one of endpoint, sagemaker and pooled",
    ),
    "an endpoint of no model": ({"sagemaker": {"words": {"endpoint_arn": "arn"}}}, "sagemaker words is no model"),
    "no product": ({"edge": {}}, ONE_EDGE),
    "two products": ({"edge": {"cloudfront": CLOUDFRONT, "media_cdn": GOOGLE}}, ONE_EDGE),
    "another product": (
        {"edge": {"fastly": {}}},
        "edge.fastly is not an argument; known are cloud_cdn, cloudfront, media_cdn, secret_rotation",
    ),
    "the edge's own name": (
        {"edge": {"cloudfront": CLOUDFRONT}, "consumers": [{"name": "edge-cache"}]},
        "consumers has edge-cache, which is the edge's own name",
    ),
    "the edge's own argument": (
        {"edge": {"cloudfront": CLOUDFRONT}, "models": [minimal_route(edge={"secrets": ["a"]})]},
        "models digits edge is set by InferenceEdge",
    ),
    "keys that a hit does not ask for": (
        {"edge": {"cloudfront": CLOUDFRONT}, "models": SHARED},
        f"{SHARED_KEYS} needs edge.cloudfront.authentication, or access.mode open: a hit asks for no key",
    ),
    "keys that a hit at Media CDN does not ask for": (
        {"edge": {"media_cdn": GOOGLE}, "models": SHARED},
        f"{SHARED_KEYS} needs edge.media_cdn.authentication, or access.mode open: a hit asks for no key",
    ),
    "keys that a hit at Cloud CDN does not ask for": (
        {"edge": {"cloud_cdn": GOOGLE}, "models": SHARED},
        f"{SHARED_KEYS} needs another edge, which checks callers itself, or access.mode open: a hit asks for no key",
    ),
    "callers that only the model knows": (
        {"edge": {"media_cdn": GOOGLE}, "models": [{**SHARED[0], "access": {"mode": "upstream-credential"}}]},
        f"{SHARED_KEYS} cannot be used with upstream-credential: a hit asks nobody",
    ),
}


def check(stack: TrialStack, component: type, args: dict[str, Any], message: str) -> None:
    caught: list[ArgumentError] = []

    def program() -> None:
        with pytest.raises(ArgumentError) as failure:
            component("one", args)
        caught.append(failure.value)

    graph = stack.preview(program)
    assert [str(error) for error in caught] == [message]
    assert not [name for name, item in graph.items() if item["custom"]], "made before the arguments were checked"


@pytest.mark.parametrize("case", ROUTE)
def test_a_route_refuses(stack: TrialStack, case: str) -> None:
    changes, message = ROUTE[case]
    check(stack, KongCachedRoute, minimal_route(**changes), f"KongCachedRoute: {message}")


def test_a_route_may_leave_a_temperature_out_that_is_a_feature(stack: TrialStack) -> None:
    stack.up(lambda: KongCachedRoute("d", minimal_route(cache={"exclude_fields": ["temperature"]})))


@pytest.mark.parametrize("case", CONSUMER)
def test_a_consumer_refuses(stack: TrialStack, case: str) -> None:
    changes, message = CONSUMER[case]
    check(stack, KongConsumer, minimal_consumer(**changes), f"KongConsumer: {message}")


@pytest.mark.parametrize("case", EDGE)
def test_an_edge_refuses(stack: TrialStack, case: str) -> None:
    changes, message = EDGE[case]
    check(stack, InferenceEdge, minimal_edge(**changes), f"InferenceEdge: {message}")


def test_an_edge_passes_on_what_a_route_refuses(stack: TrialStack) -> None:
    args = minimal_edge(models=[minimal_route(access={"mode": "none"})], consumers=[{"name": "web"}])
    message = "KongCachedRoute: access.mode must be one of key-auth, upstream-credential, open"
    check(stack, InferenceEdge, args, message)


def test_a_message_never_repeats_the_value(stack: TrialStack) -> None:
    endpoint = "http://user:password-in-the-url@model/"
    check(stack, KongCachedRoute, minimal_route(endpoint=endpoint), f"KongCachedRoute: {URL}")
    assert "password-in-the-url" not in URL


@pytest.mark.parametrize(
    ("argument", "value", "message"), [("endpoint", "ftp://model/", URL), ("path", "digits", PATH)]
)
def test_a_wrong_value_that_is_known_late_is_refused_before_there_is_a_route(
    stack: TrialStack, argument: str, value: str, message: str
) -> None:
    def program() -> None:
        late = random.RandomString("late", length=8).result.apply(lambda _: value)
        KongCachedRoute("d", minimal_route(**{argument: late}))

    assert stack.preview(program)
    with pytest.raises(EngineError) as failure:
        stack.up(program)
    assert f"KongCachedRoute: {message}" in str(failure.value)
    assert not [entity for entity in stack.recorder.entities("create") if entity.startswith("route")]
