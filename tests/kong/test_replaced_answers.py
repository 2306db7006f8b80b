"""Filters may put another answer in the place of the upstream's, whole or streamed, and of the gateway's error page."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from tests.kong.lua_world import LuaWorld
from tests.kong.redis_servers import PlayedServer
from tests.kong.running import send

STORED = "a stored answer, byte for byte: \x00\xff"
HEADERS = """for name in pairs(ngx.resp.get_headers()) do ngx.header[name] = nil end
ngx.ctx.replacement = 'a stored answer, byte for byte: \\0\\255' ngx.status = 200
ngx.header['Content-Type'] = 'application/octet-stream' ngx.header['X-Stored'] = 'yes'
ngx.header['Content-Length'] = #ngx.ctx.replacement"""
BODY = "if ngx.ctx.replacement then ngx.arg[1], ngx.ctx.replacement = ngx.ctx.replacement, '' end"
REPLACED = {"header_filter": [HEADERS], "body_filter": [BODY]}


@pytest.mark.parametrize(
    "query",
    ["", "&status=500", "&status=503&chunk=1", "&size=3000000&status=500", "&size=3000000&chunk=1", "&close=1"],
    ids=["whole", "error", "chunked", "streamed", "streamed in chunks", "no answer"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_the_replacement_is_all_that_the_client_gets(world: LuaWorld, query: str, method: str) -> None:
    path = world.route(post_function=REPLACED)
    address = urlsplit(world.kong.proxy)
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    for _ in range(2):  # on one connection: what was left of an answer would be taken for the next one
        connection.request(method, f"{path}?sleep=0{query}")
        answer = connection.getresponse()
        body = answer.read().decode("latin-1")
        assert (answer.status, answer.getheader("Content-Type")) == (200, "application/octet-stream")
        assert answer.getheader("Content-Length") == str(len(STORED)) and answer.getheader("X-Stored") == "yes"
        assert answer.getheader("Transfer-Encoding") is None
        assert body == ("" if method == "HEAD" else STORED)
    connection.close()


def test_it_takes_the_place_of_the_page_for_an_unreachable_and_for_a_silent_upstream(world: LuaWorld) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refusing = LuaWorld(world.kong, unused.getsockname()[1], routes=900)
        answer = refusing.send(refusing.route(post_function=REPLACED))
    assert (answer.status, answer.header("X-Stored"), answer.header("Content-Length")) == (200, "yes", str(len(STORED)))
    path = world.route(post_function=REPLACED)
    send(world.kong.admin, "PATCH", f"/services{path}", body={"read_timeout": 100})
    answer = send(world.kong.proxy, "GET", path + "?sleep=2000")
    assert (answer.status, answer.header("X-Stored"), answer.header("Content-Length")) == (200, "yes", str(len(STORED)))
    assert answer.header("X-Kong-Upstream-Latency")


def test_an_upstream_that_breaks_off_in_a_whole_answer_is_replaced_too(world: LuaWorld, played: PlayedServer) -> None:
    played.answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\ncut")
    broken = LuaWorld(world.kong, played.port, routes=950)
    answer = broken.send(broken.route(post_function=REPLACED))
    assert (answer.status, answer.header("X-Stored"), answer.header("Content-Length")) == (200, "yes", str(len(STORED)))


def test_a_streamed_answer_that_breaks_off_closes_the_connection(world: LuaWorld, played: PlayedServer) -> None:
    played.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\ncut")
    broken = LuaWorld(world.kong, played.port, routes=970)
    log = "ngx.shared.prediction_cache:set('broken off', tostring(kong.response.get_status()))"
    path = broken.route(post_function={"log": [log]})
    with pytest.raises(http.client.IncompleteRead):
        send(world.kong.proxy, "GET", path)
    assert world.noted("broken off") == "200"


def test_a_filter_that_changes_the_length_of_a_whole_answer_needs_no_content_length(world: LuaWorld) -> None:
    path = world.route(post_function={"body_filter": ["if ngx.arg[1] then ngx.arg[1] = ngx.arg[1] .. '     ' end"]})
    answer = world.send(path)
    assert answer.status == 200 and answer.body["n"] > 0
    assert int(answer.header("Content-Length") or 0) > 100


def test_status_and_headers_of_a_streamed_answer_may_change(world: LuaWorld) -> None:
    path = world.route(post_function={"header_filter": ["ngx.status = 418 ngx.header['X-Changed'] = 'yes'"]})
    answer = send(world.kong.proxy, "GET", path + "?sleep=0&size=3000000")
    assert (answer.status, answer.header("X-Changed"), len(answer.body["fill"])) == (418, "yes", 3000000)


def test_a_hit_from_the_access_phase_has_its_headers_and_length(world: LuaWorld) -> None:
    exit = "return kong.response.exit(200, ('x'):rep(70000), { ['Content-Type'] = 'text/plain', Age = 3 })"
    path = world.route(post_function={"access": ["ngx.sleep(0) " + exit]})
    answer = world.send(path)
    assert (answer.status, answer.header("Content-Length"), answer.header("Age")) == (200, "70000", "3")
    assert answer.body == "x" * 70000
