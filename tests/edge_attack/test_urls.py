"""Spellings of a URL neither go past the cache nor reach another entry of it."""

from __future__ import annotations

import pytest

from tests.edge_attack.chain import PLAIN, PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_refused, assert_refused_by_the_edge, assert_shared
from tests.edge_attack.wire import encoded, json_bytes

SAME = [  # {input}: the question as base64url
    "input={input}&x=1",
    "x=1&input={input}",
    "x=1&y=2&input={input}&z=",
    "&&input={input}&",
    "utm_source=a&input={input}",
    "input={input}&Input=bbbb",
    "input={input}&input%20=bbbb",
    "input={input}&cb=%00",
    "Expires=1&Signature=a&Key-Pair-Id=b&Policy=c&input={input}",
    "apikey=a&input={input}",
    "__proto__=1&constructor=1&input={input}",
]
REFUSED = [
    "",
    "input",
    "input=",
    "Input={input}",
    "INPUT={input}",
    "inpu%74={input}",
    "%69nput={input}",
    "input%3D{input}",
    "input[]={input}",
    "input={input}&input={input}",
    "input={input}&input=bbbb",
    "input=bbbb&input={input}",
    "input={input}&input=",
    "input={input};x=1",
    "input={input}%26x=1",
    "input={percent}",
    "input={input}%0a",
    "input={input}+",
    "input=%20{input}",
    "input={input}=",
    "input={input}==",
    "input={input}.",
    "input={input}?input={input}",
]
PATHS = [  # {path}: the model's own, {head} and {tail}: its two halves
    "/{path}",
    "{path}/",
    "/.{path}",
    "/x/..{path}",
    "{head}//{tail}",
    "{head}/./{tail}",
    "{head}/x/../{tail}",
    "{head}%2f{tail}",
    "{head}%2F{tail}",
    "{head}%5c{tail}",
    "{head}\\{tail}",
    "{path};x=1",
    "{path};",
    "{path}%3b",
    "{path}%00",
    "{path}%20",
    "{path}.json",
    "{path}%3finput=e30",
    "{head}/{tail_case}",
    "{head}/%{first_hex}{tail_rest}",
    "/__proto__",
    "/constructor",
    "/toString",
    "/",
]


def filled(template: str, asked: object) -> str:
    text = encoded(json_bytes(asked))
    percent = "".join(f"%{ord(character):02X}" for character in text)
    return template.replace("{input}", text).replace("{percent}", percent)


@pytest.mark.parametrize("query", SAME)
def test_no_query_parameter_goes_past_the_cache(chain: Chain, query: str) -> None:
    """An edge that cannot drop it asks the gateway, which takes nothing but the input."""
    asked = question()
    first = chain.get(SHARED, query=filled(query, asked))
    if not chain.kind.drops_unknown:
        assert_refused(first)
        first = chain.get(SHARED, asked)
    assert_everybodys(first, asked)
    for _ in range(2):
        again = chain.get(SHARED, query=filled(query, asked))
        assert again.edge_hit and again.call == first.call
    assert chain.get(SHARED, asked).edge_hit
    assert chain.calls(asked) == 1


@pytest.mark.parametrize("query", REFUSED)
def test_another_spelling_of_the_input_is_refused_and_fills_nothing(chain: Chain, query: str) -> None:
    asked = question()
    for _ in range(2):
        assert_refused(chain.get(SHARED, query=filled(query, asked)))
    assert chain.calls(asked) == 0
    assert_shared(chain, SHARED, asked)
    assert_refused(chain.get(SHARED, query=filled(query, asked)))
    assert chain.calls(asked) == 1


@pytest.mark.parametrize("template", PATHS)
@pytest.mark.parametrize("model", [SHARED, PRIVATE])
def test_another_spelling_of_a_path_is_no_path(chain: Chain, model: str, template: str) -> None:
    asked, path = question(), chain.path(model)
    head, tail = path.rsplit("/", 1)
    values = {"path": path, "head": head, "tail": tail, "tail_case": tail.capitalize()}
    values.update(first_hex=f"{ord(tail[0]):02x}", tail_rest=tail[1:])
    target = template.format(**values)
    query = f"?input={encoded(json_bytes(asked))}"
    for headers in ([], [("X-Model-Version", chain.token(SHARED))]):
        assert_refused_by_the_edge(chain.send("GET", target + query, headers=headers))
    key = [("Content-Type", "application/json"), ("apikey", chain.key("web"))]
    assert_refused_by_the_edge(chain.send("POST", target, headers=key, body=json_bytes(asked)))
    assert chain.calls(asked) == 0
    if model == SHARED:
        assert_shared(chain, SHARED, asked)


def test_an_absolute_target_and_another_host_reach_the_same_entry(chain: Chain) -> None:
    asked = question()
    first = assert_shared(chain, SHARED, asked)
    target = chain.target(SHARED, asked)
    for answer in (
        chain.send("GET", f"https://{chain.host}{target}"),
        chain.send("GET", target, headers=[("Host", chain.host.upper())]),
        chain.send("GET", target, headers=[("X-Forwarded-Host", "evil.test")]),
    ):
        assert_everybodys(answer, asked)
        assert answer.call == first.call
    assert chain.calls(asked) == 1


@pytest.mark.parametrize("host", ["evil.test", "predict.test.evil.test", "xpredict.test", "localhost", "127.0.0.1", ""])
def test_another_host_reaches_no_model(chain: Chain, host: str) -> None:
    """Nor is the caller sent there, wherever else the name is written. One distribution takes every name here."""
    asked = question()
    assert_shared(chain, SHARED, asked)
    fresh, key = question(), ("apikey", chain.key("web"))
    headers = [("Host", host), ("X-Forwarded-Host", chain.host)]
    for answer in (
        chain.send("GET", chain.target(SHARED, asked), headers=headers),
        chain.send("GET", chain.target(SHARED, fresh), headers=headers),
        chain.send("POST", chain.path(PRIVATE), headers=[*headers, key], body=json_bytes(fresh)),
    ):
        assert "location" not in answer.headers
        if chain.kind.takes_every_host:
            continue
        assert_refused_by_the_edge(answer)
    assert chain.kind.takes_every_host or chain.calls(fresh) == 0


def test_all_names_of_the_edge_lead_to_one_entry(chain: Chain) -> None:
    """The host is not in the key: the gateway is asked by its own name."""
    asked = question()
    first = assert_shared(chain, SHARED, asked)
    for alias in (*chain.kind.edge.get("aliases", []), f"{chain.host}:443"):
        answer = chain.send("GET", chain.target(SHARED, asked), headers=[("Host", alias)])
        assert answer.edge_hit and answer.call == first.call
    assert chain.calls(asked) == 1


def test_models_with_one_question_do_not_share(chain: Chain) -> None:
    asked = question()
    answers = {model: assert_shared(chain, model, asked).call for model in (SHARED, PLAIN)}
    assert answers[SHARED] != answers[PLAIN]
    assert chain.calls(asked) == 2
