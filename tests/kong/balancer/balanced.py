"""A running Kong with echo upstreams that can be stopped and started, for tests of the balancer."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.kong.running import Answer, RunningKong, echo_upstream, running_kong, send


@dataclass(frozen=True)
class Balanced:
    """`ports`: of three echo upstreams, which call themselves u<port>."""

    kong: RunningKong
    ports: tuple[int, ...]

    def upstream(self, name: str, *targets: int | tuple[int, int], service: dict[str, Any] | None = None, **more: Any):
        """An upstream with targets (ports, or ports with weights), a service and a route /name to it."""
        self.kong.create("/upstreams", {"name": name, **more})
        for one in targets:
            port, weight = one if isinstance(one, tuple) else (one, 100)
            self.add(name, port, weight)
        self.kong.create("/services", {"name": name, "host": name, **(service or {})})
        self.kong.create(f"/services/{name}/routes", {"name": name, "paths": [f"/{name}"]})

    def add(self, name: str, port: int, weight: int = 100) -> None:
        self.kong.create(f"/upstreams/{name}/targets", {"target": f"127.0.0.1:{port}", "weight": weight})

    def get(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
        return send(self.kong.proxy, method, path, headers)

    def chosen(self, path: str, headers: dict[str, str] | None = None) -> int:
        """The port that answered."""
        answer = self.get(f"{path}{'&' if '?' in path else '?'}sleep=0", headers)
        assert answer.status == 200, answer
        return int(answer.body["by"][1:])

    def spread(self, path: str, count: int) -> Counter[int]:
        return Counter(self.chosen(path) for _ in range(count))

    def health(self, name: str) -> dict[int, str]:
        """The health of every target by its port."""
        rows = send(self.kong.admin, "GET", f"/upstreams/{name}/health").body["data"]
        return {int(row["target"].rpartition(":")[2]): row["health"] for row in rows}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 20 seconds"
        time.sleep(0.02)


@contextlib.contextmanager
def balanced(*options: str) -> Iterator[Balanced]:
    with contextlib.ExitStack() as stack:
        ports = tuple(stack.enter_context(echo_upstream()) for _ in range(3))
        yield Balanced(stack.enter_context(running_kong(*options)), ports)
