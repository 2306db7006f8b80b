"""Deletes in reverse dependency order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from local.engine.errors import EngineError
from local.engine.state.resource import ResourceState

Key = tuple[str, str]


def deletion_order(resources: Iterable[ResourceState]) -> list[ResourceState]:
    """Every resource after all that need it; among equals the later one of the state first."""
    waiting = _Waiting(resources)
    order: list[ResourceState] = []
    ready = waiting.take_ready()
    while ready:
        order += ready
        for resource in ready:
            waiting.gone(resource)
        ready = waiting.take_ready()
    return order


def delete_in_order(
    resources: Iterable[ResourceState], delete: Callable[[ResourceState], None], *, parallel: int
) -> None:
    """Call `delete` for every resource, at most `parallel` at a time, each after all that need it.

    After the first error no new delete starts; those under way end, then the error is raised (Ctrl-C likewise).
    """
    waiting = _Waiting(resources)
    running: dict[Future[None], ResourceState] = {}
    pool = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="pulumi-delete")
    try:
        while True:
            running |= {pool.submit(delete, resource): resource for resource in waiting.take_ready()}
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                resource = running.pop(future)
                future.result()
                waiting.gone(resource)
    finally:
        pool.shutdown(cancel_futures=True)
    if waiting:
        raise EngineError(f"these resources depend on each other in a circle: {', '.join(waiting.urns)}")


class _Waiting:
    """The resources not yet deleted, and who still needs each of them."""

    def __init__(self, resources: Iterable[ResourceState]) -> None:
        self._resources = {resource.key: resource for resource in reversed(list(resources))}
        self._needed_by: dict[Key, set[Key]] = {key: set() for key in self._resources}
        self._needs: dict[Key, list[Key]] = {key: [] for key in self._resources}
        keys_of: dict[str, list[Key]] = {}
        for key in self._resources:
            keys_of.setdefault(key[0], []).append(key)
        for key, resource in self._resources.items():
            for urn in resource.needs:
                for needed in keys_of.get(urn, []):
                    self._needed_by[needed].add(key)
                    self._needs[key].append(needed)
        self._ready = [key for key, users in self._needed_by.items() if not users]

    def __bool__(self) -> bool:
        return bool(self._resources)

    @property
    def urns(self) -> list[str]:
        """URNs of what is left."""
        return [urn for urn, _ in self._resources]

    def take_ready(self) -> list[ResourceState]:
        """Resources that nothing needs any more, each given once."""
        ready, self._ready = self._ready, []
        return [self._resources[key] for key in ready]

    def gone(self, resource: ResourceState) -> None:
        """Note a deletion."""
        key = resource.key
        del self._resources[key]
        for needed in self._needs[key]:
            users = self._needed_by[needed]
            users.discard(key)
            if not users and needed in self._resources:
                self._ready.append(needed)
