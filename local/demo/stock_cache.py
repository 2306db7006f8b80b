"""The usual recipe to compare with: Kong's proxy-cache with POST enabled."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import httpx

_NAME = "stock-proxy-cache"


class StockProxyCache:
    """A service and a route with stock proxy-cache, made by the Admin API for the time of a with block.

    Usage:
        with StockProxyCache(world.admin, world.proxy, world.endpoints["1"]) as url:
            ...        # POST predictions to url

    All settings are proxy-cache's own defaults, but for the three that make it cache this model at all: POST in
    request_method, both usual JSON content types, and the memory strategy. Raises httpx.HTTPError.
    """

    def __init__(self, admin: str, proxy: str, endpoint: str) -> None:
        self._admin = httpx.Client(base_url=admin, timeout=10)
        self._url = f"{proxy}/{_NAME}"
        self._endpoint = endpoint

    def __enter__(self) -> str:
        self._put(f"/services/{_NAME}", {"url": self._endpoint})
        self._put(f"/services/{_NAME}/routes/{_NAME}", {"paths": [f"~/{_NAME}$"], "methods": ["POST"]})
        plugin = {
            "name": "proxy-cache",
            "config": {
                "strategy": "memory",
                "request_method": ["GET", "HEAD", "POST"],
                "content_type": ["application/json", "application/json; charset=utf-8"],
            },
        }
        self._admin.post(f"/routes/{_NAME}/plugins", json=plugin).raise_for_status()
        return self._url

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._admin.delete(f"/routes/{_NAME}").raise_for_status()
                self._admin.delete(f"/services/{_NAME}").raise_for_status()
        finally:
            self._admin.close()

    def _put(self, path: str, entity: dict[str, Any]) -> None:
        self._admin.put(path, json=entity).raise_for_status()
