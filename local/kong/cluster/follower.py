"""A further node's side: takes over the first node's entities."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from local.kong.store import Store

LOG = logging.getLogger("local.kong")
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_RETRY_SECONDS = 0.5
_GATHER_SECONDS = 0.05


class FollowError(Exception):
    """The first node gives no entities; the text is for a person."""


class Follower:
    """Keeps a store as the first node's is; while that one cannot be reached, as it was last.

    Usage:
        follower = Follower(store, "http://127.0.0.1:8001", session)
        await follower.take()   # once; raises FollowError
        await follower.run()    # until it is cancelled

    `admin`: the first node's Admin API.
    """

    def __init__(self, store: Store, admin: str, session: aiohttp.ClientSession) -> None:
        self._store, self._admin, self._session = store, admin, session
        self._version = ""

    async def take(self) -> None:
        """Wait for entities that are not those it has, and take them over."""
        url = f"{self._admin}/embedded/entities"
        try:
            async with self._session.get(url, params={"known": self._version}) as answer:
                if answer.status == 204:
                    return
                if answer.status != 200:
                    raise FollowError(f"cannot follow {self._admin}: it answers {answer.status} {answer.reason}")
                given: Any = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise FollowError(f"cannot follow {self._admin}: {error or 'no answer in time'}") from None
        self._store.mirror(given["entities"])
        self._version = given["version"]

    async def run(self) -> None:
        """Take over every change, several at once when they come fast."""
        reached = True
        while True:
            try:
                await self.take()
                reached = True
                await asyncio.sleep(_GATHER_SECONDS)
            except FollowError as error:
                if reached:
                    LOG.warning("%s; the last configuration stays", error)
                reached = False
                await asyncio.sleep(_RETRY_SECONDS)


@contextlib.asynccontextmanager
async def following(store: Store, admin: str, token: str | None) -> AsyncIterator[None]:
    """The store follows the node with this Admin API, whose `token` is sent if it asks for one; raises FollowError."""
    headers = {"Kong-Admin-Token": token} if token else {}
    async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT) as session:
        follower = Follower(store, admin.rstrip("/"), session)
        await follower.take()
        task = asyncio.create_task(follower.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
