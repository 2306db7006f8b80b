"""Which POST may be asked with GET, that GET, and which answers mean that it may not."""

from __future__ import annotations

import base64
import json
import re

import httpx

from .canonical import NotCanonical, canonical

MAX_INPUT_BYTES = 6_000
# Servers keep a request line in a buffer of 8 KiB, and CloudFront takes a URL of that length.
_MAX_LINE_BYTES = 8_192
# A longer body does not become 6,000 bytes, but for an excess of white space.
MAX_BODY_BYTES = 65_536

_JSON = re.compile(r'application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_ACCEPTED = re.compile(r"(\*/\*|application/json)\s*(;\s*q\s*=\s*(1(\.0*)?|0\.\d*[1-9]\d*)\s*)?", re.IGNORECASE)
_OF_THE_BODY = frozenset({b"content-length", b"content-type", b"transfer-encoding"})
# What changes the answer and is in no key, speaks of the body, or signs method and URL.
_POST_ONLY = re.compile(
    rb"content-(?!length$|type$).*|if-.*|x-amzn?-.*|prefer|range|expect|trailer|upgrade|digest|repr-digest|"
    rb"signature(-input)?"
)
_SIGNING_SCHEMES = re.compile(r"\s*(digest|hmac|signature|aws4-)", re.IGNORECASE)
# CloudFront heeds none of these in a request.
_WANTS_FRESH = re.compile(r"\bno-cache\b|\bno-store\b|\bmax-age\s*=\s*0*\b(?!\d)", re.IGNORECASE)

_TOO_LONG = (414, 431)
_NO_GET = (301, 302, 303, 307, 308, 404, 405, 501)
_SAYS_POST = re.compile(r"\bPOST\b|\bbase64url\b|\binput is not JSON\b|\bparameter input\b|\binput=")


def may_have_twin(request: httpx.Request) -> bool:
    """Whether a request could be asked with GET, as far as its URL and headers tell."""
    headers = request.headers
    length = headers.get("content-length", "0")
    return (
        request.method == "POST"
        and b"?" not in request.url.raw_path
        and "target" not in request.extensions
        and _JSON.fullmatch(headers.get("content-type", "")) is not None
        and length.isdigit()
        and int(length) <= MAX_BODY_BYTES
        and not any(_POST_ONLY.fullmatch(name.lower()) for name, _ in headers.raw)
        and all(_ACCEPTED.fullmatch(item.strip()) for item in headers.get("accept", "*/*").split(","))
        and not _SIGNING_SCHEMES.match(headers.get("authorization", ""))
        and not _WANTS_FRESH.search(f"{headers.get('cache-control', '')},{headers.get('pragma', '')}")
    )


def twin_of(request: httpx.Request, body: bytes) -> httpx.Request | None:
    """The GET of a POST for which `may_have_twin`, None when its body does not fit."""
    try:
        document = canonical(body)
    except NotCanonical:
        return None
    if len(document) > MAX_INPUT_BYTES:
        return None
    url = request.url.copy_with(query=b"input=" + base64.urlsafe_b64encode(document).rstrip(b"="))
    if max(len(str(url)), len(f"GET {url.raw_path.decode()} HTTP/1.1\r\n")) >= _MAX_LINE_BYTES:
        return None
    headers = [(name, value) for name, value in request.headers.raw if name.lower() not in _OF_THE_BODY]
    return httpx.Request("GET", url, headers=headers, extensions=request.extensions)


def may_say_post(response: httpx.Response) -> bool:
    """Whether the body of an answer has to be read to know if the question has to be asked by POST."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return response.status_code == 400 and kind == "application/json"


def asks_for_post(response: httpx.Response, body: bytes) -> bool:
    """Whether the question has to be asked by POST; `body` is the answer's where `may_say_post`."""
    status = response.status_code
    if status in _NO_GET or status in _TOO_LONG:
        return True
    return may_say_post(response) and _SAYS_POST.search(_message(body)) is not None


def refused_from(response: httpx.Response, twin: httpx.Request) -> int | None:
    """From how many bytes of URL on this path refuses GET, None when the answer tells nothing of other questions."""
    if response.status_code in _NO_GET:
        return 0
    return len(str(twin.url)) if response.status_code in _TOO_LONG else None


def _message(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(document.get("message", "")) if isinstance(document, dict) else ""
