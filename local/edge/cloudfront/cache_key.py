"""The cache key of a request, and the normalised Accept-Encoding in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from local.edge.cloudfront.cache_policy import CachePolicy
from local.edge.cloudfront.selection import Selection
from local.edge.viewer_request import ViewerRequest, query_parts


class CacheKey(NamedTuple):
    """What must be equal for two requests to share an answer.

    The viewer's host, its other headers, cookies and query strings are not in it; GET and HEAD share a key. query and
    cookies: what the policy takes, as sent and in the order sent; headers: name and value, sorted, an absent header not
    in it. Source: CloudFront Developer Guide, "Understand the cache key".
    """

    distribution_id: str
    origin_id: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    cookies: str
    accept_encoding: str


def cache_key(distribution_id: str, origin_id: str, policy: CachePolicy, request: ViewerRequest) -> CacheKey:
    names = sorted(name for name in policy.headers.names if name in request.headers)
    return CacheKey(
        distribution_id,
        origin_id,
        request.path,
        taken_query(request, policy.query_strings),
        tuple((name, ",".join(request.headers.getall(name))) for name in names),
        taken_cookies(request, policy.cookies),
        accept_encoding(policy, request) or "",
    )


def taken_query(request: ViewerRequest, *selections: Selection) -> str:
    """Return the query parameters that one of the selections takes, as sent and in the order sent."""
    parts = query_parts(request.query)
    return "&".join(part for name, _, part in parts if any(one.takes(name) for one in selections))


def taken_cookies(request: ViewerRequest, *selections: Selection) -> str:
    """Return the Cookie header with the cookies that one of the selections takes."""
    return "; ".join(f"{name}={value}" for name, value in request.cookies if any(one.takes(name) for one in selections))


def accept_encoding(policy: CachePolicy, request: ViewerRequest) -> str | None:
    """Return the normalised header: `br,gzip`, `br`, `gzip` or "" (identity to the origin); None: not normalised.

    Source: CloudFront Developer Guide, "Compression support". A coding with q=0 is not accepted.
    """
    if not policy.gzip and not policy.brotli:
        return None
    accepted: set[str] = set()
    for part in ",".join(request.headers.getall("Accept-Encoding", [])).lower().split(","):
        coding, _, quality = part.partition(";")
        if not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality):
            accepted.add(coding.strip())
    codings = [("br", policy.brotli), ("gzip", policy.gzip)]
    return ",".join(coding for coding, enabled in codings if enabled and coding in accepted)
