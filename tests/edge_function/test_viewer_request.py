"""What the viewer-request Function lets through to the cache, and what it answers itself."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from components.edge import limits
from components.edge.cloudfront.function import FunctionRoute, render
from components.prediction_key import KEY_HEADERS
from tests.edge_function.viewer import Request, Viewer

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER_TOKEN = "fedcba9876543210fedcba9876543210"
INPUT = base64.urlsafe_b64encode(b'{"instances":[[1,2,3]]}').rstrip(b"=").decode()
GOOD = f"input={INPUT}"


@pytest.fixture(scope="module")
def viewer() -> Viewer:
    """Two shareable models, one of them with key headers, and one that is not shareable."""
    routes = {
        "/digits/predict": FunctionRoute(TOKEN),
        "/words/predict": FunctionRoute(OTHER_TOKEN, ("accept", "x-tenant")),
        "/open/predict": FunctionRoute(""),
    }
    return Viewer(render(routes, None))


def encoded(size: int) -> str:
    return base64.urlsafe_b64encode(b"a" * size).rstrip(b"=").decode()


def test_a_question_goes_on_with_the_version_of_its_model(viewer: Viewer) -> None:
    passed = viewer.passed(Request(query=GOOD))
    assert (passed.method, passed.uri, dict(passed.query)) == ("GET", "/digits/predict", {"input": INPUT})
    assert passed.headers["x-model-version"] == TOKEN
    assert viewer.passed(Request(uri="/words/predict", query=GOOD)).headers["x-model-version"] == OTHER_TOKEN


@pytest.mark.parametrize(
    "uri",
    [
        "/",
        "/unknown",
        "/digits",
        "/digits/predict/",
        "/digits/predict%2F",
        "/digits%2Fpredict",
        "/%64igits/predict",
        "//digits/predict",
        "/x/../digits/predict",
        "/./digits/predict",
        "/DIGITS/predict",
        "/digits/predict;a",
        "/__proto__",
        "__proto__",
        "constructor",
        "*",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_only_the_exact_path_of_a_route_is_known(viewer: Viewer, uri: str, method: str) -> None:
    assert viewer.answer(Request(method, uri, GOOD)).status == 404


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "get", "Post", "TRACE", ""])
def test_a_shareable_model_takes_get_and_post_alone(viewer: Viewer, method: str) -> None:
    answer = viewer.answer(Request(method, query=GOOD))
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_a_model_that_is_not_shareable_takes_post_alone(viewer: Viewer, method: str) -> None:
    answer = viewer.answer(Request(method, "/open/predict", GOOD))
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "query",
    {
        "none": "",
        "another": "data=e30",
        "empty": "input=",
        "twice": f"{GOOD}&{GOOD}",
        "twice, different": f"{GOOD}&input=e30",
        "another case": f"Input={INPUT}",
        "padded": "input=e30%3D",
        "standard alphabet": "input=%2B%2F",
        "a space": "input=e30%20",
        "a line end": "input=e30%0A",
        "not ASCII": "input=%C3%A9aaa",
        "one character too many": "input=e30aa",
        "bits left over after one byte": "input=eR",
        "bits left over after two bytes": "input=e3B",
        "JSON as it is": "input=%7B%7D",
    }.items(),
    ids=lambda item: item[0],
)
def test_wrong_input_is_refused(viewer: Viewer, query: tuple[str, str]) -> None:
    assert viewer.answer(Request(query=query[1])).status == 400


@pytest.mark.parametrize("length", range(1, 10))
def test_every_canonical_input_passes_and_no_other_spelling_of_it(viewer: Viewer, length: int) -> None:
    text = encoded(length)
    assert viewer.passed(Request(query=f"input={text}")).query["input"] == text
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for last in alphabet:
        other = text[:-1] + last
        canonical = base64.urlsafe_b64encode(base64.urlsafe_b64decode(other + "==")).rstrip(b"=").decode() == other
        status = getattr(viewer.send(Request(query=f"input={other}")), "status", 200)
        assert status == (200 if canonical else 400), other


def test_the_longest_input_passes_and_the_next_is_too_long(viewer: Viewer) -> None:
    longest = encoded(limits.MAX_INPUT_BYTES)
    assert len(longest) == limits.MAX_INPUT_CHARACTERS
    assert viewer.passed(Request(query=f"input={longest}")).query["input"] == longest
    assert viewer.answer(Request(query=f"input={encoded(limits.MAX_INPUT_BYTES + 1)}")).status == 414
    assert viewer.answer(Request(query="input=" + "*" * 9_000)).status == 414


def test_other_parameters_are_dropped_and_those_of_a_signed_url_are_kept(viewer: Viewer) -> None:
    signing = {"Expires": "1", "Policy": "p", "Signature": "s~", "Key-Pair-Id": "K1", "Hash-Algorithm": "SHA256"}
    query = "&".join(["bust=1", GOOD, *(f"{name}={value}" for name, value in signing.items()), "expires=2", "x"])
    assert dict(viewer.passed(Request(query=query)).query) == {"input": INPUT, **signing}


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
@pytest.mark.parametrize("uri", ["/digits/predict", "/open/predict"])
def test_other_requests_go_on_as_they_came(viewer: Viewer, method: str, uri: str) -> None:
    headers = {
        "accept": "text/csv",
        "apikey": "k",
        "authorization": "Bearer a",
        "content-type": "application/json",
        "origin": "https://app.test",
        "prefer": "wait",
        "x-amzn-sagemaker-target-model": "m",
        "x-several": ("a", "b"),
    }
    request = Request(method, uri, "a=1&a=2&input=%%%", headers, {"session": "s"})
    assert viewer.passed(request).fields == request.event()["request"]


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("uri", ["/digits/predict", "/open/predict"])
@pytest.mark.parametrize("sent", ["poison", ("poison", "more"), TOKEN])
def test_a_poisoned_version_or_secret_never_goes_on(viewer: Viewer, method: str, uri: str, sent: Any) -> None:
    poisoned = {"X-Model-Version": sent, "X-Origin-Verify": sent}
    if (method, uri) == ("GET", "/open/predict"):
        assert viewer.answer(Request(method, uri, GOOD, poisoned)).status == 405
        return
    fields = viewer.passed(Request(method, uri, GOOD, poisoned)).fields["headers"]
    assert "x-origin-verify" not in fields
    assert fields.get("x-model-version") == ({"value": TOKEN} if method == "GET" else None)


@pytest.mark.parametrize(
    "name",
    [
        *("apikey", "Authorization", "Proxy-Authorization", "x-api-key", "x-auth-token", "x_api_key"),
        *("cookie", "origin", "referer", "range", "if-range", "if-match", "pragma", "cache-control"),
        *("content-type", "content-encoding", "accept-language", "x-http-method-override", "x-user-id", "x-tenant"),
    ],
)
def test_a_shared_question_carries_nothing_of_its_caller(viewer: Viewer, name: str) -> None:
    passed = viewer.passed(Request(query=GOOD, headers={name: "something"}, cookies={"session": "s"}))
    assert name.lower() not in passed.headers
    assert passed.fields["cookies"] == {}


def test_what_changes_no_answer_goes_on(viewer: Viewer) -> None:
    harmless = {
        "accept-encoding": "gzip",
        "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT",
        "if-none-match": '"a"',
        "traceparent": "00-1",
        "user-agent": "test",
        "x-request-id": "1",
    }
    passed = viewer.passed(Request(query=GOOD, headers=harmless))
    expected = {"accept": "application/json", "host": "edge.test", "x-model-version": TOKEN, **harmless}
    assert dict(passed.headers) == expected


def test_read_only_headers_stay(viewer: Viewer) -> None:
    fixed = {"content-length": "0", "transfer-encoding": "chunked", "via": "2.0 test"}
    passed = viewer.passed(Request(query=GOOD, headers=fixed))
    assert fixed.items() <= passed.headers.items()


@pytest.mark.parametrize(
    "name", [*sorted(set(KEY_HEADERS) - {"host", "content-type", "accept"}), "x-amzn-sagemaker-new"]
)
def test_a_header_that_changes_the_answer_is_refused(viewer: Viewer, name: str) -> None:
    answer = viewer.answer(Request(query=GOOD, headers={name.upper(): "1"}))
    assert answer.status == 400
    assert name in answer.message


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "APPLICATION/JSON; charset=utf-8",
        "application/*",
        "text/csv, */*;q=0.1",
        ("text/csv", "application/json"),
    ],
)
def test_whoever_takes_json_is_asked_for_json(viewer: Viewer, accept: Any) -> None:
    fields = viewer.passed(Request(query=GOOD, headers={"accept": accept})).fields["headers"]
    assert fields["accept"] == {"value": "application/json"}


@pytest.mark.parametrize("accept", ["text/csv", "application/jsonl", "xapplication/json", "*/*;q=0", "", "text/*"])
def test_whoever_takes_no_json_is_refused(viewer: Viewer, accept: str) -> None:
    assert viewer.answer(Request(query=GOOD, headers={"Accept": accept})).status == 400


def test_headers_of_the_key_go_on_as_they_came(viewer: Viewer) -> None:
    keyed = {"accept": "text/csv", "X-Tenant": "a"}
    passed = viewer.passed(Request(uri="/words/predict", query=GOOD, headers=keyed))
    assert (passed.headers["accept"], passed.headers["x-tenant"]) == ("text/csv", "a")


def test_a_header_of_the_key_that_comes_twice_is_refused(viewer: Viewer) -> None:
    request = Request(uri="/words/predict", query=GOOD, headers={"x-tenant": ("a", "b")})
    assert viewer.answer(request).status == 400


@pytest.mark.parametrize(
    "request_",
    [Request(uri="/x"), Request("PUT"), Request(), Request(query=GOOD, headers={"prefer": "a"})],
    ids=["404", "405", "400", "400 header"],
)
def test_no_answer_of_the_function_is_kept(viewer: Viewer, request_: Request) -> None:
    headers = viewer.answer(request_).headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "application/json"


def test_no_input_is_repeated_in_an_answer(viewer: Viewer) -> None:
    secret = "c2VjcmV0IGlucHV0!"
    assert "c2Vj" not in json.dumps(viewer.answer(Request(query=f"input={secret}")).__dict__)
