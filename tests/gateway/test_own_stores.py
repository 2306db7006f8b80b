"""The stores of our own, memory and redis: what they keep, for whom, and what becomes of an answer that has expired."""

import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.gateway.deployed import with_store
from tests.gateway.model_server import Behaviour

DOCUMENT = {"x": [1, 2, 3]}
BODY = b'{"x": [1, 2, 3]}'

both = with_store("memory", "redis", "sharded")


def until(done) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@both
def test_no_hit_before_authentication(deploy, model):
    deployed = deploy()
    deployed.ask(DOCUMENT)
    assert deployed.ask(DOCUMENT).hit
    for key in (None, "wrong"):
        refused = deployed.ask(DOCUMENT, key=key)
        assert (refused.status, refused.answer, refused.cache) == (401, None, "")
    assert len(model.calls) == 1


@both
def test_no_hit_over_the_rate_limit(deploy, model):
    deployed = deploy(access={"rate_limit": {"per_hour": 2}})
    assert [deployed.ask(DOCUMENT).status for _ in range(3)] == [200, 200, 429]
    assert deployed.ask(DOCUMENT, key="batch").status == 200  # counted for itself


@both
def test_no_hit_for_a_request_that_is_too_large(deploy, model):
    deployed = deploy(access={"max_request_bytes": 100})
    assert deployed.ask({"x": "y" * 200}).status == 413
    assert not model.calls


@both
def test_each_consumer_has_its_own_answers(deploy, model):
    deployed = deploy()
    for key in ("web", "batch"):
        assert [deployed.ask(DOCUMENT, key=key).hit for _ in range(2)] == [False, True]
    assert len(model.calls) == 2


@both
def test_a_consumer_of_another_model_is_refused_although_the_answer_is_there(deploy, model):
    deployed, other = deploy(), deploy()
    deployed.ask(DOCUMENT)
    assert deployed.ask(DOCUMENT, key=other.key_of("web")).status == 403


@both
@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_answer_that_is_no_prediction_is_never_kept(deploy, model, status):
    deployed = deploy()
    model.behaviour = Behaviour(status=status)
    assert [deployed.ask(DOCUMENT).status for _ in range(2)] == [status, status]
    assert len(model.calls) == 2
    model.behaviour = Behaviour()
    assert deployed.ask(DOCUMENT).status == 200


@both
def test_only_the_named_headers_are_kept(deploy, model):
    deployed = deploy(cache={"answer_headers": ["content-type", "x-model-build"]})
    sent = (("X-Model-Build", "7"), ("X-Trace", "of one call"), ("X-Request-ID", "of one call"))
    model.behaviour = Behaviour(headers=sent)
    first, hit = deployed.ask(DOCUMENT), deployed.ask(DOCUMENT)
    assert (first.headers["x-trace"], hit.headers.get("x-trace")) == ("of one call", None)
    assert (hit.headers["content-type"], hit.headers["x-model-build"]) == ("application/json", "7")
    assert hit.headers["x-request-id"] != "of one call"


@both
def test_a_client_may_ask_for_a_young_answer(deploy, model):
    deployed = deploy()
    deployed.ask(DOCUMENT)
    until(lambda: int(deployed.ask(DOCUMENT).headers["age"]) >= 2)
    assert not deployed.ask(DOCUMENT, cache_control="max-age=1").hit
    assert deployed.ask(DOCUMENT, cache_control="max-age=1").hit
    assert len(model.calls) == 2


@both
def test_an_expired_answer_is_not_served(deploy, model):
    deployed = deploy(cache={"ttl_seconds": 1})
    deployed.ask(DOCUMENT)
    model.version = "2"
    until(lambda: deployed.ask(DOCUMENT).answer == model.answer_to(BODY))


@both
def test_an_expired_answer_is_served_while_one_request_fetches_the_next(deploy, model):
    deployed = deploy(cache={"ttl_seconds": 1, "stale_while_revalidate_seconds": 600})
    first = deployed.ask(DOCUMENT)
    time.sleep(1.5)
    model.version, model.behaviour = "2", Behaviour(seconds=2)
    refreshed = []
    leader = threading.Thread(target=lambda: refreshed.append(deployed.ask(DOCUMENT)))
    leader.start()
    until(lambda: len(model.calls) == 2)
    meanwhile = deployed.ask(DOCUMENT)
    leader.join()
    assert (meanwhile.hit, meanwhile.answer) == (True, first.answer)
    assert int(meanwhile.cache.rsplit("ttl=", 1)[1]) <= 0
    assert (refreshed[0].cache, refreshed[0].answer) == ("inference-edge; fwd=stale; stored", model.answer_to(BODY))
    assert len(model.calls) == 2


@both
@pytest.mark.parametrize("failure", ["error", "unreachable", "time-out"])
def test_an_expired_answer_takes_the_place_of_an_error(deploy, model, failure):
    deployed = deploy(cache={"ttl_seconds": 1, "stale_if_error_seconds": 600}, timeouts={"read_seconds": 1})
    first = deployed.ask(DOCUMENT)
    time.sleep(1.5)
    failing = {
        "error": Behaviour(status=503, headers=(("Retry-After", "9"), ("Content-Encoding", "x")), filler=5_000),
        "unreachable": Behaviour(truncated=True, seconds=3),
        "time-out": Behaviour(seconds=3),
    }
    model.behaviour = failing[failure]
    instead = deployed.ask(DOCUMENT)
    status = 503 if failure == "error" else 504
    assert (instead.status, instead.answer) == (200, first.answer)
    assert instead.cache.startswith("inference-edge; hit; ttl=")
    assert instead.detail == f"error-{status}"
    assert not {"retry-after", "content-encoding"} & set(instead.headers)
    assert deployed.ask({"x": "never asked"}).status == status


@both
def test_an_old_answer_is_too_old_once_the_model_has_taken_its_time(deploy, model):
    deployed = deploy(cache={"ttl_seconds": 1, "stale_if_error_seconds": 2})
    deployed.ask(DOCUMENT)
    time.sleep(1.5)
    model.behaviour = Behaviour(status=503, seconds=3)
    assert deployed.ask(DOCUMENT).status == 503


@both
def test_while_the_model_fails_the_old_answer_is_served_at_once(deploy, model):
    deployed = deploy(cache={"ttl_seconds": 1, "stale_while_revalidate_seconds": 600})
    first = deployed.ask(DOCUMENT)
    time.sleep(1.5)
    model.behaviour = Behaviour(status=503, seconds=0.1)
    assert deployed.ask(DOCUMENT).status == 503  # the one that asked
    calls = len(model.calls)
    assert deployed.ask(DOCUMENT).answer == first.answer
    assert len(model.calls) == calls


@both
def test_the_content_type_is_always_kept(deploy, model):
    deployed = deploy(cache={"answer_headers": ["x-model-build"]})
    deployed.ask(DOCUMENT)
    assert deployed.ask(DOCUMENT).headers["content-type"] == "application/json"


@both
def test_the_age_that_an_answer_came_with_counts(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(headers=(("Age", "100"), ("Cache-Control", "max-age=200")))
    deployed.ask(DOCUMENT)
    hit = deployed.ask(DOCUMENT)
    assert 100 <= int(hit.headers["age"]) <= 110
    assert 90 <= int(hit.cache.rsplit("=", 1)[1]) <= 100
    assert not deployed.ask(DOCUMENT, cache_control="max-age=50").hit


def at_once(deployed, document, count: int) -> list[float]:
    """The seconds that each of so many callers waited."""

    def ask() -> float:
        began = time.monotonic()
        with (
            contextlib.suppress(httpx.RemoteProtocolError),
            httpx.Client(base_url=deployed.proxy, timeout=60) as client,
        ):
            client.post(deployed.url, json=document, headers=dict(deployed.headers("web", {})))
        return time.monotonic() - began

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(ask) for _ in range(count)]]


@both
def test_answers_that_are_cut_off_do_not_make_the_others_queue(deploy, model):
    deployed = deploy()
    model.behaviour = Behaviour(truncated=True, seconds=1, filler=2_000)
    at_once(deployed, DOCUMENT, 8)
    assert model.most_at_once > 3  # one after the other it would be one


@both
def test_a_lead_whose_client_does_not_read_gives_way(deploy, model):
    deployed = deploy(cache={"max_response_bytes": 16_000_000}, timeouts={"read_seconds": 60})
    model.behaviour = Behaviour(filler=12_000_000)
    url = httpx.URL(deployed.proxy)
    with socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        lazy.connect((url.host, url.port or 80))
        head = [f"POST {deployed.url} HTTP/1.1", f"Host: {url.netloc.decode()}", f"Content-Length: {len(BODY)}"]
        head += [f"{name}: {value}" for name, value in deployed.headers("web", {})]
        lazy.sendall("\r\n".join([*head, "", ""]).encode() + BODY)
        until(lambda: model.calls)
        began = time.monotonic()
        assert deployed.ask(body=BODY).answer == model.answer_to(BODY)
        assert time.monotonic() - began < 60  # the whole lease would be 126


@both
def test_a_client_that_wants_a_fresh_answer_gets_no_expired_one(deploy, model):
    deployed = deploy(cache={"ttl_seconds": 1, "stale_if_error_seconds": 600})
    deployed.ask(DOCUMENT)
    time.sleep(1.5)
    model.behaviour = Behaviour(status=503)
    assert deployed.ask(DOCUMENT, cache_control="max-age=1").status == 503


@both
@pytest.mark.parametrize("directive", ["max-age=1, must-revalidate", "max-age=1, proxy-revalidate", "s-maxage=1"])
def test_a_model_may_forbid_expired_answers(deploy, model, directive):
    deployed = deploy(cache={"stale_if_error_seconds": 600})
    model.behaviour = Behaviour(headers=(("Cache-Control", directive),))
    deployed.ask(DOCUMENT)
    time.sleep(1.5)
    model.behaviour = Behaviour(status=503)
    assert deployed.ask(DOCUMENT).status == 503


@both
def test_an_answer_that_was_cut_off_is_not_kept(deploy, model):
    deployed = deploy()
    for filler in (0, 2_000_000):
        model.behaviour = Behaviour(truncated=True, filler=filler)
        with contextlib.suppress(httpx.RemoteProtocolError):  # where the answer had begun
            deployed.ask({"x": filler})
        model.behaviour = Behaviour()
        assert not deployed.ask({"x": filler}).hit


@with_store("proxy-cache", "memory")
def test_the_store_can_be_changed_back_and_forth(deploy, model, store):
    deployed = deploy()
    for kind in ("memory", "proxy-cache", "memory"):
        store["cache"]["store"] = kind
        deployed.deploy()
        replies = [deployed.ask(DOCUMENT) for _ in range(2)]
        assert {reply.answer for reply in replies} == {model.answer_to(BODY)}
        assert replies[1].hit
