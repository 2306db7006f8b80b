"""The first node's side: all entities, for the nodes that follow."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

_WAIT_SECONDS = 20.0


class Publisher:
    """Answers GET /embedded/entities?known=VERSION of the Admin API, a path that no real Kong has.

    `rows`: the store's entities by kind and id. `node_id`: makes versions of different runs differ.
    """

    def __init__(self, rows: Mapping[str, Any], node_id: str) -> None:
        self._rows, self._node_id = rows, node_id
        self._changes = 0
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Entities changed."""
        self._changes += 1
        self._changed.set()

    async def after(self, known: str | None) -> tuple[int, Any]:
        """Status and body: everything as soon as it is no longer the known version, 204 when it is for 20 s."""
        if known == self._version:
            self._changed.clear()
            try:
                async with asyncio.timeout(_WAIT_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                return 204, None
        return 200, {"version": self._version, "entities": self._rows}

    @property
    def _version(self) -> str:
        return f"{self._node_id}:{self._changes}"
