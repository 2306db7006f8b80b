"""The proxy around the plugins: clients that leave, access, limits, metrics, precedence, and the command line."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.kong.running import ROOT, RunningKong, echo_upstream, free_port, running_kong, send

MARK = "ngx.shared.prediction_cache:set('%s', tostring(kong.response.get_status()))"
READ = "kong.response.exit(200, { value = ngx.shared.prediction_cache:get('%s') })"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with echo_upstream() as running:
        yield running


@pytest.fixture(scope="module")
def kong() -> Iterator[RunningKong]:
    with running_kong() as running:
        yield running


def test_a_client_that_leaves_while_the_upstream_is_slow_ends_with_the_log_phase(kong: RunningKong, port: int) -> None:
    kong.route(port, "/leave", post_function={"log": [MARK % "left"]})
    kong.route(port, "/left", pre_function={"access": [READ % "left"]})
    address = urlsplit(kong.proxy)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(b"GET /leave?sleep=20000 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
    deadline = time.monotonic() + 10
    while (found := send(kong.proxy, "GET", "/left").body.get("value")) != "499":
        assert time.monotonic() < deadline, found


def test_http_1_0_and_pipelined_requests_are_answered(kong: RunningKong, port: int) -> None:
    kong.route(port, "/old")
    address = urlsplit(kong.proxy)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(b"GET /old?sleep=0 HTTP/1.1\r\nHost: x\r\n\r\nGET /old?sleep=0 HTTP/1.0\r\n\r\n")
        received = b""
        while chunk := client.recv(65536):
            received += chunk
    assert received.count(b" 200 OK\r\n") == 2


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(kong: RunningKong, port: int) -> None:
    kong.route(port, "/expect")
    address = urlsplit(kong.proxy)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(b"POST /expect?sleep=0 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n")
        client.sendall(b"abc")
        assert b" 200 OK\r\n" in client.recv(65536)


def test_acl_lets_only_its_groups_in(kong: RunningKong, port: int) -> None:
    kong.route(port, "/acl", key_auth={}, acl={"allow": ["readers"]})
    for name, group in (("ann", "readers"), ("ben", "others")):
        kong.create("/consumers", {"username": name})
        kong.create(f"/consumers/{name}/key-auth", {"key": f"key-{name}"})
        kong.create(f"/consumers/{name}/acls", {"group": group})
    allowed = send(kong.proxy, "GET", "/acl?sleep=0", {"apikey": "key-ann"})
    assert allowed.status == 200 and allowed.body["headers"]["X-Consumer-Groups"] == "readers"
    refused = send(kong.proxy, "GET", "/acl?sleep=0", {"apikey": "key-ben"})
    assert (refused.status, refused.body["message"]) == (403, "You cannot consume this service")
    assert send(kong.proxy, "GET", "/acl?sleep=0").status == 401


def test_an_acl_group_of_one_consumer_is_unique(kong: RunningKong) -> None:
    kong.create("/consumers", {"username": "twice"})
    kong.create("/consumers/twice/acls", {"group": "g"})
    again = send(kong.admin, "POST", "/consumers/twice/acls", body={"group": "g"})
    assert again.status == 409 and again.body["fields"]["group"] == "g"


def test_hidden_credentials_do_not_reach_the_upstream(kong: RunningKong, port: int) -> None:
    kong.route(port, "/hide", key_auth={"hide_credentials": True})
    kong.create("/consumers", {"username": "hidden"})
    kong.create("/consumers/hidden/key-auth", {"key": "key-hidden"})
    answer = send(kong.proxy, "GET", "/hide?sleep=0", {"apikey": "key-hidden"})
    assert answer.status == 200 and "apikey" not in {name.lower() for name in answer.body["headers"]}
    by_query = send(kong.proxy, "GET", "/hide?sleep=0&apikey=key-hidden")
    assert by_query.body["path"] == "/?sleep=0"


def test_a_request_above_the_size_limit_is_413(kong: RunningKong, port: int) -> None:
    kong.route(port, "/size", request_size_limiting={"allowed_payload_size": 1, "size_unit": "kilobytes"})
    assert send(kong.proxy, "POST", "/size?sleep=0", {}, "x" * 1024).status == 200
    answer = send(kong.proxy, "POST", "/size?sleep=0", {}, "x" * 1025)
    assert (answer.status, answer.body["message"]) == (413, "Request size limit exceeded")
    assert send(kong.proxy, "POST", "/size?sleep=0", {}, "x" * 1025, chunked=True).status == 413


def test_cors_answers_the_preflight_and_names_the_origin(kong: RunningKong, port: int) -> None:
    kong.route(port, "/cors", cors={"origins": ["https://a.test", "https://b.test"], "max_age": 600})
    asked = {"Origin": "https://b.test", "Access-Control-Request-Method": "POST"}
    preflight = send(kong.proxy, "OPTIONS", "/cors", asked)
    assert preflight.status == 200 and preflight.header("Access-Control-Max-Age") == "600"
    assert preflight.header("Access-Control-Allow-Origin") == "https://b.test"
    answer = send(kong.proxy, "POST", "/cors?sleep=0", {"Origin": "https://evil.test"})
    assert answer.header("Access-Control-Allow-Origin") is None and answer.header("Vary") == "Origin"


def test_a_route_for_https_alone_asks_for_it(kong: RunningKong, port: int) -> None:
    kong.create("/services", {"name": "tls", "url": f"http://127.0.0.1:{port}"})
    kong.create("/services/tls/routes", {"paths": ["/tls"], "protocols": ["https"]})
    answer = send(kong.proxy, "GET", "/tls")
    assert (answer.status, answer.body["message"]) == (426, "Please use HTTPS protocol")


def test_the_more_specific_plugin_runs_alone(kong: RunningKong, port: int) -> None:
    kong.route(port, "/which", key_auth={})
    kong.create("/consumers", {"username": "carl"})
    kong.create("/consumers/carl/key-auth", {"key": "key-carl"})
    scopes = {
        "service": {"service": {"name": "which"}},
        "route": {"route": {"name": "which"}},
        "consumer": {"consumer": {"username": "carl"}},
        "both": {"route": {"name": "which"}, "service": {"name": "which"}},
    }
    seen = []
    for name, scope in scopes.items():
        code = f"kong.response.set_header('X-Ran', (kong.response.get_header('X-Ran') or '') .. '{name}')"
        kong.create("/plugins", {"name": "post-function", "config": {"access": [code]}, **scope})
        seen.append(send(kong.proxy, "GET", "/which?sleep=0", {"apikey": "key-carl"}).header("X-Ran"))
    assert seen == ["service", "route", "consumer", "both"]


def test_metrics_tell_hits_from_misses(kong: RunningKong, port: int) -> None:
    kong.route(port, "/metered", proxy_cache={"strategy": "memory"}, prometheus={"status_code_metrics": True})
    statuses = [send(kong.proxy, "GET", "/metered?sleep=0").header("X-Cache-Status") for _ in range(3)]
    assert statuses == ["Miss", "Hit", "Hit"]
    text = send(kong.admin, "GET", "/metrics").body
    labels = 'service="metered",route="metered",code="200",source="%s",workspace="default",consumer=""'
    assert f"kong_http_requests_total{{{labels % 'kong'}}} 2\n" in text
    assert f"kong_http_requests_total{{{labels % 'service'}}} 1\n" in text


def test_status_and_information_name_what_a_preflight_needs(kong: RunningKong) -> None:
    status, information = send(kong.admin, "GET", "/status").body, send(kong.admin, "GET", "/").body
    assert status["memory"]["lua_shared_dicts"]["prediction_cache"]["capacity"] == "128.00 MiB"
    assert status["database"]["reachable"] is True
    assert information["version"] == "3.9.3" and "proxy-cache" in information["plugins"]["available_on_server"]
    assert information["configuration"]["nginx_http_client_body_buffer_size"] == "1m"
    assert information["configuration"]["nginx_http_lua_shared_dict"] == "prediction_cache 128m"


def test_the_admin_token_is_required() -> None:
    with running_kong("--admin-token", "secret-token") as guarded:
        refused = send(guarded.admin, "GET", "/services")
        assert (refused.status, refused.body) == (401, {"message": "Unauthorized"})
        assert send(guarded.admin, "GET", "/services", {"Kong-Admin-Token": "wrong"}).status == 401
        assert send(guarded.admin, "GET", "/services", {"Kong-Admin-Token": "secret-token"}).status == 200


def test_a_port_in_use_is_one_line_and_exit_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "-m", "local.kong", "--admin", address, "--proxy", "127.0.0.1:0"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.splitlines() == [f"cannot listen on {address}: address already in use"]


def test_a_signal_ends_it_cleanly() -> None:
    command = [sys.executable, "-m", "local.kong", "--admin", "127.0.0.1:0", "--proxy", f"127.0.0.1:{free_port()}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert set(json.loads(process.stdout.readline())) == {"admin", "proxy"}
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
