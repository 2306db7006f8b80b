"""Deploys an InferencePool with the embedded engine, a service in front of it, and asks it questions."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pulumi_kong as kong

from components.pool.arguments import AFFINITY_HEADER
from components.pool.inference_pool import InferencePool
from local.engine import EmbeddedEngine
from tests.gateway.replicas import Replica

RETRIES = 100  # Kong's ring offers a dead target again and again, until its workers have heard that it is dead
_numbers = itertools.count(1)


class DeployedPool:
    """A pool of replicas behind a path. pool.deploy(replicas, affinity={}); pool.spread(80)["r0"]"""

    def __init__(self, admin: str, proxy: str, scratch: Path, settle: Callable[[Callable[[], bool]], None]) -> None:
        self.name, self.proxy, self._settle = f"pool{next(_numbers)}", proxy, settle
        self._admin = httpx.Client(base_url=admin, timeout=60)
        self._args: dict[str, Any] = {"name": self.name}
        (scratch / "Pulumi.yaml").write_text("name: gateway-tests\nruntime: python\n")
        (scratch / f"Pulumi.{self.name}.yaml").write_text("config: {}\n")
        self._engine = EmbeddedEngine(
            project_dir=scratch,
            stack=self.name,
            state_dir=scratch / ".state",
            config={"kong:kongAdminUri": admin},
            program=self._program,
        )
        self.client = httpx.Client(base_url=proxy, timeout=60)

    def deploy(self, replicas: list[Replica], *weights: int, **changes: Any) -> None:
        """Deploys these targets, each with its weight, and waits until the gateway serves what changed."""
        given = dict(itertools.zip_longest(replicas, weights[: len(replicas)]))
        targets = [
            {"address": one.address, **({} if weight is None else {"weight": weight})} for one, weight in given.items()
        ]
        self.deploy_with(**{"targets": targets, **changes})

    def deploy_with(self, **changes: Any) -> None:
        """Deploys changed arguments, and waits until the gateway serves them."""
        self._args.update(changes)
        self._engine.up()
        self._settle(lambda: self.ask().status_code not in (404, 503))

    def forget(self, argument: str) -> None:
        """The next deployment does without it."""
        self._args.pop(argument, None)

    def close(self) -> None:
        self.client.close()
        self._engine.destroy()
        self._admin.close()

    def ask(self, key: object = None, client: httpx.Client | None = None) -> httpx.Response:
        """A question; `key`: what is hashed."""
        headers = {} if key is None else {AFFINITY_HEADER: str(key)}
        return (client or self.client).post(f"/{self.name}", json={"x": 1}, headers=headers)

    def chosen(self, key: object = None) -> str:
        """The name of the replica that answered."""
        answer = self.ask(key)
        assert answer.status_code == 200, answer.text
        return answer.json()["answer"]

    def spread(self, count: int) -> Counter[str]:
        return Counter(self.chosen() for _ in range(count))

    def health(self) -> dict[str, str]:
        """What Kong says of each address."""
        upstream = f"gateway-tests-{self.name}-{self.name}-pool"
        found = self._admin.get(f"/upstreams/{upstream}/health").raise_for_status().json()["data"]
        return {row["target"]: row["health"] for row in found}

    def leaves_out(self, replica: Replica) -> bool:
        """Whether none of the next questions gets there, as often as twice for each target."""
        before = replica.calls
        for _ in range(2 * len(self._args["targets"]) + 4):
            self.ask()
        return replica.calls == before

    @contextlib.contextmanager
    def load(self, clients: int = 4) -> Iterator[Load]:
        """Questions all the time, from several clients."""
        load = Load(self, clients)
        try:
            yield load
        finally:
            load.stop()

    def _program(self) -> None:
        pool = InferencePool(self.name, self._args)  # type: ignore[arg-type]
        service = kong.Service(
            self.name,
            name=self.name,
            protocol=self._args.get("protocol", "http"),
            host=pool.upstream,
            port=443 if "protocol" in self._args else 80,
            path="/invocations",
            retries=RETRIES,
            connect_timeout=5000,
        )
        kong.Route(self.name, name=self.name, service_id=service.id, protocols=["http"], paths=[f"/{self.name}"])


class Load:
    """What became of the questions of several clients: `statuses`, as they came."""

    def __init__(self, pool: DeployedPool, clients: int) -> None:
        self.statuses: list[int] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(pool,)) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    @property
    def failed(self) -> list[int]:
        return [status for status in self.statuses if status != 200]

    def goes_on(self, count: int = 40) -> None:
        """Waits for so many answers more."""
        wanted = len(self.statuses) + count
        until(lambda: len(self.statuses) >= wanted)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, pool: DeployedPool) -> None:
        with httpx.Client(base_url=pool.proxy, timeout=60) as client:
            while not self._over.is_set():
                self.statuses.append(pool.ask(client=client).status_code)


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, "it did not happen within 30 seconds"
        time.sleep(0.02)
