"""What is unusual goes past the cache, with its reason in Cache-Status, and leaves nothing behind for others."""

import pytest

from tests.gateway.deployed import with_store
from tests.gateway.model_server import Behaviour

DOCUMENT = {"x": [1, 2, 3]}
BODY = b'{"x": [1, 2, 3]}'


@pytest.fixture
def deployed(deploy):
    return deploy(cache={"max_body_bytes": 2_000, "max_response_bytes": 2_000})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a":1,"a":2}', "duplicate-name"),
        (b'{"a":1', "separator"),
        (b"", "empty"),
        (b'{"stream": true}', "stream"),
        (b'{"x": "%b"}' % (b"y" * 3_000), "size"),
    ],
)
def test_a_body_that_makes_no_key(deployed, model, body, reason):
    for _ in range(2):
        reply = deployed.ask(body=body)
        assert (reply.answer, reply.cache) == (model.answer_to(body), f"inference-edge; fwd=bypass; detail={reason}")
    assert len(model.calls) == 2


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"content-type": "text/csv"}, "content-type"),
        ({"content-type": "application/jsonlines"}, "content-type"),
        ({"content-encoding": "gzip"}, "content-encoding"),
        ({"range": "bytes=0-5"}, "range"),
        ({"cookie": "a=b"}, "cookie"),
        ({"authorization": "Bearer x"}, "authorization"),
        ({"x-amzn-sagemaker-session-id": "NEW_SESSION"}, "session"),
        ({"x-amzn-sagemaker-something-new": "1"}, "header"),
        ({"x_amzn_sagemaker_target_model": "evil"}, "header"),
        ({"content_type": "text/csv"}, "header"),
        ({"cache_control": "only-if-cached"}, "header"),
        ({"x_predictionkey": "a"}, None),
        ({"x-api-key": "secret"}, "authorization"),
        ({"api_key": "secret"}, "header"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_header_that_makes_no_key(deployed, model, headers, reason):
    deployed.send(BODY, "web", {})
    reply = deployed.send(BODY, "web", headers)
    assert reply.detail == reason
    assert reply.hit == (reason is None)
    assert deployed.send(BODY, "web", {}).hit


def test_a_key_of_the_models_own_is_nobody_elses(deploy, model):
    """Where the gateway asks for no key, `apikey` is the model's: Kong in front of a model takes it, too."""
    deployed = deploy(access={"mode": "open"})
    for key in ("a", "b", "a"):
        reply = deployed.send(BODY, None, {"apikey": key})
        assert (reply.hit, reply.detail) == (False, "authorization")
    assert [call["apikey"] for call in model.calls] == ["a", "b", "a"]


@pytest.mark.parametrize(
    "value", ["no-store", "no-cache", "max-age=0", "NO-CACHE", "max-age=60, no-cache", "max-age=abc", "max-stale"]
)
def test_a_client_that_wants_a_fresh_answer_gets_one(deployed, model, value):
    deployed.ask(DOCUMENT)
    reply = deployed.ask(DOCUMENT, cache_control=value)
    assert (reply.status, reply.hit, reply.cache) == (200, False, "inference-edge; fwd=request; detail=client")
    assert len(model.calls) == 2


def test_a_client_may_name_an_age(deployed, model):
    deployed.ask(DOCUMENT)
    assert deployed.ask(DOCUMENT, cache_control="max-age=60").hit


def test_a_body_of_unknown_length_is_not_read_before_authentication(deployed, model):
    for _ in range(2):
        chunked = deployed.client.post(deployed.url, content=iter([BODY]), headers=deployed.headers("web", {}))
        assert chunked.headers["cache-status"] == "inference-edge; fwd=bypass; detail=length"


@pytest.mark.parametrize("count", [85, 95, 120, 200])
def test_a_flood_of_headers_never_reaches_a_look_up_without_the_key(deployed, model, count):
    flood = {f"x-flood-{i}": "1" for i in range(count)}
    for body in (BODY, b'{"x": "other"}'):
        reply = deployed.send(body, "web", flood)
        assert reply.status in (200, 400, 431, 494)
        assert reply.status != 200 or (reply.answer == model.answer_to(body) and not reply.hit)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour(status=500), "status"),
        (Behaviour(status=404), "status"),
        (Behaviour(status=201), "status"),
        (Behaviour(headers=(("Set-Cookie", "a=b"),)), "set-cookie"),
        (Behaviour(content_type="text/html"), "content-type"),
        (Behaviour(content_type="application/json; charset=UTF-8"), "content-type"),
        (Behaviour(headers=(("Content-Encoding", "identity"),)), "content-encoding"),
        (Behaviour(chunked=True), "length"),
        (Behaviour(filler=3_000), "size"),
        (Behaviour(headers=(("Vary", "X-Tenant"),)), "vary"),
        (Behaviour(headers=(("Vary", "*"),)), "vary"),
        (Behaviour(headers=(("Vary", "Accept"), ("Vary", "Cookie"))), "vary"),
        (Behaviour(headers=(("Cache-Control", "private, max-age=60"),)), "origin"),
        (Behaviour(headers=(("Cache-Control", "no-store"),)), "origin"),
        (Behaviour(headers=(("Cache-Control", 'no-cache="a"'),)), "origin"),
        (Behaviour(headers=(("Cache-Control", 'max-age="60"'),)), "origin"),
        (Behaviour(headers=(("Cache-Control", "max-age=60"), ("Cache-Control", "private"))), "origin"),
        (Behaviour(headers=(("Cache-Control", "max-age=60"), ("Age", "60"))), "origin"),
        (Behaviour(headers=(("Cache-Control", "max-age=60"), ("Age", "nan"))), "origin"),
        (Behaviour(headers=(("Cache-Control", "max-age=60"), ("Age", "-100"))), "origin"),
        (Behaviour(headers=(("Pragma", "no-cache"),)), "origin"),
        (Behaviour(headers=(("Expires", "0"),)), "origin"),
        (Behaviour(headers=(("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),)), "origin"),
    ],
    ids=str,
)
def test_an_answer_that_must_not_be_stored_is_not(deployed, model, behaviour, reason):
    model.behaviour = behaviour
    for _ in range(2):
        assert deployed.ask(DOCUMENT).cache == f"inference-edge; fwd=miss; detail={reason}"
    assert len(model.calls) == 2
    model.behaviour = Behaviour()
    assert deployed.ask(DOCUMENT).cache == "inference-edge; fwd=miss; stored"


@pytest.mark.parametrize(
    "headers",
    [
        (("Vary", "Accept, Accept-Encoding, Content-Type"),),
        (("Cache-Control", "public, must-revalidate, s-maxage=60, max-age=0"),),
        (("Age", "5"),),
        (("Expires", "Thu, 01 Jan 2093 00:00:00 GMT"),),
    ],
    ids=str,
)
def test_an_answer_that_may_be_stored_is(deployed, model, headers):
    model.behaviour = Behaviour(headers=headers)
    deployed.ask(DOCUMENT)
    assert deployed.ask(DOCUMENT).hit


def test_an_answer_cut_off_midway_is_not_stored(deployed, model):
    model.behaviour = Behaviour(truncated=True, filler=1_500)
    for _ in range(2):
        try:
            assert deployed.ask(DOCUMENT).answer is None
        except Exception as error:  # the connection ends early, or the gateway answers 502
            assert "peer closed" in str(error) or "incomplete" in str(error)
    model.behaviour = Behaviour()
    assert deployed.ask(DOCUMENT).answer == model.answer_to(BODY)


def test_llm_requests_are_cached_only_without_sampling(deploy, model):
    deployed = deploy(cache={"profile": "llm"})
    for _ in range(2):
        assert deployed.ask({"messages": [], "temperature": 0.7}).detail == "sampling"
        assert deployed.ask({"messages": []}).detail == "sampling"
    deployed.ask({"messages": [], "temperature": 0})
    assert deployed.ask({"messages": [], "temperature": 0}).hit


@with_store("proxy-cache")
def test_a_purge_of_kong_leaves_the_route_working(deployed, model, gateway):
    import httpx

    deployed.ask(DOCUMENT)
    assert httpx.delete(f"{gateway[0]}/proxy-cache").status_code == 204
    assert not deployed.ask(DOCUMENT).hit
    assert deployed.ask(DOCUMENT).hit
