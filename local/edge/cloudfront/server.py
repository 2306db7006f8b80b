"""One request through CloudFront."""

from __future__ import annotations

import logging
import secrets

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from local.edge.cloudfront.behaviour import Behaviour
from local.edge.cloudfront.cache_key import cache_key
from local.edge.cloudfront.caching_rules import CachingRules
from local.edge.cloudfront.distribution import Distribution
from local.edge.cloudfront.error_page import access_denied, error_page
from local.edge.cloudfront.function_event import GeneratedResponse, InvalidResult, applied, viewer_request_event
from local.edge.cloudfront.javascript import FunctionFailed
from local.edge.cloudfront.origin_request import origin_headers, origin_target
from local.edge.cloudfront.signed_url import COOKIES, AccessDenied, without_signature
from local.edge.cloudfront.viewer_response import VIA, viewer_headers, viewer_reply
from local.edge.http_cache.cache import Cache, Passing, Result, Served, Wanted
from local.edge.http_cache.conditional import not_modified
from local.edge.origin_client import OriginClient, OriginError
from local.edge.relay import BodyTooLarge, read_body, relay
from local.edge.viewer_request import ViewerRequest

LOG = logging.getLogger("local.edge")
_MAXIMUM_BODY_BYTES = 64 * 1024 * 1024
# That a stale answer is a Hit while it is revalidated and a RefreshHit after a failure is not documented.
_RESULTS = {
    Result.HIT: "Hit",
    Result.STALE: "Hit",
    Result.REVALIDATED: "RefreshHit",
    Result.STALE_AFTER_FAILURE: "RefreshHit",
    Result.MISS: "Miss",
}


class _Refused(Exception):
    """The edge answers with an error of its own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class CloudFrontServer:
    """`answer` answers an aiohttp request to a distribution; None: the host has none.

    It takes plain HTTP and stands for CloudFront's TLS side: every viewerProtocolPolicy is met. Left out: compression,
    ranges (a whole answer is a valid one), WebSocket, HTTP/2 and 3, firewall, geo restriction, custom error pages. HEAD
    is answered from a stored GET, and otherwise passed on without being stored. Sources: CloudFront Developer Guide,
    "Request and response behavior for custom origins"; for `X-Cache`, "Logging" (x-edge-result-type).
    """

    def __init__(self, cache: Cache, client: OriginClient) -> None:
        self._cache, self._client = cache, client

    async def answer(
        self, request: web.BaseRequest, viewer: ViewerRequest, distribution: Distribution | None
    ) -> web.StreamResponse:
        request_id = f"{secrets.token_urlsafe(40)}=="
        behaviour: Behaviour | None = None
        try:
            if viewer.too_long:
                raise _Refused(413, "The URL or the request is too long.")
            if not viewer.path.startswith("/"):
                raise _Refused(400, "Bad request.")
            if distribution is None:
                raise _Refused(403, f"No site is enabled for the name {viewer.host}.")
            behaviour = distribution.behaviour(viewer.path)
            _check(request, viewer, behaviour)
            wanted = self._run_function(viewer, distribution, behaviour, request_id)
            if isinstance(wanted, GeneratedResponse):
                return viewer_reply(
                    viewer,
                    behaviour,
                    wanted.status,
                    wanted.headers,
                    wanted.body,
                    "FunctionGeneratedResponse",
                    request_id,
                )
            return await self._answer(
                request, viewer, _unsigned(wanted, behaviour), distribution, behaviour, request_id
            )
        except AccessDenied as denied:
            headers, body = access_denied(denied)
            return viewer_reply(viewer, behaviour, 403, headers, body, "Error", request_id)
        except (_Refused, OriginError) as error:
            headers, body = error_page(error.status, str(error), request_id)
            return viewer_reply(viewer, behaviour, error.status, headers, body, "Error", request_id)

    def _run_function(
        self, viewer: ViewerRequest, distribution: Distribution, behaviour: Behaviour, request_id: str
    ) -> ViewerRequest | GeneratedResponse:
        function = behaviour.viewer_request
        if function is None:
            return viewer
        event = viewer_request_event(viewer, distribution.domain_name, distribution.id, request_id)
        try:
            return applied(viewer, event, function.run(event, viewer.query))
        except FunctionFailed as error:
            LOG.warning("viewer-request function failed: %s", error)
            raise _Refused(503, "The CloudFront function is invalid or could not run.") from None
        except InvalidResult as error:
            LOG.warning("viewer-request function: %s", error)
            raise _Refused(error.status, "The CloudFront function returned an invalid result.") from None

    async def _answer(
        self,
        request: web.BaseRequest,
        viewer: ViewerRequest,
        wanted: ViewerRequest,
        distribution: Distribution,
        behaviour: Behaviour,
        request_id: str,
    ) -> web.StreamResponse:
        key = cache_key(distribution.id, behaviour.origin.id, behaviour.cache_policy, wanted)
        cached = wanted.method in ("GET", "HEAD") and behaviour.cache_policy.caches
        body = b"" if wanted.method in ("GET", "HEAD") else await _body(request)
        target = origin_target(behaviour, wanted)

        async def ask(added: CIMultiDict[str]) -> aiohttp.ClientResponse:
            headers = origin_headers(behaviour, wanted, request_id, VIA, cached)
            headers.update(added)
            return await self._client.send(behaviour.origin, wanted.method, target, headers, body)

        found = self._cache.fresh(key, wanted) if cached and wanted.method == "HEAD" else None
        if found is not None:
            served = Served(found, Result.HIT, True)
        elif cached and wanted.method == "GET":
            served = await self._cache.answer(
                Wanted(
                    key=key,
                    rules=CachingRules(distribution, behaviour.cache_policy, request_id),
                    collapses=not behaviour.cookies_forwarded,
                    request=wanted,
                    viewer=viewer,
                    ask=ask,
                )
            )
        else:
            served = Served(Passing(await ask(CIMultiDict())), Result.MISS, False)
        if isinstance(served.answer, Passing):
            passing = served.answer
            headers = viewer_headers(viewer, behaviour, passing.response.status, passing.headers, "Miss", request_id)
            return await relay(request, passing, headers)
        stored, headers = served.answer, served.answer.headers.copy()
        if served.result is not Result.MISS:
            headers["Age"] = str(int(stored.age_seconds))
        status = 304 if stored.status == 200 and not_modified(viewer.headers, headers) else stored.status
        return viewer_reply(viewer, behaviour, status, headers, stored.body, _RESULTS[served.result], request_id)


def _check(request: web.BaseRequest, viewer: ViewerRequest, behaviour: Behaviour) -> None:
    """What the viewer may not do; signatures are checked before the function runs."""
    if viewer.method not in behaviour.allowed_methods:
        raise _Refused(403, "This distribution is not configured to allow the HTTP request method.")
    if viewer.method in ("GET", "HEAD") and request.body_exists:
        raise _Refused(403, "A GET request must not have a body.")
    if behaviour.signers is not None:
        behaviour.signers.check(viewer.host, viewer.path, viewer.query or "", viewer.cookie_map, viewer.address)


def _unsigned(wanted: ViewerRequest, behaviour: Behaviour) -> ViewerRequest:
    """The request without what signs it: that reaches neither key nor origin."""
    if behaviour.signers is None:
        return wanted
    headers = wanted.headers.copy()
    kept = "; ".join(f"{name}={value}" for name, value in wanted.cookies if name not in COOKIES)
    headers.popall("Cookie", None)
    if kept:
        headers["Cookie"] = kept
    query = without_signature(wanted.query) if wanted.query is not None else None
    return wanted.replaced(wanted.path, query or None, headers)


async def _body(request: web.BaseRequest) -> bytes:
    try:
        return await read_body(request, _MAXIMUM_BODY_BYTES)
    except BodyTooLarge:
        raise _Refused(413, "The body is too large.") from None
