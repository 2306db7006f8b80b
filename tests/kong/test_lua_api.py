"""What a function plugin sees of a request and can do to it and to the answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kong.lua_world import LuaWorld
from tests.kong.running import echo_upstream, running_kong, send


@pytest.fixture(scope="module")
def world() -> Iterator[LuaWorld]:
    with echo_upstream() as port, running_kong("--shared-dict", "prediction_cache=1m") as kong:
        yield LuaWorld(kong, port)


def test_header_names_are_found_in_any_case_and_with_underscores(world: LuaWorld) -> None:
    code = "local h = ngx.req.get_headers() return (h['X-One'] or '') .. (h.x_one or '') .. (h['X-ONE'] or '')"
    assert world.value(code, headers={"x-One": "1"}) == "111"


def test_an_underscored_header_hides_the_dashed_one_in_a_look_up_with_underscore(world: LuaWorld) -> None:
    code = "local h = kong.request.get_headers() return h.x_model .. '|' .. h['x-model']"
    assert world.value(code, headers={"X-Model": "gateway", "X_Model": "client"}) == "client|gateway"


def test_raw_header_names_keep_their_case(world: LuaWorld) -> None:
    assert world.value("return ngx.req.get_headers(0, true)['X-oNe']", headers={"X-oNe": "1"}) == "1"


def test_a_flood_of_headers_is_seen_as_truncated(world: LuaWorld) -> None:
    code = "local h, err = kong.request.get_headers() local n = 0 for _ in pairs(h) do n = n + 1 end return n .. err"
    assert world.value(code, headers={f"X-{number}": "x" for number in range(120)}) == "100truncated"


def test_a_flood_of_headers_reaches_the_upstream(world: LuaWorld) -> None:
    answer = send(world.kong.proxy, "GET", world.route() + "?sleep=0", {f"X-{number}": "x" for number in range(80)})
    assert answer.status == 200
    assert sum(name.startswith("X-") and name[2:].isdigit() for name in answer.body["headers"]) == 80


def test_a_header_that_is_set_replaces_the_clients(world: LuaWorld) -> None:
    path = world.route(pre_function={"access": ["kong.service.request.set_header('Xkey', 'ours')"]})
    assert world.send(path, {"xKEY": "theirs"}).body["headers"]["Xkey"] == "ours"


def test_digests(world: LuaWorld) -> None:
    code = "return { ngx.encode_base64(ngx.hmac_sha1('\\255s', '\\0b')), ngx.md5('\\200'), ngx.crc32_long('a') }"
    keyed = base64.b64encode(hmac.digest(b"\xffs", b"\0b", "sha1")).decode()
    assert world.value(code) == [keyed, hashlib.md5(b"\xc8").hexdigest(), 3904355907]


def test_the_body_arrives_byte_for_byte(world: LuaWorld) -> None:
    body = bytes(range(256)).decode("latin-1")
    path = world.route(pre_function={"access": ["kong.service.request.set_raw_body(kong.request.get_raw_body())"]})
    answer = send(world.kong.proxy, "POST", path + "?sleep=0", {}, body.encode("latin-1"))
    assert answer.body["body_sha256"] == hashlib.sha256(bytes(range(256))).hexdigest()


def test_a_spilled_body_must_be_asked_for(world: LuaWorld) -> None:
    code = (
        "local b, err = kong.request.get_raw_body() "
        "return { tostring(b), err:sub(1, 25), #kong.request.get_raw_body(0), tostring(ngx.req.get_body_data()), "
        "select(2, kong.request.get_raw_body(5)) }"
    )
    assert world.value(code, body="x" * 2000000) == [
        "nil",
        "request body did not fit ",
        2000000,
        "nil",
        "request body file too big: 2000000 > 5",
    ]


def test_a_spilled_body_is_a_file_while_the_request_lasts(world: LuaWorld) -> None:
    code = "ngx.req.read_body() return ngx.req.get_body_file()"
    file = Path(world.value(code, body="x" * 2000000))
    assert file.name.startswith("kong-body-") and not file.exists()
    assert world.value("ngx.req.read_body() return tostring(ngx.req.get_body_file())", body="x") == "nil"


def test_routes_and_services_keep_their_identity_until_they_change(world: LuaWorld) -> None:
    code = "local known, seen = nil, 0 return function() local r = kong.router.get_route() "
    code += "if known ~= r then known, seen = r, seen + 1 end kong.response.exit(200, { value = seen }) end"
    path = world.route(pre_function={"access": [code]})
    assert [world.send(path).body["value"] for _ in range(3)] == [1, 1, 1]
    send(world.kong.admin, "PATCH", f"/routes{path}", body={"tags": ["new"]})
    assert [world.send(path).body["value"] for _ in range(2)] == [2, 2]


def test_a_chunk_runs_once_and_its_function_per_request(world: LuaWorld) -> None:
    code = "local n = 0 return function() n = n + 1 kong.response.exit(200, { value = n }) end"
    path = world.route(pre_function={"access": [code]})
    assert [world.send(path).body["value"] for _ in range(3)] == [1, 2, 3]


def test_a_run_time_error_is_a_500_and_skips_later_access_phases(world: LuaWorld) -> None:
    path = world.route(
        pre_function={"access": ["error('x')"], "header_filter": ["kong.response.set_header('X-HF', 'ran')"]},
        post_function={"access": ["kong.response.set_header('X-Post', 'ran')"]},
    )
    answer = world.send(path)
    assert answer.status == 500
    assert answer.body["message"] == "An unexpected error occurred" and len(answer.body["request_id"]) == 32
    assert answer.header("X-HF") == "ran" and answer.header("X-Post") is None


def test_code_after_exit_does_not_run_even_in_pcall(world: LuaWorld) -> None:
    code = "pcall(kong.response.exit, 201, 'first') kong.response.exit(202, 'second')"
    assert world.send(world.route(pre_function={"access": [code]})).status == 201


def test_filters_and_log_of_every_plugin_run_after_an_exit(world: LuaWorld) -> None:
    log = "ngx.shared.prediction_cache:set('logged', kong.response.get_source())"
    path = world.route(
        pre_function={"access": ["kong.response.exit(200, 'x')"]},
        post_function={
            "header_filter": ["kong.response.set_header('X-Source', kong.response.get_source())"],
            "log": [log],
        },
    )
    assert world.send(path).header("X-Source") == "exit"
    assert world.value("return ngx.shared.prediction_cache:get('logged')") == "exit"


def test_the_body_filter_sees_and_changes_the_whole_body(world: LuaWorld) -> None:
    code = "local b = kong.response.get_raw_body() if b then kong.response.set_raw_body(#b .. '') end"
    path = world.route(post_function={"body_filter": [code]})
    assert world.send(path + "?chunk=1").body > 100
    large = send(world.kong.proxy, "GET", world.route() + "?sleep=0&size=3000000")
    assert len(large.body["fill"]) == 3000000


def test_a_large_answer_passes_the_body_filter_in_chunks(world: LuaWorld) -> None:
    code = "local b = kong.response.get_raw_body() if b then ngx.shared.prediction_cache:set('size', #b) end"
    path = world.route(post_function={"body_filter": [code]})
    answer = send(world.kong.proxy, "GET", path + "?sleep=0&size=3000000")
    assert len(answer.body["fill"]) == 3000000
    assert world.value("return ngx.shared.prediction_cache:get('size')") > 3000000


def test_a_function_of_another_phase_is_refused(world: LuaWorld) -> None:
    path = world.route(pre_function={"header_filter": ["kong.service.request.set_header('a', 'b')"]})
    assert world.send(path).status is None


def test_sleep_does_not_hold_up_others(world: LuaWorld) -> None:
    sleeper = world.route(pre_function={"access": ["pcall(ngx.sleep, 0.5) kong.response.exit(200, { slept = true })"]})
    other = world.route()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(world.send, sleeper)
        time.sleep(0.1)
        assert world.send(other).status == 200
        assert not slow.done()
        assert slow.result().body == {"slept": True}


def test_waiting_requests_are_released_by_what_another_stores(world: LuaWorld) -> None:
    wait = "local d = ngx.shared.prediction_cache while not d:get('go') do ngx.sleep(0.01) end"
    path = world.route(pre_function={"access": [wait]})
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(world.send, path) for _ in range(8)]
        world.value("ngx.shared.prediction_cache:set('go', true)")
        assert [answer.result().status for answer in waiting] == [200] * 8


def test_a_timer_runs_later(world: LuaWorld) -> None:
    world.value("ngx.timer.at(0, function(premature, a) ngx.shared.prediction_cache:set('timer', a) end, 'ran')")
    deadline = time.monotonic() + 10
    while (found := world.value("return ngx.shared.prediction_cache:get('timer')")) != "ran":
        assert time.monotonic() < deadline, found


def test_regular_expressions(world: LuaWorld) -> None:
    code = (
        "local m = ngx.re.match('a=12', [[(\\w)=(\\d+)]], 'jo') local s, n = ngx.re.gsub('a-b-c', '-', '+', 'jo') "
        "local words = {} for w in ngx.re.gmatch('x yy', [[\\w+]]) do words[#words + 1] = w[0] end "
        "return { m[0], m[1], m[2], s, n, ngx.re.find('abc', 'c'), words[2] }"
    )
    assert world.value(code) == ["a=12", "a", "12", "a+b+c", 2, 3, "yy"]


def test_json_bodies_survive_decoding_and_encoding(world: LuaWorld) -> None:
    document = {"text": 'a"b\\c\n\u00e9\U0001f600', "list": [1, 2.5, [], {"x": None}], "yes": True}
    code = "return kong.request.get_body('application/json')"
    got = world.value(code, headers={"Content-Type": "application/json"}, body=json.dumps(document))
    assert got == document
