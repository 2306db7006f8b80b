"""python -m local.bench.load < job.json > result.json: asks one URL over and over, as fast as it answers.

A process of its own, which does nothing else, and HTTP/1.1 as bytes: a client library takes longer for a request than
some of what is measured here. local.bench.load_run starts it.
"""

from __future__ import annotations

import asyncio
import collections
import gc
import json
import re
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_END = b"\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CACHE_STATUS = re.compile(rb"\r\n(?:cache-status|x-cache-status): *([^\r]*)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class LoadError(RuntimeError):
    """An answer that this client cannot read, or a connection that failed; the text is for a person."""


class Connection(asyncio.Protocol):
    """One connection: sends a request, reads its answer, and sends the next one until time is up.

    requests: pairs of the request's number and its bytes, without end. Each answer is noted in `times_ms` and, by
    number, status, cache status and body, in `answers`. `ended` is done when the time is up, or with a LoadError.
    """

    def __init__(
        self,
        requests: Iterator[tuple[int, bytes]],
        until: float,
        times_ms: list[float],
        answers: collections.Counter[tuple[int, int, bytes, bytes]],
    ) -> None:
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._requests, self._until, self._times_ms, self._answers = requests, until, times_ms, answers
        self._buffer = bytearray()
        self._expected = 0  # bytes of the whole answer, 0 before its head is there
        self._head = b""
        self._answered = False

    def connection_made(self, transport: Any) -> None:
        self._transport: asyncio.Transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._expected:
            end = self._buffer.find(_END)
            if end < 0:
                return
            self._head = bytes(self._buffer[: end + 2])
            length = _LENGTH.search(self._head)
            if not length:
                self._end(LoadError(f"an answer without Content-Length: {self._head[:200]!r}"))
                return
            self._expected = end + len(_END) + int(length[1])
        if len(self._buffer) >= self._expected:
            self._note()

    def connection_lost(self, exc: Exception | None) -> None:
        # A server may close a connection after any answer, and has then not seen the request that came after it.
        unseen = self._answered and not self._buffer
        self._end(None if unseen else LoadError("the connection was closed without an answer"))

    def _send(self) -> None:
        self._number, request = next(self._requests)
        self._buffer.clear()
        self._expected = 0
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def _note(self) -> None:
        now = time.perf_counter()
        self._answered = True
        self._times_ms.append((now - self._sent_at) * 1000)
        head, status = self._head, _STATUS.match(self._head)
        cache_status = _CACHE_STATUS.search(head)
        start = len(head) + 2
        key = (self._number, int(status[1]) if status else 0, cache_status[1] if cache_status else b"")
        self._answers[(*key, bytes(self._buffer[start:]))] += 1
        if now >= self._until or _CLOSE.search(head):
            self._end(None)
        else:
            self._send()

    def _end(self, error: LoadError | None) -> None:
        if not self.ended.done():
            self._transport.close()
            if error:
                self.ended.set_exception(error)
            else:
                self.ended.set_result(True)


async def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job, `{url, headers, bodies, connections, seconds}`, and return what came back.

    Result: seconds, times_ms of every answer, answers as [number of the body, status, cache status, body, how often].
    Raises LoadError and OSError.
    """
    url = urlsplit(job["url"])
    rendered = [_request(job, body.encode()) for body in job["bodies"]]
    times_ms: list[float] = []
    answers: collections.Counter[tuple[int, int, bytes, bytes]] = collections.Counter()
    started = time.perf_counter()
    until = started + job["seconds"]

    async def keep_asking(offset: int) -> None:
        requests = _round(rendered, offset)
        while time.perf_counter() < until:  # again for each connection that the server ended after an answer
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(requests, until, times_ms, answers), url.hostname, url.port
            )
            await connection.ended

    gc.disable()  # no pause of this client in the middle of an answer's time
    async with asyncio.TaskGroup() as group:
        for number in range(job["connections"]):
            group.create_task(keep_asking(number))
    return {
        "seconds": time.perf_counter() - started,
        "times_ms": [round(time_ms, 4) for time_ms in times_ms],
        "answers": [
            [number, status, cache_status.decode("latin-1"), body.decode("utf-8", "replace"), count]
            for (number, status, cache_status, body), count in answers.items()
        ],
    }


def _round(rendered: list[bytes], offset: int) -> Iterator[tuple[int, bytes]]:
    position = offset
    while True:
        number = position % len(rendered)
        yield number, rendered[number]
        position += 1


def _request(job: dict[str, Any], body: bytes) -> bytes:
    url = urlsplit(job["url"])
    headers = {
        "Host": url.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **job["headers"],
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    path = f"{url.path}?{url.query}" if url.query else url.path
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def main() -> int:
    """Read a job from stdin and write its result to stdout."""
    try:
        json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)
    except (ExceptionGroup, OSError) as error:
        first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        print(first, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
