"""The rewrite phase of global function plugins, before the router."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.kong.balancer.balanced import wait_until
from tests.kong.lua_world import LuaWorld
from tests.kong.running import Answer, RunningKong, echo_upstream, running_kong, send

TRACE = "ngx.ctx.trace = (ngx.ctx.trace or '') .. '%s '"
SHOW = TRACE + " kong.response.set_header('X-Trace', ngx.ctx.trace)"
NOTE = TRACE + " ngx.shared.prediction_cache:set(kong.request.get_header('X-Note') or 'none', ngx.ctx.trace)"


def _config(name: str) -> dict[str, list[str]]:
    return {
        "rewrite": [TRACE % f"{name}-rewrite"],
        "access": [TRACE % f"{name}-access"],
        "header_filter": [SHOW % f"{name}-header_filter"],
        "log": [NOTE % f"{name}-log"],
    }


@pytest.fixture(scope="module")
def world() -> Iterator[LuaWorld]:
    with echo_upstream() as port, running_kong("--shared-dict", "prediction_cache=1m") as kong:
        yield LuaWorld(kong, port)


@contextmanager
def everywhere(world: LuaWorld, config: dict[str, Any], name: str = "pre-function") -> Iterator[None]:
    """A global function plugin, for a while."""
    plugin = world.kong.create("/plugins", {"name": name, "config": config})
    try:
        yield
    finally:
        send(world.kong.admin, "DELETE", f"/plugins/{plugin['id']}")


def rewritten(world: LuaWorld, code: str, path: str, headers: dict[str, str] | None = None, body: Any = None) -> Answer:
    """The answer to one request whose rewrite phase runs this chunk."""
    with everywhere(world, {"rewrite": [code]}):
        return world.send(path, headers, body)


def noted(world: LuaWorld, name: str) -> str:
    code = f"kong.response.exit(200, {{ value = ngx.shared.prediction_cache:get('{name}') }})"
    path = world.route(post_function={"access": [code]})
    wait_until(lambda: "value" in world.send(path).body)
    return world.send(path).body["value"]


def test_the_router_matches_the_headers_that_rewrite_left(world: LuaWorld) -> None:
    kong: RunningKong = world.kong
    for name in ("alpha", "beta"):
        kong.create("/services", {"name": name, "url": f"http://127.0.0.1:{world.port}/{name}"})
        kong.create(f"/services/{name}/routes", {"paths": ["/by-header"], "headers": {"Xmodel": [name]}})
    code = (
        "ngx.req.clear_header('Xmodel') ngx.req.read_body() local body = ngx.req.get_body_data() "
        "local model = body and body:match('model=(%w+)') if model then ngx.req.set_header('Xmodel', model) end"
    )
    with everywhere(world, {"rewrite": [code]}):
        answers = [world.send("/by-header", {"xMODEL": "alpha"}, f"model={name}") for name in ("alpha", "beta", "none")]
        assert [answer.status for answer in answers] == [200, 200, 404]
        assert [answer.body["path"] for answer in answers[:2]] == ["/alpha?sleep=0", "/beta?sleep=0"]
        assert world.send("/by-header", {"Xmodel": "alpha"}).status == 404
    assert world.send("/by-header", {"Xmodel": "beta"}, "model=alpha").body["path"] == "/beta?sleep=0"


def test_what_rewrite_does_to_the_request_reaches_the_upstream(world: LuaWorld) -> None:
    code = (
        "ngx.req.read_body() ngx.req.set_body_data('new ' .. ngx.req.get_body_data()) "
        "ngx.req.set_header('X-New', ngx.var.http_x_old) ngx.req.clear_header('X-Old') ngx.req.set_method(ngx.HTTP_PUT)"
    )
    answer = rewritten(world, code, world.route(), {"X-Old": "1"}, "body")
    assert (answer.body["body"], answer.body["method"]) == ("new body", "PUT")
    assert answer.body["headers"]["X-New"] == "1" and "X-Old" not in answer.body["headers"]


def test_the_method_that_rewrite_left_is_routed(world: LuaWorld) -> None:
    world.kong.create("/services", {"name": "put", "url": f"http://127.0.0.1:{world.port}/put"})
    world.kong.create("/services/put/routes", {"paths": ["/put-only"], "methods": ["PUT"]})
    assert world.send("/put-only").status == 404
    assert rewritten(world, "ngx.req.set_method(ngx.HTTP_PUT)", "/put-only").status == 200


def test_the_global_instance_runs_in_every_phase_of_a_route_without_one(world: LuaWorld) -> None:
    path = world.route()
    with everywhere(world, _config("global")):
        answer = world.send(path, {"X-Note": "every phase"})
    assert answer.header("X-Trace") == "global-rewrite global-access global-header_filter "
    assert noted(world, "every phase") == "global-rewrite global-access global-header_filter global-log "


def test_a_more_specific_instance_replaces_the_global_one_after_rewrite(world: LuaWorld) -> None:
    path = world.route(pre_function=_config("route"))
    with everywhere(world, _config("global")):
        answer = world.send(path, {"X-Note": "replaced"})
    assert answer.header("X-Trace") == "global-rewrite route-access route-header_filter "
    assert noted(world, "replaced") == "global-rewrite route-access route-header_filter route-log "


def test_rewrite_of_a_route_never_runs(world: LuaWorld) -> None:
    path = world.route(pre_function={"rewrite": ["kong.response.exit(418)"]})
    assert world.send(path).status == 200


def test_a_request_without_a_route_runs_the_global_rewrite_filters_and_log(world: LuaWorld) -> None:
    with everywhere(world, _config("global")):
        answer = world.send("/no-such-route", {"X-Note": "no route"})
    assert (answer.status, answer.body["message"]) == (404, "no Route matched with those values")
    assert answer.header("X-Trace") == "global-rewrite global-header_filter "
    assert noted(world, "no route") == "global-rewrite global-header_filter global-log "


def test_rewrite_may_answer(world: LuaWorld) -> None:
    config = _config("global")
    config["rewrite"].append("kong.response.exit(403, { message = 'no' }, { ['X-Why'] = 'rewrite' })")
    path = world.route(pre_function=_config("route"))
    with everywhere(world, config):
        answer = world.send(path, {"X-Note": "answered"})
    assert (answer.status, answer.body, answer.header("X-Why")) == (403, {"message": "no"}, "rewrite")
    assert answer.header("X-Trace") == "global-rewrite global-header_filter "
    assert noted(world, "answered") == "global-rewrite global-header_filter global-log "


def test_a_failing_rewrite_is_500(world: LuaWorld) -> None:
    answer = rewritten(world, "error('on purpose')", world.route(), {"Accept": "application/json"})
    assert (answer.status, answer.body["message"]) == (500, "An unexpected error occurred")


def test_rewrite_may_wait(world: LuaWorld) -> None:
    code = "ngx.sleep(0.01) ngx.req.set_header('X-Slept', 'yes')"
    assert rewritten(world, code, world.route()).body["headers"]["X-Slept"] == "yes"


def test_pre_function_comes_before_post_function(world: LuaWorld) -> None:
    path = world.route(post_function={"header_filter": [SHOW % "route"]})
    with everywhere(world, _config("post"), "post-function"), everywhere(world, _config("pre")):
        answer = world.send(path)
    assert answer.header("X-Trace") == "pre-rewrite post-rewrite pre-access pre-header_filter route "


def test_the_context_of_rewrite_is_that_of_the_later_phases(world: LuaWorld) -> None:
    path = world.route(post_function={"access": ["kong.response.exit(200, { ngx.ctx.one, kong.ctx.shared.two })"]})
    assert rewritten(world, "ngx.ctx.one, kong.ctx.shared.two = 1, 2", path).body == [1, 2]


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        ("/a//b/../c/./d/", "/a/c/d/"),
        ("/%61/%2e%2E/b", "/b"),
        ("/a%2fb%3F%25", "/a%2Fb%3F%25"),
        ("/a%20b%C3%B8%7B", "/a bø{"),
        ("/a?x=//y", "/a"),
    ],
)
def test_rewrite_sees_the_path_as_the_router_does(world: LuaWorld, raw: str, normalised: str) -> None:
    code = "kong.response.exit(200, { kong.request.get_path(), kong.request.get_raw_path() })"
    with everywhere(world, {"rewrite": [code]}):
        assert send(world.kong.proxy, "GET", raw).body == [normalised, raw.partition("?")[0]]


def test_the_upstream_gets_the_normalised_path_escaped(world: LuaWorld) -> None:
    path = world.route()
    answer = send(world.kong.proxy, "GET", path + "/%61%20%C3%B8%7b%2f%5c?sleep=0")
    assert answer.body["path"] == "/a%20%C3%B8%7B%2F%5C?sleep=0"


def test_plugins_run_before_a_missing_service_is_refused(world: LuaWorld) -> None:
    route = world.kong.create("/routes", {"paths": ["/serviceless"]})
    answer = world.send("/serviceless")
    assert (answer.status, answer.body["message"]) == (503, "no Service found with those values")
    code = "kong.response.exit(200, { tostring(kong.router.get_service()) })"
    world.kong.create(f"/routes/{route['id']}/plugins", {"name": "pre-function", "config": {"access": [code]}})
    assert world.send("/serviceless").body == ["nil"]
