"""Routes that ask for a signature, with the signatures that Media CDN documents."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.edge.google.resources import KEYSET_ID, media_cdn, must_put, route_rule
from tests.edge.running import Edge, Origin

HOST = "media.example.com"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def soon(seconds: int = 86_400) -> int:
    """A time that the signatures made when tests are collected outlive."""
    return int(time.time()) + seconds


def signed_url(target: str, expires: int, name: str = "one", key: Ed25519PrivateKey = KEY, root: str = "") -> str:
    """Path and query of a URL that is signed as a whole."""
    text = f"{target}{'&' if '?' in target else '?'}Expires={expires}&KeyName={name}"
    signature = key.sign(f"{root or 'https://' + HOST}{text}".encode())
    return f"{text}&Signature={encoded(signature)}"


def signed_prefix(prefix: str, expires: int, separator: str = "&") -> str:
    """Parameters, or a cookie's value, for all URLs that begin with the prefix."""
    text = separator.join([f"URLPrefix={encoded(prefix.encode())}", f"Expires={expires}", "KeyName=one"])
    return f"{text}{separator}Signature={encoded(KEY.sign(text.encode()))}"


async def protected(edge: Edge, origin: Origin, **policy: Any) -> None:
    keys = [{"id": "one", "value": encoded(KEY.public_key().public_bytes_raw())}]
    await must_put(edge, KEYSET_ID, {"name": "readers", "publicKeys": keys})
    signed = {"signedRequestMode": "REQUIRE_SIGNATURES", "signedRequestKeyset": KEYSET_ID, **policy}
    action = {"responseHeaderToAdds": [{"headerName": "X-Cache", "headerValue": "{cdn_cache_status}"}]}
    methods = {"allowedMethods": ["GET", "HEAD", "OPTIONS", "POST"]}
    await media_cdn(edge, origin, route_rule(cdn=signed, headerAction=action, routeMethods=methods))


async def status(edge: Edge, target: str, method: str = "GET", **headers: str) -> int:
    return (await edge.send(target, method, headers={"Host": HOST, **headers})).status


@pytest.mark.parametrize(
    "target",
    [
        signed_url("/a", soon()),
        signed_url("/a?input=e30", soon()),
        signed_url("/a", soon()).rstrip("="),
        signed_url("/a", soon(), root=f"http://{HOST}"),
        f"/dir/a?input=e30&{signed_prefix(f'https://{HOST}/dir/', soon())}",
    ],
)
async def test_a_valid_signature_opens_the_route(edge: Edge, origin: Origin, target: str) -> None:
    await protected(edge, origin)
    assert await status(edge, target) == 200
    assert "Signature" not in origin.received[0].target and "Expires" not in origin.received[0].target


@pytest.mark.parametrize(
    "target",
    [
        "/a",
        "/a?Signature=x",
        signed_url("/a", soon(-5)),
        signed_url("/a", soon(), name="two"),
        signed_url("/a", soon(), key=OTHER_KEY),
        signed_url("/b", soon()).replace("/b", "/a"),
        signed_url("/a?input=e30", soon()).replace("e30", "W10"),
        signed_url("/a", soon()) + "&input=e30",
        signed_url("/a", soon()) + "&Expires=9999999999",
        signed_url("/a", soon(), root="https://other.example.com"),
        f"/a?{signed_prefix(f'https://{HOST}/dir/', soon())}",
        f"/a?{signed_prefix(f'https://{HOST}/', soon(-5))}",
        "/a?URLPrefix=%FF&Expires=9999999999&KeyName=one&Signature=x",
    ],
)
async def test_anything_else_is_a_403_at_hits_and_misses(edge: Edge, origin: Origin, target: str) -> None:
    await protected(edge, origin)
    await status(edge, signed_url("/a", soon()))
    received = len(origin.received)
    assert await status(edge, target) == 403
    assert len(origin.received) == received


async def test_a_signature_is_not_in_the_key(edge: Edge, origin: Origin) -> None:
    await protected(edge, origin)
    targets = [
        signed_url("/a?input=e30", soon()),
        signed_url("/a?input=e30", soon(90_000)),
        f"/a?input=e30&{signed_prefix(f'https://{HOST}/', soon())}",
    ]
    answers = [await edge.send(target, headers={"Host": HOST}) for target in targets]
    assert [one.headers["X-Cache"] for one in answers] == ["local;miss", "local;hit", "local;hit"]


async def test_a_signed_cookie_opens_the_route_and_stays_at_the_edge(edge: Edge, origin: Origin) -> None:
    await protected(edge, origin)
    valid = signed_prefix(f"https://{HOST}/dir/", soon(), ":")
    assert await status(edge, "/dir/a", Cookie=f"a=b; Edge-Cache-Cookie={valid}") == 200
    assert origin.received[0].headers["Cookie"] == "a=b"
    for cookie in (valid.replace("KeyName=one", "KeyName=two"), f"{valid}:x=y", valid.replace(":", "&"), ""):
        assert await status(edge, "/dir/a", Cookie=f"Edge-Cache-Cookie={cookie}") == 403
    assert await status(edge, "/other", Cookie=f"Edge-Cache-Cookie={valid}") == 403


async def test_other_methods_cannot_be_signed(edge: Edge, origin: Origin) -> None:
    await protected(edge, origin)
    found = [await status(edge, signed_url("/a", soon()), method) for method in ("GET", "HEAD", "OPTIONS", "POST")]
    assert found == [200, 200, 200, 403]


async def test_the_port_of_the_local_edge_is_not_signed(edge: Edge, origin: Origin) -> None:
    await protected(edge, origin)
    found = await edge.send(signed_url("/a", soon()), headers={"Host": f"{HOST}:8003"})
    assert found.status == 200


async def test_the_longest_time_that_a_signature_may_have(edge: Edge, origin: Origin) -> None:
    await protected(edge, origin, signedRequestMaximumExpirationTtl="600s")
    assert [await status(edge, signed_url("/a", soon(seconds))) for seconds in (300, 900)] == [200, 403]
