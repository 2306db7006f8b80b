"""The headers that Google's edge sends to an origin."""

from __future__ import annotations

from multidict import CIMultiDict

from local.edge.viewer_request import ViewerRequest

_NEVER = frozenset(
    (
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-forwarded-for",
        "x-forwarded-proto",
    )
)
# On the way to the cache the edge asks for itself: whole answers, with its own validators.
_CONDITIONAL = frozenset({"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"})


def without_connection_headers(request: ViewerRequest) -> ViewerRequest:
    """Return the request without the headers that its Connection names, which count for nothing from here on.

    They end here (RFC 9110, section 7.6.1); that they go before rules and cache key, not after, is not documented.
    """
    named = {name.strip().lower() for line in request.headers.getall("Connection", []) for name in line.split(",")}
    headers = CIMultiDict(pair for pair in request.headers.items() if pair[0].lower() not in named - {"host"})
    return request.replaced(request.path, request.query, headers)


def origin_headers(request: ViewerRequest, host: str, cached: bool) -> CIMultiDict[str]:
    """Return the headers for the origin: the request's without those of its connection, and Google's own.

    host: the Host header; cached: the answer may be stored. Source: External Application Load Balancer overview
    (X-Forwarded-For, Via, X-Forwarded-Proto).
    """
    left_out = _NEVER | (_CONDITIONAL if cached else frozenset())
    headers: CIMultiDict[str] = CIMultiDict()
    spelling: dict[str, str] = {}  # aiohttp sends only the last of two fields whose names differ in case
    for name, value in request.headers.items():
        if name.lower() not in left_out:
            headers.add(spelling.setdefault(name.lower(), name), value)
    headers["Host"] = host
    headers["X-Forwarded-For"] = ", ".join([*request.headers.getall("X-Forwarded-For", []), request.address])
    headers["X-Forwarded-Proto"] = "https"
    headers["Via"] = ", ".join([*request.headers.getall("Via", []), "1.1 google"])
    return headers
