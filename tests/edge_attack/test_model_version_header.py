"""X-Model-Version is the edge's own: what a caller sends under that name changes no answer."""

from __future__ import annotations

import pytest

from tests.edge_attack.chain import PLAIN, PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_fate, assert_own, assert_shared
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Headers

GUESSED = "0" * 32
SPELLINGS = ("X-Model-Version", "x-model-version", "X-MODEL-VERSION", "x_model_version", "X-Model_Version")


def attacks(chain: Chain) -> dict[str, Headers]:
    own, others = chain.token(SHARED), chain.token(PLAIN)
    found: dict[str, Headers] = {}
    for name in SPELLINGS:
        for kind, value in (("guessed", GUESSED), ("another model's", others), ("empty", ""), ("own", own)):
            found[f"{kind} as {name}"] = [(name, value)]
    found["twice"] = [("X-Model-Version", own), ("X-Model-Version", GUESSED)]
    found["twice, in two spellings"] = [("x_model_version", GUESSED), ("X-Model-Version", GUESSED)]
    found["a list"] = [("X-Model-Version", f"{own}, {GUESSED}")]
    for hidden in ("x-model-version", "x-model-version, x-origin-verify, accept"):
        found[f"hop by hop: {hidden}"] = [("X-Model-Version", GUESSED), ("Connection", hidden)]
        found[f"hop by hop, without the header: {hidden}"] = [("Connection", hidden)]
    return found


def test_a_get_with_it_is_the_same_question(chain: Chain) -> None:
    for name, headers in attacks(chain).items():
        asked, fate = question(attack=name), chain.fate(SHARED, headers)
        assert_fate(chain, SHARED, asked, headers)
        assert chain.get(SHARED, asked).edge_hit == (fate is Fate.SHARED), name
        assert chain.get(SHARED, asked, headers=headers).edge_hit == (fate is not Fate.OWN), name
        assert_shared(chain, SHARED, asked)
        assert chain.calls(asked) == 1 or fate is Fate.OWN, name


def test_it_opens_nothing_kept_of_another_model(chain: Chain) -> None:
    asked = question()
    kept = chain.get(PLAIN, asked)
    answer = assert_fate(chain, SHARED, asked, [("X-Model-Version", chain.token(PLAIN))])
    assert answer.call != kept.call


@pytest.mark.parametrize("model", [SHARED, PRIVATE])
def test_a_post_with_it_fills_no_cache_of_the_edge(chain: Chain, model: str) -> None:
    key = [("apikey", chain.key("web"))] if model == PRIVATE else []
    for name, headers in attacks(chain).items():
        asked = question(attack=name)
        for _ in range(2):
            answer = chain.post(model, asked, headers=[*key, *headers])
            assert_own(answer, asked, x_model_version=None)
            assert not answer.edge_hit
        if model == SHARED:
            assert not chain.get(SHARED, asked).edge_hit, name


def test_with_it_the_gateway_itself_stays_shut(chain: Chain) -> None:
    asked = question()
    assert_shared(chain, SHARED, asked)
    for _, headers in attacks(chain).items():
        for method in ("GET", "POST"):
            target = chain.target(SHARED, asked) if method == "GET" else chain.path(SHARED)
            answer = chain.send(method, target, headers=headers, at=chain.gateway)
            assert (answer.status, answer.is_prediction) == (403, False)
