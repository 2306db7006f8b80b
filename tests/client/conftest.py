"""Fixtures of the client's tests: a server, and the two kinds of client behind one function."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

from client import AsyncPredictionTransport, PredictionTransport
from tests.client.support.server import RecordingServer

Post = Callable[..., httpx.Response]


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    """A running server."""
    with RecordingServer() as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def post(request: pytest.FixtureRequest, server: RecordingServer) -> Iterator[Post]:
    """Posts to a path with one client that lives for the whole test."""
    if request.param == "sync":
        with httpx.Client(base_url=server.url, transport=PredictionTransport()) as client:
            yield client.post
        return
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(base_url=server.url, transport=AsyncPredictionTransport())

        def post_and_wait(path: str, **options: Any) -> httpx.Response:
            content = options.get("content")
            if content is not None and not isinstance(content, bytes | str):
                options["content"] = _later(content)
            return runner.run(client.post(path, **options))

        yield post_and_wait
        runner.run(client.aclose())


async def _later(chunks: Any) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
