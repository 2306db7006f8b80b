"""Answers from the store or from the origin: hits, stale answers, revalidation, request collapsing."""

from __future__ import annotations

import asyncio
import enum
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from multidict import CIMultiDict

from local.edge.http_cache.lifetime import Lifetime
from local.edge.http_cache.object_store import CacheKey, ObjectStore, StoredObject, variant
from local.edge.origin_client import OriginError
from local.edge.viewer_request import ViewerRequest

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


class Rules(Protocol):
    """What a product says about the answers to one request."""

    def lifetime(self, status: int, headers: CIMultiDict[str]) -> Lifetime:
        """How long the answer may be kept."""
        ...

    def varies_on(self, headers: CIMultiDict[str]) -> Collection[str]:
        """The request headers, in lower case, that choose between stored answers."""
        ...

    def tags(self, status: int, headers: CIMultiDict[str]) -> frozenset[str]:
        """The cache tags of the answer."""
        ...

    def failure(self, status: int) -> tuple[CIMultiDict[str], bytes]:
        """Headers and body of the page for an origin that gives no answer."""
        ...

    def retry_seconds(self, status: int) -> float:
        """How long a stale answer is served before the origin is asked again after it failed."""
        ...


@dataclass(frozen=True)
class Wanted:
    """What one request wants: its key, and how to ask the origin for it.

    request: as it is looked up; viewer: as it came. collapses: it may have the answer of a request before it.
    ask: sends the request to the origin with these headers (validators) added; raises OriginError.
    """

    key: CacheKey
    rules: Rules
    collapses: bool
    request: ViewerRequest
    viewer: ViewerRequest
    ask: Callable[[CIMultiDict[str]], Awaitable[aiohttp.ClientResponse]]


@dataclass
class Passing:
    """An answer that is not stored: passed on from the origin as it comes, after what was read of it already."""

    response: aiohttp.ClientResponse
    read: list[bytes] = field(default_factory=list)

    @property
    def headers(self) -> CIMultiDict[str]:
        return end_to_end(self.response)


class Result(enum.Enum):
    """How an answer came about."""

    HIT = enum.auto()
    STALE = enum.auto()
    REVALIDATED = enum.auto()
    STALE_AFTER_FAILURE = enum.auto()
    MISS = enum.auto()


@dataclass(frozen=True)
class Served:
    """An answer and how it came about; shared: others that waited may have it too."""

    answer: StoredObject | Passing
    result: Result
    shared: bool

    def serves(self, request: ViewerRequest) -> bool:
        """Whether a request that waited for it may have it."""
        return self.shared and isinstance(self.answer, StoredObject) and self.answer.answers(request.headers)


class Cache:
    """The cache in front of the origins.

    Usage:
        served = await cache.answer(wanted)         # without an answer of the origin an error page, 502 or 504

    Simultaneous requests with one key wait for the first one's answer; when they may not have that, each goes to the
    origin itself. An answer is stored when it is complete: of the stated length, or chunked to the end. One that ends
    with the connection is never stored, for nobody can tell whether it was cut off. An answer that may be stored is
    fetched to its end even if the viewer leaves. A revalidation sends the validators of the stored answer. What may be
    stored, for how long and under which variant is the product's (`Rules`). Source: RFC 9111.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._flights: dict[tuple[int, CacheKey], asyncio.Task[Served]] = {}

    def fresh(self, key: CacheKey, request: ViewerRequest) -> StoredObject | None:
        """Return the stored answer for a request, if it is fresh."""
        found = self._store.get(key, request.headers)
        return found if found is not None and found.is_fresh else None

    async def answer(self, wanted: Wanted) -> Served:
        found = self._store.get(wanted.key, wanted.request.headers)
        if found is not None:
            if found.is_fresh:
                return Served(found, Result.HIT, True)
            if time.monotonic() < found.retry_at and found.serves_on_failure:
                return Served(found, Result.STALE, True)
            if found.serves_while_revalidating:
                if (self._store.epoch, wanted.key) not in self._flights:
                    self._flight(wanted, found).add_done_callback(_close)
                return Served(found, Result.STALE, True)
        if not wanted.collapses:
            return await self._fetch(wanted, found)
        flight = self._flights.get((self._store.epoch, wanted.key))
        if flight is None:
            return await self._lead(wanted, found)
        served = await asyncio.shield(flight)
        if served.serves(wanted.request):
            return Served(served.answer, Result.HIT, True)
        return await self._fetch(wanted, found)

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
                return _served_stale(wanted, stale, response.status)
            if response.status == 304 and stale is not None and validators:
                response.release()
                return self._refreshed(wanted, stale, end_to_end(response), epoch)
            if stale is not None and self._store.get(wanted.key, wanted.request.headers) is stale:
                self._store.drop(stale)
            return await self._read(wanted, response, epoch)
        except OriginError as error:
            if stale is not None and stale.serves_on_failure:
                return _served_stale(wanted, stale, error.status)
            headers, body = wanted.rules.failure(error.status)
            return self._complete(wanted, error.status, headers, body, epoch)

    async def _read(self, wanted: Wanted, response: aiohttp.ClientResponse, epoch: int) -> Served:
        headers = end_to_end(response)
        kept = wanted.rules.lifetime(response.status, headers)
        length, largest = response.content_length, self._store.largest_object_bytes
        ends_itself = length is not None or response.headers.get("Transfer-Encoding", "").lower() == "chunked"
        passing = Passing(response)
        if kept.fresh_seconds <= 0 or not ends_itself or (length or 0) > largest:
            return Served(passing, Result.MISS, False)
        size = 0
        try:
            async for chunk in response.content.iter_any():
                passing.read.append(chunk)
                size += len(chunk)
                if size > largest:
                    return Served(passing, Result.MISS, False)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            response.close()
            status = 504 if isinstance(error, asyncio.TimeoutError) else 502
            raise OriginError(status, "the origin's answer was cut off") from None
        return self._complete(wanted, response.status, headers, b"".join(passing.read), epoch)

    def _complete(self, wanted: Wanted, status: int, headers: CIMultiDict[str], body: bytes, epoch: int) -> Served:
        made = StoredObject(
            key=wanted.key,
            status=status,
            headers=headers,
            body=body,
            lifetime=wanted.rules.lifetime(status, headers),
            tags=wanted.rules.tags(status, headers),
            viewer_host=wanted.viewer.host,
            viewer_target=wanted.viewer.target,
            variant=variant(wanted.rules.varies_on(headers), wanted.request.headers),
        )
        stored = made.lifetime.fresh_seconds > 0
        if stored:
            self._store.put(made, epoch)
        return Served(made, Result.MISS, stored)

    def _refreshed(self, wanted: Wanted, stale: StoredObject, headers: CIMultiDict[str], epoch: int) -> Served:
        """The stored answer with the header fields of the 304 (RFC 9111, section 3.2) and a new lifetime."""
        merged = stale.headers.copy()
        for name in _NOT_UPDATED:
            headers.popall(name, None)
        for name in set(headers):
            merged.popall(name, None)
        merged.extend(headers)
        self._store.drop(stale)
        served = self._complete(wanted, stale.status, merged, stale.body, epoch)
        return Served(served.answer, Result.REVALIDATED, served.shared)


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


def _served_stale(wanted: Wanted, stale: StoredObject, status: int) -> Served:
    stale.retry_at = time.monotonic() + wanted.rules.retry_seconds(status)
    return Served(stale, Result.STALE_AFTER_FAILURE, True)


def _close(flight: asyncio.Task[Served]) -> None:
    """Nobody takes the answer any more: let go of the connection, and of the error if there was one."""
    if not flight.cancelled() and flight.exception() is None:
        answer = flight.result().answer
        if isinstance(answer, Passing):
            answer.response.close()
