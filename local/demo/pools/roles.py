"""Who is who in the stack that the demo deploys, read from its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.stack_file import POOLS, ROUTER, StackFile, StackFileError

_DEFAULT_WEIGHT = 100


@dataclass(frozen=True)
class Roles:
    """The names that the demo deals with.

    pool: the one that is compared, with its replicas. name: what callers ask for. versions: what model servers are
    asked for, with weights. fallback: what fallback_pool is asked for, and fallback_replica who answers there.
    """

    pool: str
    replicas: tuple[str, ...]
    name: str
    versions: Mapping[str, int]
    fallback: str
    fallback_pool: str

    @classmethod
    def of(cls, stack_file: StackFile) -> Roles:
        """Read the first pool, the router's first name, and its fallback; raise StackFileError when one is missing."""
        try:
            pool, other, *_ = stack_file.config[POOLS]
            routed = stack_file.config[ROUTER]["models"][0]
            return cls(
                pool=pool["name"],
                replicas=tuple(name for name in stack_file.replicas if name.startswith(f"{pool['name']}-")),
                name=routed["name"],
                versions={
                    version["servedName"]: version.get("weight", _DEFAULT_WEIGHT) for version in routed["versions"]
                },
                fallback=routed["fallback"]["servedName"],
                fallback_pool=other["name"],
            )
        except (KeyError, IndexError, TypeError, ValueError):
            raise StackFileError(
                f"{stack_file.path.name}: the demo needs two pools, and a router whose first model has versions and a "
                "fallback, each with a servedName"
            ) from None

    @property
    def fallback_replica(self) -> str:
        """The first replica of the fallback pool."""
        return f"{self.fallback_pool}-1"

    @property
    def canary(self) -> str:
        """The version of the least weight."""
        return min(self.versions, key=lambda version: self.versions[version])

    @property
    def further(self) -> str:
        """The replica that is not in the stack file yet."""
        return f"{self.pool}-{len(self.replicas) + 1}"
