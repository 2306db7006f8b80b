"""Pages of several sites: what one site's page is told is never told to another's."""

from __future__ import annotations

import pytest

from tests.edge_attack.chain import PLAIN, SHARED, SITES, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_fate
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Headers

STRANGERS = ["https://evil.test", "null", "https://app.test.evil.test", "https://app.testing", "http://app.test", ""]


def allowed(headers: dict[str, str]) -> str | None:
    return headers.get("access-control-allow-origin")


@pytest.mark.parametrize("first", [*SITES, STRANGERS[0], None])
def test_a_kept_answer_names_the_site_that_asks(chain: Chain, first: str | None) -> None:
    """Or it is not kept: an edge that cannot name it leaves the pages of several sites to the gateway."""
    asked = question()
    own = assert_fate(chain, PLAIN, asked, [("Origin", first)] if first else [])
    assert allowed(own.headers) == (first if first in SITES else None)
    assert_everybodys(chain.get(PLAIN, asked), asked)
    for site in (*SITES, *STRANGERS, None):
        headers = [] if site is None else [("Origin", site)]
        answer = chain.get(PLAIN, asked, headers=headers)
        assert answer.edge_hit == (chain.fate(PLAIN, headers) is Fate.SHARED)
        assert answer.document["question"] == asked
        assert allowed(answer.headers) == (site if site in SITES else None)
    assert chain.calls(asked) == (2 if chain.kind.passed_on else 1)  # with and without an Accept of the edge's own


@pytest.mark.parametrize("site", [*SITES, *STRANGERS])
def test_the_model_without_sites_names_none(chain: Chain, site: str) -> None:
    asked = question(how={"headers": [["Access-Control-Allow-Origin", "https://evil.test"]]})
    for _ in range(2):
        answer = chain.get(SHARED, asked, headers=[("Origin", site)])
        assert_everybodys(answer, asked)
        assert allowed(answer.headers) is None


def test_a_preflight_is_told_for_the_site_that_asks(chain: Chain) -> None:
    asked = question()
    for site in (*SITES, *STRANGERS, *SITES):
        wish: Headers = [("Origin", site), ("Access-Control-Request-Method", "GET")]
        answer = chain.send("OPTIONS", chain.target(PLAIN, asked), headers=wish)
        assert not answer.edge_hit and not answer.is_prediction
        assert allowed(answer.headers) == (site if site in SITES else None)
    assert chain.calls(asked) == 0


def test_a_site_sees_its_own_post(chain: Chain) -> None:
    asked = question()
    for site in (*SITES, STRANGERS[0], *SITES):
        answer = chain.post(PLAIN, asked, headers=[("Origin", site)])
        assert answer.document["question"] == asked
        assert allowed(answer.headers) == (site if site in SITES else None)
