"""The event of a viewer-request function, and what its result does to the request."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from multidict import CIMultiDict

from local.edge.viewer_request import ViewerRequest, query_parts

_DISALLOWED = re.compile(
    "connection|expect|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|trailer|upgrade"
    "|x-accel-(buffering|charset|limit-rate|redirect)|x-amz-cf-.*|x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype"
    "|fle-profile|header-count|header-order|lambda-integration-tag|requestid)|x-cache|x-edge-.*|x-forwarded-proto"
    "|x-real-ip"
)
_READ_ONLY = ("content-length", "host", "transfer-encoding", "via")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SPACES = re.compile(r"[\x00-\x20\x7f#]")


class InvalidResult(Exception):
    """The function's result is not allowed; `status` is what the viewer gets."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class GeneratedResponse:
    """A response that the function made itself; never cached."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


def viewer_request_event(
    request: ViewerRequest, domain_name: str, distribution_id: str, request_id: str
) -> dict[str, Any]:
    """Return the event, version 1.0 (Developer Guide, "CloudFront Functions event structure")."""
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    shown = [pair for pair in headers if pair[0] != "cookie" and not _DISALLOWED.fullmatch(pair[0])]
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": domain_name,
            "distributionId": distribution_id,
            "eventType": "viewer-request",
            "requestId": request_id,
        },
        "viewer": {"ip": request.address},
        "request": {
            "method": request.method,
            "uri": request.path,
            "querystring": _fields((name, value) for name, value, _ in query_parts(request.query)),
            "headers": _fields(shown),
            "cookies": _fields(request.cookies),
        },
    }


def applied(request: ViewerRequest, event: Mapping[str, Any], result: Any) -> ViewerRequest | GeneratedResponse:
    """Return the request or response that the function asks for; raises InvalidResult.

    A result that adds a disallowed header or touches a read-only one is a 502, any other unusable one a 503 (Developer
    Guide, "Restrictions on all edge functions"). What the function leaves alone goes on exactly as it was received.
    """
    if not isinstance(result, dict):
        raise InvalidResult(503, "the function returned neither a request nor a response")
    if "statusCode" in result:
        return _response(result)
    sent = event["request"]
    if result.get("method", sent["method"]) != sent["method"]:
        raise InvalidResult(503, "the function changed the method")
    uri = result.get("uri")
    if not isinstance(uri, str) or not uri.startswith("/") or _SPACES.search(uri):
        raise InvalidResult(503, "the function returned a uri that does not start with / or has spaces")
    path = request.path if uri == sent["uri"] else uri.replace("?", "%3F")
    returned = request.replaced(path, _query(request, sent, result), _headers(request, sent, result))
    if len(returned.target) >= 8192:
        raise InvalidResult(503, "the function returned a URL of more than 8,191 characters")
    return returned


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = {"value": value}
        else:
            found[name].setdefault("multiValue", [{"value": found[name]["value"]}]).append({"value": value})
    return found


def _pairs(given: Any, sent: Any, what: str) -> list[tuple[str, str]]:
    """Names and values; a changed `multiValue` goes before `value`, else `value` replaces its first element."""
    if not isinstance(given, dict):
        raise InvalidResult(503, f"the function returned {what} that are not an object")
    pairs: list[tuple[str, str]] = []
    for name, one in given.items():
        values = _values(one, sent.get(name))
        if values is None:
            raise InvalidResult(503, f"the function returned {what} whose '{name}' has no value")
        pairs += [(name, value) for value in values]
    return pairs


def _values(one: Any, sent: Any) -> list[str] | None:
    if not isinstance(one, dict):
        return None
    multiple = one.get("multiValue")
    if isinstance(multiple, list) and multiple:
        values = [entry.get("value") if isinstance(entry, dict) else None for entry in multiple]
        if sent is not None and multiple == sent.get("multiValue") and one.get("value") != sent.get("value"):
            values[0] = one.get("value")
    else:
        values = [one.get("value")]
    texts = [value for value in values if isinstance(value, str)]
    return texts if len(texts) == len(values) else None


def _query(request: ViewerRequest, sent: Any, result: Any) -> str | None:
    given = result.get("querystring", {})
    if given == sent["querystring"] and list(given) == list(sent["querystring"]):
        return request.query
    if isinstance(given, str):
        query = given
    else:
        pairs = _pairs(given, sent["querystring"], "query strings")
        query = "&".join(f"{name}={value}" for name, value in pairs)
    if _SPACES.search(query):
        raise InvalidResult(503, "the function returned a query string with spaces or #")
    return query or None


def _headers(request: ViewerRequest, sent: Any, result: Any) -> CIMultiDict[str]:
    given, cookies = result.get("headers", {}), result.get("cookies", {})
    headers: CIMultiDict[str] = CIMultiDict()
    if given == sent["headers"]:
        headers.extend(pair for pair in request.headers.items() if _is_shown(pair[0]))
    else:
        pairs = _pairs(given, sent["headers"], "headers")
        for name in _READ_ONLY:
            if given.get(name) != sent["headers"].get(name):
                raise InvalidResult(502, f"the function changed the read-only header {name}")
        headers.extend(_checked(pairs))
    if cookies == sent["cookies"]:
        headers.extend(pair for pair in request.headers.items() if pair[0].lower() == "cookie")
    elif cookies:
        line = "; ".join(f"{name}={value}" for name, value in _pairs(cookies, sent["cookies"], "cookies"))
        headers.extend(_checked([("cookie", line)]))
    return headers


def _is_shown(name: str) -> bool:
    return name.lower() != "cookie" and not _DISALLOWED.fullmatch(name.lower())


def _checked(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    checked: list[tuple[str, str]] = []
    for name, value in pairs:
        if _DISALLOWED.fullmatch(name):
            raise InvalidResult(502, f"the function added the disallowed header {name}")
        if not _HEADER_NAME.fullmatch(name) or _CONTROL.search(value):
            raise InvalidResult(503, f"the function returned the header {name[:100]!r}, which HTTP does not allow")
        checked.append(("-".join(part.capitalize() for part in name.split("-")), value))
    return checked


def _response(result: Mapping[str, Any]) -> GeneratedResponse:
    status = result["statusCode"]
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise InvalidResult(503, "the function returned a statusCode that is no integer from 200 to 599")
    headers: CIMultiDict[str] = CIMultiDict(_checked(_pairs(result.get("headers", {}), {}, "headers")))
    headers.popall("Content-Length", None)
    headers.popall("Transfer-Encoding", None)
    cookies = result.get("cookies", {})
    for name, value in _pairs(cookies, {}, "cookies"):
        attributes = cookies[name].get("attributes", "")
        headers.extend(
            ("Set-Cookie", line) for _, line in _checked([("set-cookie", f"{name}={value}")]) if not attributes
        )
        if attributes:
            headers.extend(_checked([("set-cookie", f"{name}={value}; {attributes}")]))
    return GeneratedResponse(status, headers, _body(result.get("body", "")))


def _body(body: Any) -> bytes:
    encoding, data = ("text", body) if isinstance(body, str) else (None, None)
    if isinstance(body, dict):
        encoding, data = body.get("encoding", "text"), body.get("data", "")
    if isinstance(data, str) and encoding == "text":
        return data.encode("utf-8", "replace")
    if isinstance(data, str) and encoding == "base64":
        try:
            return base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidResult(503, "the function returned a body that is not base64") from None
    raise InvalidResult(503, "the function returned a body that is neither text nor base64")
