"""What the state of a stack says about its Kong."""

from __future__ import annotations

from dataclasses import dataclass

from local.engine.providers.kong.entities import ENTITIES
from local.engine.state.store import StateStore


@dataclass(frozen=True)
class KnownEntity:
    """One that was deployed, such as a service: `collection` and `id` are its path in the Admin API."""

    collection: str
    id: str
    name: str


@dataclass(frozen=True)
class KnownEntities:
    """`ids` of everything in the state, also of what was under way; `deployed` is what Kong should have.

    Usage: ``KnownEntities.of(StateStore.load(...))``. What Kong keeps below an entity is left out, as keys of a
    consumer: it is lost with that.
    """

    ids: frozenset[str]
    deployed: tuple[KnownEntity, ...] = ()

    @classmethod
    def of(cls, store: StateStore) -> KnownEntities:
        resources = [*store.resources.values(), *(resource for _, resource in store.pending.values())]
        deployed = []
        for resource in store.resources.values():
            entity = ENTITIES.get(resource.type)
            if entity is not None and not entity.parent and not resource.condemned:
                name = resource.outputs.get("name") or resource.outputs.get("username") or resource.name
                deployed.append(KnownEntity(entity.path, resource.id, str(name)))
        return cls(frozenset(resource.id for resource in resources), tuple(deployed))
