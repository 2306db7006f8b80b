"""Whatever a Redis server does, a plugin gets an error and no connection is used again with an unread reply."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.kong.lua_world import LuaWorld, opened, results
from tests.kong.redis_servers import PlayedServer
from tests.kong.running import send


def test_a_refused_connection_and_an_unknown_host(world: LuaWorld) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert results(world, unused.getsockname()[1], "ok, err") == "nil | connection refused"
    code = "return select(2, require('resty.redis'):new():connect('cache.invalid', 6379))"
    assert world.value(code) == "cache.invalid could not be resolved (3: Host not found)"


def test_a_connect_that_hangs_times_out(world: LuaWorld) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as taking:
        taking.connect(full.getsockname())
        filling = [socket.socket() for _ in range(3)]
        for waiting in filling:
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        assert results(world, full.getsockname()[1], "ok, err", timeout_ms=100) == "nil | timeout"
        for waiting in filling:
            waiting.close()


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (b"", "nil | closed"),
        (b"$5\r\nab", "nil | closed"),
        (b"$2\r\nab", "nil | closed"),
        (b"*2\r\n$1\r\na\r\n", "nil | closed"),
        (b"HTTP/1.1 400 Bad Request\r\n", 'nil | unknown prefix: "72"'),
        (b"\r\n", 'nil | unknown prefix: "nil"'),
        (b"%1\r\n", 'nil | unknown prefix: "37"'),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", "false | MOVED 3999 127.0.0.1:6381"),
        (b"-OOM command not allowed\r\n", "false | OOM command not allowed"),
        (b":12\r\n", "12"),
        (b"*-1\r\n", "ngx.null"),
        (b"*2\r\n-ERR a\r\n:1\r\n", "{{false | ERR a} | 1}"),
    ],
)
def test_cut_garbled_and_strange_replies(world: LuaWorld, played: PlayedServer, answer: bytes, reply: str) -> None:
    played.answers(answer)
    assert results(world, played.port, "redis:get('a')") == reply


def test_a_length_that_is_none_is_an_error_of_the_plugin(world: LuaWorld, played: PlayedServer) -> None:
    played.answers(b"$abc\r\n")
    assert results(world, played.port, "pcall(redis.get, redis, 'a')").startswith("false | ")
    path = world.route(pre_function={"access": [f"{opened(played.port)} redis:get('a')"]})
    assert world.send(path).status == 500


@pytest.mark.parametrize("answer", [b"", b"$5\r\nab", b"$2\r\nab", b"*2\r\n:1\r\n"])
def test_after_a_time_out_the_connection_is_closed(world: LuaWorld, played: PlayedServer, answer: bytes) -> None:
    played.hangs_after(answer)
    call = "redis:get('a'), (select(2, redis:get('b'))), (select(2, redis:set_keepalive(10000, 2)))"
    assert results(world, played.port, f"(select(2, redis:get('a'))), {call}", timeout_ms=100).split(" | ") == [
        "timeout",
        "nil",
        "closed",
        "closed",
    ]
    assert played.ended.wait(10)


def test_a_server_that_does_not_read_makes_a_large_command_time_out(world: LuaWorld, played: PlayedServer) -> None:
    played.play = lambda connection: played.ended.wait(10)
    call = "(select(2, redis:set('a', ('x'):rep(20000000)))), (select(2, redis:get('a')))"
    assert results(world, played.port, call, timeout_ms=100) == "timeout | closed"
    played.ended.set()


def test_a_slow_reply_has_its_time_anew_with_each_piece(world: LuaWorld, played: PlayedServer) -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(1000)
        for byte in b"$4\r\nslow\r\n":
            time.sleep(0.05)
            connection.sendall(bytes([byte]))
        connection.recv(1000)

    played.play = drip
    assert results(world, played.port, "redis:get('a')", timeout_ms=300) == "slow"


def test_a_client_that_leaves_takes_the_connection_with_it(world: LuaWorld, played: PlayedServer) -> None:
    played.hangs_after(b"+PONG\r\n")
    limits = "{ pool = 'leaving' }"
    assert results(world, played.port, "redis:ping(), redis:set_keepalive(10000, 2)", limits) == "PONG | 1"
    path = world.route(pre_function={"access": [f"{opened(played.port, limits)} redis:get('a')"]})
    address = urlsplit(world.kong.proxy)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.2)
    assert played.ended.wait(10)
    played.answers(b"$3\r\nnew\r\n")
    assert results(world, played.port, "redis:get('b'), (redis:get_reused_times())", limits) == "new | 0"


def test_a_request_that_ends_closes_what_it_did_not_give_back(world: LuaWorld, played: PlayedServer) -> None:
    played.hangs_after(b"+PONG\r\n")
    assert results(world, played.port, "redis:ping()") == "PONG"
    assert played.ended.wait(10)


def test_everyone_gets_the_own_value_while_clients_come_and_go(world: LuaWorld, redis: int) -> None:
    code = (
        f"{opened(redis, '{ pool_size = 4, backlog = 1000 }')} local name = kong.request.get_header('x-name') "
        "redis:init_pipeline() redis:set(name, name, 'PX', 60000) redis:get(name) redis:get('missing') redis:get(name) "
        "local replies = redis:commit_pipeline() redis:set_keepalive(10000, 4) "
        "kong.response.exit(200, { found = { replies[2], replies[4] } })"
    )
    path = world.route(pre_function={"access": [code]})
    address = urlsplit(world.kong.proxy)
    wrong: list[str] = []

    def client(number: int) -> None:
        for turn in range(40):
            name = f"{number}-{turn}"
            if turn % 3 == 0:
                with socket.create_connection((address.hostname or "", address.port or 0)) as leaving:
                    leaving.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Name: {name}\r\n\r\n".encode())
                    time.sleep(0.001 * (turn % 4))
            found = send(world.kong.proxy, "GET", path, {"X-Name": name}).body
            if found != {"found": [name, name]}:
                wrong.append(f"{name}: {found}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client, range(8)))
    assert not wrong
