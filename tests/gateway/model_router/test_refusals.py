"""What names no model that the caller may use is refused, in words that say why."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from tests.gateway.model_router.conftest import LIMIT
from tests.gateway.model_router.refusals import NAMES, refusal
from tests.gateway.model_router.routed_models import ENTRY, MODELS


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not-a-container"),
        (b'"alpha"', "not-a-container"),
        (b'{"model": "alpha"', "separator"),
        (b'{"model": "alpha"} x', "trailing"),
        (b'\xef\xbb\xbf{"model": "alpha"}', "not-a-container"),
        (b'{"model": "beta", "model": "alpha"}', "duplicate-name"),
        (b'{"model": "alpha", "mod\\u0065l": "beta"}', "escaped-name"),
        (b'{"mod\\u0065l": "alpha"}', "escaped-name"),
        (b'{"x": {"y": 1, "y": 2}, "model": "alpha"}', "duplicate-name"),
        (b'{"model": "alpha", "Model": "beta"}', "name-case"),
        (b"{'model': 'alpha'}", "name"),
        (b"[" * 1_000, "depth"),
    ],
)
def test_a_body_that_parsers_may_read_differently(routed, alpha, body, reason):
    answer = routed.send(body, {"apikey": routed.key_of("web")})
    assert answer.status_code == 400
    assert refusal(answer, "invalid_json")["message"] == (
        f"The body is not JSON that every parser reads alike: {reason}"
    )
    assert not alpha.calls


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "The body must name a model at /model"),
        (b'{"x": {"model": "alpha"}}', "The body must name a model at /model"),
        (b'["model", "alpha"]', "The body must name a model at /model"),
        (b'{"model": null}', "The model at /model must be a string"),
        (b'{"model": 5}', "The model at /model must be a string"),
        (b'{"model": ["alpha"]}', "The model at /model must be a string"),
    ],
)
def test_a_body_that_names_no_model(routed, alpha, body, message):
    answer = routed.send(body, {"apikey": routed.key_of("web")})
    assert (answer.status_code, refusal(answer, "model_missing")["message"]) == (400, message)
    assert not alpha.calls


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("nobody", "'nobody'"),
        ("Alpha", "'Alpha'"),
        ("", "of that name"),
        ('"}, "x": {"', "of that name"),
        ("<script>", "of that name"),
        ("al\u0000pha", "of that name"),
        ("ä", "of that name"),
        ("a" * 129, "of that name"),
    ],
)
def test_an_unknown_model(routed, name, shown):
    answer = routed.ask({"model": name}, apikey=routed.key_of("web"))
    assert answer.status_code == 404
    error = refusal(answer, "model_not_found")
    assert (error["message"], error["models"]) == (f"There is no model {shown}", NAMES)
    batch = routed.ask({"model": name}, apikey=routed.key_of("batch"))
    assert refusal(batch, "model_not_found")["models"] == [*NAMES[:2], "gamma", *NAMES[2:]]


@pytest.mark.parametrize("headers", [{}, {"apikey": "wrong"}, {"authorization": "Bearer wrong"}], ids=str)
@pytest.mark.parametrize("document", [{"model": "beta"}, {"model": "nobody"}, {}], ids=str)
def test_nobody_is_told_anything_without_a_key(routed, beta, headers, document):
    answer = routed.ask(document, **headers)
    assert answer.status_code == 401
    assert "alpha" not in answer.text and not beta.calls


def test_only_post_asks_a_model(routed, alpha):
    key = {"apikey": routed.key_of("web")}
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = routed.client.request(method, ENTRY, content=b'{"model": "alpha"}', headers=key)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert refusal(answer, "method_not_allowed")["message"] == "This path takes only POST"
    answer = routed.client.post(MODELS, content=b"{}", headers=key)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert routed.client.head(MODELS, headers=key).status_code == 200
    assert not alpha.calls


def test_a_large_body_is_not_looked_into(routed, alpha):
    key = {"apikey": routed.key_of("web")}
    exact = json.dumps({"model": "alpha", "x": ""}).encode()
    exact = exact[:-2] + b"y" * (LIMIT - len(exact)) + exact[-2:]
    assert routed.send(exact).status_code == 200
    answer = routed.send(exact + b" ", key)
    assert answer.status_code == 413
    assert refusal(answer, "request_too_large")["message"] == (
        "Send at most 2000 bytes, or name the model in the header x-model"
    )
    assert len(alpha.calls) == 1


def test_a_body_of_unknown_length_is_not_looked_into(routed, alpha):
    key = {"apikey": routed.key_of("web"), "content-type": "application/json"}
    answer = routed.client.post(ENTRY, content=iter([b'{"model": "alpha"}']), headers=key)
    assert answer.status_code == 411
    refusal(answer, "length_required")
    assert not alpha.calls


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content-type": "text/csv"}, "unsupported_content_type"),
        ({"content-type": "multipart/form-data; boundary=x"}, "unsupported_content_type"),
        ({"content-encoding": "gzip"}, "unsupported_content_encoding"),
        ({"content_encoding": "gzip"}, "unsupported_content_encoding"),
    ],
    ids=str,
)
def test_another_type_is_not_looked_into(routed, alpha, headers, code):
    body = gzip.compress(b'{"model": "alpha"}')
    answer = routed.send(body, {**headers, "apikey": routed.key_of("web")})
    assert answer.status_code == 415
    refusal(answer, code)
    assert not alpha.calls


@pytest.mark.parametrize(
    "headers",
    [
        [("x-model", "alpha"), ("x-model", "alpha")],
        [("x-model", "alpha"), ("x_model", "beta")],
        [("x_model", "beta"), ("x-model", "alpha")],
        [("X_Model", "alpha")],
    ],
    ids=str,
)
@pytest.mark.parametrize("body", [b'{"model": "alpha"}', b'{"x": "' + b"y" * 3_000 + b'"}'], ids=["small", "large"])
def test_a_header_that_may_be_read_differently(routed, alpha, headers, body):
    answer = routed.send(body, [*headers, ("apikey", routed.key_of("web"))])
    assert answer.status_code == 400
    assert refusal(answer, "ambiguous_model")["message"] == (
        "The header x-model must come once, and in this spelling alone"
    )
    assert not alpha.calls


def test_header_and_body_must_agree(routed, alpha):
    answer = routed.send(b'{"model": "alpha"}', {"x-model": "beta", "apikey": routed.key_of("web")})
    assert answer.status_code == 400
    assert refusal(answer, "ambiguous_model")["message"] == "The body and the header x-model name different models"
    assert routed.send(b'{"model": "alpha"}', {"x-model": "alpha"}).status_code == 200


def test_a_name_that_cannot_be_replaced(routed, alpha):
    large = json.dumps({"model": "gpt-x", "x": "y" * 3_000}).encode()
    answer = routed.send(large, {"x-model": "gpt-x", "apikey": routed.key_of("web")})
    assert answer.status_code == 413
    assert refusal(answer, "request_too_large")["message"] == (
        "The model server knows another name, so the body must name the model at /model, too: "
        "send JSON of at most 2000 bytes with a Content-Length"
    )
    for body, content_type in ((b'{"x": 1}', "application/json"), (b"1,2", "text/csv")):
        headers = {"x-model": "gpt-x", "content-type": content_type, "apikey": routed.key_of("web")}
        assert routed.send(body, headers).status_code == 413
    assert not alpha.calls


def test_counts_tell_who_answered_and_why_not(routed, gateway):
    routed.ask({"model": "alpha"})
    routed.ask({"model": "evil-label"}, apikey=routed.key_of("web"))
    text = httpx.get(f"{gateway[0]}/metrics").text
    assert 'kong_inference_edge_routed_total{name="alpha",model="alpha",outcome="version"}' in text
    assert 'kong_inference_edge_refused_total{reason="unknown"}' in text
    assert "evil-label" not in text
