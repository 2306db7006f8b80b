"""Which model a request names, and when none: on any document, as strict parsers read it."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import Any

import pytest

from components.router.render import RoutedName, Version, routing_value
from tests.prediction_key.documents import Number, generate, meaning, mutate, render
from tests.router_lua.entry import MODELS, PATH, SECRET, SETTINGS, Entry


@pytest.fixture(scope="module")
def entry() -> Entry:
    return Entry()


def pointed(pointer: str) -> Entry:
    return Entry(dataclasses.replace(SETTINGS, model_pointer=pointer))


def test_the_member_of_that_name_decides_in_20_000_documents(entry):
    rng = random.Random(8)
    for _ in range(20_000):
        document = generate(rng)
        if isinstance(document, list):
            document = {"x": document}
        wanted = rng.choice(["a", "b", None, Number("1"), ["a"], {"model": "a"}, ""])
        body = render({**document, "model": wanted} if rng.random() < 0.9 else document, rng)
        expected = dict(json.loads(body)).get("model", KeyError)
        found = entry.ask(body.encode())
        if expected is KeyError:
            assert found.refused == "missing", body
        elif not isinstance(expected, str):
            assert found.refused == "not-a-string", body
        elif expected == "":
            assert (found.refused, found.detail) == ("unknown", ""), body
        else:
            assert found.model == {"a": "alpha", "b": "beta"}[expected], body


def test_a_served_name_changes_the_value_and_nothing_else(entry):
    rng = random.Random(9)
    for _ in range(5_000):
        document: Any = generate(rng)
        body = render({"x": document, "model": "b", "y": "b"}, rng)
        found = entry.ask(body.encode())
        left = found.body.decode()
        assert len(left) == len(body) + len("served") - 1
        changed = json.loads(left)
        assert changed.pop("model") == "served"
        assert changed == {name: item for name, item in json.loads(body).items() if name != "model"}
        at = next(i for i in range(len(body)) if body[i] != left[i])
        assert body == left[:at] + "b" + left[at + len("served") :]


def test_a_mutated_document_names_what_strict_parsers_read_or_nothing(entry):
    rng = random.Random(10)
    routed = 0
    for _ in range(30_000):
        body = mutate(render({"model": "a", "x": generate(rng)}, rng), rng)
        found = entry.ask(body.encode())
        assert found.refused != "error", body
        if found.model is None:
            continue
        routed += 1
        members = dict(meaning(body)[1])
        assert members["model"][1] in ("a", "b"), body
        assert found.model == {"a": "alpha", "b": "beta"}[members["model"][1]], body
    assert routed > 3_000


@pytest.mark.parametrize(
    ("pointer", "body", "model"),
    [
        ("/model", '{"x": {"model": "b"}, "model": "a"}', "alpha"),
        ("/model", '{"x": [{"model": "b"}], "y": "\\"model\\":\\"b\\"", "model": "a"}', "alpha"),
        ("/x/model", '{"model": "b", "x": {"y": "}", "model": "a"}}', "alpha"),
        ("/x/1", '{"x": [["b", "]"], "a", "b"]}', "alpha"),
        ("/0", '["a"]', "alpha"),
        ("/0", '{"0": "a"}', "alpha"),
        ("/a~1b/c~0d/~01", '{"a/b": {"c~d": {"~1": "a"}}}', "alpha"),
        ("/modèle", '{"modèle": "a"}', "alpha"),
        ("/x/01", '{"x": ["b", "a"]}', None),
        ("/x/-", '{"x": ["b", "a"]}', None),
        ("/x/2", '{"x": ["b", "a"]}', None),
        ("/x/0", '{"x": []}', None),
        ("/x/99999999999999999999", '{"x": ["b", "a"]}', None),
        ("/x/y", '{"x": {}}', None),
        ("/x/y", '{"x": "a"}', None),
        ("/x/y", '{"x": 5}', None),
    ],
)
def test_a_json_pointer(pointer, body, model):
    found = pointed(pointer).ask(body.encode())
    assert (found.model, found.refused) == (model, None if model else "missing")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not-a-container"),
        (b"null", "not-a-container"),
        (b'"a"', "not-a-container"),
        (b'{"model":"a"', "separator"),
        (b'{"model":"a"}}', "trailing"),
        (b'{"model":"a"} {}', "trailing"),
        (b'\xef\xbb\xbf{"model":"a"}', "not-a-container"),
        (b'{"model":"b","model":"a"}', "duplicate-name"),
        (b'{"model":"a","mod\\u0065l":"b"}', "escaped-name"),
        (b'{"mod\\u0065l":"a"}', "escaped-name"),
        (b'{"x":{"y":1,"y":2},"model":"a"}', "duplicate-name"),
        (b"{'model':'a'}", "name"),
        (b'{"model":"a",}', "name"),
        (b'{"model":"\x00"}', "string"),
        (b'{"model":"\\ud83"}', "escape"),
        ('{"model":"a"}'.encode("utf-16"), "not-a-container"),
        (b"[" * 65 + b'"a"' + b"]" * 65, "depth"),
    ],
)
def test_a_document_that_parsers_may_read_differently(entry, body, reason):
    found = entry.ask(body)
    assert (found.model, found.refused, found.detail) == (None, "json", reason)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("org\\/gpt:1", "org/gpt:1"),
        ("\\u006frg/gpt:1", "org/gpt:1"),
        ("org\\u002Fgpt:1", "org/gpt:1"),
        ("org\\\\/gpt:1", None),
        ("\\u016frg/gpt:1", None),
        ("org/gpt:1\\n", None),
        ("org/gpt:1\\u0000", None),
        ("ORG/gpt:1", None),
        (" org/gpt:1", None),
    ],
)
def test_an_escaped_value_means_what_every_parser_makes_of_it(value, name):
    settings = dataclasses.replace(SETTINGS, names=(RoutedName("org/gpt:1", (Version("alpha"),)),))
    assert (Entry(settings).ask(f'{{"model":"{value}"}}'.encode()).model == "alpha") == (name is not None)


@pytest.mark.parametrize(
    ("pointer", "body"),
    [
        ("/model", '{"model":"a","Model":"b"}'),
        ("/model", '{"MODEL":"b","model":"a"}'),
        ("/model", '{"x":[1,{"model":"b"}],"model":"a","y":{"z":"}"},"mOdEl":null}'),
        ("/model", '{"Model":"a"}'),
        ("/Model", '{"model":"b","Model":"a"}'),
        ("/mask", '{"mask":"a","maſk":"b"}'),
        ("/mask", '{"mask":"a","mas\u212a":"b"}'),
        ("/mask", '{"MAſ\u212a":"a"}'),
        ("/id", '{"id":"a","\u0131d":"b"}'),
        ("/id", '{"id":"a","\u0130D":"b"}'),
        ("/maſk", '{"maſk":"a","mask":"b"}'),
        ("/modèle", '{"modèle":"a","modÈle":"b"}'),
        ("/x/model", '{"x":{"model":"a"},"X":{"model":"b"}}'),
        ("/x/model", '{"x":{"model":"a","Model":"b"}}'),
        ("/0/model", '[{"model":"a","Model":"b"}]'),
    ],
)
def test_names_that_differ_in_case_alone_are_refused(pointer, body):
    """Some parsers (encoding/json of Go) take names without case, and of two the later one."""
    found = pointed(pointer).ask(body.encode())
    assert (found.model, found.refused, found.detail) == (None, "json", "name-case")


@pytest.mark.parametrize(
    "body",
    [
        '{"model":"a","models":"b","mode":"b","modelſ":"b","modé":"b","":"b","mod\u212bl":"b"}',
        '{"x":{"Model":"b"},"model":"a","y":[{"MODEL":"b"}],"z":"Model"}',
    ],
)
def test_other_names_and_other_places_may_be_in_any_case(entry, body):
    assert entry.ask(body.encode()).model == "alpha"


def test_streams_are_routed_like_everything_else(entry):
    for body in (b'{"model":"a","stream":true}', b'{"stream":1,"model":"a"}', b'{"model":"a","temperature":1}'):
        assert entry.ask(body).model == "alpha"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"method": "GET"}, "method"),
        ({"method": "PUT"}, "method"),
        ({"length": None}, "length"),
        ({"length": 65_537}, "size"),
        ({"headers": [("content-type", "text/plain")]}, "content-type"),
        ({"headers": [("content-type", "application/jsonl")]}, "content-type"),
        ({"headers": [("content-type", "application/json; charset=utf-7")]}, "content-type"),
        ({"headers": [("content-type", "application/json; Charset='utf-16'")]}, "content-type"),
        ({"headers": [("content-type", "application/json; charset*=utf-16")]}, "content-type"),
        ({"headers": [("content-type", "application/json; charset=utf-8; charset=utf-7")]}, "content-type"),
        ({"headers": [("content-type", "application/json"), ("content-type", "text/csv")]}, "content-type"),
        ({"headers": [("content-encoding", "gzip")]}, "content-encoding"),
        ({"headers": [("content_encoding", "gzip")]}, "content-encoding"),
        ({"headers": [(f"x-{i}", "1") for i in range(100)]}, "headers"),
    ],
)
def test_what_is_not_looked_into_is_not_read(entry, asked, reason):
    found = entry.ask(b'{"model":"a"}', **asked)
    assert (found.model, found.refused, found.was_read) == (None, reason, False)


def test_a_body_that_nginx_has_put_on_disk_is_not_looked_into(entry):
    found = entry.ask(b"", length=1_000)  # announced, read, and not in memory
    assert found.refused == "buffer"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", 'application/json ;x=y;charset="UTF-8"']
)
def test_any_spelling_of_json_is_read(entry, content_type):
    assert entry.ask(b'{"model":"a"}', [("content-type", content_type)]).model == "alpha"


def test_the_list_is_for_those_who_read(entry):
    assert entry.ask(path=MODELS, method="GET").refused is None
    assert entry.ask(path=MODELS, method="HEAD").refused is None
    refused = entry.ask(b'{"model":"a"}', path=MODELS)
    assert (refused.refused, refused.detail, refused.was_read) == ("method", "GET, HEAD", False)


@pytest.mark.parametrize("spelling", ["Xpredictionmodel", "xpredictionmodel", "XPREDICTIONMODEL"])
@pytest.mark.parametrize("path", [PATH, MODELS, "/alpha/predict", "/", PATH + "/"])
def test_a_clients_own_routing_headers_go_nowhere(entry, spelling, path):
    forged = [(spelling, "beta"), (spelling, "beta"), ("Xpredictionaffinity", "1")]
    for body in (b'{"model":"a"}', b'{"model":"x"}', b"{"):
        found = entry.ask(body, forged, path=path)
        assert found.header("Xpredictionmodel") == ([routing_value("alpha", SECRET)] if found.model else [])
        assert found.header("Xpredictionaffinity") == []


@pytest.mark.parametrize("path", ["/alpha/predict", "/", PATH + "/", PATH + "x", "/v1", PATH.upper()])
def test_other_paths_are_left_alone(entry, path):
    found = entry.ask(b'{"model":"a"}', [("authorization", "Bearer k"), ("x-model", "a")], path=path)
    assert (found.model, found.refused, found.was_read, found.body) == (None, None, False, b'{"model":"a"}')
    assert found.header("authorization") == ["Bearer k"]


def test_the_header_has_the_secret_of_the_models_route(entry):
    [sent] = entry.ask(b'{"model":"a"}', [("Xpredictionmodel", "beta")]).header("Xpredictionmodel")
    assert sent == routing_value("alpha", SECRET)
    assert sent not in str(entry.counted)


def test_an_error_refuses_and_nothing_more(entry):
    found = entry.ask(b'{"model":"a"}', [("Xpredictionmodel", "beta")], fails=True)
    assert (found.model, found.refused, found.header("Xpredictionmodel")) == (None, "error", [])
    assert found.logged and "a path that fails" in found.logged


def test_counts_have_the_names_of_models_alone(entry):
    entry.ask(b'{"model":"a"}')
    assert entry.counted == "inference_edge_routed_total{a,alpha,version}"
    entry.ask(b'{"model":"b"}')
    entry.ask(b'{"model":"evil"}')
    assert entry.counted == "inference_edge_routed_total{b,beta,version}"


def test_without_kongs_modules_requests_are_routed_all_the_same():
    entry = Entry(allows_modules=False)
    assert entry.ask(b'{"model":"a"}').model == "alpha"
    assert entry.counted is None
