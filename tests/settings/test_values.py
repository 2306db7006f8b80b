"""Each value by itself: what is accepted, what is refused, and in what words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import MODEL, model, parsed, problems, stack


def at(path: str, value: Any) -> dict[str, Any]:
    """A document whose first model has ``value`` at a dotted path; ``^name`` is a top-level key."""
    if path.startswith("^"):
        return stack(**{path[1:]: value})
    *sections, last = path.split(".")
    changes: dict[str, Any] = {last: value}
    for section in reversed(sections):
        changes = {section: changes}
    return stack(model(**changes))


LONG = "m" * 41
ACCEPTED = [
    ("^gatewayUrl", "https://api.example.com"),
    ("^gatewayUrl", "http://localhost:8000/base"),
    ("^dictionary", "my_cache2"),
    ("^consumers", []),
    ("name", "a"),
    ("name", "m" + "-9" * 19),
    ("version", "2026-01-31 build #7"),
    ("version", "v" * 128),
    ("endpoint", "https://my_model.svc:65535/v1/models/digits:predict"),
    ("endpoint", "http://10.0.0.1"),
    ("endpoint", "http://model/"),
    ("endpoint", "http://model/a%20b"),
    ("route.path", "/"),
    ("route.path", "/v1/models/digits:predict"),
    ("route.hosts", ["api.example.com", "localhost"]),
    ("route.httpsOnly", True),
    ("cache.enabled", False),
    ("cache.ttlSeconds", 1),
    ("cache.ttlSeconds", 31_536_000),
    ("cache.ttlSeconds", 300.0),
    ("cache.profile", "embeddings"),
    ("cache.generation", 1),
    ("cache.responseCodes", [203, 201, 200]),
    ("cache.contentTypes", ["application/vnd.api+json;version=1.0"]),
    ("cache.excludeFields", ["request_id", "größe", "a b"]),
    ("cache.keyHeaders", ["x-tenant"]),
    ("cache.maxBodyBytes", 1_048_576),
    ("cache.maxResponseBytes", 16_777_216),
    ("access.mode", "open"),
    ("access.rateLimit", None),
    ("access.rateLimit", {"perMinute": 5}),
    ("access.maxRequestBytes", 104_857_600),
    ("access.cors", {"origins": ["*"]}),
    ("access.cors", {"origins": ["https://app.example.com", "http://localhost:3000"], "maxAgeSeconds": 0}),
    ("timeouts.connectSeconds", 0.5),
    ("timeouts.readSeconds", 3600),
    ("retries", 0),
    ("retries", 100),
]
REFUSED = [
    ("^gatewayUrl", "localhost:8000"),
    ("^gatewayUrl", 8000),
    ("^dictionary", "kong_db_cache"),
    ("^dictionary", "kong"),
    ("^dictionary", "prometheus_metrics"),
    ("^dictionary", "a-b"),
    ("^models", []),
    ("^models", {"name": "digits"}),
    ("^models", "not JSON"),
    ("^models", None),
    ("^consumers", {"web": "key"}),
    ("name", ""),
    ("name", "Digits"),
    ("name", "9digits"),
    ("name", LONG),
    ("version", ""),
    ("version", 1),
    ("version", 1.1),
    ("version", True),
    ("version", "ü"),
    ("version", "v" * 129),
    ("endpoint", "ftp://model"),
    ("endpoint", "http://"),
    ("endpoint", "http://model:0"),
    ("endpoint", "http://model:65536"),
    ("endpoint", "http://model?x=1"),
    ("endpoint", "http://model/#x"),
    ("endpoint", "http://model//x"),
    ("endpoint", "http://model/../x"),
    ("endpoint", "http://model/%zz"),
    ("endpoint", "http://user@model/x"),
    ("endpoint", "http://model/x y"),
    ("endpoint", "http://a..b/"),
    ("endpoint", "http://model/" + "a" * 3000),
    ("route", None),
    ("route", []),
    ("route.path", "digits"),
    ("route.path", "/digits/"),
    ("route.path", "//digits"),
    ("route.path", "/./digits"),
    ("route.path", "~/digits.*"),
    ("route.path", "/digits?x"),
    ("route.hosts", "api.example.com"),
    ("route.hosts", ["API.example.com"]),
    ("route.hosts", ["*.example.com"]),
    ("route.hosts", ["api.example.com:80"]),
    ("route.hosts", ["a.b", "a.b"]),
    ("route.httpsOnly", "true"),
    ("cache.enabled", 1),
    ("cache.enabled", None),
    ("cache.ttlSeconds", 0),
    ("cache.ttlSeconds", 31_536_001),
    ("cache.ttlSeconds", 1.5),
    ("cache.ttlSeconds", "60"),
    ("cache.ttlSeconds", True),
    ("cache.ttlSeconds", None),
    ("cache.ttlSeconds", float("inf")),
    ("cache.profile", "LLM"),
    ("cache.generation", 0),
    ("cache.responseCodes", []),
    ("cache.responseCodes", [204]),
    ("cache.responseCodes", [206]),
    ("cache.responseCodes", [301]),
    ("cache.responseCodes", [404]),
    ("cache.responseCodes", [500]),
    ("cache.responseCodes", ["200"]),
    ("cache.responseCodes", [True]),
    ("cache.responseCodes", [200, 200]),
    ("cache.contentTypes", []),
    ("cache.contentTypes", ["*/*"]),
    ("cache.contentTypes", ["application/*"]),
    ("cache.contentTypes", ["json"]),
    ("cache.contentTypes", ["text/event-stream"]),
    ("cache.contentTypes", ["text/event-stream; charset=utf-8"]),
    ("cache.excludeFields", ["stream"]),
    ("cache.excludeFields", ['a"b']),
    ("cache.excludeFields", [""]),
    ("cache.excludeFields", ["a", "a"]),
    *(("cache.keyHeaders", [name]) for name in ("X-Tenant", "x_tenant", "x tenant", "", "authorization", "cookie")),
    *(("cache.keyHeaders", [name]) for name in ("cache-control", "accept-encoding", "host", "content-length")),
    *(("cache.keyHeaders", [name]) for name in ("connection", "te", "upgrade", "keep-alive", "transfer-encoding")),
    ("cache.maxBodyBytes", 0),
    ("cache.maxBodyBytes", 1_048_577),
    ("cache.maxResponseBytes", 16_777_217),
    ("access.mode", "none"),
    ("access.credentialHeaders", ["Authorization"]),
    ("access.credentialHeaders", ["host"]),
    ("access.rateLimit", {"perMinute": 0}),
    ("access.rateLimit", {"perMinute": 2.5}),
    ("access.maxRequestBytes", 104_857_601),
    ("access.cors", {}),
    ("access.cors", {"origins": []}),
    ("access.cors", {"origins": ["app.example.com"]}),
    ("access.cors", {"origins": ["https://app.example.com/"]}),
    ("access.cors", {"origins": ["https://App.example.com"]}),
    ("access.cors", {"origins": ["*"], "maxAgeSeconds": -1}),
    ("timeouts.connectSeconds", 0),
    ("timeouts.readSeconds", 3600.1),
    ("timeouts.writeSeconds", "60"),
    ("timeouts.writeSeconds", float("nan")),
    ("retries", -1),
    ("retries", 101),
]


@pytest.mark.parametrize(("path", "value"), ACCEPTED)
def test_accepts(path: str, value: Any) -> None:
    assert problems(at(path, value)) == []


@pytest.mark.parametrize(("path", "value"), REFUSED)
def test_refuses_once_and_at_its_path(path: str, value: Any) -> None:
    where = path.removeprefix("^") if path.startswith("^") else f"models[0].{path}"
    found = problems(at(path, value))
    assert len(found) == 1
    assert found[0].startswith(where)


def test_a_closing_newline_is_refused_although_python_patterns_let_it_pass() -> None:
    assert len(problems(stack(model(name="digits\n")))) == 1


@pytest.mark.parametrize("key", sorted(MODEL))
def test_a_model_needs_name_version_and_endpoint(key: str) -> None:
    document = stack({name: value for name, value in MODEL.items() if name != key})
    (problem,) = problems(document)
    assert problem.startswith(f"models[0].{key}: required but missing; must be ")


@pytest.mark.parametrize(
    ("key", "accepted"),
    [("x" * 16, True), ("!~" * 8, True), ("x" * 15, False), ("x" * 16 + " ", False), ("ü" * 16, False)],
)
def test_a_key_has_at_least_16_printable_characters(key: str, accepted: bool) -> None:
    document = stack(consumers=[{"name": "web", "key": key}])
    assert (problems(document, secret_sections=frozenset({"consumers"})) == []) is accepted


@pytest.mark.parametrize(("profile", "ttl_seconds"), [("classic", 300), ("embeddings", 86_400), ("llm", 3_600)])
def test_the_profile_sets_the_default_ttl(profile: str, ttl_seconds: int) -> None:
    settings = parsed(stack(model(cache={"profile": profile})))
    assert settings.models[0].cache.ttl_seconds == ttl_seconds


def test_whole_floats_become_integers() -> None:
    settings = parsed(stack(model(cache={"ttlSeconds": 60.0, "responseCodes": [200.0]}, retries=2.0)))
    cache = settings.models[0].cache
    assert [type(n) for n in (cache.ttl_seconds, *cache.response_codes, settings.models[0].retries)] == [int] * 3


def test_the_route_is_named_after_the_model() -> None:
    settings = parsed(stack(model(), model(name="iris", route={"httpsOnly": True})))
    assert [m.route.path for m in settings.models] == ["/digits/predict", "/iris/predict"]


def test_upstream_credentials_are_in_authorization_by_default() -> None:
    modes = ("upstream-credential", "key-auth", "open")
    settings = parsed(stack(*(model(name=mode, access={"mode": mode}) for mode in modes)))
    assert [m.access.credential_headers for m in settings.models] == [("authorization",), (), ()]
