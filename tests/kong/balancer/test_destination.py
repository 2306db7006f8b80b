"""What plugins see of where a request goes, and how they change it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.kong.balancer.balanced import Balanced, wait_until
from tests.kong.running import Answer, free_port, send

VARIABLES = (
    "{ ngx.var.upstream_addr, ngx.var.upstream_status, ngx.var.upstream_header_time, ngx.var.upstream_response_time }"
)
NOTED = "local value = ngx.shared.prediction_cache:get('%s') kong.response.exit(value and 200 or 404, value)"


@contextmanager
def plugin(world: Balanced, route: str, name: str = "post-function", **config: str) -> Iterator[None]:
    """A function plugin on this route, for a while."""
    phases = {phase: [code] for phase, code in config.items()}
    made = world.kong.create(f"/routes/{route}/plugins", {"name": name, "config": phases})
    try:
        yield
    finally:
        send(world.kong.admin, "DELETE", f"/plugins/{made['id']}")


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def in_log(world: Balanced, route: str, code: str, path: str, method: str = "GET") -> tuple[Answer, str]:
    """The answer, and what this chunk returns in the log phase."""
    note = f"return function() ngx.shared.prediction_cache:set('noted', (function() {code} end)(), 60) end"
    with plugin(world, route, log=note):
        answer = world.get(path, method=method)
    reader = f"noted-{time.monotonic_ns()}"
    world.upstream(reader, world.ports[0])
    clear = " ngx.shared.prediction_cache:delete('noted')"
    with plugin(world, reader, access=NOTED % "noted"):
        wait_until(lambda: world.get(f"/{reader}").status == 200)
        value = world.get(f"/{reader}").body
    with plugin(world, reader, access=clear + " kong.response.exit(204)"):
        world.get(f"/{reader}")
    return answer, value if isinstance(value, str) else str(value)


def changed(world: Balanced, name: str, code: str, path: str = "", **more: Any) -> Answer:
    """The answer of a new pool of the first port whose route runs this chunk in access."""
    world.upstream(name, world.ports[0], **more)
    with plugin(world, name, access=code):
        return world.get(f"/{name}?sleep=0{path}")


def test_the_variables_of_one_try(world: Balanced) -> None:
    world.upstream("one-try", world.ports[0])
    values = f"return table.concat({VARIABLES}, ' ')"
    answer, text = in_log(world, "one-try", values, "/one-try?sleep=200")
    address, status, header_seconds, response_seconds = text.split(" ")
    assert answer.status == 200 and address == f"127.0.0.1:{world.ports[0]}" and status == "200"
    assert 0.2 <= float(header_seconds) <= float(response_seconds) < 5


def test_the_variables_of_several_tries(world: Balanced) -> None:
    dead = free_port()
    world.upstream("two-tries", (dead, 1000), (world.ports[0], 1), service={"retries": 5})
    values = f"return table.concat({VARIABLES}, '|')"
    answer, text = in_log(world, "two-tries", values, "/two-tries?sleep=0")
    addresses, statuses, header_times, response_times = (part.split(", ") for part in text.split("|"))
    assert answer.status in (200, 502)
    tries = len(addresses)
    assert tries > 1 and addresses[:-1] == [f"127.0.0.1:{dead}"] * (tries - 1)
    assert statuses == ["502"] * (tries - 1) + [str(answer.status)]
    assert header_times[:-1] == ["-"] * (tries - 1) and len(response_times) == tries
    assert all(float(one) < 5 for one in response_times)


def test_the_variables_before_and_while_an_answer_comes(world: Balanced) -> None:
    world.upstream("while", world.ports[0])
    values = "tostring(ngx.var.upstream_addr) .. ' ' .. tostring(ngx.var.upstream_response_time)"
    show = f"kong.response.set_header('%s', {values})"
    with plugin(world, "while", access=show % "X-Access", header_filter=show % "X-Filter"):
        answer = world.get("/while?sleep=0")
    assert answer.header("X-Access") == "nil nil"
    assert answer.header("X-Filter") == f"127.0.0.1:{world.ports[0]} -"


def test_the_variables_when_no_target_could_be_chosen(world: Balanced) -> None:
    world.upstream("no-target")
    answer, text = in_log(world, "no-target", "return tostring(ngx.var.upstream_addr)", "/no-target")
    assert (answer.status, text) == (503, "nil")


def test_balancer_data_has_the_tries(world: Balanced) -> None:
    dead = free_port()
    world.upstream("tries", dead, service={"retries": 1})
    code = (
        "local data = ngx.ctx.balancer_data local one = data.tries[1] return table.concat({ data.host, data.try_count, "
        "#data.tries, data.ip, data.hostname, one.ip, one.port, one.state, one.code, data.retries }, ' ')"
    )
    answer, text = in_log(world, "tries", code, "/tries")
    assert answer.status == 502
    assert text == f"tries 2 2 127.0.0.1 127.0.0.1 127.0.0.1 {dead} failed 502 1"


def test_set_upstream_chooses_another_pool(world: Balanced) -> None:
    world.upstream("other", world.ports[1])
    answer = changed(world, "first", "assert(kong.service.set_upstream('other'))")
    assert answer.body["by"] == f"u{world.ports[1]}"


def test_set_upstream_of_an_unknown_one_is_said(world: Balanced) -> None:
    answer = changed(world, "unknown", "kong.response.exit(200, { kong.service.set_upstream('no-such') })")
    text = "could not find an Upstream named 'no-such'"
    assert answer.body in ([None, text], {"2": text})


def test_set_target_goes_to_one_address(world: Balanced) -> None:
    answer = changed(world, "target", f"kong.service.set_target('127.0.0.1', {world.ports[2]})")
    assert answer.body["by"] == f"u{world.ports[2]}" and answer.body["headers"]["Host"] == "127.0.0.1"


def test_set_retries_limits_the_tries(world: Balanced) -> None:
    world.upstream("retries", free_port(), service={"retries": 5})
    with plugin(world, "retries", name="pre-function", access="kong.service.set_retries(0)"):
        answer, text = in_log(world, "retries", "return tostring(ngx.ctx.balancer_data.try_count)", "/retries")
    assert (answer.status, text) == (502, "1")


def test_set_timeouts_limits_the_silence(world: Balanced) -> None:
    with silent_server() as port:
        world.upstream("silent", port, service={"retries": 0})
        with plugin(world, "silent", access="kong.service.set_timeouts(60000, 60000, 100)"):
            answer = world.get("/silent", method="POST")
    assert (answer.status, "timing out" in str(answer.body)) == (504, True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("set_upstream(1)", "host must be a string"),
        ("set_target('a', 1.5)", "port must be an integer"),
        ("set_target('a', 65536)", "port must be an integer between 0 and 65535: given 65536"),
        ("set_retries('1')", "retries must be an integer"),
        ("set_retries(32768)", "retries must be an integer between 0 and 32767: given 32768"),
        ("set_timeouts(1, 0, 1)", "write_timeout must be an integer between 1 and 2147483646: given 0"),
    ],
)
def test_wrong_arguments_are_errors(world: Balanced, call: str, message: str) -> None:
    code = f"local _, err = pcall(function() kong.service.{call} end) kong.response.exit(200, {{ err }})"
    answer = changed(world, "wrong-" + "".join(filter(str.isalnum, call)), code)
    assert answer.body[0].endswith(message)


def test_where_to_go_can_be_set_in_access_alone(world: Balanced) -> None:
    world.upstream("too-late", world.ports[0])
    code = "kong.response.set_header('X-Error', select(2, pcall(kong.service.set_retries, 1)))"
    with plugin(world, "too-late", header_filter=code):
        answer = world.get("/too-late?sleep=0")
    assert "function cannot be called in header_filter phase" in (answer.header("X-Error") or "")


def test_a_hash_value_that_a_plugin_sets_is_used(world: Balanced) -> None:
    world.upstream("hashed", *world.ports, hash_on="header", hash_on_header="X-Digest")
    chosen = {world.chosen("/hashed", {"X-Digest": f"key-{number}"}) for number in range(40)}
    assert len(chosen) == 3
    with plugin(world, "hashed", access="ngx.ctx.balancer_data.hash_value = 'always the same'"):
        assert len({world.chosen("/hashed", {"X-Digest": f"key-{number}"}) for number in range(40)}) == 1
