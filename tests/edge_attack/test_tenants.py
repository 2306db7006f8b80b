"""key_headers: one tenant never gets another's answer, and what is no key header makes no difference."""

from __future__ import annotations

import pytest

from tests.edge_attack.chain import PLAIN, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_own, assert_refused, assert_shared
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Headers, joined

TENANTS = ["a", "b", "A", "a b", "ab", "a,b", "a, b", '"a"', "a;b", "0", "null", "*", "%61", "a" * 200]


def test_every_tenant_has_their_own_answer(chain: Chain) -> None:
    asked = question()
    calls = [assert_shared(chain, SHARED, asked, headers=[("x-tenant", tenant)]).call for tenant in TENANTS]
    calls.append(assert_shared(chain, SHARED, asked).call)
    assert len(set(calls)) == len(TENANTS) + 1
    for tenant, call in zip(TENANTS, calls, strict=False):
        assert chain.get(SHARED, asked, headers=[("X-TENANT", f"  {tenant} ")]).call == call


@pytest.mark.parametrize("first", [None, "", "a"])
def test_an_empty_tenant_is_not_the_absent_one_nor_anybody(chain: Chain, first: str | None) -> None:
    asked = question()
    for tenant in (first, None, "", "a", None, "", "a"):
        answer = chain.get(SHARED, asked, headers=[] if tenant is None else [("x-tenant", tenant)])
        if answer.status == 200:
            assert_everybodys(answer, asked, tenant=tenant)
        else:
            assert tenant == ""
            assert_refused(answer)


@pytest.mark.parametrize(
    "spellings", [("\xe9", "\xc3\xa9"), ("\xff", "\xc3\xbf"), ("\xc3", "\xef\xbf\xbd"), ("a\tb", "a b")]
)
def test_names_in_other_encodings_are_refused_or_other_tenants(chain: Chain, spellings: tuple[str, str]) -> None:
    """As bytes on the wire: ISO-8859-1 and UTF-8, and what neither knows."""
    asked = question()
    calls = set()
    for spelling in spellings * 2:
        answer = chain.get(SHARED, asked, headers=[("x-tenant", spelling)])
        if answer.status == 200:
            calls.add(answer.call)
            assert answer.document["saw"]["x-tenant"] == spelling
        else:
            assert_refused(answer)
    assert len(calls) == chain.calls(asked)


@pytest.mark.parametrize(
    "headers",
    [
        [("x-tenant", "a"), ("x-tenant", "b")],
        [("x-tenant", "b"), ("x-tenant", "a")],
        [("x-tenant", "a"), ("X-Tenant", "a")],
        [("x-tenant", "a"), ("x-tenant", "")],
        [("x-tenant", ""), ("x-tenant", "a")],
    ],
    ids=str,
)
def test_two_tenants_at_once_are_refused(chain: Chain, headers: Headers) -> None:
    asked = question()
    for _ in range(2):
        assert_refused(chain.get(SHARED, asked, headers=headers))
    assert chain.calls(asked) == 0
    assert_shared(chain, SHARED, asked, headers=[("x-tenant", "a")])
    assert_refused(chain.get(SHARED, asked, headers=headers))


@pytest.mark.parametrize(
    "headers",
    [
        [("x_tenant", "b")],
        [("x-tenant_", "b")],
        [("x-tenant-id", "b")],
        [("Cookie", "x-tenant=b")],
        [("Connection", "x-tenant")],
        [("Connection", "close, X-Tenant")],
        [("Keep-Alive", "x-tenant")],
        [("TE", "x-tenant")],
        [("Trailer", "x-tenant")],
        [("Vary", "x-tenant")],
    ],
    ids=str,
)
def test_nothing_else_names_or_hides_a_tenant(chain: Chain, headers: Headers) -> None:
    for tenant in (None, "a"):
        asked = question()
        own = [("x-tenant", tenant)] if tenant else []
        if chain.fate(SHARED, headers) is Fate.REFUSED:
            assert_refused(chain.get(SHARED, asked, headers=[*own, *headers]))
            answer = chain.get(SHARED, asked, headers=own)
        else:
            answer = chain.get(SHARED, asked, headers=[*own, *headers])
        # An edge may take a header that is named as its connection's for one that was not sent.
        hidden = tenant is not None and "tenant" in joined(headers).get("connection", "").lower()
        if hidden and answer.document["saw"].get("x-tenant") is None:
            assert_everybodys(answer, asked)
            assert_everybodys(chain.get(SHARED, asked, headers=own), asked, tenant=tenant)
            continue
        assert_everybodys(answer, asked, tenant=tenant)
        assert chain.get(SHARED, asked, headers=own).call == answer.call
        assert chain.get(SHARED, asked, headers=[*headers, *own]).call == answer.call
        other = chain.get(SHARED, asked, headers=[("x-tenant", "b")])
        assert_everybodys(other, asked, tenant="b")


def test_for_a_model_without_it_the_header_means_nothing(chain: Chain) -> None:
    """Though the key that the edge has for all models holds it."""
    asked = question()
    first = chain.get(PLAIN, asked, headers=[("x-tenant", "a")])
    for headers in ([("x-tenant", "b")], [("x-tenant", "a"), ("x-tenant", "b")], [("x-tenant", "")], []):
        answer = chain.get(PLAIN, asked, headers=headers)
        assert_own(answer, asked)
        assert answer.edge_hit and answer.call == first.call
    assert chain.calls(asked) == 1


def test_a_post_of_a_tenant_is_that_tenants(chain: Chain) -> None:
    asked = question()
    for hit in (False, True):
        for tenant in ("a", "b"):
            answer = chain.post(SHARED, asked, headers=[("x-tenant", tenant)])
            assert_own(answer, asked, x_tenant=tenant)
            assert ("; hit" in answer.headers["cache-status"]) == hit
