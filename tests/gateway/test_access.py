"""Nobody is let in, nobody reads another's answer, nobody plants one, nothing internal gets out."""

import pytest

from components.prediction_key import KEY_HEADER
from tests.gateway.model_server import Behaviour

STORES = ("proxy-cache", "memory", "redis", "sharded")

DOCUMENT = {"x": 1}
BODY = b'{"x": 1}'


def test_a_cached_answer_needs_the_key_like_any_other(deploy, model):
    deployed = deploy()
    deployed.ask(DOCUMENT)
    assert deployed.ask(DOCUMENT).hit
    for key in (None, "", "wrong"):
        reply = deployed.ask(DOCUMENT, key=key)
        assert (reply.status, reply.answer, reply.cache) == (401, None, "")
    deployed.args["path"] = f"{deployed.url}?apikey={deployed.key_of('web')}"
    assert deployed.ask(DOCUMENT, key=None).status == 401
    assert len(model.calls) == 1


def test_consumers_do_not_share_answers(deploy, model):
    deployed = deploy()
    assert not deployed.ask(DOCUMENT, key="web").hit
    assert not deployed.ask(DOCUMENT, key="batch").hit
    assert deployed.ask(DOCUMENT, key="web").hit
    assert deployed.ask(DOCUMENT, key="batch").hit
    assert len(model.calls) == 2


def test_a_consumer_of_another_model_is_refused(deploy, model):
    one, other = deploy(), deploy()
    one.ask(DOCUMENT)
    assert one.ask(DOCUMENT, key=other.key_of("web")).status == 403
    assert len(model.calls) == 1


def test_two_models_do_not_share_answers(deploy, model):
    one, other = deploy(access={"mode": "open"}), deploy(access={"mode": "open"})
    one.ask(DOCUMENT)
    assert not other.ask(DOCUMENT).hit


def test_callers_with_other_upstream_credentials_do_not_share_answers(deploy, model):
    deployed = deploy(access={"mode": "upstream-credential"})
    for credential in ("Bearer a", "Bearer b"):
        for hit in (False, True):
            reply = deployed.ask(DOCUMENT, authorization=credential)
            assert (reply.hit, reply.answer) == (hit, model.answer_to(BODY, credential))
    nobody = deployed.ask(DOCUMENT)
    assert (nobody.hit, nobody.answer) == (False, model.answer_to(BODY))


@pytest.mark.parametrize("name", [KEY_HEADER, KEY_HEADER.lower(), KEY_HEADER.upper()])
def test_a_key_sent_by_the_client_is_replaced(deploy, model, name):
    deployed = deploy(access={"mode": "open"})
    for body in (BODY, b'{"x": 2}'):
        for headers in ([(name, "same")], [(name, "same"), (name, "twice")]):
            reply = deployed.send(body, None, headers)
            assert reply.answer == model.answer_to(body)
    assert deployed.send(b'{"stream": true}', None, [(name, "same")]).answer == model.answer_to(b'{"stream": true}')
    assert all(KEY_HEADER.lower() not in call for call in model.calls)


def test_nothing_internal_reaches_the_client_or_the_model(deploy, model):
    deployed = deploy()
    for headers in ({}, {"kong-debug": "1"}, {"kong_debug": "1"}):
        for body in (BODY, b'{"stream": true}'):
            for _ in range(2):
                reply = deployed.send(body, "web", headers)
                names = {name.lower() for name in reply.headers}
                assert not names & {"x-cache-key", "x-cache-status", KEY_HEADER.lower()}
    for call in model.calls:
        assert not set(call) & {KEY_HEADER.lower(), "apikey"}


def test_internal_names_that_the_model_sends_do_not_reach_the_client(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(headers=(("X-Cache-Key", "a"), ("X-Cache-Status", "Hit"), (KEY_HEADER, "b")))
    for body in (BODY, BODY, b'{"stream": true}'):
        names = {name.lower() for name in deployed.ask(body=body).headers}
        assert not names & {"x-cache-key", "x-cache-status", KEY_HEADER.lower()}


def test_answers_tell_other_caches_to_keep_nothing(deploy, model):
    deployed = deploy()
    for _ in range(2):
        assert deployed.ask(DOCUMENT).headers["cache-control"] == "private, no-store"


def test_cache_status_tells_what_happened(deploy, model):
    deployed = deploy(cache={"ttl_seconds": 1_000})
    assert deployed.ask(DOCUMENT).cache == "inference-edge; fwd=miss; stored"
    hit = deployed.ask(DOCUMENT)
    assert hit.cache.startswith("inference-edge; hit; ttl=")
    assert 990 <= int(hit.cache.rsplit("=", 1)[1]) <= 1_000
    assert int(hit.headers["age"]) <= 10


def test_rate_and_size_limits_hold_for_hits_too(deploy, model):
    deployed = deploy(access={"rate_limit": {"per_hour": 4}, "max_request_bytes": 3_000})
    assert deployed.ask({"x": "y" * 4_000}).status == 413
    statuses = [deployed.ask(DOCUMENT, key="batch").status for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 429, 429]
    assert len([call for call in model.calls if call["content-length"] == str(len(BODY))]) <= 1


def test_a_browser_of_an_allowed_origin_may_call(deploy, model):
    deployed = deploy(access={"cors": {"origins": ["https://app.test"]}})
    preflight = deployed.client.options(
        deployed.url,
        headers={
            "origin": "https://app.test",
            "access-control-request-method": "POST",
            "access-control-request-headers": "apikey,content-type",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://app.test"
    assert "apikey" in preflight.headers["access-control-allow-headers"]
    assert (
        deployed.ask(DOCUMENT, origin="https://app.test").headers["access-control-allow-origin"] == "https://app.test"
    )
    assert model.calls


@pytest.mark.parametrize("cache", [{"get_twin": False}, {"enabled": False}], ids=str)
def test_only_post_is_routed(deploy, model, cache):
    deployed = deploy(access={"mode": "open"}, cache=cache)
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert deployed.client.request(method, deployed.url, content=BODY).status_code == 404
    for path in (f"{deployed.url}/more", f"{deployed.url}x", deployed.url[:-1]):
        assert deployed.client.post(path, content=BODY).status_code == 404
    assert not model.calls
