"""A GET's input in the deployed Lua against Python: the same key as any other way to it, and nothing lenient."""

import base64
import dataclasses
import json
import random

from hypothesis import given
from hypothesis import strategies as st

from components.prediction_key import MAX_INPUT_BYTES, NotCacheable, canonical, prediction_key
from tests.prediction_key.deployed_key import ENDPOINT, HEADERS, SECRET, SETTINGS, DeployedKey
from tests.prediction_key.documents import generate, mutate, render

TWIN = dataclasses.replace(SETTINGS, get_twin=True)
MALFORMED = {"string", "escape", "value", "name", "colon", "separator", "trailing"}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


DEPLOYED = DeployedKey(TWIN)


def encoded(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def is_scalar(body: bytes) -> bool:
    try:
        return not isinstance(json.loads(body.decode("latin-1"), parse_constant=_refuse), dict | list)
    except ValueError:
        return False


def _refuse(name: str) -> None:
    raise ValueError(name)


def test_an_input_has_the_key_of_its_request_line_and_its_document():
    rng = random.Random(8_000)
    kinds = {"key": 0, "bypass": 0, "refused": 0}
    for i in range(8_000):
        text = render(generate(rng), rng)
        body = (mutate(text, rng) if i % 2 else text).encode()
        if not 0 < len(body) <= MAX_INPUT_BYTES:
            continue
        query = f"input={encoded(body)}"
        answer = DEPLOYED.get(query)
        if answer.bypass == "escaped-name":  # told before what comes after it is read
            assert b"\\" in body
            kinds["bypass"] += 1
            continue
        try:
            expected = prediction_key(
                TWIN,
                SECRET,
                endpoint=ENDPOINT,
                request_line=f"GET /digits/predict?{query} HTTP/1.1",
                headers=HEADERS,
                body=body,
            )
            assert (answer.key, answer.bypass, answer.refused) == (expected, None, None), text
            kinds["key"] += 1
        except NotCacheable as error:
            refused = str(error) in MALFORMED or str(error) == "not-a-container" and not is_scalar(body)
            assert answer.refused == (400 if refused else None), (text, str(error))
            assert answer.bypass == (None if refused else str(error))
            kinds["refused" if refused else "bypass"] += 1
    assert min(kinds.values()) > 10, kinds


@given(st.text(ALPHABET, min_size=1, max_size=12))
def test_a_document_has_one_spelling(text):
    try:
        body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        body = None
    answer = DEPLOYED.get(f"input={text}")
    if body is None or encoded(body) != text:
        assert answer.refused == 400
    else:
        assert (answer.refused is None) == _is_json(body)


def _is_json(body: bytes) -> bool:
    try:
        canonical(TWIN, body)
    except NotCacheable as error:
        return str(error) not in MALFORMED and (str(error) != "not-a-container" or is_scalar(body))
    return True


def test_an_input_of_any_other_shape_is_refused():
    body = b'{"x": "%b"}' % (b"y" * (MAX_INPUT_BYTES - 9))
    assert len(body) == MAX_INPUT_BYTES
    assert DEPLOYED.get(f"input={encoded(body)}").key
    assert DEPLOYED.get(f"input={encoded(body + b' ')}").refused == 414
    for query in ("", "input", "input=", "input=e30=", "input=e30&a", "a&input=e30", "input=e3%30", "inpuT=e30"):
        assert DEPLOYED.get(query).refused == 400, query
