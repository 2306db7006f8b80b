"""One path for many models: the body's name decides, nobody gets past it, and every refusal says why."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.gateway.model_server import ModelServer, model_server
from tests.gateway.routed_models import ENTRY, MODELS, RoutedModels

LIMIT = 2_000
NAMES = ["alpha", "beta", "gpt-x", "org/model:7b"]


@pytest.fixture(scope="module")
def alpha() -> Iterator[ModelServer]:
    with model_server("alpha") as server:
        yield server


@pytest.fixture(scope="module")
def beta() -> Iterator[ModelServer]:
    with model_server("beta") as server:
        yield server


@pytest.fixture(scope="module")
def routed(gateway, tmp_path_factory, alpha: ModelServer, beta: ModelServer) -> Iterator[RoutedModels]:
    """alpha is open, beta and gamma ask for a key, and gamma's only caller is batch."""
    admin, proxy, settle = gateway
    keyed = {"mode": "key-auth"}
    made = RoutedModels(
        admin,
        proxy,
        tmp_path_factory.mktemp("routed"),
        settle,
        {
            "alpha": {"endpoint": alpha.url},
            "beta": {"endpoint": beta.url, "access": keyed},
            "gamma": {"endpoint": beta.url.replace("127.0.0.1", "localhost"), "access": keyed},
        },
        {"web": ["beta"], "batch": ["beta", "gamma"]},
        max_body_bytes=LIMIT,
        model_header="x-model",
        models=[
            {"name": "alpha", "versions": [{"model": "alpha"}]},
            {"name": "beta", "versions": [{"model": "beta"}]},
            {"name": "gamma", "versions": [{"model": "gamma"}]},
            {"name": "gpt-x", "versions": [{"model": "alpha", "served_name": "llama-3"}]},
            {"name": "org/model:7b", "versions": [{"model": "alpha"}]},
        ],
    )
    yield made
    made.close()


@pytest.fixture(autouse=True)
def forgotten(alpha: ModelServer, beta: ModelServer) -> None:
    alpha.calls.clear()
    beta.calls.clear()


def refusal(answer: httpx.Response, code: str) -> dict[str, Any]:
    """The error of an answer that is OpenAI's in form."""
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    error = answer.json()["error"]
    assert set(error) - {"models"} == {"message", "type", "param", "code"}
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", "model", code)
    return error


def asked(routed: RoutedModels, body: bytes, headers: Any = (), *, path: str = ENTRY) -> tuple[int, bytes]:
    """What http.client gets, which sends a path as it is written."""
    connection = http.client.HTTPConnection(urlsplit(str(routed.client.base_url)).netloc, timeout=60)
    connection.putrequest("POST", path)
    for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers]:
        connection.putheader(name, value)
    connection.endheaders(body)
    reply = connection.getresponse()
    answer = reply.status, reply.read()
    connection.close()
    return answer


def test_the_body_decides_who_answers(routed, alpha, beta):
    for name, server in (("alpha", alpha), ("beta", beta)):
        body = json.dumps({"model": name, "x": 1}).encode()
        answer = routed.send(body, {"apikey": routed.key_of("web")})
        assert (answer.status_code, answer.json()["answer"]) == (200, server.answer_to(body))
    assert [call[":line"] for call in alpha.calls + beta.calls] == ["POST /invocations HTTP/1.1"] * 2


def test_the_models_own_path_stays(routed, alpha):
    body = b'{"model": "anything"}'
    assert routed.send(body, path="/alpha/predict").json()["answer"] == alpha.answer_to(body)


def test_an_alias_reaches_the_model_under_the_name_that_it_knows(routed, alpha):
    body = b'{ "z" : [1.0, "gpt-x"], "model" : "gpt-x" , "a": {"model": "gpt-x"} }'
    expected = b'{ "z" : [1.0, "gpt-x"], "model" : "llama-3" , "a": {"model": "gpt-x"} }'
    answer = routed.send(body)
    assert (answer.status_code, answer.json()["answer"]) == (200, alpha.answer_to(expected))
    assert alpha.calls[0]["content-length"] == str(len(expected))


def test_an_alias_has_the_cache_of_its_model(routed, alpha):
    question = {"model": "gpt-x", "q": "cached"}
    assert [routed.ask(question).headers["cache-status"].split(";")[1] for _ in range(2)] == [" fwd=miss", " hit"]
    assert len(alpha.calls) == 1
    assert "; hit" not in routed.ask({"model": "llama-3", "q": "cached"}, path="/alpha/predict").headers["cache-status"]


@pytest.mark.parametrize("value", ['"org\\/model:7b"', '"org/model:7b"', '"\\u006frg/model:7b"'])
def test_any_spelling_of_the_value_means_the_same(routed, alpha, value):
    body = f'{{"model": {value}}}'.encode()
    assert routed.send(body).json()["answer"] == alpha.answer_to(body)


def test_streams_are_routed_and_not_cached(routed, alpha):
    for _ in range(2):
        answer = routed.ask({"model": "alpha", "stream": True})
        assert (answer.status_code, answer.headers["cache-status"]) == (
            200,
            "inference-edge; fwd=bypass; detail=stream",
        )
    assert len(alpha.calls) == 2


@pytest.mark.parametrize("spelling", ["Xpredictionmodel", "xpredictionmodel", "XPREDICTIONMODEL", "XpredictionModel"])
def test_a_forged_routing_header_changes_nothing(routed, alpha, beta, spelling):
    body = b'{"model": "alpha", "forged": true}'
    for forged in ([(spelling, "beta")], [(spelling, "beta"), (spelling, "gamma")]):
        answer = routed.send(body, forged)
        assert (answer.status_code, answer.json()["answer"]) == (200, alpha.answer_to(body))
        for nothing in (b'{"model": "nobody"}', b"{", b""):
            assert routed.send(nothing, [*forged, ("apikey", routed.key_of("web"))]).status_code in (400, 404)
            assert routed.send(nothing, forged).status_code == 401
        assert routed.client.get(ENTRY, headers=[*forged, ("apikey", routed.key_of("web"))]).status_code == 405
    assert not beta.calls


@pytest.mark.parametrize("name", ["X_predictionmodel", "X-Predictionmodel", "X-Prediction-Model"])
def test_names_that_are_only_alike_are_nothing(routed, alpha, beta, name):
    body = json.dumps({"model": "alpha", "q": name}).encode()
    assert routed.send(body, {name: "beta"}).json()["answer"] == alpha.answer_to(body)
    assert not beta.calls


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat//completions",
        "/v1/./chat/completions",
        "/v1/x/../chat/completions",
        "/v1/%63hat/completions",
        "//v1/chat/completions",
        "/v1/chat/completions?model=beta",
    ],
)
def test_an_odd_spelling_of_the_path_is_looked_into_like_the_usual_one(routed, alpha, beta, path):
    forged = [("Xpredictionmodel", "beta"), ("apikey", routed.key_of("web"))]
    status, _ = asked(routed, b'{"model": "nobody"}', forged, path=path)
    assert status in (400, 404)
    body = json.dumps({"model": "alpha", "q": path}).encode()
    status, answer = asked(routed, body, forged, path=path)
    assert status == 400 or json.loads(answer)["answer"] == alpha.answer_to(body)
    assert not beta.calls


@pytest.mark.parametrize(
    "path",
    [f"{ENTRY}/", f"{ENTRY}x", f"/x{ENTRY}", ENTRY.upper(), f"{ENTRY}%2F", f"{ENTRY}%0A", f"{ENTRY}#x", f"{ENTRY};x"],
)
def test_another_path_leads_nowhere(routed, alpha, beta, path):
    forged = [("Xpredictionmodel", "beta"), ("apikey", routed.key_of("web"))]
    assert asked(routed, b'{"model": "alpha"}', forged, path=path)[0] in (400, 404, 503)
    assert not alpha.calls and not beta.calls


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


def test_a_model_that_the_caller_may_not_use(routed, beta):
    answer = routed.ask({"model": "gamma"}, apikey=routed.key_of("web"))
    assert (answer.status_code, answer.json()["message"]) == (403, "You cannot consume this service")
    assert routed.ask({"model": "gamma"}, apikey=routed.key_of("batch")).status_code == 200
    assert len(beta.calls) == 1


@pytest.mark.parametrize("headers", [{}, {"apikey": "wrong"}, {"authorization": "Bearer wrong"}], ids=str)
@pytest.mark.parametrize("document", [{"model": "beta"}, {"model": "nobody"}, {}], ids=str)
def test_nobody_is_told_anything_without_a_key(routed, beta, headers, document):
    answer = routed.ask(document, **headers)
    assert answer.status_code == 401
    assert "alpha" not in answer.text and not beta.calls


def test_the_list_has_what_the_caller_may_use(routed):
    assert routed.names_told(apikey=routed.key_of("web")) == NAMES
    assert routed.names_told(apikey=routed.key_of("batch")) == [*NAMES[:2], "gamma", *NAMES[2:]]
    assert routed.client.get(MODELS).status_code == 401
    answer = routed.client.get(MODELS, headers={"apikey": routed.key_of("web")})
    assert answer.json()["object"] == "list"
    assert answer.json()["data"][0] == {
        "id": "alpha",
        "object": "model",
        "created": 0,
        "owned_by": "inference-edge",
    }
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")


def test_a_client_of_openai_sends_its_key_as_a_token(routed, alpha, beta):
    token = {"authorization": f"Bearer {routed.key_of('web')}"}
    assert routed.names_told(**token) == NAMES
    body = b'{"model": "beta", "q": "token"}'
    for name in ("authorization", "apikey"):
        value = token["authorization"] if name == "authorization" else routed.key_of("web")
        assert routed.send(body, {name: value}).json()["answer"] == beta.answer_to(body)
    assert len(beta.calls) == 1, "both spellings of one key have one cache"
    assert not {"authorization", "apikey"} & set(beta.calls[0])
    assert routed.ask({"model": "gamma"}, **token).status_code == 403
    assert refusal(routed.ask({"model": "nobody"}, **token), "model_not_found")["models"] == NAMES


def test_a_token_is_the_models_own_where_no_key_is_asked_for(routed, alpha):
    body = b'{"model": "alpha", "q": "token"}'
    answer = routed.send(body, {"authorization": "Bearer mine"})
    assert answer.json()["answer"] == alpha.answer_to(body, "Bearer mine")


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


def test_a_header_names_the_model_of_what_is_not_looked_into(routed, alpha):
    large = json.dumps({"model": "alpha", "x": "y" * 3_000}).encode()
    for body, headers in (
        (large, {"x-model": "alpha"}),
        (b"1,2", {"X-Model": "alpha", "content-type": "text/csv"}),
        (gzip.compress(large), {"x-model": "alpha", "content-encoding": "gzip"}),
        (b'{"x": 1}', {"x-model": "alpha"}),
    ):
        answer = routed.send(body, headers)
        assert (answer.status_code, answer.json()["answer"]) == (200, alpha.answer_to(body))
    answer = routed.send(large, {"x-model": "nobody", "apikey": routed.key_of("web")})
    refusal(answer, "model_not_found")


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
        "The model server knows another name: send at most 2000 bytes with a Content-Length"
    )
    assert not alpha.calls


@pytest.mark.parametrize("count", [85, 95, 120])
def test_a_flood_of_headers_hides_nothing(routed, alpha, beta, count):
    flood = [(f"x-flood-{i}", "1") for i in range(count)]
    for place in (0, count):
        headers = [*flood[:place], ("Xpredictionmodel", "beta"), ("apikey", routed.key_of("web")), *flood[place:]]
        answer = routed.send(b'{"model": "nobody"}', headers)
        assert answer.status_code in (400, 401, 404, 431, 494)  # key-auth may not see its header, too
        body = b'{"model": "alpha", "flood": %d}' % count
        answer = routed.send(body, headers)
        assert answer.status_code in (400, 401, 431, 494) or answer.json()["answer"] == alpha.answer_to(body)
    assert not beta.calls


def test_counts_tell_who_answered_and_why_not(routed, gateway):
    routed.ask({"model": "alpha"})
    routed.ask({"model": "evil-label"}, apikey=routed.key_of("web"))
    text = httpx.get(f"{gateway[0]}/metrics").text
    assert 'kong_inference_edge_routed_total{name="alpha",model="alpha",outcome="version"}' in text
    assert 'kong_inference_edge_refused_total{reason="unknown"}' in text
    assert "evil-label" not in text
