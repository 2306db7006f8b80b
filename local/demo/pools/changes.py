"""What happens to the replicas of a pool under load: one is killed and returns, one is drained, one is added."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from local.demo.pools.background import BackgroundConversations
from local.demo.pools.phases import ADDED, DRAINED, KILLED, START, STARTED, TAKEN_BACK, Event
from local.demo.pools.roles import Roles
from local.demo.progress import DemoProgress
from local.world import LocalWorld

_ANSWERS = 120  # between one event and the next
_BACK = 10  # answers of a replica that show that it gets requests again

Deploy = Callable[[str, Sequence[Mapping[str, Any]]], object]


class ReplicaChanges:
    """Changes the replicas of one pool, one after the other, while conversations go on.

    Usage:
        changes = ReplicaChanges(world, roles, deploy, load, progress)
        changes.run()
        changes.events, changes.lost

    deploy: takes the name of a step and the pool's targets. lost: requests that the killed replica had in hand. Raises
    TimeoutError when a replica gets no requests again, and what the deployment and the load raise.
    """

    def __init__(
        self,
        world: LocalWorld,
        roles: Roles,
        deploy: Deploy,
        load: BackgroundConversations,
        progress: DemoProgress,
    ) -> None:
        self._world, self._replicas, self._further = world, roles.replicas, roles.further
        self._deploy, self._load, self._progress = deploy, load, progress
        self.events: list[Event] = []
        self.lost = 0

    def run(self) -> None:
        """Make all changes in order."""
        self._happened("", START)
        self._load.wait_for(_ANSWERS)
        killed = self._replicas[2]
        with self._progress.step(f"kill {killed} under load, start it again"):
            self._kill(killed)
        self._drain(self._replicas[1])
        self._add()

    def _kill(self, replica: str) -> None:
        while not (in_hand := self._in_flight(replica)):
            self._load.wait_for(1)
        self.lost = in_hand
        self._world.kill(replica)
        self._happened(replica, KILLED)
        self._load.wait_for(_ANSWERS)
        self._world.restart(replica)
        self._happened(replica, STARTED)
        self._wait_for(replica)

    def _drain(self, replica: str) -> None:
        self._deploy(f"drain {replica}", targets(self._world, self._replicas, drained=replica))
        self._happened(replica, DRAINED)
        self._load.wait_for(_ANSWERS)
        self._world.terminate(replica)
        self._world.restart(replica)
        self._happened(replica, TAKEN_BACK)
        self._deploy(f"take {replica} back", targets(self._world, self._replicas))
        self._wait_for(replica)

    def _add(self) -> None:
        self._happened(self._further, ADDED)
        self._deploy(f"add {self._further}", targets(self._world, [*self._replicas, self._further]))
        self._wait_for(self._further)
        self._load.wait_for(_ANSWERS)

    def _in_flight(self, replica: str) -> int:
        return httpx.get(f"http://{self._world.replicas[replica]}/stats", timeout=10).json()["in_flight"]

    def _happened(self, replica: str, what: str) -> None:
        self.events.append(Event(replica, what, time.perf_counter()))

    def _wait_for(self, replica: str) -> None:
        self._load.wait_until(lambda answer: answer.replica == replica, _BACK)


def targets(world: LocalWorld, replicas: Sequence[str], drained: str = "") -> list[dict[str, Any]]:
    """Return the replicas as targets of a pool in a stack file, the drained one with weight 0."""
    return [{"address": world.replicas[replica], "weight": 0 if replica == drained else 100} for replica in replicas]
