"""Which inputs a GET may have, and which of them share an answer: equal questions always, others never."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge_attack.chain import PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_own, assert_refused, assert_shared
from tests.edge_attack.wire import encoded, json_bytes

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def of_size(size: int) -> tuple[dict[str, Any], bytes]:
    """A new question whose JSON has this many bytes."""
    asked = question(pad="")
    asked["pad"] = "x" * (size - len(json_bytes(asked)))
    body = json_bytes(asked)
    assert len(body) == size
    return asked, body


@pytest.mark.parametrize("size", [5_999, 6_000])
def test_the_largest_inputs_are_shared(chain: Chain, size: int) -> None:
    asked, _ = of_size(size)
    assert_shared(chain, SHARED, asked)


@pytest.mark.parametrize("size", [6_001, 6_100, 6_800])
def test_a_larger_input_is_refused_by_get_and_taken_by_post(chain: Chain, size: int) -> None:
    asked, body = of_size(size)
    for _ in range(2):
        answer = chain.get(SHARED, asked)
        assert_refused(answer)
        assert answer.status in (413, 414)
    assert chain.calls(asked) == 0
    assert_own(chain.post(SHARED, body=body), asked)


@pytest.mark.parametrize("characters", [8_192, 9_000, 20_000])
def test_a_url_that_is_too_long_is_refused(chain: Chain, characters: int) -> None:
    asked = question()
    target = chain.target(SHARED, asked)
    for filler in ("x", "%00", "&x=1"):
        padding = filler * (characters // len(filler))
        assert_refused(chain.send("GET", f"{target}&pad={padding}"))
    assert chain.calls(asked) == 0
    assert_shared(chain, SHARED, asked)


def test_a_body_above_the_edges_limit_asks_nobody(chain: Chain) -> None:
    """Media CDN takes 16 KiB of a body; the others leave it to the gateway."""
    most = chain.kind.maximum_body_bytes
    for model in (SHARED, PRIVATE):
        asked, _ = of_size(16_384)
        assert_own(chain.post(model, asked, headers=[("apikey", chain.key("web"))]), asked)
        asked, _ = of_size(16_385)
        answer = chain.post(model, asked, headers=[("apikey", chain.key("web"))])
        if most is None:
            assert_own(answer, asked)
        else:
            assert_refused(answer)
            assert (answer.status, chain.calls(asked)) == (413, 0)


def spoilt(text: str) -> dict[str, str]:
    """Inputs that lenient decoders take for the same bytes, and some that nobody takes."""
    standard = base64.b64encode(base64.urlsafe_b64decode(text + "==")).decode()
    last = ALPHABET.index(text[-1])
    found = {
        "padded": standard.replace("+", "-").replace("/", "_"),
        "padded too much": text + "====",
        "standard alphabet": standard.rstrip("="),
        "one character more": text + "A",
        "cut": text[:-1],
        "a line feed": text[:8] + "%0A" + text[8:],
        "a space": text[:8] + "%20" + text[8:],
        "a plus": text[:8] + "+" + text[8:],
        "a slash": text[:8] + "/" + text[8:],
        "not of the alphabet": "!" + text[1:],
        "percent": "%" + text[1:],
        "utf-8": "%C3%A9" + text,
    }
    for bits in range(1, 16 if len(text) % 4 == 2 else 4):
        found[f"trailing bits {bits}"] = text[:-1] + ALPHABET[last + bits]
    return {name: value for name, value in found.items() if value != text}


@pytest.mark.parametrize("rest", [2, 3])
def test_an_input_has_one_spelling(chain: Chain, rest: int) -> None:
    asked = question(bytes="~~~???>>>")  # with + and / in the standard alphabet
    while len(encoded(json_bytes(asked))) % 4 != rest:
        asked["bytes"] += "~"
    text = encoded(json_bytes(asked))
    assert "-" in text or "_" in text
    attempts = spoilt(text)
    assert len(attempts) > 10
    for name, value in attempts.items():
        answer = chain.get(SHARED, query=f"input={value}")
        assert_refused(answer)
        assert answer.status == 400, name
    assert chain.calls(asked) == 0
    assert_shared(chain, SHARED, asked)
    for value in attempts.values():
        assert_refused(chain.get(SHARED, query=f"input={value}"))


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[1,]", b'{"a":01}', b'{"a":NaN}', b"{'a':1}", b'{"a":1}x', b'\xef\xbb\xbf{"a":1}'],
    ids=str,
)
def test_what_is_not_json_is_never_kept(chain: Chain, body: bytes) -> None:
    for _ in range(2):
        answer = chain.get(SHARED, body=body)
        assert not answer.edge_hit
        assert not answer.is_prediction or "; stored" not in answer.headers["cache-status"]


def test_bytes_that_are_not_utf8_are_a_question_of_their_own(chain: Chain) -> None:
    name = question()["id"].encode()
    bodies = [b'{"x":"' + name + raw + b'"}' for raw in (b"\xff", b"\xfe", b"\xc3", b"\xc3\xa9", b"\xef\xbf\xbd")]
    answers = [chain.get(SHARED, body=body) for body in (*bodies, *bodies)]
    kept = [answer for answer in answers if answer.is_prediction]
    assert len({answer.call for answer in kept[: len(kept) // 2]}) == len(kept) // 2
    asked = [call.body for call in chain.model.calls]
    assert all(asked.count(body) <= 1 for body in bodies)


@pytest.mark.parametrize("member", ['"stream": true', '"a": 1, "a": 2', '"\\u0061": 1'])
def test_what_must_not_be_kept_is_asked_again_each_time(chain: Chain, member: str) -> None:
    asked = question()
    body = f'{{"id": "{asked["id"]}", {member}}}'.encode()
    answers = [chain.get(SHARED, body=body) for _ in range(3)]
    assert {(answer.status, answer.edge_hit) for answer in answers} == {(200, False)}
    assert len({answer.call for answer in answers}) == chain.calls(asked) == 3


numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
leaves = (
    st.none() | st.booleans() | numbers | st.text(st.characters(codec="utf-8", exclude_characters="\\"), max_size=8)
)
documents = st.dictionaries(
    st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=4),
    st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "é", "A"]), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


def typed(document: Any) -> str:
    return json.dumps(document, sort_keys=True)


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(document=documents)
def test_equal_questions_share_whatever_their_spelling(chain: Chain, document: dict[str, Any]) -> None:
    asked = {**document, **question()}
    first = chain.get(SHARED, asked)
    assert_everybodys(first, asked)
    spellings = [
        json.dumps(asked, indent=1).encode(),
        json.dumps(reordered(asked), separators=(" ,\t", " : ")).encode(),
        json.dumps(asked, ensure_ascii=False).encode(),
    ]
    for body in spellings:
        answer = chain.get(SHARED, body=body)
        assert answer.status == 200 and answer.document["question"] == asked
        # The two escapes of one string are told apart: safe, though it costs a call.
        if "\\" not in body.decode() + json_bytes(asked).decode():
            assert answer.call == first.call


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(document=documents, other=documents)
def test_other_questions_never_share(chain: Chain, document: dict[str, Any], other: dict[str, Any]) -> None:
    """Compared by type, too: 1, 1.0, true and "1" are four questions."""
    same_id = question()
    bodies = [json_bytes({**one, **same_id}) for one in (document, other)]
    answers = [chain.get(SHARED, body=body) for body in (*bodies, *bodies)]
    for answer, body in zip(answers, (*bodies, *bodies), strict=True):
        assert answer.status == 200
        assert typed(answer.document["question"]) == typed(json.loads(body))
    if typed(document) != typed(other):
        assert answers[0].call != answers[1].call


@pytest.mark.parametrize(
    "pair",
    [
        ("1", "1.0"),
        ("1", "true"),
        ("0", "-0"),
        ("0", "false"),
        ('"1"', "1"),
        ("null", '""'),
        ("[]", "{}"),
        ("[1,2]", "[2,1]"),
        ('"a"', '"A"'),
        ('"\u00e9"', '"e\u0301"'),
        ("1e2", "100"),
        ("12345678901234567890", "12345678901234567891"),
    ],
)
def test_near_questions_never_share(chain: Chain, pair: tuple[str, str]) -> None:
    asked = question()
    answers = [chain.get(SHARED, body=f'{{"id":"{asked["id"]}","x":{value}}}'.encode()) for value in (*pair, *pair)]
    assert answers[0].call != answers[1].call
    assert [answer.edge_hit for answer in answers] == [False, False, True, True]
    for answer, value in zip(answers, (*pair, *pair), strict=True):
        assert answer.document["question"]["x"] == json.loads(value)


def test_a_private_model_takes_no_input_by_get_of_any_size(chain: Chain) -> None:
    for size in (100, 6_000, 6_001):
        assert_refused(chain.get(PRIVATE, of_size(size)[0], headers=[("apikey", chain.key("web"))]))
