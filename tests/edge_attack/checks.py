"""What must hold of every answer, whatever was sent."""

from __future__ import annotations

from typing import Any

from tests.edge_attack.chain import Chain
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Answer, Headers

# No caller's, so a shared answer may show it: it says where the edge and the gateway are, or what the gateway made.
_OF_NO_CALLER = frozenset(
    {
        "accept",
        "accept-encoding",
        "content-type",
        "traceparent",
        "x-amz-cf-id",
        "x-consumer-id",
        "x-consumer-username",
        "x-credential-identifier",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-path",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-kong-request-id",
        "x-real-ip",
        "x-request-id",
    }
)
# Where the edge cannot take away what it does not know, these at least: who asks, and what changes an answer.
_OF_A_CALLER = frozenset(
    {
        "api-key",
        "apikey",
        "authorization",
        "cache-control",
        "content-encoding",
        "cookie",
        "if-match",
        "if-none-match",
        "kong-debug",
        "ocp-apim-subscription-key",
        "origin",
        "pragma",
        "prefer",
        "proxy-authorization",
        "range",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "x-goog-api-key",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
    }
)
_INTERNAL = frozenset({"cache-tag", "set-cookie", "x-kong-upstream-latency", "x-model-version", "x-origin-verify"})


def assert_own(answer: Answer, asked: Any, *, version: str = "1", **saw: str | None) -> None:
    """A prediction for this question by this version; `saw`: headers (_ for -) that the model got, None: not."""
    assert answer.status == 200 and answer.is_prediction, (answer.status, answer.body[:300])
    assert answer.document["question"] == asked
    assert answer.document["version"] == version
    for name, value in saw.items():
        assert answer.document["saw"].get(name.replace("_", "-")) == value, name
    left = answer.by.leaves if answer.by is not None else frozenset()
    assert not (_INTERNAL - left) & set(answer.headers)


def assert_everybodys(answer: Answer, asked: Any, *, version: str = "1", tenant: str | None = None) -> None:
    """A prediction in which nothing is of one caller but the tenant."""
    assert_own(answer, asked, version=version, x_tenant=tenant)
    saw = set(answer.document["saw"]) - {"x-tenant"}
    if answer.by is None or answer.by.drops_unknown:
        assert saw <= _OF_NO_CALLER
    assert not saw & _OF_A_CALLER and not any("sagemaker" in name for name in saw)
    assert answer.document["saw"]["accept"] == "application/json"


def assert_refused(answer: Answer) -> None:
    """No prediction, and nothing that a cache on the way may keep."""
    assert 400 <= answer.status < 500, answer.status
    assert not answer.is_prediction and b'"question"' not in answer.body
    assert not answer.edge_hit
    assert "no-store" in answer.headers.get("cache-control", "no-store")


def assert_refused_by_the_edge(answer: Answer) -> None:
    """Refused, and the gateway has not been asked."""
    assert_refused(answer)
    assert answer.by is not None and answer.by.is_own_page(answer.headers), answer.headers


def assert_shared(chain: Chain, model: str, asked: Any, **options: Any) -> Answer:
    """Ask twice as an honest caller: both times everybody's answer, the second time by the edge alone."""
    tenant = next((value for name, value in options.get("headers", ()) if name == "x-tenant"), None)
    first, second = chain.get(model, asked, **options), chain.get(model, asked, **options)
    for answer in (first, second):
        assert_everybodys(answer, asked, version=chain.version, tenant=tenant)
    assert second.edge_hit and second.call == first.call
    return first


def assert_fate(chain: Chain, model: str, asked: Any, headers: Headers, otherwise: Fate = Fate.SHARED) -> Answer:
    """Ask with these headers what nobody has asked before: everybody's answer, this caller's own, or none."""
    answer = chain.get(model, asked, headers=headers)
    fate = chain.fate(model, headers, otherwise)
    if fate is Fate.REFUSED:
        assert_refused(answer)
    elif fate is Fate.OWN:
        assert_own(answer, asked, version=chain.version)
        assert not answer.edge_hit
    else:
        assert_everybodys(answer, asked, version=chain.version)
    return answer
