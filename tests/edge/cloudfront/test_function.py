"""A viewer-request function in front of cache and origin: its event, what its result does, its failures."""

from __future__ import annotations

import json

import pytest

from tests.edge.running import ALL_METHODS, ALL_VIEWER_EXCEPT_HOST, Edge, Origin, cache_policy, with_function

KEYED = cache_policy(query=["input"], headers=["x-model-version"])
ECHO = "function handler(event) { return {statusCode: 200, body: JSON.stringify(event)}; }"


def changing(statement: str) -> str:
    return f"async function handler(event) {{ const r = event.request; {statement} return r; }}"


async def test_the_event_has_the_documented_structure(edge: Edge, origin: Origin) -> None:
    await with_function(edge, origin, ECHO)
    headers = [("Accept", "a/b"), ("Accept", "c/d"), ("Cookie", "u=1; u=2; t"), ("Connection", "keep-alive")]
    headers += [("X-Amz-Cf-Id", "x"), ("X-Real-IP", "x"), ("Host", "d1.cloudfront.net")]
    event = json.loads((await edge.send("/a%20b?q=1&q=2,3&n&e=&%41=%42", headers=headers)).body)
    request_id = event["context"].pop("requestId")
    assert len(request_id) == 56
    assert event == {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d1.cloudfront.net",
            "distributionId": "E1",
            "eventType": "viewer-request",
        },
        "viewer": {"ip": "127.0.0.1"},
        "request": {
            "method": "GET",
            "uri": "/a%20b",
            "querystring": {
                "q": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2,3"}]},
                "n": {"value": ""},
                "e": {"value": ""},
                "%41": {"value": "%42"},
            },
            "headers": {
                "accept": {"value": "a/b", "multiValue": [{"value": "a/b"}, {"value": "c/d"}]},
                "host": {"value": "d1.cloudfront.net"},
            },
            "cookies": {"u": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}, "t": {"value": ""}},
        },
    }


async def test_what_the_function_leaves_alone_goes_on_as_received(edge: Edge, origin: Origin) -> None:
    default = {"originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST}
    await with_function(edge, origin, changing(""), default=default)
    await edge.send("/a?b&a=1&&a=%2f&c=", headers=[("X-Two", "1"), ("X-Two", "2"), ("Cookie", "a=b;c")])
    found = origin.received[0]
    assert found.target == "/a?b&a=1&a=%2f&c="
    assert found.headers.getall("X-Two") == ["1", "2"]
    assert found.headers["Cookie"] == "a=b; c="


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        ("r.uri = '/b';", "/b?x=1&y=2"),
        ("r.uri = '/b?c';", "/b%3Fc?x=1&y=2"),
        ("delete r.querystring.x;", "/a?y=2"),
        ("r.querystring = {};", "/a"),
        ("r.querystring = 'z=1&x=%20';", "/a?z=1&x=%20"),
        ("r.querystring.x.value = '9';", "/a?x=9&y=2"),
        ("r.querystring = {y: r.querystring.y, x: r.querystring.x};", "/a?y=2&x=1"),
        ("r.querystring.m = {multiValue: [{value: '1'}, {value: '2'}]};", "/a?x=1&y=2&m=1&m=2"),
    ],
)
async def test_uri_and_query_that_the_function_changes(edge: Edge, origin: Origin, statement: str, target: str) -> None:
    default = {"originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST}
    await with_function(edge, origin, changing(statement), default=default)
    await edge.send("/a?x=1&y=2")
    assert origin.received[0].target == target


@pytest.mark.parametrize(
    ("statement", "headers"),
    [
        ("r.headers['x-new-name'] = {value: 'v'};", {"X-New-Name": "v", "X-One": "1"}),
        ("delete r.headers['x-one'];", {}),
        ("r.headers['x-one'].value = '2';", {"X-One": "2"}),
        ("r.cookies = {}; r.headers = {host: r.headers.host};", {"Cookie": None}),
        ("r.cookies.b = {value: '2'};", {"Cookie": "a=1; b=2", "X-One": "1"}),
    ],
)
async def test_headers_and_cookies_that_the_function_changes(
    edge: Edge, origin: Origin, statement: str, headers: dict[str, str]
) -> None:
    default = {"originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST}
    await with_function(edge, origin, changing(statement), default=default)
    await edge.send("/a", headers={"X-One": "1", "Cookie": "a=1"})
    got = origin.received[0].headers
    wanted = {"Cookie": "a=1", **headers}
    assert {name: got.get(name) for name in wanted} == wanted
    assert ("X-One" in got) == ("X-One" in headers)


async def test_the_key_is_made_of_what_the_function_returns(edge: Edge, origin: Origin) -> None:
    code = changing("r.headers['x-model-version'] = {value: 'token'}; delete r.querystring.junk;")
    await with_function(edge, origin, code, policy=KEYED)
    await edge.send("/a?input=1", headers={"X-Model-Version": "forged"})
    assert (await edge.send("/a?input=1&junk=2")).x_cache == "Hit"
    assert origin.received[0].headers["X-Model-Version"] == "token"
    await with_function(edge, origin, code.replace("token", "later"), policy=KEYED)
    assert (await edge.send("/a?input=1")).x_cache == "Miss"


async def test_a_response_of_the_function_is_given_and_never_cached(edge: Edge, origin: Origin) -> None:
    code = (
        "let n = 0; function handler(event) { return { statusCode: 405, statusDescription: 'No',"
        " headers: { allow: {value: 'POST'}, 'cache-control': {value: 'max-age=60'}, 'content-length': {value: '1'},"
        " 'x-two': {multiValue: [{value: '1'}, {value: '2'}]} },"
        " cookies: { a: {value: '1'}, b: {value: '2', attributes: 'Secure; Path=/'} },"
        " body: { encoding: 'base64', data: 'eyJhIjoxfQ==' } }; }"
    )
    await with_function(edge, origin, code)
    for _ in range(2):
        found = await edge.send("/a")
        assert (found.status, found.body, found.x_cache) == (405, b'{"a":1}', "FunctionGeneratedResponse")
        assert found.headers["Allow"] == "POST"
        assert found.headers.getall("X-Two") == ["1", "2"]
        assert found.headers.getall("Set-Cookie") == ["a=1", "b=2; Secure; Path=/"]
    assert (origin.received, len(edge.store)) == ([], 0)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("function handler(event) { throw new Error('secret detail'); }", 503),
        ("function handler(event) { while (true) {} }", 503),
        ("function handler(event) { }", 503),
        ("function handler(event) { return 'text'; }", 503),
        (changing("r.method = 'POST';"), 503),
        (changing("r.uri = 'b';"), 503),
        (changing("r.uri = '/b c';"), 503),
        (changing("r.uri = '/' + 'b'.repeat(8192);"), 503),
        (changing("delete r.uri;"), 503),
        (changing("r.querystring = 'a b';"), 503),
        (changing("r.querystring.a = 'text';"), 503),
        (changing("r.headers['x-one'] = {value: 'a\\r\\nb: c'};"), 503),
        (changing("r.headers['x one'] = {value: 'a'};"), 503),
        (changing("r.headers['X-Upper'] = {value: 'a'};"), 503),
        (changing("r.headers['x-one'] = {value: 1};"), 503),
        (changing("r.headers = [];"), 503),
        (changing("r.headers.host = {value: 'other'};"), 502),
        (changing("delete r.headers.host;"), 502),
        (changing("r.headers.via = {value: 'x'};"), 502),
        (changing("r.headers['content-length'] = {value: '0'};"), 502),
        (changing("r.headers['transfer-encoding'] = {value: 'chunked'};"), 502),
        (changing("r.headers.connection = {value: 'close'};"), 502),
        (changing("r.headers['x-amz-cf-id'] = {value: 'x'};"), 502),
        (changing("r.headers['x-edge-any'] = {value: 'x'};"), 502),
        ("function handler(event) { return {statusCode: '200'}; }", 503),
        ("function handler(event) { return {statusCode: 99}; }", 503),
        ("function handler(event) { return {statusCode: 200, body: {encoding: 'base64', data: '?'}}; }", 503),
        ("function handler(event) { return {statusCode: 200, body: 5}; }", 503),
    ],
)
async def test_a_failing_function_lets_nothing_through(edge: Edge, origin: Origin, code: str, status: int) -> None:
    await with_function(edge, origin, code)
    found = await edge.send("/a")
    assert (found.status, found.x_cache) == (status, "Error")
    assert b"secret detail" not in found.body
    assert origin.received == []


async def test_a_function_of_one_request_sees_nothing_of_another(edge: Edge, origin: Origin) -> None:
    code = (
        "let last = 'none'; function handler(event) { const before = last;"
        " last = event.request.headers.authorization.value; return {statusCode: 200, body: before}; }"
    )
    await with_function(edge, origin, code)
    answers = [await edge.send("/a", headers={"Authorization": f"Bearer {number}"}) for number in range(30)]
    assert {one.body for one in answers} == {b"none"}


async def test_a_behaviour_is_chosen_before_the_function_and_stays(edge: Edge, origin: Origin) -> None:
    await with_function(edge, origin, changing("r.uri = '/only/get';"), default={"allowedMethods": ALL_METHODS})
    assert (await edge.send("/a", "POST", body=b"x")).status == 200
    assert origin.received[0].target == "/only/get"


@pytest.mark.parametrize(("raw", "seen"), [("é".encode(), "é"), ("€".encode(), "€"), (b"\xff", "ÿ")])
async def test_a_header_that_is_not_utf_8_counts_as_latin_1(edge: Edge, origin: Origin, raw: bytes, seen: str) -> None:
    await with_function(edge, origin, ECHO)
    reply = await edge.send_raw(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Any: " + raw + b"\r\n\r\n")
    event = json.loads(reply.partition(b"\r\n\r\n")[2])
    assert event["request"]["headers"]["x-any"]["value"] == seen
