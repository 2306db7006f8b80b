"""Methods and framing: only a GET without body and a POST are questions."""

from __future__ import annotations

import re

import pytest

from tests.edge_attack.chain import PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_fate, assert_own, assert_refused, assert_shared
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Answer, encoded, json_bytes, raw_exchange

OTHER = question(other=True)


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "Post"])
@pytest.mark.parametrize("model", [SHARED, PRIVATE])
def test_other_methods_are_refused(chain: Chain, model: str, method: str) -> None:
    asked = question()
    headers = [("Content-Type", "application/json"), ("apikey", chain.key("web"))]
    for _ in range(2):
        body = None if method in ("HEAD", "TRACE") else json_bytes(asked)
        assert_refused(chain.send(method, chain.target(model, asked), headers=headers, body=body))
    assert chain.calls(asked) == 0
    if model == SHARED:
        assert_shared(chain, SHARED, asked)
        assert_refused(chain.send(method, chain.target(model, asked)))


def test_head_neither_fills_nor_empties_an_entry(chain: Chain) -> None:
    asked = question()
    for _ in range(2):
        assert_refused(chain.send("HEAD", chain.target(SHARED, asked)))
    first = assert_shared(chain, SHARED, asked)
    assert_refused(chain.send("HEAD", chain.target(SHARED, asked)))
    assert chain.get(SHARED, asked).call == first.call


@pytest.mark.parametrize("model", [SHARED, PRIVATE])
def test_options_is_no_question(chain: Chain, model: str) -> None:
    asked = question()
    preflight = [("Origin", "https://a.test"), ("Access-Control-Request-Method", "POST")]
    for headers in ([], preflight):
        answer = chain.send("OPTIONS", chain.target(model, asked), headers=headers)
        assert not answer.is_prediction and not answer.edge_hit
    assert chain.calls(asked) == 0


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x_http_method_override"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_no_header_is_a_method(chain: Chain, name: str, method: str) -> None:
    asked = question()
    fate = chain.fate(SHARED, [(name, method)])
    answer = assert_fate(chain, SHARED, asked, [(name, method)])
    assert_shared(chain, SHARED, asked)
    if fate is Fate.SHARED:
        assert not {name.lower(), name.lower().replace("_", "-")} & set(answer.document["saw"])
    assert chain.calls(asked) == (2 if fate is Fate.OWN else 1)
    posted = chain.post(SHARED, question(), headers=[(name, method)])
    assert posted.status == 200 and not posted.edge_hit
    assert chain.get(SHARED, asked).edge_hit


FRAMES = {
    "a body": "Content-Length: {length}\r\n\r\n{body}",
    "a body of another question": "Content-Length: {other_length}\r\n\r\n{other}",
    "a chunked body": "Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n",
    "an empty chunked body": "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both framings": "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": "Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{body}",
    "a length that is none": "Content-Length: +{length}\r\n\r\n{body}",
    "an obsolete coding": "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "a coding in disguise": "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a request inside": "Content-Length: {inner_length}\r\n\r\n{inner}",
}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_get_with_a_body_is_refused_and_smuggles_nothing(chain: Chain, frame: str) -> None:
    asked, inside, after = question(), question(), question()
    target = chain.target(SHARED, asked)
    inner = f"GET {chain.target(SHARED, inside)} HTTP/1.1\r\nHost: {chain.host}\r\n\r\n"
    values = {
        "body": json_bytes(asked).decode(),
        "length": len(json_bytes(asked)),
        "other": json_bytes(OTHER).decode(),
        "other_length": len(json_bytes(OTHER)),
        "inner": inner,
        "inner_length": len(inner),
    }
    next_one = f"GET {chain.target(SHARED, after)} HTTP/1.1\r\nHost: {chain.host}\r\nConnection: close\r\n\r\n"
    head = f"GET {target} HTTP/1.1\r\nHost: {chain.host}\r\n"
    reply = raw_exchange(chain.edge, (head + FRAMES[frame].format(**values) + next_one).encode())
    first, *others = re.split(rb"HTTP/1\.[01] ", reply)[1:]
    if first.startswith(b"200"):  # an edge that passes a body on has none to pass on here
        assert chain.kind.passed_on and frame in ("an empty chunked body", "an obsolete coding")
        assert asked["id"].encode() in first
    else:
        assert 400 <= int(first[:3]) < 500 and b'"call"' not in first
    assert len(others) <= 1
    for other in others:  # the connection was kept: then the next request is the next one
        assert other.startswith(b"200") and after["id"].encode() in other
    assert chain.calls(asked) == first.startswith(b"200")
    assert chain.calls(inside) == chain.calls(OTHER) == 0
    assert_shared(chain, SHARED, asked)


def test_requests_in_one_go_are_answered_in_their_order(chain: Chain) -> None:
    asked = [question(), question(), question()]
    for _ in range(2):
        heads = [f"GET {chain.target(SHARED, one)} HTTP/1.1\r\nHost: {chain.host}\r\n" for one in asked]
        reply = raw_exchange(chain.edge, "\r\n".join([*heads[:-1], f"{heads[-1]}Connection: close\r\n\r\n"]).encode())
        answers = reply.split(b"HTTP/1.1 ")[1:]
        assert len(answers) == 3
        for one, answer in zip(asked, answers, strict=True):
            assert_own(Answer(200, {}, answer.partition(b"\r\n\r\n")[2]), one)


def test_a_length_of_zero_is_no_body(chain: Chain) -> None:
    asked = question()
    first = chain.get(SHARED, asked, headers=[("Content-Length", "0")])
    assert_own(first, asked)
    assert chain.get(SHARED, asked).call == first.call


@pytest.mark.parametrize("model", [SHARED, PRIVATE])
def test_a_chunked_post_is_the_question_that_it_holds(chain: Chain, model: str) -> None:
    asked = question()
    head = (
        f"POST {chain.path(model)} HTTP/1.1\r\nHost: {chain.host}\r\nConnection: close\r\n"
        f"apikey: {chain.key('web')}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    body = json_bytes(asked)
    request = head.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    for _ in range(2):
        reply = raw_exchange(chain.edge, request)
        assert reply.startswith(b"HTTP/1.1 200")
        answer = Answer(200, {}, reply.partition(b"\r\n\r\n")[2])
        assert_own(answer, asked)


def test_a_post_with_an_input_in_its_query_is_the_question_of_its_body(chain: Chain) -> None:
    """Or of none: Media CDN tells a GET by its input, and has no other method there."""
    asked = question()
    for model in (SHARED, PRIVATE):
        target = f"{chain.path(model)}?input={encoded(json_bytes(OTHER))}"
        headers = [("Content-Type", "application/json"), ("apikey", chain.key("web"))]
        for _ in range(2):
            answer = chain.send("POST", target, headers=headers, body=json_bytes(asked))
            if model == SHARED and not chain.kind.matches_methods:
                assert_refused(answer)
                assert answer.status == 405
            else:
                assert_own(answer, asked)
    assert chain.calls(OTHER) == 0
    assert_shared(chain, SHARED, asked)
