"""An edge that cannot check its callers gets no model whose answers are for some alone."""

from __future__ import annotations

import pytest

from local.engine.values import Secret
from tests.edge_attack.chain import SHARED, Chain
from tests.edge_attack.edges import EDGES
from tests.edge_attack.signers import JWT_SECRETS, MediaCdnUrlSigner

AUTHENTICATION = {
    "jwt": {"mode": "jwt", "secrets": [Secret(JWT_SECRETS[0])]},
    "signed-url": {"mode": "signed-url", "publicKeys": [MediaCdnUrlSigner().public_key]},
}


@pytest.mark.parametrize(
    ("edge_kind", "mode"),
    [(name, mode) for name, edge in EDGES.items() for mode in edge.without],
    indirect=["edge_kind"],
    scope="session",
)
def test_a_mode_that_the_edge_has_not_is_refused_with_the_reason(chain: Chain, mode: str) -> None:
    refusal = chain.refusal(edge={"authentication": AUTHENTICATION[mode]}, **{SHARED: {"access": {"mode": "key-auth"}}})
    assert "edge.authentication.mode" in refusal and chain.kind.without[mode] in refusal


def test_without_any_no_shareable_model_may_ask_for_a_key(chain: Chain) -> None:
    refusal = chain.refusal(**{SHARED: {"access": {"mode": "key-auth"}}})
    assert "the edge would give the answers to callers without a key" in refusal
