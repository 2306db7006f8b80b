"""The origin secret is exchanged while callers ask: nobody notices, and the old one opens nothing any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.edge_attack.chain import PRIVATE, SHARED, Chain, question
from tests.edge_attack.conftest import RunChain
from tests.edge_attack.traffic import Traffic


@pytest.fixture(scope="module")
def rotating(run_chain: RunChain) -> Iterator[Chain]:
    """A chain whose secret these tests exchange."""
    with run_chain() as running:
        yield running


def opens(chain: Chain, secret: str, model: str) -> bool:
    headers = [("X-Origin-Verify", secret), ("apikey", chain.key("web"))]
    status = chain.post(model, question(), headers=headers, at=chain.gateway).status
    assert status in (200, 403)
    return status == 200


def test_no_request_fails_and_the_old_secret_is_refused(rotating: Chain) -> None:
    chain, asked = rotating, question()
    kept = chain.get(SHARED, asked)
    known = [set(chain.origin_secrets())]
    with Traffic(chain) as traffic:
        for number in (2, 3):
            traffic.change(edge={"origin": {"secretRotation": number}})
            known.append(set(chain.origin_secrets()))
            # The edge's locations learn of it one by one: until the next rotation the one before opens, too.
            assert [opens(chain, secret, SHARED) for secret in known[-2] & known[-1]] == [True]
            traffic.wait_for_more()
    assert [one for one in traffic.asked if not one.is_own] == []
    assert {one.version for one in traffic.asked} == {"1"}
    assert any(one.answer.edge_hit for one in traffic.asked)

    first, second, third = known
    assert [len(first & second), len(second & third), len(first & third)] == [1, 1, 0]
    for model in (SHARED, PRIVATE):
        assert [opens(chain, secret, model) for secret in first] == [False, False]
        assert [opens(chain, secret, model) for secret in third] == [True, True]
    again = chain.get(SHARED, asked)
    assert again.edge_hit and again.call == kept.call
