"""A running local edge and its origin for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.edge.running import Edge, Origin, listening, running_edge


@pytest_asyncio.fixture
async def edge() -> AsyncIterator[Edge]:
    async with running_edge() as running:
        yield running


@pytest_asyncio.fixture
async def origin() -> AsyncIterator[Origin]:
    made = Origin()
    async with listening(made.handle) as port:
        made.port = port
        yield made
