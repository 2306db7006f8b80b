"""Bearer tokens at the edge: who may read a shareable answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.edge.cloudfront.function import FunctionRoute, JwtRules, render
from tests.edge_function.viewer import Request, Viewer

NOW = 1_700_000_000
FIRST = "first-jwt-secret-of-the-tests-0123456789"
SECOND = "second-jwt-secret-of-the-tests-9876543210"
TOKEN = "0123456789abcdef0123456789abcdef"
CLAIMS = {"exp": NOW + 60, "iss": "https://id.test", "aud": "predictions"}


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims: Any = CLAIMS, head: Any = None, secret: str = FIRST, digest: str = "sha256") -> str:
    content = f"{part({'alg': 'HS256', 'typ': 'JWT'} if head is None else head)}.{part(claims)}"
    return f"{content}.{part(hmac.new(secret.encode(), content.encode(), digest).digest())}"


def viewer(issuer: str | None = "https://id.test", audience: str | None = "predictions") -> Viewer:
    rules = JwtRules((FIRST, SECOND), issuer, audience)
    return Viewer(render({"/digits/predict": FunctionRoute(TOKEN), "/open": FunctionRoute("")}, rules), NOW)


@pytest.fixture(scope="module")
def edge() -> Viewer:
    return viewer()


def ask(value: Any, name: str = "Authorization") -> Request:
    return Request(query="input=e30", headers={name: value})


@pytest.mark.parametrize(
    "given",
    {
        "first secret": token(),
        "second secret": token(secret=SECOND),
        "several audiences": token({**CLAIMS, "aud": ["other", "predictions"]}),
        "valid since now": token({**CLAIMS, "nbf": NOW}),
        "expires in a moment": token({**CLAIMS, "exp": NOW + 0.5}),
        "more claims": token({**CLAIMS, "sub": "Zoë 日本"}),
        "no type": token(head={"alg": "HS256"}),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_good_token_opens_and_stays_at_the_edge(edge: Viewer, given: tuple[str, str]) -> None:
    passed = edge.passed(ask(f"Bearer {given[1]}"))
    assert passed.headers["x-model-version"] == TOKEN
    assert "authorization" not in passed.headers


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def changed(text: str, index: int) -> str:
    return text[:index] + ("A" if text[index] != "A" else "B") + text[index + 1 :]


GOOD = token()
CONTENT, SIGNATURE = GOOD.rsplit(".", 1)
BAD: Mapping[str, str] = {
    "expired": token({**CLAIMS, "exp": NOW}),
    "long expired": token({**CLAIMS, "exp": 0}),
    "no expiry": token(without("exp")),
    "expiry as text": token({**CLAIMS, "exp": str(NOW + 60)}),
    "not yet valid": token({**CLAIMS, "nbf": NOW + 1}),
    "start as text": token({**CLAIMS, "nbf": "0"}),
    "another issuer": token({**CLAIMS, "iss": "https://other.test"}),
    "no issuer": token(without("iss")),
    "another audience": token({**CLAIMS, "aud": "other"}),
    "no audience": token(without("aud")),
    "part of the audience": token({**CLAIMS, "aud": "prediction"}),
    "another key": token(secret="another-secret-of-the-tests-0123456789ab"),
    "empty key": token(secret=""),
    "HS512 by name": token(head={"alg": "HS512"}),
    "HS512": token(head={"alg": "HS512"}, digest="sha512"),
    "RS256 by name": token(head={"alg": "RS256"}),
    "none": f"{part({'alg': 'none'})}.{part(CLAIMS)}.",
    "none, signed": token(head={"alg": "none"}),
    "None, signed": token(head={"alg": "None"}),
    "lower case algorithm": token(head={"alg": "hs256"}),
    "no algorithm": token(head={}),
    "critical extension": token(head={"alg": "HS256", "crit": ["exp"]}),
    "head is null": token(head=b"null"),
    "head is no JSON": token(head=b"{"),
    "claims are null": token(b"null"),
    "claims are a list": token([CLAIMS]),
    "claims are no JSON": token(b"\xff\xfe"),
    "signature changed": changed(GOOD, len(CONTENT) + 1),
    "claims changed": changed(GOOD, GOOD.index(".") + 5),
    "signature too short": GOOD[:-1],
    "signature too long": GOOD + "A",
    "signature with unused bits": GOOD[:-1] + chr(ord(GOOD[-1]) + 1),
    "no signature": CONTENT,
    "empty signature": f"{CONTENT}.",
    "padded signature": f"{GOOD}=",
    "four parts": f"{GOOD}.{SIGNATURE}",
    "empty": "",
    "spaces": "   ",
    "line end": f"{GOOD}\n",
    "far too long": token({**CLAIMS, "more": "a" * 8_000}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused(edge: Viewer, name: str) -> None:
    answer = edge.answer(ask(f"Bearer {BAD[name]}"))
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("value", [GOOD, f"Basic {GOOD}", f"Bearer{GOOD}", f"Token {GOOD}", (f"Bearer {GOOD}",) * 2])
def test_another_form_of_the_header_is_refused(edge: Viewer, value: Any) -> None:
    assert edge.answer(ask(value)).status == 401


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_case_of_header_and_scheme_does_not_matter(edge: Viewer, name: str, scheme: str) -> None:
    edge.passed(ask(f"{scheme} {GOOD}", name))


def test_without_a_token_nothing_is_told_about_the_input(edge: Viewer) -> None:
    assert edge.answer(Request()).status == 401
    assert edge.answer(Request(query="input=%%%")).status == 401


def test_a_token_elsewhere_does_not_count(edge: Viewer) -> None:
    request = Request(query=f"input=e30&authorization=Bearer+{GOOD}", cookies={"authorization": f"Bearer {GOOD}"})
    assert edge.answer(request).status == 401


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_what_is_not_shared_is_left_to_the_gateway(edge: Viewer, method: str) -> None:
    request = Request(method, headers={"authorization": "Bearer nonsense"})
    assert edge.passed(request).fields == request.event()["request"]


def test_without_an_issuer_any_will_do() -> None:
    viewer(issuer=None).passed(ask(f"Bearer {token(without('iss'))}"))
    viewer(issuer=None).passed(ask(f"Bearer {GOOD}"))


def test_without_an_audience_a_token_for_somebody_else_is_refused() -> None:
    # RFC 7519, section 4.1.3
    assert viewer(audience=None).answer(ask(f"Bearer {GOOD}")).status == 401
    viewer(audience=None).passed(ask(f"Bearer {token(without('aud'))}"))


def test_the_reference_signature_is_hmac_sha256() -> None:
    # RFC 7515, appendix A.1, by the helpers above: they are the other half of every test here.
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    content = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    assert (
        part(hmac.new(key, content.encode(), hashlib.sha256).digest()) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
