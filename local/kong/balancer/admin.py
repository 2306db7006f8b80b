"""The Admin API's URLs of targets and of their health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from local.kong.balancer.address import joined, parse
from local.kong.balancer.balancer import Balancer
from local.kong.balancer.balancers import Balancers
from local.kong.balancer.entities import TARGETS, UPSTREAMS
from local.kong.balancer.status import balancer_health, target_health
from local.kong.pagination import page, position_page
from local.kong.store import Row, Store, StoreError, shown

Answer = tuple[int, Any]
Found = tuple[str, Callable[[str, dict[str, str], Row], Answer | Awaitable[Answer]]]


class BalancerAdmin:
    """What answers the URLs below /upstreams/{upstream}; `find` gives a URL's methods and its action."""

    def __init__(self, store: Store, balancers: Balancers, node_id: str) -> None:
        self._store, self._balancers, self._node_id = store, balancers, node_id

    def find(self, parts: list[str]) -> Found | None:
        """None when the URL is none of these. Raises StoreError 404 for an unknown upstream."""
        match parts:
            case ["upstreams", key, "health"]:
                return "GET, HEAD, OPTIONS", lambda method, query, given: self._health(key, query)
            case ["upstreams", key, "targets"]:
                return "GET, HEAD, OPTIONS, POST", lambda method, query, given: self._targets(method, key, query, given)
            case ["upstreams", key, "targets", "all"]:
                return "GET, HEAD, OPTIONS", lambda method, query, given: self._all(key, query)
            case ["upstreams", key, "targets", target]:
                return "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", lambda method, query, given: self._one(
                    method, key, target, given
                )
            case ["upstreams", key, "targets", target, *address, ("healthy" | "unhealthy") as state] if (
                len(address) < 2
            ):
                return "OPTIONS, PUT", lambda method, query, given: self._mark(key, target, address, state == "healthy")
        return None

    def _upstream(self, key: str) -> Row:
        row = self._store.find(UPSTREAMS, key)
        if row is None:
            raise StoreError(404, {"message": "Not found"})
        return row

    def _newest_first(self, upstream: Row) -> list[Row]:
        rows = self._store.list(TARGETS, {"upstream": upstream["id"]})
        return sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True)

    def _target(self, upstream: Row, key: str) -> Row:
        rows = self._newest_first(upstream)
        found = next((row for row in rows if key.lower() == row["id"] or key == row["target"]), None)
        if found is None:
            raise StoreError(404, {"message": "Not found"})
        return found

    def _targets(self, method: str, key: str, query: dict[str, str], given: Row) -> Answer:
        upstream = self._upstream(key)
        if method == "POST":
            return 201, shown(self._store.insert(TARGETS, {**given, "upstream": {"id": upstream["id"]}}))
        rows = [shown(row) for row in self._newest_first(upstream)]
        return 200, position_page(rows, f"/upstreams/{key}/targets", query)

    def _all(self, key: str, query: dict[str, str]) -> Answer:
        rows = self._store.list(TARGETS, {"upstream": self._upstream(key)["id"]})
        return 200, page([shown(row) for row in rows], f"/upstreams/{key}/targets/all", query)

    def _one(self, method: str, key: str, target: str, given: Row) -> Answer:
        upstream = self._upstream(key)
        row = self._target(upstream, target)
        if method == "DELETE":
            self._store.delete(TARGETS, row)
            return 204, None
        if method in ("PATCH", "PUT"):
            row = self._store.update(TARGETS, row, {**given, "upstream": {"id": upstream["id"]}})
        return 200, shown(row)

    async def _health(self, key: str, query: dict[str, str]) -> Answer:
        upstream = self._upstream(key)
        balancer = await self._ready(upstream)
        if query.get("balancer_health") == "1":
            return 200, {"data": balancer_health(balancer), "next": None, "node_id": self._node_id}
        rows = [{**shown(row), **target_health(balancer, row["target"])} for row in self._newest_first(upstream)]
        return 200, {**position_page(rows, f"/upstreams/{key}/health", query), "node_id": self._node_id}

    async def _mark(self, key: str, target: str, address: list[str], available: bool) -> Answer:
        upstream = self._upstream(key)
        row = self._target(upstream, target)
        balancer = await self._ready(upstream)
        if not balancer.health.is_on:
            raise StoreError(400, {"message": f"no healthchecker found for {upstream['name']}"})
        wanted = parse(address[0]) if address else None
        for one in balancer.targets:
            if joined(one.host, one.port) == row["target"]:
                for known in one.addresses:
                    if wanted is None or known.ip == wanted.host:
                        balancer.health.set(known, available)
        return 204, None

    async def _ready(self, upstream: Row) -> Balancer:
        balancer = self._balancers.of(upstream["id"])
        await balancer.ready()
        return balancer
