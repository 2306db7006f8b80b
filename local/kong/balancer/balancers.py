"""All balancers of one gateway."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from local.kong.balancer.balancer import Balancer
from local.kong.balancer.resolver import Resolver

Rows = Mapping[str, Mapping[str, Any]]


class Balancers:
    """A balancer for every upstream, in step with the entities: `changed` when they did, `close` with the gateway.

    `rows`: the store's entities by kind and id. Health checks begin with the next turn of the event loop.
    """

    def __init__(self, rows: Mapping[str, Rows], resolver: Resolver) -> None:
        self._rows, self._resolver = rows, resolver
        self._stale = False
        self._by_id: dict[str, Balancer] = {}
        self._by_name: dict[str, Balancer] = {}

    def changed(self) -> None:
        """Entities changed: health checks of new upstreams do not wait for a request."""
        if not self._stale:
            self._stale = True
            asyncio.get_running_loop().call_soon(self._update)

    def find(self, host: str) -> Balancer | None:
        """The balancer of the upstream with this name."""
        self._update()
        return self._by_name.get(host)

    def all(self) -> list[Balancer]:
        """Every balancer."""
        self._update()
        return list(self._by_id.values())

    def of(self, upstream_id: str) -> Balancer:
        """The balancer of the upstream with this id."""
        self._update()
        return self._by_id[upstream_id]

    def get(self, upstream_id: str) -> Balancer | None:
        """As `of`, None when there is no such upstream."""
        self._update()
        return self._by_id.get(upstream_id)

    def close(self) -> None:
        """Ends all health checks."""
        for balancer in self._by_id.values():
            balancer.close()

    def _update(self) -> None:
        if not self._stale:
            return
        self._stale = False
        targets: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in sorted(self._rows["targets"].values(), key=lambda row: (row["created_at"], row["id"])):
            targets[row["upstream"]["id"]].append(row)
        upstreams = self._rows["upstreams"]
        for gone in set(self._by_id) - set(upstreams):
            self._by_id.pop(gone).close()
        for id_, row in upstreams.items():
            if id_ in self._by_id:
                self._by_id[id_].update(row, targets[id_])
            else:
                self._by_id[id_] = Balancer(row, targets[id_], self._resolver)
        self._by_name = {balancer.upstream["name"]: balancer for balancer in self._by_id.values()}
