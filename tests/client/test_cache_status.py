"""What the headers tell of the caches."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import CacheStatus, cache_status

HIT = "inference-edge; hit; ttl=240"
AT_THE_EDGE = "Hit from cloudfront"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, CacheStatus()),
        ({"Cache-Status": HIT}, CacheStatus(True, "gateway", True, 240)),
        ({"Cache-Status": f"{HIT}; detail=collapsed"}, CacheStatus(True, "gateway", True, 240, "collapsed")),
        ({"Cache-Status": "inference-edge; fwd=miss; stored"}, CacheStatus(False, "model", True)),
        ({"Cache-Status": "inference-edge; fwd=miss; detail=error"}, CacheStatus(False, "model", False, None, "error")),
        ({"Cache-Status": "inference-edge; fwd=bypass; detail=stream"}, CacheStatus(False, "model", detail="stream")),
        ({"Cache-Status": '"a, b"; hit=?0; ttl=-1; x="\\"" , c;fwd=miss'}, CacheStatus(False, "model")),
        ({"Cache-Status": f"{HIT}, proxy; fwd=miss; detail=x"}, CacheStatus(True, "gateway", True, 240)),
        ({"Cache-Status": "e; hit; ttl=1.5"}, CacheStatus(True, "gateway", True)),
        ({"Cache-Status": "e; hit; ttl"}, CacheStatus(True, "gateway", True)),
        # The edge repeats what the gateway said to the request that filled it.
        ({"X-Cache": AT_THE_EDGE, "Cache-Status": HIT, "Age": "40"}, CacheStatus(True, "edge", True, 200)),
        ({"X-Cache": AT_THE_EDGE, "Cache-Status": HIT, "Age": "500"}, CacheStatus(True, "edge", True, 0)),
        ({"X-Cache": AT_THE_EDGE, "Cache-Status": f"{HIT};detail=collapsed"}, CacheStatus(True, "edge", True, 240)),
        ({"X-Cache": AT_THE_EDGE, "Cache-Status": "e; fwd=miss; stored"}, CacheStatus(True, "edge", True)),
        ({"X-Cache": "RefreshHit from cloudfront"}, CacheStatus(True, "edge", True)),
        ({"X-Cache": "Miss from cloudfront", "Cache-Status": HIT}, CacheStatus(True, "gateway", True, 240)),
        ({"X-Cache": "Error from cloudfront"}, CacheStatus()),
        ({"X-Cache": "FunctionGeneratedResponse from cloudfront"}, CacheStatus(source="edge")),
        # Cloud CDN, and Media CDN, whose nearest cache is the last one.
        ({"X-Cache": "hit", "Cache-Status": HIT, "Age": "40"}, CacheStatus(True, "edge", True, 200)),
        ({"X-Cache": "stale"}, CacheStatus(True, "edge", True)),
        ({"X-Cache": "den;revalidated"}, CacheStatus(True, "edge", True)),
        ({"X-Cache": "den;hit, sfo;miss", "Cache-Status": HIT}, CacheStatus(True, "edge", True, 240)),
        ({"X-Cache": "den;miss,sfo;miss", "Cache-Status": HIT}, CacheStatus(True, "gateway", True, 240)),
        ({"X-Cache": "uncacheable", "Cache-Status": HIT}, CacheStatus(True, "gateway", True, 240)),
        ({"X-Cache": "disabled"}, CacheStatus()),
    ],
)
def test_headers_are_told_apart(headers: dict[str, str], expected: CacheStatus) -> None:
    assert cache_status(httpx.Response(200, headers=headers)) == expected


@pytest.mark.parametrize("field", ["e; hit,", "e; Hit", "; hit", "e; hit=", "(a b); hit", "e hit", "é; hit", 'e; a="'])
def test_a_malformed_field_counts_as_absent(field: str) -> None:
    assert cache_status(httpx.Response(200, headers=[(b"Cache-Status", field.encode())])) == CacheStatus()


def test_several_lines_are_one_list() -> None:
    response = httpx.Response(200, headers=[("Cache-Status", "a; fwd=miss"), ("Cache-Status", "b; hit; ttl=3")])
    assert cache_status(response) == CacheStatus(True, "gateway", True, 3)


@given(st.text(), st.text(), st.text())
def test_no_header_is_an_error(field: str, edge: str, age: str) -> None:
    headers = [(b"Cache-Status", field.encode()), (b"X-Cache", edge.encode()), (b"Age", age.encode())]
    assert isinstance(cache_status(httpx.Response(200, headers=headers)), CacheStatus)
