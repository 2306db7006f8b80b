"""What the viewer gets of an answer: its headers and CloudFront's own."""

from __future__ import annotations

from aiohttp import web
from multidict import CIMultiDict

from local.edge.cloudfront.behaviour import Behaviour
from local.edge.viewer_request import ViewerRequest
from local.kong.reply import Reply

VIA = "1.1 local.cloudfront.net (CloudFront)"
_POP = "LOCAL1-P1"


def viewer_reply(
    viewer: ViewerRequest,
    behaviour: Behaviour | None,
    status: int,
    headers: CIMultiDict[str],
    body: bytes,
    result: str,
    request_id: str,
) -> web.StreamResponse:
    """Return a whole answer for the viewer; result: Hit, RefreshHit, Miss, Error or FunctionGeneratedResponse."""
    headers = viewer_headers(viewer, behaviour, status, headers, result, request_id)
    headers.popall("Content-Length", None)
    return Reply(status=status, headers=headers, body=None if status in (204, 304) else body)


def viewer_headers(
    viewer: ViewerRequest,
    behaviour: Behaviour | None,
    status: int,
    headers: CIMultiDict[str],
    result: str,
    request_id: str,
) -> CIMultiDict[str]:
    """Change the answer's headers, which must be a copy, into those for the viewer, and return them.

    Set-Cookie goes unless cookies are forwarded, Vary loses what the origin cannot have seen, CloudFront's own headers
    come, then the response headers policy. Source: CloudFront Developer Guide, "HTTP response headers that CloudFront
    removes or replaces".
    """
    if behaviour is not None:
        if not behaviour.cookies_forwarded and result != "FunctionGeneratedResponse":
            headers.popall("Set-Cookie", None)
        _filter_vary(behaviour, headers)
    failed = status >= 400 and result != "FunctionGeneratedResponse"
    headers["X-Cache"] = f"{'Error' if failed else result} from cloudfront"
    headers["Via"] = VIA
    headers["X-Amz-Cf-Pop"] = _POP
    headers["X-Amz-Cf-Id"] = request_id
    if behaviour is not None and behaviour.response_headers_policy is not None:
        behaviour.response_headers_policy.apply(headers, viewer.headers, viewer.method)
    return headers


def _filter_vary(behaviour: Behaviour, headers: CIMultiDict[str]) -> None:
    """Only what the origin can have seen stays (Developer Guide, "HTTP response headers that CloudFront removes")."""
    names = [name.strip() for name in ",".join(headers.popall("Vary", [])).split(",") if name.strip()]
    kept = [
        name
        for name in names
        if name.lower() in ("accept-encoding", "cookie", "*")
        or behaviour.cache_policy.headers.takes(name.lower())
        or behaviour.origin_request_policy.headers.takes(name.lower())
    ]
    if kept:
        headers["Vary"] = ", ".join(kept)
