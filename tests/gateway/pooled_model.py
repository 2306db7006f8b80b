"""Deploys a KongCachedRoute in front of an InferencePool with the embedded engine, and asks it questions."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pulumi

from components import KongCachedRoute
from components.pool.inference_pool import InferencePool
from local.engine import EmbeddedEngine
from tests.gateway.model_server import ModelServer

_numbers = itertools.count(1)


class PooledModel:
    """A model with replicas. pooled.deploy(servers, affinity={}); pooled.spread([{"prompt": "a"}, ...])"""

    def __init__(self, admin: str, proxy: str, scratch: Path, settle: Callable[[Callable[[], bool]], None]) -> None:
        self.name, self._settle = f"pooled{next(_numbers)}", settle
        self.servers: list[ModelServer] = []
        # Seldom checked: on a busy machine a target could else be left out for a moment.
        self._pool: dict[str, Any] = {"name": self.name, "health": {"interval_seconds": 60}}
        self._route: dict[str, Any] = {
            "model": self.name,
            "version": "1",
            "access": {"mode": "open"},
            "cache": {"enabled": False},
        }
        (scratch / "Pulumi.yaml").write_text("name: gateway-tests\nruntime: python\n")
        (scratch / f"Pulumi.{self.name}.yaml").write_text("config: {}\n")
        self._engine = EmbeddedEngine(
            project_dir=scratch,
            stack=self.name,
            state_dir=scratch / ".state",
            config={"kong:kongAdminUri": admin},
            program=self._program,
        )
        self.client = httpx.Client(base_url=proxy, timeout=60, limits=httpx.Limits(max_connections=64))

    def deploy(self, servers: list[ModelServer], *, route: dict[str, Any] | None = None, **pool: Any) -> None:
        """Deploys a pool of these servers; `pool` and `route` are more of the components' arguments."""
        self.servers = servers
        self._pool.update({"targets": [{"address": urlsplit(server.url).netloc} for server in servers], **pool})
        self._route.update(route or {})
        self._engine.up()
        self._settle(lambda: self.ask({"prompt": "are you there?"}).status_code not in (404, 503))

    def close(self) -> None:
        self.client.close()
        self._engine.destroy()

    def ask(self, document: Any, **headers: str) -> httpx.Response:
        """A question. Header names take _ for -."""
        return self.send(json.dumps(document).encode(), **headers)

    def send(self, body: bytes, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/{self.name}/predict", content=body, headers={"content-type": "application/json", **given}
        )

    def places(self, documents: list[Any], **headers: str) -> list[int]:
        """Which server answers each, asked one after the other."""
        return [self.place(json.dumps(document).encode(), **headers) for document in documents]

    def place(self, body: bytes, **headers: str) -> int:
        before = [len(server.calls) for server in self.servers]
        answer = self.send(body, **headers)
        assert answer.status_code == 200, answer.text
        [place] = [i for i, server in enumerate(self.servers) if len(server.calls) > before[i]]
        return place

    def spread(self, documents: list[Any], at_once: int) -> Counter[int]:
        """How many each server answered, asked by so many callers at once."""
        before = [len(server.calls) for server in self.servers]
        with ThreadPoolExecutor(at_once) as callers:
            statuses = [answer.status_code for answer in callers.map(self.ask, documents)]
        assert set(statuses) == {200}
        return Counter({i: len(server.calls) - before[i] for i, server in enumerate(self.servers)})

    def _program(self) -> None:
        pool = InferencePool(f"{self.name}-pool", self._pool)  # type: ignore[arg-type]
        use = {name: self._pool[name] for name in ("name", "algorithm", "affinity") if name in self._pool}
        endpoint = pulumi.Output.concat(pool.url, "/invocations")
        KongCachedRoute(self.name, {**self._route, "endpoint": endpoint, "pool": use})  # type: ignore[typeddict-item]
