"""Only the edge gets into the gateway: X-Origin-Verify."""

from __future__ import annotations

import pytest

from tests.edge_attack.chain import PLAIN, PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_fate, assert_own, assert_shared
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Headers, json_bytes


def wrong_secrets(chain: Chain) -> list[Headers]:
    one, other = chain.origin_secrets()
    half = len(one) // 2
    return [
        [],
        [("X-Origin-Verify", "")],
        [("X-Origin-Verify", "wrong")],
        [("X-Origin-Verify", one[:half])],
        [("X-Origin-Verify", one[half:])],
        [("X-Origin-Verify", one[:half] + other[half:])],
        [("X-Origin-Verify", one + "x")],
        [("X-Origin-Verify", one.swapcase())],
        [("X-Origin-Verify", f"{one}, {other}")],
        [("X-Origin-Verify", one), ("X-Origin-Verify", other)],
        [("X-Origin-Verify", one), ("x_origin_verify", one)],
        [("x_origin_verify", one)],
        [("X-Origin_Verify", one)],
        [("Authorization", f"Bearer {one}")],
        [("Cookie", f"X-Origin-Verify={one}")],
        [("Connection", "x-origin-verify"), ("X-Origin-Verify", "wrong")],
    ]


def test_nobody_else_gets_in_though_the_answer_is_kept(chain: Chain) -> None:
    asked, key = question(), ("apikey", chain.key("web"))
    assert_shared(chain, SHARED, asked)
    assert_own(chain.post(PRIVATE, asked, headers=[key]), asked)
    calls = chain.calls(asked)
    for headers in wrong_secrets(chain):
        ways = [
            chain.send("GET", chain.target(SHARED, asked), headers=headers, at=chain.gateway),
            chain.post(SHARED, asked, headers=headers, at=chain.gateway),
            chain.post(PRIVATE, asked, headers=[key, *headers], at=chain.gateway),
        ]
        assert {(answer.status, answer.is_prediction) for answer in ways} == {(403, False)}
        for method in ("HEAD", "OPTIONS", "PUT", "DELETE"):  # no route takes them
            answer = chain.send(method, chain.target(SHARED, asked), headers=headers, at=chain.gateway)
            assert (answer.status, answer.is_prediction) == (404, False)
    assert chain.calls(asked) == calls
    assert_shared(chain, SHARED, asked)


def test_the_secret_is_no_query_parameter(chain: Chain) -> None:
    for secret in chain.origin_secrets():
        for name in ("X-Origin-Verify", "x_origin_verify"):
            target = f"{chain.target(SHARED, question())}&{name}={secret}"
            assert chain.send("GET", target, at=chain.gateway).status == 403


def test_both_secrets_open_the_gateway(chain: Chain) -> None:
    for secret in chain.origin_secrets():
        asked = question()
        answer = chain.post(SHARED, asked, headers=[("X-Origin-Verify", secret)], at=chain.gateway)
        assert (answer.status, answer.document["question"]) == (200, asked)
        assert "x-origin-verify" not in answer.document["saw"]


@pytest.mark.parametrize("model", [SHARED, PLAIN])
def test_what_a_caller_sends_in_its_place_is_replaced(chain: Chain, model: str) -> None:
    for headers in wrong_secrets(chain):
        asked = question()
        assert_fate(chain, model, asked, headers)
        assert chain.get(model, asked).edge_hit == (chain.fate(model, headers) is Fate.SHARED)
        assert_shared(chain, model, asked)


def test_a_caller_who_sends_it_with_a_post_shuts_out_nobody_else(chain: Chain) -> None:
    key = ("apikey", chain.key("web"))
    for headers in wrong_secrets(chain):
        asked = question()
        answer = chain.send(
            "POST",
            chain.path(PRIVATE),
            headers=[key, ("Content-Type", "application/json"), *headers],
            body=json_bytes(asked),
        )
        if answer.status == 200:
            assert_own(answer, asked, x_origin_verify=None)
        else:  # in a spelling that the gateway reads as a second value
            assert answer.status == 403 and any("_" in name for name, _ in headers)
        assert_own(chain.post(PRIVATE, asked, headers=[key]), asked)


def test_no_answer_and_no_request_to_the_model_shows_it(chain: Chain) -> None:
    asked = question()
    answers = [chain.get(SHARED, asked), chain.post(SHARED, asked), chain.get(SHARED, query="input=!")]
    shown = str([(answer.headers, answer.body) for answer in answers]) + str(chain.model.asked(asked))
    assert chain.model.asked(asked)
    assert not any(secret in shown for secret in chain.origin_secrets())
