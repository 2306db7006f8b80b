"""Function plugins talk to Redis through resty.redis, and get what the real library gives them."""

from __future__ import annotations

import socket
import time
from typing import Any

from tests.kong.lua_world import LuaWorld, opened, results
from tests.kong.redis_servers import PlayedServer, running_redis
from tests.kong.running import echo_upstream, running_kong, send


def test_values_and_missing_ones(world: LuaWorld, redis: int) -> None:
    assert results(world, redis, "ok, err") == "1"
    assert results(world, redis, "redis:set('a', 'b', 'NX', 'PX', 60000)") == "OK"
    assert results(world, redis, "redis:set('a', 'c', 'NX', 'PX', 60000)") == "ngx.null"
    assert results(world, redis, "redis:get('a')") == "b"
    assert results(world, redis, "redis:get('missing')") == "ngx.null"
    assert 0 < int(results(world, redis, "redis:pttl('a')")) <= 60000
    assert results(world, redis, "redis:pttl('missing')") == "-2"
    assert results(world, redis, "redis:mget('a', 'missing', 'a')") == "{b | ngx.null | b}"
    assert results(world, redis, "redis:pexpire('a', 90000), redis:del('a', 'missing')") == "1 | 1"
    assert results(world, redis, "redis:select(1)") == "OK"
    assert results(world, redis, "redis:eval('return {1, {2, false}, {ok = \"x\"}}', 0)") == "{1 | {2 | ngx.null} | x}"


def test_an_error_reply_is_false_and_its_text(world: LuaWorld, redis: int) -> None:
    assert results(world, redis, "redis:nonsense(1)").startswith("false | ERR unknown command 'nonsense'")
    assert results(world, redis, "redis:auth('wrong')").startswith("false | ERR AUTH <password> called without any")
    world.value(f"{opened(redis)} redis:set('text', 'x') return 1")
    assert results(world, redis, "redis:lpush('text', 1)").startswith("false | WRONGTYPE Operation against a key")


def test_pipelines_give_their_replies_in_order_and_errors_in_place(world: LuaWorld, redis: int) -> None:
    code = (
        f"{opened(redis)} redis:init_pipeline() local queued = redis:set('p', 'v') redis:lpush('p', 1) redis:get('p') "
        "redis:get('none') local replies, err = redis:commit_pipeline() return written(queued, replies, err)"
    )
    wrong = "WRONGTYPE Operation against a key holding the wrong kind of value"
    assert world.value(code) == f"nil | {{OK | {{false | {wrong}}} | v | ngx.null}} | nil"
    code = f"{opened(redis)} redis:init_pipeline() redis:set('p', 'w') redis:cancel_pipeline() return redis:get('p')"
    assert world.value(code) == "v"
    assert results(world, redis, "redis:commit_pipeline()") == "nil | no pipeline"


def test_every_byte_arrives_also_in_17_mb(world: LuaWorld, redis: int) -> None:
    code = (
        f"{opened(redis)} local bytes = {{}} for i = 0, 255 do bytes[i + 1] = string.char(i) end "
        "local value = table.concat(bytes):rep(70000) redis:set('big', value) "
        "local got = redis:get('big') redis:del('big') return { #got, got == value, (redis:strlen('big')) }"
    )
    assert world.value(code) == [17920000, True, 0]


def test_a_password_is_asked_for(world: LuaWorld, tmp_path: Any) -> None:
    (tmp_path / "password").write_text("open-sesame")
    with running_redis("--password-file", str(tmp_path / "password")) as port:
        assert results(world, port, "redis:get('a')").startswith("false | NOAUTH ")
        assert results(world, port, "redis:auth('default', 'wrong')").startswith("false | WRONGPASS ")
        assert results(world, port, "redis:auth('default', 'open-sesame'), redis:get('a')") == "OK | ngx.null"


def test_connections_are_kept_by_pool_name_and_the_last_is_used_first(world: LuaWorld, played: PlayedServer) -> None:
    played.answers(b"+PONG\r\n", b"+PONG\r\n", b"+PONG\r\n")
    code = (
        "local function once(pool) local redis = require('resty.redis'):new() "
        "redis:connect('127.0.0.1', %d, { pool = pool }) local times = redis:get_reused_times() "
        "redis:ping() redis:set_keepalive(10000, 2) return times end "
        "return { once('one'), once('one'), once('two'), once('one') }"
    )
    assert world.value(code % played.port) == [0, 1, 0, 2]
    assert played.connections == 2


def test_a_pool_keeps_no_more_than_its_size(world: LuaWorld, redis: int) -> None:
    code = (
        "local list = {} for i = 1, 3 do list[i] = require('resty.redis'):new() "
        "list[i]:connect('127.0.0.1', %d, { pool = 'small' }) end "
        "for i = 1, 3 do list[i]:set_keepalive(10000, 2) end local times = {} "
        "for i = 1, 3 do list[i] = require('resty.redis'):new() list[i]:connect('127.0.0.1', %d, { pool = 'small' }) "
        "times[i] = list[i]:get_reused_times() end return times"
    )
    assert world.value(code % (redis, redis)) == [1, 1, 0]


def test_with_a_backlog_connections_wait_for_their_turn(world: LuaWorld, redis: int) -> None:
    limits = "{ pool = 'turns', pool_size = 1, backlog = 1 }"
    first = f"{opened(redis, limits)} ngx.shared.prediction_cache:set('holds', 1) "
    first += "while not ngx.shared.prediction_cache:get('release') do ngx.sleep(0.01) end redis:set_keepalive(10000) "
    holder = world.route(pre_function={"access": [f"ngx.timer.at(0, function() {first} end) kong.response.exit(200)"]})
    world.send(holder)
    assert world.noted("holds") == 1
    assert results(world, redis, "ok, err", limits, timeout_ms=50) == "nil | timeout"
    second = f"{opened(redis, limits)} ngx.shared.prediction_cache:set('second', tostring(redis:get_reused_times()))"
    world.send(
        world.route(pre_function={"access": [f"ngx.timer.at(0, function() {second} end) kong.response.exit(200)"]})
    )
    assert results(world, redis, "ok, err", limits) == "nil | too many waiting connect operations"
    world.value("ngx.shared.prediction_cache:set('release', 1) return 1")
    assert world.noted("second") == "1"


def test_an_idle_connection_that_its_server_closed_is_not_used_again(world: LuaWorld, played: PlayedServer) -> None:
    def leave(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"+PONG\r\n")
        time.sleep(0.1)

    played.play = leave
    call = "(redis:ping()), (redis:set_keepalive(10000, 2)), (redis:get_reused_times())"
    assert results(world, played.port, call, "{ pool = 'left' }") == "PONG | 1"
    time.sleep(0.3)
    assert results(world, played.port, "(redis:get_reused_times())", "{ pool = 'left' }") == "0"


def test_an_idle_connection_on_which_something_came_is_not_used_again(world: LuaWorld, played: PlayedServer) -> None:
    def late(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"$5\r\nfirst\r\n")
        time.sleep(0.1)
        connection.sendall(b"$6\r\nstrayed\r\n")
        connection.recv(1000)

    played.play = late
    for _ in range(2):
        assert results(world, played.port, "redis:get('a'), redis:set_keepalive(10000, 2)") == "first | 1"
        time.sleep(0.3)
    assert played.connections == 2


def test_a_connection_with_an_unread_reply_is_not_kept(world: LuaWorld, played: PlayedServer) -> None:
    played.answers(b"+one\r\n+two\r\n")
    code = f"{opened(played.port)} return written(redis:get('a'), redis:set_keepalive(10000, 2))"
    assert world.value(code) == "one | nil | unread data in buffer"


def test_a_socket_is_of_one_request(world: LuaWorld, redis: int) -> None:
    keep = (
        f"local kept return function() if not kept then {opened(redis)} kept = redis kong.response.exit(200, {{}}) end "
    )
    keep += "kong.response.exit(200, { value = select(2, pcall(kept.get, kept, 'a')) }) end"
    path = world.route(pre_function={"access": [keep]})
    world.send(path)
    assert world.send(path).body["value"].endswith("bad request")


def test_only_what_the_operator_allows_is_required() -> None:
    with echo_upstream() as port, running_kong("--untrusted-lua-sandbox-requires", "") as kong:
        world = LuaWorld(kong, port)
        code = "return select(2, pcall(require, 'resty.redis'))"
        assert world.value(code) == "require 'resty.redis' not allowed within sandbox"
        assert send(kong.admin, "GET", "/").body["configuration"]["untrusted_lua_sandbox_requires"] == {}
    with echo_upstream() as port, running_kong() as kong:
        world = LuaWorld(kong, port)
        assert world.value("return type(require('resty.redis').new)") == "function"
        assert world.value("return select(2, pcall(require, 'cjson'))") == "require 'cjson' not allowed within sandbox"
        allowed = send(kong.admin, "GET", "/").body["configuration"]["untrusted_lua_sandbox_requires"]
        assert "resty.redis" in allowed
