"""Answers from the store or from the origin: hits, stale answers, revalidation, request collapsing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
from multidict import CIMultiDict

from local.edge.cache_key import CacheKey
from local.edge.cache_policy import CachePolicy
from local.edge.distribution import Distribution
from local.edge.error_page import error_page
from local.edge.lifetime import DEFAULT_ERROR_TTL_SECONDS, lifetime
from local.edge.object_store import ObjectStore, StoredObject
from local.edge.origin_client import OriginError

_HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_NOT_UPDATED = ("Content-Length", "Content-Encoding", "Content-Range", "Content-Type")
_MAXIMUM_TAGS, _MAXIMUM_TAG_CHARACTERS = 50, 256


@dataclass(frozen=True)
class Wanted:
    """What one request wants: its key, and how to ask the origin for it.

    ask: sends the request to the origin with these headers (validators) added; raises OriginError.
    """

    key: CacheKey
    distribution: Distribution
    policy: CachePolicy
    collapses: bool
    viewer_target: str
    request_id: str
    ask: Callable[[CIMultiDict[str]], Awaitable[aiohttp.ClientResponse]]


@dataclass
class Passing:
    """An answer that is not stored: passed on from the origin as it comes, after what was read of it already."""

    response: aiohttp.ClientResponse
    read: list[bytes] = field(default_factory=list)

    @property
    def headers(self) -> CIMultiDict[str]:
        return end_to_end(self.response)


@dataclass(frozen=True)
class Served:
    """An answer and how it came about: Hit, RefreshHit or Miss; shared: others that waited may have it too."""

    answer: StoredObject | Passing
    result: str
    shared: bool


class Cache:
    """The cache in front of the origins.

    Usage:
        served = await cache.answer(wanted)         # without an answer of the origin an error page, 502 or 504

    Simultaneous requests with one key wait for the first one's answer; when that may not be shared, each goes to the
    origin itself. An answer is stored when it is complete: of the stated length, or chunked to the end. One that ends
    with the connection is never stored, for nobody can tell whether it was cut off (CloudFront does store it). An
    answer that may be stored is fetched to its end even if the viewer leaves. A revalidation sends the validators of
    the stored answer. Sources: CloudFront Developer Guide, "Simultaneous requests for the same object (request
    collapsing)", "Conditional requests", "Dropped TCP connections", "Serve stale (expired) content", "How CloudFront
    processes HTTP 4xx and 5xx status codes from your origin". That a stale answer is a Hit while it is revalidated and
    a RefreshHit after a failure is not documented.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._flights: dict[tuple[int, CacheKey], asyncio.Task[Served]] = {}

    async def answer(self, wanted: Wanted) -> Served:
        found = self._store.get(wanted.key)
        if found is not None:
            if found.is_fresh or (time.monotonic() < found.retry_at and found.serves_on_failure):
                return Served(found, "Hit", True)
            if found.serves_while_revalidating:
                if (self._store.epoch, wanted.key) not in self._flights:
                    self._flight(wanted, found).add_done_callback(_close)
                return Served(found, "Hit", True)
        if not wanted.collapses:
            return await self._fetch(wanted, found)
        flight = self._flights.get((self._store.epoch, wanted.key))
        if flight is None:
            return await self._lead(wanted, found)
        served = await asyncio.shield(flight)
        return Served(served.answer, "Hit", True) if served.shared else await self._fetch(wanted, found)

    async def _lead(self, wanted: Wanted, found: StoredObject | None) -> Served:
        flight = self._flight(wanted, found)
        try:
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            flight.add_done_callback(_close)
            raise

    def _flight(self, wanted: Wanted, found: StoredObject | None) -> asyncio.Task[Served]:
        place = self._store.epoch, wanted.key
        flight = asyncio.create_task(self._fetch(wanted, found))
        self._flights[place] = flight
        flight.add_done_callback(lambda _: self._flights.pop(place, None))
        return flight

    async def _fetch(self, wanted: Wanted, stale: StoredObject | None) -> Served:
        epoch = self._store.epoch
        stale = stale if stale is not None and stale.status < 400 else None
        validators = _validators(stale)
        try:
            response = await wanted.ask(validators)
            if response.status >= 500 and stale is not None and stale.serves_on_failure:
                response.close()
                return self._served_stale(wanted, stale, response.status)
            if response.status == 304 and stale is not None and validators:
                response.release()
                return self._refreshed(wanted, stale, end_to_end(response), epoch)
            if stale is not None and self._store.get(wanted.key) is stale:
                self._store.drop(wanted.key)
            return await self._read(wanted, response, epoch)
        except OriginError as error:
            if stale is not None and stale.serves_on_failure:
                return self._served_stale(wanted, stale, error.status)
            headers, body = error_page(error.status, "CloudFront got no answer from the origin.", wanted.request_id)
            return self._complete(wanted, error.status, headers, body, epoch)

    async def _read(self, wanted: Wanted, response: aiohttp.ClientResponse, epoch: int) -> Served:
        headers = end_to_end(response)
        kept = lifetime(response.status, headers, wanted.policy, wanted.distribution.error_ttls, time.time())
        length, largest = response.content_length, self._store.largest_object_bytes
        ends_itself = length is not None or response.headers.get("Transfer-Encoding", "").lower() == "chunked"
        passing = Passing(response)
        if kept.fresh_seconds <= 0 or not ends_itself or (length or 0) > largest:
            return Served(passing, "Miss", False)
        size = 0
        try:
            async for chunk in response.content.iter_any():
                passing.read.append(chunk)
                size += len(chunk)
                if size > largest:
                    return Served(passing, "Miss", False)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            response.close()
            status = 504 if isinstance(error, asyncio.TimeoutError) else 502
            raise OriginError(status, "the origin's answer was cut off") from None
        return self._complete(wanted, response.status, headers, b"".join(passing.read), epoch)

    def _complete(self, wanted: Wanted, status: int, headers: CIMultiDict[str], body: bytes, epoch: int) -> Served:
        kept = lifetime(status, headers, wanted.policy, wanted.distribution.error_ttls, time.time())
        made = StoredObject(
            wanted.key, status, headers, body, kept, _tags(wanted.distribution, headers), wanted.viewer_target
        )
        if kept.fresh_seconds > 0:
            self._store.put(made, epoch)
        return Served(made, "Miss", kept.fresh_seconds > 0)

    def _refreshed(self, wanted: Wanted, stale: StoredObject, headers: CIMultiDict[str], epoch: int) -> Served:
        """The stored answer with the header fields of the 304 (RFC 9111, section 3.2) and a new lifetime."""
        merged = stale.headers.copy()
        for name in _NOT_UPDATED:
            headers.popall(name, None)
        for name in set(headers):
            merged.popall(name, None)
        merged.extend(headers)
        self._store.drop(wanted.key)
        served = self._complete(wanted, stale.status, merged, stale.body, epoch)
        return Served(served.answer, "RefreshHit", served.shared)

    def _served_stale(self, wanted: Wanted, stale: StoredObject, status: int) -> Served:
        error_ttl_seconds = wanted.distribution.error_ttls.get(status, DEFAULT_ERROR_TTL_SECONDS)
        stale.retry_at = time.monotonic() + error_ttl_seconds
        return Served(stale, "RefreshHit", True)


def end_to_end(response: aiohttp.ClientResponse) -> CIMultiDict[str]:
    """Return the headers of an answer without those of its connection."""
    named = {name.strip().lower() for line in response.headers.getall("Connection", []) for name in line.split(",")}
    left_out = _HOP_BY_HOP | named
    return CIMultiDict(pair for pair in response.headers.items() if pair[0].lower() not in left_out)


def _validators(stale: StoredObject | None) -> CIMultiDict[str]:
    validators: CIMultiDict[str] = CIMultiDict()
    if stale is not None and "ETag" in stale.headers:
        validators["If-None-Match"] = stale.headers["ETag"]
    if stale is not None and "Last-Modified" in stale.headers:
        validators["If-Modified-Since"] = stale.headers["Last-Modified"]
    return validators


def _tags(distribution: Distribution, headers: CIMultiDict[str]) -> frozenset[str]:
    """The cache tags of an answer, in lower case (Developer Guide, "What you need to know when invalidating tags")."""
    if not distribution.tag_header:
        return frozenset()
    tags = [tag.strip().lower() for tag in ",".join(headers.getall(distribution.tag_header, [])).split(",")]
    valid = [tag for tag in tags if tag and len(tag) <= _MAXIMUM_TAG_CHARACTERS and tag.isascii()]
    return frozenset(valid[:_MAXIMUM_TAGS])


def _close(flight: asyncio.Task[Served]) -> None:
    """Nobody takes the answer any more: let go of the connection, and of the error if there was one."""
    if not flight.cancelled() and flight.exception() is None:
        answer = flight.result().answer
        if isinstance(answer, Passing):
            answer.response.close()
