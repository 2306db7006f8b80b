"""One request through a Google edge: looked up, asked for, answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from local.edge.google.cache_key import GoogleCacheKey
from local.edge.google.caching_rules import CachingRules
from local.edge.google.error_page import Refused, error_page
from local.edge.http_cache.cache import Cache, Passing, Result, Served, Wanted
from local.edge.http_cache.conditional import not_modified
from local.edge.origin_client import Endpoint, OriginClient, OriginError
from local.edge.relay import BodyTooLarge, read_body, relay
from local.edge.viewer_request import ViewerRequest
from local.kong.reply import Reply

_STATUS_WORDS = {
    Result.HIT: "hit",
    Result.STALE: "stale",
    Result.REVALIDATED: "revalidated",
    Result.STALE_AFTER_FAILURE: "stale",
    Result.MISS: "miss",
}
_VIA = "1.1 google"


@dataclass(frozen=True)
class Exchange:
    """A routed request. key None: the cache is not asked, and `status_word` says why (uncacheable, disabled).

    viewer: as it came; request: with the headers that the route gave it; target, headers: what goes to the origin.
    finish: changes the answer's headers; its variables are those of custom headers ({cdn_cache_status}).
    """

    viewer: ViewerRequest
    request: ViewerRequest
    key: GoogleCacheKey | None
    rules: CachingRules
    collapses: bool
    status_word: str
    endpoint: Endpoint
    target: str
    headers: CIMultiDict[str]
    finish: Callable[[CIMultiDict[str], Mapping[str, str]], None]
    place: str = ""
    maximum_body_bytes: int = 64 * 1024 * 1024


async def answer(cache: Cache, client: OriginClient, request: web.BaseRequest, one: Exchange) -> web.StreamResponse:
    """Return the answer for the viewer; raises Refused (413) and OriginError.

    HEAD is answered from a stored GET, and otherwise passed on without being stored.
    """
    try:
        body = await read_body(request, one.maximum_body_bytes)
    except BodyTooLarge:
        raise Refused(413, "The request body is too large.") from None
    method = one.request.method

    async def ask(added: CIMultiDict[str]) -> aiohttp.ClientResponse:
        headers = one.headers.copy()
        headers.update(added)
        return await client.send(one.endpoint, method, one.target, headers, body)

    served: Served | None = None
    if one.key is not None and method == "HEAD":
        found = cache.fresh(one.key, one.request)
        served = Served(found, Result.HIT, True) if found is not None else None
    elif one.key is not None and method == "GET":
        served = await cache.answer(Wanted(one.key, one.rules, one.collapses, one.request, one.viewer, ask))
    if served is None:
        served = Served(Passing(await ask(CIMultiDict())), Result.MISS, False)
    if isinstance(served.answer, Passing):
        word = one.status_word if one.key is None else "uncacheable"
        return await relay(request, served.answer, _finished(one, served.answer.headers, word))
    stored, headers = served.answer, served.answer.headers.copy()
    if served.result is not Result.MISS:
        headers["Age"] = str(int(stored.age_seconds) + _seconds(stored.headers.get("Age", "")))
    status = 304 if stored.status == 200 and not_modified(one.viewer.headers, headers) else stored.status
    headers.popall("Content-Length", None)
    headers = _finished(one, headers, _STATUS_WORDS[served.result])
    return Reply(status=status, headers=headers, body=None if status in (204, 304) else stored.body)


def failure(error: Refused | OriginError) -> web.StreamResponse:
    """Return the edge's own page for an error."""
    headers, body = error_page(error.status, str(error) if isinstance(error, Refused) else "")
    headers["Via"] = _VIA
    return Reply(status=error.status, headers=headers, body=body)


def own_answer(status: int, headers: CIMultiDict[str]) -> web.StreamResponse:
    """Return an answer of the edge without a body, such as a redirect."""
    headers["Via"] = _VIA
    return Reply(status=status, headers=headers)


def _finished(one: Exchange, headers: CIMultiDict[str], word: str) -> CIMultiDict[str]:
    headers["Via"] = ", ".join([*headers.getall("Via", []), _VIA])
    status = f"{one.place};{word}" if one.place else word
    one.finish(headers, {"cdn_cache_status": status, "cdn_cache_id": f"{one.place or 'LOCAL'}-00000000"})
    return headers


def _seconds(age: str) -> int:
    return int(age) if age.isascii() and age.isdigit() else 0
