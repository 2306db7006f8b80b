"""What the origin gets: headers, cookies, query strings, path; and what happens when it does not answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.edge.running import (
    ALL_METHODS,
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    Edge,
    Origin,
    cache_policy,
    configure,
    listening,
    origin_inputs,
)

UNCACHED = {"cachePolicyId": CACHING_DISABLED, "allowedMethods": ALL_METHODS}


def request_policy(**selections: Any) -> dict[str, Any]:
    policy: dict[str, Any] = {}
    for kind in ("queryString", "header", "cookie"):
        behaviour, *items = selections.get(kind, ["none"])
        policy[f"{kind}sConfig"] = {f"{kind}Behavior": behaviour}
        if items:
            policy[f"{kind}sConfig"][f"{kind}s"] = {"items": items}
    return policy


async def sent(edge: Edge, origin: Origin, headers: Any, target: str = "/a", **selections: Any) -> Any:
    await edge.must_put("originRequestPolicy", "o", request_policy(**selections))
    await configure(edge, origin, default={**UNCACHED, "originRequestPolicyId": "o"})
    await edge.send(target, headers=headers)
    return origin.received[-1]


async def test_without_a_policy_the_origin_gets_only_cloudfronts_own_headers(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin)
    await edge.send("/a?x=1", headers={"Accept": "a", "Cookie": "a=b", "User-Agent": "me", "X-Any": "1"})
    found = origin.received[0]
    assert found.target == "/a"
    headers = dict(found.headers)
    assert len(headers.pop("X-Amz-Cf-Id")) == 56
    assert headers == {
        "Host": f"127.0.0.1:{origin.port}",
        "User-Agent": "Amazon CloudFront",
        "X-Forwarded-For": "127.0.0.1",
        "Via": "1.1 local.cloudfront.net (CloudFront)",
    }


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (["none"], set()),
        (["whitelist", "X-One", "accept"], {"X-One", "Accept"}),
        (["allExcept", "x-one", "host"], {"X-Two", "Accept", "Authorization"}),
        (["allViewer"], {"X-One", "X-Two", "Accept", "Authorization"}),
    ],
)
async def test_headers_of_the_origin_request_policy(
    edge: Edge, origin: Origin, selection: list[str], names: set[str]
) -> None:
    given = {"X-One": "1", "X-Two": "2", "Accept": "*/*", "Authorization": "Bearer x"}
    found = await sent(edge, origin, given, header=selection)
    assert {name for name in found.headers if name in given} == names


@pytest.mark.parametrize(
    ("selection", "host"),
    [(["allViewer"], "p.example.com"), (["whitelist", "Host"], "p.example.com"), (["allExcept", "Host"], None)],
)
async def test_the_viewers_host_reaches_the_origin_only_when_taken(
    edge: Edge, origin: Origin, selection: list[str], host: str | None
) -> None:
    found = await sent(edge, origin, {"Host": "p.example.com"}, header=selection)
    assert found.headers["Host"] == (host or f"127.0.0.1:{origin.port}")


async def test_hop_by_hop_and_cloudfronts_own_headers_of_the_viewer_never_pass(edge: Edge, origin: Origin) -> None:
    given = {
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "Keep-Alive": "1",
        "TE": "trailers",
        "Proxy-Authorization": "1",
        "Proxy-Connection": "1",
        "X-Edge-Any": "1",
        "X-Real-IP": "1",
        "X-Forwarded-Proto": "ftp",
        "X-Amz-Cf-Id": "1",
        "X-Forwarded-For": "192.0.2.4",
        "User-Agent": "me",
        "Via": "1.1 viewer",
    }
    found = await sent(edge, origin, given, header=["allViewer"])
    assert found.headers.get("Connection") in (None, "keep-alive")
    left = set(found.headers) - {"Connection", "Accept-Encoding"}
    assert left == {"Host", "User-Agent", "X-Forwarded-For", "Via", "X-Amz-Cf-Id"}
    assert found.headers["X-Forwarded-For"] == "192.0.2.4, 127.0.0.1"
    assert found.headers["User-Agent"] == "me"
    assert found.headers["Via"] == "1.1 viewer, 1.1 local.cloudfront.net (CloudFront)"
    assert len(found.headers["X-Amz-Cf-Id"]) == 56


async def test_custom_headers_replace_the_viewers(edge: Edge, origin: Origin) -> None:
    custom = [{"name": "X-Origin-Verify", "value": "secret"}]
    inputs = origin_inputs(origin.port, customHeaders=custom)
    default = {**UNCACHED, "originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST}
    await configure(edge, origin, origins=[inputs], default=default)
    for name in ("X-Origin-Verify", "x-origin-verify"):
        await edge.send("/a", headers=[(name, "guess"), (name, "other")])
        assert origin.received[-1].headers.getall("X-Origin-Verify") == ["secret"]


async def test_every_line_of_a_repeated_header_passes(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin, default={**UNCACHED, "originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST})
    await edge.send_raw(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Two: 1\r\nx-two: 2\r\n\r\n")
    assert origin.received[0].headers.getall("X-Two") == ["1", "2"]


@pytest.mark.parametrize(("policy", "passes"), [(CACHING_DISABLED, True), ("policy", False)])
async def test_conditions_and_ranges_pass_only_where_nothing_is_cached(
    edge: Edge, origin: Origin, policy: str, passes: bool
) -> None:
    default = {"cachePolicyId": policy, "originRequestPolicyId": ALL_VIEWER_EXCEPT_HOST}
    await configure(edge, origin, default={**default, "allowedMethods": ALL_METHODS})
    given = {"If-None-Match": '"1"', "If-Modified-Since": "Sat, 01 Jan 2022 00:00:00 GMT", "Range": "bytes=0-1"}
    await edge.send("/a", headers=given)
    assert {name for name in origin.received[0].headers if name in given} == (set(given) if passes else set())
    await edge.send("/a", "PUT", headers={"If-Match": '"1"'})
    assert origin.received[1].headers["If-Match"] == '"1"'


@pytest.mark.parametrize(
    ("cookie", "kept"),
    [(["none"], None), (["all"], "a=1; b=2; c=3"), (["whitelist", "b"], "b=2"), (["allExcept", "b"], "a=1; c=3")],
)
async def test_cookies_and_set_cookie(edge: Edge, origin: Origin, cookie: list[str], kept: str | None) -> None:
    origin.answers = [web.Response(headers={"Set-Cookie": "x=y"})]
    found = await sent(edge, origin, {"Cookie": "a=1; b=2;c=3"}, cookie=cookie)
    assert found.headers.get("Cookie") == kept
    assert ("Set-Cookie" in (await edge.send("/a")).headers) == (kept is not None)


async def test_query_strings_and_path(edge: Edge, origin: Origin) -> None:
    await edge.must_put("originRequestPolicy", "o", request_policy(queryString=["whitelist", "o"]))
    inputs = origin_inputs(origin.port, originPath="/base")
    policy = cache_policy(query=["k"])
    await configure(edge, origin, policy, origins=[inputs], default={"originRequestPolicyId": "o"})
    await edge.send("/a%20b//c?x=1&o=2&k=%2f")
    assert origin.received[0].target == "/base/a%20b//c?o=2&k=%2f"
    assert (await edge.send("/a%20b//c?o=3&k=%2f")).x_cache == "Hit"


async def test_a_post_passes_with_its_body_and_is_never_stored(edge: Edge, origin: Origin) -> None:
    await edge.must_put("originRequestPolicy", "o", request_policy(header=["allExcept", "Host"]))
    await configure(edge, origin, default={"allowedMethods": ALL_METHODS, "originRequestPolicyId": "o"})
    for _ in range(2):
        found = await edge.send("/a", "POST", {"Content-Type": "application/json"}, b'{"a": 1}')
        assert found.x_cache == "Miss"
    received = origin.received[-1]
    assert (received.method, received.body, received.headers["Content-Length"]) == ("POST", b'{"a": 1}', "8")
    assert received.headers["Content-Type"] == "application/json"
    assert len(edge.store) == 0


async def test_an_answer_that_is_not_stored_is_streamed(edge: Edge, origin: Origin) -> None:
    more = asyncio.Event()

    async def stream(request: web.BaseRequest) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await reply.prepare(request)
        await reply.write(b"first")
        await more.wait()
        await reply.write(b"second")
        await reply.write_eof()
        return reply

    origin.answers = [stream]
    await configure(edge, origin, default=UNCACHED)
    async with edge.session.post(f"{edge.proxy}/a", data=b"x") as answer:
        assert await answer.content.readany() == b"first"
        more.set()
        assert await answer.content.read() == b"second"


async def test_a_stream_that_is_cut_off_is_cut_off_for_the_viewer(edge: Edge, origin: Origin) -> None:
    async def broken(request: web.BaseRequest) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"first")
        assert request.transport is not None
        request.transport.close()
        return reply

    origin.answers = [broken]
    await configure(edge, origin, default=UNCACHED)
    with pytest.raises(Exception, match=r"not enough data|Response payload|Server disconnected"):
        await edge.send("/a", "POST", body=b"x")


async def test_redirects_are_not_followed(edge: Edge, origin: Origin) -> None:
    origin.answers = [web.Response(status=302, headers={"Location": "/elsewhere", "Cache-Control": "max-age=9"})]
    await configure(edge, origin)
    found = [await edge.send("/a") for _ in range(2)]
    assert [(one.status, one.headers["Location"], one.x_cache) for one in found] == [
        (302, "/elsewhere", "Miss"),
        (302, "/elsewhere", "Hit"),
    ]


async def unused_port() -> int:
    async with listening(lambda request: None) as port:
        return port


async def test_an_origin_that_is_not_there_is_a_502_cached_as_an_error(edge: Edge, origin: Origin) -> None:
    inputs = origin_inputs(await unused_port())
    await configure(edge, origin, origins=[inputs])
    found = await edge.send("/a")
    assert (found.status, found.x_cache, found.headers["Content-Type"]) == (502, "Error", "text/html")
    assert b"The request could not be satisfied" in found.body
    await configure(edge, origin)
    assert (await edge.send("/a")).status == 502
    edge.age(11)
    assert (await edge.send("/a")).status == 200


@pytest.mark.parametrize(("method", "attempts", "asked"), [("GET", 1, 1), ("GET", 3, 3), ("POST", 3, 1)])
async def test_an_origin_that_does_not_answer_in_time_is_a_504(
    edge: Edge, origin: Origin, method: str, attempts: int, asked: int
) -> None:
    async def silent(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    origin.answers = [silent]
    inputs = origin_inputs(origin.port, originReadTimeout=1, connectionAttempts=attempts)
    await configure(edge, origin, origins=[inputs], default={"allowedMethods": ALL_METHODS})
    found = await edge.send("/a", method, body=b"x" if method == "POST" else None)
    assert (found.status, len(origin.received)) == (504, asked)


async def test_a_vpc_origin_is_reached_with_the_ports_of_its_endpoint(edge: Edge, origin: Origin) -> None:
    endpoint = {
        "arn": "arn:aws:elasticloadbalancing:eu-west-1:000000000000:loadbalancer/app/kong/1",
        "name": "kong",
        "httpPort": origin.port,
        "httpsPort": 443,
        "originProtocolPolicy": "http-only",
        "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
    }
    await edge.must_put("vpcOrigin", "vo", {"vpcOriginEndpointConfig": endpoint})
    inputs = {"originId": "origin", "domainName": "127.0.0.1", "vpcOriginConfig": {"vpcOriginId": "vo"}}
    await configure(edge, origin, origins=[inputs])
    assert (await edge.send("/a")).body == b"answer 1"
