"""What goes to the origin for a request: target and headers."""

from __future__ import annotations

from multidict import CIMultiDict

from local.edge.cloudfront.behaviour import Behaviour
from local.edge.cloudfront.cache_key import accept_encoding, taken_cookies, taken_query
from local.edge.viewer_request import ViewerRequest

_NEVER = frozenset(
    (
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-amz-cf-id",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-real-ip",
    )
)
# On the way to the cache the edge asks for itself: whole answers, with its own validators.
_CONDITIONAL = frozenset({"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"})


def origin_target(behaviour: Behaviour, request: ViewerRequest) -> str:
    """Return path and query for the origin: the query strings of the cache policy and the origin request policy."""
    query = taken_query(request, behaviour.cache_policy.query_strings, behaviour.origin_request_policy.query_strings)
    return f"{behaviour.origin.path}{request.path}{f'?{query}' if query else ''}"


def origin_headers(
    behaviour: Behaviour, request: ViewerRequest, request_id: str, via: str, cached: bool
) -> CIMultiDict[str]:
    """Return the headers for the origin.

    The viewer's that the cache policy or the origin request policy takes, without hop-by-hop headers; CloudFront's own
    (Host, User-Agent, X-Forwarded-For, Via, X-Amz-Cf-Id); then the origin's custom headers, which replace the viewer's.
    cached: the answer may be stored, so conditions and ranges of this viewer stay here.
    Sources: CloudFront Developer Guide, "Request and response behavior for custom origins", "Control origin requests
    with a policy", "Add custom headers to origin requests".
    """
    policy, added = behaviour.cache_policy, behaviour.origin_request_policy

    def taken(name: str) -> bool:
        return policy.headers.takes(name) or added.headers.takes(name)

    named = {name.strip().lower() for line in request.headers.getall("Connection", []) for name in line.split(",")}
    left_out = _NEVER | named | (_CONDITIONAL if cached else frozenset())
    headers: CIMultiDict[str] = CIMultiDict()
    spelling: dict[str, str] = {}  # aiohttp sends only the last of two fields whose names differ in case
    for name, value in request.headers.items():
        lower = name.lower()
        if lower not in left_out and not lower.startswith("x-edge-") and taken(lower):
            headers.add(spelling.setdefault(lower, name), value)
    encoding = accept_encoding(policy, request)
    if encoding is not None:
        headers["Accept-Encoding"] = encoding or "identity"
    cookies = taken_cookies(request, policy.cookies, added.cookies)
    if cookies:
        headers["Cookie"] = cookies
    headers["Host"] = request.host if taken("host") and request.host else behaviour.origin.host
    agent = request.headers.get("User-Agent")
    headers["User-Agent"] = agent if agent is not None and taken("user-agent") else "Amazon CloudFront"
    headers["X-Forwarded-For"] = ", ".join([*request.headers.getall("X-Forwarded-For", []), request.address])
    headers["Via"] = ", ".join([*(request.headers.getall("Via", []) if taken("via") else []), via])
    headers["X-Amz-Cf-Id"] = request_id
    for name, value in behaviour.origin.custom_headers:
        headers[name] = value
    return headers
