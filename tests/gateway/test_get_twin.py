"""GET <path>?input=... is the POST of the same question: for its key, for every limit and for the model."""

import base64
import threading

import httpx
import pytest

from tests.gateway.deployed import encoded, reply_of, with_store
from tests.gateway.model_server import Behaviour

DOCUMENT = {"x": [1, 2, 3]}
BODY = b'{"x": [1, 2, 3]}'
INPUT = encoded(BODY)


@pytest.fixture
def deployed(deploy):
    return deploy(access={"mode": "open"})


def test_a_get_is_answered_as_the_post_would_be_and_is_kept(deployed, model):
    first, again = deployed.get(DOCUMENT), deployed.get(DOCUMENT)
    assert (first.status, first.answer, first.cache) == (200, model.answer_to(BODY), "inference-edge; fwd=miss; stored")
    assert (again.status, again.answer, again.hit) == (200, model.answer_to(BODY), True)
    assert len(model.calls) == 1


def test_the_model_gets_a_post_and_nothing_of_the_get(deployed, model):
    conditions = {
        "if-none-match": '"a"',
        "if-match": '"a"',
        "if-modified-since": "Thu, 01 Jan 2093 00:00:00 GMT",
        "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT",
        "if-range": '"a"',
        "range": "bytes=0-3",
        "content-type": "text/csv",
        "content-length": "0",
    }
    for hit in (False, True):
        reply = deployed.get_query(f"input={INPUT}", None, conditions)
        assert (reply.status, reply.answer, reply.hit) == (200, model.answer_to(BODY), hit)
    call = model.calls[0]
    assert call[":line"] == "POST /invocations HTTP/1.1"
    assert (call["content-type"], call["content-length"]) == ("application/json", str(len(BODY)))
    assert not set(call) & {
        "if-none-match",
        "if-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
        "range",
    }


def test_equal_documents_share_an_answer_and_others_do_not(deployed, model):
    deployed.get(body=b'{"x": 1, "y": 2}')
    assert deployed.get(body=b'{"y":2,"x":1}').hit
    assert not deployed.get(body=b'{"y":1,"x":2}').hit
    assert len(model.calls) == 2


@with_store("memory", "redis")
def test_get_and_post_share_their_answers_in_a_store_of_our_own(deployed, model):
    assert not deployed.ask(DOCUMENT).hit
    assert deployed.get(DOCUMENT).hit
    assert len(model.calls) == 1


@with_store("proxy-cache")
def test_get_and_post_have_answers_of_their_own(deployed, model):
    assert not deployed.ask(DOCUMENT).hit
    assert not deployed.get(DOCUMENT).hit
    assert deployed.get(DOCUMENT).hit
    assert deployed.ask(DOCUMENT).hit


@pytest.mark.parametrize(
    "query",
    [
        "",
        "input=",
        f"input={INPUT}&input={INPUT}",
        f"input={INPUT}&a=1",
        f"a=1&input={INPUT}",
        f"Input={INPUT}",
        f"input={INPUT}%3D",
        f"%69nput={INPUT}",
        f"input=%65{INPUT[1:]}",
        f"input={INPUT}+",
        f"input={INPUT}/",
        f"input={INPUT}&",
        f"&input={INPUT}",
        "input=" + base64.b64encode(b'{"x": "??>>"}').decode(),
        "input=e30=",
        "input=e3",  # ends within the document
        "input=e31",  # e30 with its unused bits set
        "input=e",
        "input=e30e3",
    ],
)
def test_a_query_that_is_not_one_canonical_input_is_refused(deployed, model, query):
    reply = deployed.get_query(query, None, {})
    assert reply.status == 400
    assert reply.headers["content-type"].startswith("application/json")
    assert "no-store" in reply.headers["cache-control"]
    assert not model.calls


def test_a_get_without_a_query_is_refused(deployed, model):
    response = deployed.client.get(deployed.url)
    assert response.status_code == 400
    assert "input" in response.json()["message"]
    assert not model.calls


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"a":1,}', b'{"a" 1}', b"{a:1}", b'{"a":01}', b'{"a":"\x01"}', b'{"a":"\\x"}', b"{} {}", b"a", b"\xff"]
    + [b"1,2", b"1] , [2", b'1,"b":2', b'"a', b"tru", b" ", b"01", b"nul"],
    ids=repr,
)
def test_what_is_not_json_is_refused(deployed, model, body):
    reply = deployed.get(body=body)
    assert (reply.status, reply.cache) == (400, "")
    assert "no-store" in reply.headers["cache-control"]
    assert not model.calls


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a":1,"a":2}', "duplicate-name"),
        (b'{"\\u0061":1}', "escaped-name"),
        (b'{"stream": true}', "stream"),
        (b"[" * 65 + b"]" * 65, "depth"),
        (b" 5 ", "not-a-container"),
        (b'"a"', "not-a-container"),
        (b"null", "not-a-container"),
    ],
    ids=repr,
)
def test_json_that_makes_no_key_goes_to_the_model(deployed, model, body, reason):
    for _ in range(2):
        reply = deployed.get(body=body)
        assert (reply.answer, reply.cache) == (model.answer_to(body), f"inference-edge; fwd=bypass; detail={reason}")
        assert reply.headers["cache-control"] == "private, no-store"
    assert len(model.calls) == 2


def test_sampling_goes_to_the_model(deploy, model):
    deployed = deploy(access={"mode": "open"}, cache={"profile": "llm"})
    for body in (b'{"temperature": 0.7}', b"5", b'{"messages": []}'):
        reply = deployed.get(body=body)
        assert (reply.status, reply.answer, reply.hit) == (200, model.answer_to(body), False)
    assert deployed.get(body=b"5 5").status == 400


def test_an_input_may_have_6000_bytes(deployed, model):
    fits = b'{"x": "%b"}' % (b"y" * 5_991)
    assert len(fits) == 6_000
    assert deployed.get(body=fits).answer == model.answer_to(fits)
    reply = deployed.get(body=fits + b" ")
    assert (reply.status, "no-store" in reply.headers["cache-control"]) == (414, True)
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    "body", [{"content": BODY}, {"content": iter([BODY])}, {"content": iter([b""])}], ids=["length", "chunked", "empty"]
)
def test_a_get_with_a_body_is_refused(deployed, model, body):
    response = deployed.client.request("GET", f"{deployed.url}?input={INPUT}", **body)
    assert (response.status_code, "no-store" in response.headers["cache-control"]) == (400, True)
    assert not model.calls


def test_head_is_not_routed(deployed, model):
    deployed.get(DOCUMENT)
    assert deployed.client.head(f"{deployed.url}?input={INPUT}").status_code == 404
    assert deployed.get(DOCUMENT).hit


def test_a_method_in_a_header_changes_nothing_but_goes_past_the_cache(deployed, model):
    deployed.get(DOCUMENT)
    reply = deployed.get(DOCUMENT, x_http_method_override="DELETE")
    assert (reply.answer, reply.detail) == (model.answer_to(BODY), "method")
    assert model.calls[1][":line"] == "POST /invocations HTTP/1.1"


def test_a_spelling_of_the_path_is_the_same_question_or_none(deployed, model):
    for path in (deployed.url.replace("/predict", "/%70redict"), deployed.url.replace("/p", "//p")):
        response = deployed.client.get(f"{path}?input={INPUT}")
        assert reply_of(response).answer in (None, model.answer_to(BODY))
        assert response.headers.get("cache-control") in (None, "private, no-store")


def test_no_other_cache_keeps_an_answer(deployed, model):
    model.behaviour = Behaviour(
        headers=(
            ("Expires", "Thu, 01 Jan 2093 00:00:00 GMT"),
            ("Pragma", "public"),
            ("CDN-Cache-Control", "max-age=60"),
            ("Surrogate-Control", "max-age=60"),
            ("Cache-Tag", "a"),
        )
    )
    for body, hit in ((BODY, False), (BODY, True), (b'{"stream": true}', False)):
        reply = deployed.get(body=body)
        assert (reply.hit, reply.headers["cache-control"]) == (hit, "private, no-store")
        assert not set(reply.headers) & {"expires", "pragma", "cdn-cache-control", "surrogate-control", "cache-tag"}
    model.behaviour = Behaviour(status=500, headers=(("Cache-Control", "public, max-age=60"),))
    failed = deployed.get({"x": "other"})
    assert (failed.status, failed.headers["cache-control"]) == (500, "private, no-store")


def test_an_answer_of_the_gateway_itself_is_kept_by_nobody(deploy, model):
    deployed = deploy(access={"rate_limit": {"per_hour": 1}, "max_request_bytes": 1_000})
    assert deployed.get(DOCUMENT).status == 200
    refused = [deployed.get(DOCUMENT), deployed.get(DOCUMENT, key=None), deployed.get(DOCUMENT, key="wrong")]
    refused.append(deployed.get({"x": "y" * 1_000}, key="batch"))
    # proxy-cache's key is made first, of the POST that the GET becomes.
    assert [reply.status for reply in refused] == [429, 401, 401, 413 if deployed.store == "proxy-cache" else 414]
    assert {reply.headers["cache-control"] for reply in refused} == {"private, no-store"}
    unreachable = deploy(endpoint="http://127.0.0.1:1/invocations", access={"mode": "open"})
    reply = unreachable.get(DOCUMENT)
    assert (reply.status, reply.headers["cache-control"]) == (502, "private, no-store")


def test_consumers_do_not_share_answers_and_each_needs_its_key(deploy, model):
    deployed = deploy()
    for key in ("web", "batch"):
        assert [deployed.get(DOCUMENT, key=key).hit for _ in range(2)] == [False, True]
    assert deployed.get(DOCUMENT, key=None).status == 401
    in_url = deployed.get_query(f"input={INPUT}&apikey={deployed.key_of('web')}", None, {})
    assert in_url.status == (400 if deployed.store == "proxy-cache" else 401)
    assert len(model.calls) == 2


def test_identical_questions_at_once_are_one_call(deployed, model):
    model.behaviour = Behaviour(seconds=0.5)
    replies = []
    with httpx.Client(base_url=deployed.proxy, timeout=60, limits=httpx.Limits(max_connections=50)) as client:

        def ask():
            replies.append(reply_of(client.get(f"{deployed.url}?input={INPUT}")))

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {reply.answer for reply in replies} == {model.answer_to(BODY)}
    assert len(model.calls) == 1


def test_a_browser_of_an_allowed_origin_may_get(deploy, model):
    deployed = deploy(access={"mode": "open", "cors": {"origins": ["https://app.test"]}})
    asked = {"origin": "https://app.test", "access-control-request-method": "GET"}
    preflight = deployed.client.options(deployed.url, headers=asked)
    assert "GET" in preflight.headers["access-control-allow-methods"]
    reply = deployed.get(DOCUMENT, origin="https://app.test")
    assert reply.headers["access-control-allow-origin"] == "https://app.test"
