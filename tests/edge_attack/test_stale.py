"""Answers that may be served when they are over are the deployed version's all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.edge_attack.chain import PLAIN, Chain, free_port, question, until
from tests.edge_attack.checks import assert_everybodys
from tests.edge_attack.conftest import RunChain
from tests.edge_attack.edges import EdgeUnderTest

STALE = {"ttlSeconds": 1, "staleWhileRevalidateSeconds": 600, "staleIfErrorSeconds": 600}


@pytest.fixture(scope="module")
def lenient(edge_kind: EdgeUnderTest, run_chain: RunChain) -> Iterator[Chain]:
    """A chain with a model whose answers are over soon, and may be served long after."""
    fields = STALE if edge_kind.stale_if_error else {**STALE, "staleIfErrorSeconds": 0}
    with run_chain(plain={"cache": fields}) as running:
        yield running


def test_no_version_answers_for_another_not_even_for_one_that_fails(lenient: Chain) -> None:
    chain, asked = lenient, [question() for _ in range(3)]
    for version in ("1", "2"):
        chain.redeploy(version=version)

        def asked_anew(version: str = version) -> bool:
            for one in asked:
                assert_everybodys(chain.get(PLAIN, one), one, version=version)
            return all(chain.model.calls_for(one) >= 2 for one in asked)

        until(asked_anew, "the answers were over and are asked for again")

    chain.redeploy(plain={"endpoint": f"http://127.0.0.1:{free_port()}/invocations"})
    for one in asked:
        for _ in range(2):
            answer = chain.get(PLAIN, one)
            assert answer.status >= 500 and not answer.is_prediction
