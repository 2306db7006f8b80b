"""Many callers for a while: further keys of a consumer of the stack."""

from __future__ import annotations

from types import TracebackType

import httpx

_PREFIX = "caller-for-a-while-"


class CallerKeys:
    """Keys of the stack's first consumer, made by the Admin API for the time of a with block.

    Usage:
        with CallerKeys(world.admin, 300) as keys:
            ...

    The keys are the same in each run. Raises httpx.HTTPError.
    """

    def __init__(self, admin: str, count: int) -> None:
        self._admin = httpx.Client(base_url=admin, timeout=10)
        self._keys = [f"{_PREFIX}{number:04}" for number in range(count)]
        self._path = ""

    def __enter__(self) -> list[str]:
        consumers = self._admin.get("/consumers").raise_for_status().json()["data"]
        self._path = f"/consumers/{consumers[0]['id']}/key-auth"
        for key in self._keys:
            self._admin.post(self._path, json={"key": key}).raise_for_status()
        return self._keys

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                for key in self._keys:
                    self._admin.delete(f"{self._path}/{key}").raise_for_status()
        finally:
            self._admin.close()
