"""Questions go where callers' go, with what they send."""

from __future__ import annotations

from typing import Any

import pytest

from ops.warm.target import Target, TargetError, target_of
from settings import parse_settings

KEY = "k-0123456789abcdef"


def target(
    url: str | None = None, *headers: str, environment: dict[str, str] | None = None, gateway: str = "", **model: Any
) -> Target:
    digits = {"name": "digits", "version": "1", "endpoint": "http://model:8080/invocations", **model}
    given = {"gatewayUrl": gateway} if gateway else {}
    settings = parse_settings({"models": [digits], **given})
    found = {"KEY": KEY} if environment is None else environment
    return target_of(settings, settings.models[0], url, "KEY", found, headers)


def test_by_default_it_is_the_gateway_by_its_own_name() -> None:
    found = target()
    assert (found.url, found.headers["host"]) == ("http://localhost:8000/digits/predict", "localhost:8000")
    assert found.credential == {"apikey": KEY}
    assert KEY not in repr(found)


def test_a_node_is_asked_by_the_name_that_callers_ask() -> None:
    found = target("http://10.0.0.5:8000/kong/", gateway="https://predict.example.com")
    assert found.url == "http://10.0.0.5:8000/kong/digits/predict"
    assert found.headers["host"] == "predict.example.com"


def test_the_first_host_of_the_model_is_named() -> None:
    found = target(route={"hosts": ["a.example.com", "b.example.com"], "path": "/p"})
    assert (found.url, found.headers["host"]) == ("http://localhost:8000/p", "a.example.com:8000")


def test_headers_are_added_and_replaced() -> None:
    found = target(None, "Accept: text/csv; q=1", "X-Tenant:a:b", "host: other")
    assert found.headers == {
        "content-type": "application/json",
        "accept": "text/csv; q=1",
        "x-tenant": "a:b",
        "host": "other",
    }


@pytest.mark.parametrize("header", ["Accept", ": x", "Acc ept: x", "Accept: \n", "Accept: é"])
def test_what_is_no_header_is_refused(header: str) -> None:
    with pytest.raises(TargetError, match="takes a name and a value"):
        target(None, header)


@pytest.mark.parametrize("name", ["apikey", "Authorization", "Cookie"])
def test_credentials_on_the_command_line_are_refused_and_not_shown(name: str) -> None:
    with pytest.raises(TargetError, match="does not belong on a command line") as raised:
        target(None, f"{name}: {KEY}")
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "Expect", "Connection"])
def test_headers_of_the_message_are_left_to_it(name: str) -> None:
    with pytest.raises(TargetError, match=f"--header {name.lower()}: warm sets it itself"):
        target(None, f"{name}: 5")


def test_a_credential_of_the_model_is_sent_in_its_header() -> None:
    access = {"mode": "upstream-credential", "credentialHeaders": ["x-token"]}
    assert target(access=access).credential == {"x-token": KEY}
    with pytest.raises(TargetError, match="set KEY to a caller's x-token header, or name"):
        target(access=access, environment={})
    with pytest.raises(TargetError, match="--header x-token: a credential"):
        target(None, "X-Token: a", access=access)


def test_an_open_model_gets_no_key() -> None:
    assert target(access={"mode": "open"}).credential == {}
