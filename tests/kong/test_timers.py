"""What ngx.timer.at runs may wait as a request may; filters may not."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.kong.lua_world import LuaWorld, opened
from tests.kong.redis_servers import PlayedServer
from tests.kong.running import ROOT, RunningKong, echo_upstream


def test_filters_have_no_sockets(world: LuaWorld) -> None:
    for phase in ("header_filter", "body_filter", "log"):
        note = f"ngx.shared.prediction_cache:set('{phase}', select(2, pcall(ngx.socket.tcp)))"
        world.send(world.route(post_function={phase: [note]}))
        assert world.noted(phase).endswith(f"API disabled in the context of {phase}_by_lua*")


@pytest.mark.parametrize("phase", ["access", "header_filter", "body_filter", "log"])
def test_a_timer_of_any_phase_may_sleep_and_ask_redis_as_often_as_it_likes(
    world: LuaWorld, redis: int, phase: str
) -> None:
    work = (
        f"ngx.sleep(0.01) {opened(redis)} redis:set('timer', 'a') ngx.sleep(0.01) "
        "local got = redis:get('timer') .. extra redis:set_keepalive(10000, 2) "
        "ngx.ctx.own = ngx.ctx.own or 'own' ngx.shared.prediction_cache:set("
        f"'timer {phase}', got .. ' ' .. ngx.ctx.own .. ' ' .. ngx.get_phase() .. ' ' .. tostring(premature))"
    )
    start = f"ngx.ctx.own = 'another' ngx.timer.at(0, function(premature, nothing, extra) {work} end, nil, 'b')"
    answer = world.send(world.route(post_function={phase: [start]}))
    assert answer.status == 200
    assert world.noted(f"timer {phase}") == "ab own timer false"


def test_a_timer_that_fails_leaves_its_connection_closed(world: LuaWorld, played: PlayedServer) -> None:
    played.hangs_after(b"+PONG\r\n")
    code = f"ngx.timer.at(0, function() {opened(played.port)} redis:ping() error('failed on purpose') end) return 1"
    assert world.value(code) == 1
    assert played.ended.wait(10)


def test_timers_that_have_not_begun_are_told_when_the_gateway_stops() -> None:
    command = [sys.executable, "-m", "local.kong", "--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0"]
    with (
        echo_upstream() as port,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None and process.stderr is not None
        ready = json.loads(process.stdout.readline())
        world = LuaWorld(RunningKong(ready["admin"], ready["proxy"], process), port)
        later = "function(premature, name) ngx.log(ngx.ERR, name .. ' premature ' .. tostring(premature)) end"
        asleep = "function() ngx.sleep(1000) end"
        assert world.value(f"ngx.timer.at(1000, {later}, 'one') ngx.timer.at(0, {asleep}) return 1") == 1
        process.terminate()
        assert process.wait(20) == 0
        lines = process.stderr.read().splitlines()
    assert len(lines) == 1 and lines[0].endswith("ERROR one premature true")
