"""The deployed Lua against Python: no document makes a wrong key, equal documents make the same one."""

import dataclasses
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.prediction_key import KEY_HEADERS, NotCacheable, canonical, prediction_key
from tests.prediction_key.deployed_key import ENDPOINT, HEADERS, REQUEST_LINE, SECRET, SETTINGS, DeployedKey
from tests.prediction_key.documents import containers, generate, meaning, mutate, render

LLM = dataclasses.replace(SETTINGS, profile="llm")
EXCLUDING = dataclasses.replace(SETTINGS, exclude_fields=("id", "ab"))


@pytest.fixture(scope="module")
def deployed() -> DeployedKey:
    return DeployedKey()


def twin(body: bytes, headers: dict[str, str] = HEADERS, of=SETTINGS) -> str:
    return prediction_key(of, SECRET, endpoint=ENDPOINT, request_line=REQUEST_LINE, headers=headers, body=body)


def test_20_000_rerendered_documents_share_a_key_exactly_when_they_are_equal(deployed):
    rng = random.Random(20_260_000)
    meaning_of_key: dict[str, object] = {}
    key_of_meaning: dict[object, str] = {}
    for _ in range(10_000):
        document = generate(rng)
        for _ in range(2):
            text = render(document, rng)
            key = deployed.ask(text.encode()).key
            assert key, text
            assert meaning_of_key.setdefault(key, meaning(text)) == meaning(text), f"wrong merge: {text}"
            if "\\" not in text:  # an escape and its character are one text, but deliberately two keys
                assert key_of_meaning.setdefault(meaning(text), key) == key, f"lost hit: {text}"
    assert len(meaning_of_key) > 5_000


def test_60_000_mutated_documents_are_never_falsely_accepted(deployed):
    rng = random.Random(60_000)
    accepted = refused = 0
    meaning_of_key: dict[str, object] = {}
    for _ in range(60_000):
        text = mutate(render(generate(rng), rng), rng)
        answer = deployed.ask(text.encode())
        try:
            strict = meaning(text)
        except ValueError:
            strict = None
        if answer.key is None:
            refused += 1
            assert answer.bypass != "error", text
            continue
        accepted += 1
        assert strict is not None, f"false accept: {text!r}"
        assert meaning_of_key.setdefault(answer.key, strict) == strict, f"wrong merge: {text!r}"
    assert accepted > 3_000
    assert refused > 20_000


def test_the_twin_agrees_on_mutated_documents(deployed):
    rng = random.Random(7)
    for _ in range(5_000):
        body = mutate(render(generate(rng), rng), rng).encode()
        try:
            expected = twin(body)
        except NotCacheable:
            expected = None
        assert deployed.ask(body).key == expected, body


@given(document=containers, seed=st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_lua_and_python_make_the_same_key_of_any_rendering(deployed, document, seed):
    rng = random.Random(seed)
    first, second = render(document, rng).encode(), render(document, rng).encode()
    assert deployed.ask(first).key == twin(first) == twin(second) == deployed.ask(second).key


@given(one=containers, other=containers, seed=st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_two_documents_share_a_key_only_if_they_are_equal(deployed, one, other, seed):
    rng = random.Random(seed)
    first, second = render(one, rng), render(other, rng)
    same = deployed.ask(first.encode()).key == deployed.ask(second.encode()).key
    assert same == (meaning(first) == meaning(second))


@given(headers=st.dictionaries(st.sampled_from(KEY_HEADERS), st.text("abc:;=,1 ", max_size=8), max_size=6))
@settings(max_examples=200, deadline=None)
def test_lua_and_python_make_the_same_key_of_any_headers(deployed, headers):
    headers = {**headers, "content-type": "application/json; charset=utf-8"}
    assert deployed.ask(b"{}", headers).key == twin(b"{}", headers)


def test_values_cannot_pass_for_neighbouring_ones(deployed):
    split = {**HEADERS, "accept": "a", "prefer": "b"}
    joined = {**HEADERS, "accept": "a10:1:b"}
    assert deployed.ask(b"{}", split).key != deployed.ask(b"{}", joined).key
    assert deployed.ask(b"{}", {**HEADERS, "accept": ""}).key != deployed.ask(b"{}").key


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"version": "2"},
        {"generation": 2},
        {"ttl_seconds": 60},
        {"profile": "embeddings"},
        {"exclude_fields": ("id",)},
        {"headers": (*KEY_HEADERS, "x-tenant")},
        {"content_types": ("application/json", "text/plain")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_what_may_be_served_changes_the_key(deployed, change):
    assert DeployedKey(dataclasses.replace(SETTINGS, **change)).ask(b'{"a":1}').key != deployed.ask(b'{"a":1}').key


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a":1,"a":2}', "duplicate-name"),
        (b'{"a":1,"\\u0061":2}', "escaped-name"),
        (b'{"a":01}', "separator"),
        (b"[1,]", "value"),
        (b'{"a":1}x', "trailing"),
        (b"1", "not-a-container"),
        (b'"text"', "not-a-container"),
        (b"[" * 65 + b"]" * 65, "depth"),
        (b'["\x01"]', "string"),
        (b'["\\x"]', "escape"),
        (b'["\\u12g4"]', "escape"),
        (b"[NaN]", "value"),
        (b"[1.]", "value"),
        (b"[.5]", "value"),
        (b"[-]", "value"),
        (b"[1e]", "value"),
        (b"[+1]", "value"),
        (b"[0x10]", "separator"),
        (b"[1", "separator"),
        (b'{"a"', "colon"),
        (b"{'a':1}", "name"),
        (b"\xef\xbb\xbf{}", "not-a-container"),
        (b'{"stream":true}', "stream"),
        (b'{"stream":1}', "stream"),
        (b'{"stream":"false"}', "stream"),
        (b'{"options":{"stream":true}}', "stream"),
    ],
)
def test_unusual_documents_bypass_with_a_reason(deployed, body, reason):
    assert deployed.ask(body).bypass == reason
    with pytest.raises(NotCacheable):
        canonical(SETTINGS, body)


@pytest.mark.parametrize("body", [b'{"stream":false}', b'{"stream":null}', b'{"x":{"stream":"news"}}', b"[[],{}]"])
def test_usual_documents_get_a_key(deployed, body):
    assert deployed.ask(body).key == twin(body)


@pytest.mark.parametrize("zero", ["0", "0.0", "-0", "0e5", "0.000"])
def test_llm_requests_without_sampling_get_a_key(zero):
    body = f'{{"messages":[],"temperature":{zero}}}'.encode()
    assert DeployedKey(LLM).ask(body).key == twin(body, of=LLM)


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":[]}',
        b'{"temperature":0.7}',
        b'{"temperature":1e-9}',
        b'{"temperature":"0"}',
        b'{"temperature":null}',
        b'{"temperature":0,"options":{"temperature":1}}',
        b'{"messages":[{"role":"tool","content":{"city":"Oslo","temperature":0}}]}',
        b'{"metadata":{"temperature":0}}',
        b'{"temperature":0,"parameters":{"do_sample":true}}',
    ],
)
def test_llm_requests_that_may_sample_bypass(body):
    assert DeployedKey(LLM).ask(body).bypass == "sampling"
    with pytest.raises(NotCacheable, match="sampling"):
        canonical(LLM, body)


def test_excluded_fields_are_left_out_at_the_top_only():
    key = DeployedKey(EXCLUDING)
    base = key.ask(b'{"x":[1],"deep":{"id":1}}').key
    assert base == twin(b'{"x":[1],"deep":{"id":1}}', of=EXCLUDING)
    assert key.ask(b'{"id":"7","x":[1],"deep":{"id":1},"ab":{}}').key == base
    assert key.ask(b'{"x":[1],"deep":{"id":2}}').key != base
    assert key.ask(b'{"id":1}').key == twin(b"{}", of=EXCLUDING) == key.ask(b"{}").key


def test_documents_of_ever_new_forms_are_forgotten_not_kept(deployed):
    for i in range(5_000):
        body = json.dumps({f"{i}-{j}": j for j in range(3)}).encode()
        assert deployed.ask(body).key == twin(body)
    wide = json.dumps({str(i): i for i in range(3_000)}).encode()
    assert deployed.ask(wide).key == twin(wide)
