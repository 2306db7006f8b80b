"""The kong provider's errors: an Admin API that cannot be reached, or that is another server."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pulumi_kong
import pytest

from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi, Refusal
from tests.engine.support.failures import failure_of
from tests.engine.support.programs import consumer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_an_unreachable_admin_api_is_told(make_engine: MakeEngine) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    message = failure_of(make_engine(consumer(), config={"kong:kongAdminUri": url}).up)
    assert message.startswith(f"nothing was changed: GET {url}/: cannot be reached (")
    assert message.endswith("); start Kong, or correct kong:kongAdminUri")
    assert "\n" not in message


def test_credentials_in_the_url_are_never_shown(make_engine: MakeEngine) -> None:
    url = f"http://user:hidden@127.0.0.1:{free_port()}"
    assert "hidden" not in failure_of(make_engine(consumer(), config={"kong:kongAdminUri": url}).up)
    assert "hidden" not in failure_of(make_engine(consumer(), config={"kong:kongAdminUri": "ftp://u:hidden@h"}).up)


def test_a_missing_or_bad_address_is_told_at_preview(make_engine: MakeEngine) -> None:
    for uri, text in ((None, "kong:kongAdminUri is missing"), ("127.0.0.1:8001", "must be a URL like http://")):
        assert text in failure_of(make_engine(consumer(), config={"kong:kongAdminUri": uri}).preview)
    assert "unknown setting kong:colour" in failure_of(make_engine(consumer(), config={"kong:colour": "red"}).preview)


def test_a_wrong_token_is_told_and_the_right_one_works(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    kong.token = "t0ken"
    message = failure_of(make_engine(consumer(), config={"kong:kongAdminToken": "wr0ng"}).up)
    assert "HTTP 401, Kong says: Unauthorized; correct kong:kongAdminToken" in message and "wr0ng" not in message
    make_engine(consumer(), config={"kong:kongAdminToken": "t0ken"}).up()


def test_the_proxy_port_as_admin_api_is_recognised(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    make_engine(consumer()).up()

    def no_route(method: str, path: str) -> None:
        raise Refusal(404, "no Route matched with those values")

    kong.on_request = no_route
    for operation in ("refresh", "destroy"):
        assert "this is Kong's proxy port" in failure_of(getattr(make_engine(consumer()), operation))
    kong.on_request = lambda method, path: None
    assert make_engine(consumer()).up().changes["create"] == 0
    assert len(kong.all("consumers")) == 1


def test_html_instead_of_json_is_recognised(make_engine: MakeEngine) -> None:
    class Html(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            self.send_response(502)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Html) as server:
        Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        message = failure_of(make_engine(consumer(), config={"kong:kongAdminUri": url}).up)
    assert "HTTP 502 with text/html instead of JSON: this is not Kong's Admin API" in message


REFRESH = "; Kong no longer has what was deployed: refresh, then up (make refresh, make up)\n"


def routed(path: str) -> None:
    service = pulumi_kong.Service("s", name="s", protocol="http", host="a.test")
    pulumi_kong.Route("r", name="r", protocols=["http"], paths=[path], service_id=service.id)


def called(group: str) -> None:
    owner = pulumi_kong.Consumer("c", username="c")
    pulumi_kong.ConsumerAcl("a", consumer_id=owner.id, group=group)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (routed, "HTTP 400, Kong says: the foreign key 'service' does not reference an existing 'services' entity"),
        (called, "HTTP 404, Kong says: Not found"),
    ],
)
def test_a_kong_that_lost_what_was_deployed_wants_a_refresh(
    program: Callable[[str], None], says: str, make_engine: MakeEngine, kong: MemoryAdminApi
) -> None:
    make_engine(lambda: program("/a")).up()
    kong.entities.clear()
    changed = make_engine(lambda: program("/b"))
    assert f"{says}{REFRESH}" in f"{failure_of(changed.up)}\n"
    changed.refresh()
    assert changed.up().changes["create"] == 2


def test_a_foreign_key_error_names_resource_and_request(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    def program() -> None:
        pulumi_kong.Route("r", name="r", protocols=["http"], paths=["/"], service_id="nowhere")

    message = failure_of(make_engine(program).up)
    assert message.startswith("kong:index/route:Route r: PUT") and "the foreign key 'service'" in message
