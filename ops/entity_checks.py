"""Whether the names that a stack uses are free in Kong, or already its own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from ops.admin_api import AdminApi
from ops.findings import Finding
from ops.known_entities import KnownEntities, KnownEntity
from ops.needs import Needs

_COLLECTIONS = ("services", "routes", "consumers", "plugins", "upstreams")
_OWNERS = ("service", "route", "consumer", "consumer_group")


def name_conflicts(api: AdminApi, needs: Needs) -> Iterator[Finding]:
    """Entities with the stack's names that do not carry its tags: creating ours would fail with 409."""
    for collection, names in needs.names.items():
        for name in names:
            entity = api.get(f"/{collection}/{quote(name, safe='')}")
            if entity is not None and not needs.tags <= set(entity.get("tags") or ()):
                message = f"{name} exists in {collection} without this stack's tags ({', '.join(sorted(needs.tags))})"
                yield Finding(
                    "name", message, f"rename or remove it (id {entity.get('id')}), or name the model otherwise"
                )


def plugin_conflicts(api: AdminApi, needs: Needs) -> Iterator[Finding]:
    """Kong has one pre-function for all routes: the router's would fail with 409 beside another."""
    for plugin in api.list("/plugins?size=1000") if needs.has_router else ():
        is_global = plugin.get("name") == "pre-function" and not any(plugin.get(owner) for owner in _OWNERS)
        if is_global and not needs.tags <= set(plugin.get("tags") or ()):
            message = "there is a pre-function for all routes already, where the router's has to be"
            fix = f"remove it (id {plugin.get('id')}) or give it to the services that need it"
            yield Finding("name", message, f"{fix}; else use a Kong of its own, or leave out inference-edge:router")


def differences(api: AdminApi, needs: Needs, known: KnownEntities, stack: str) -> Iterator[Finding]:
    """Entities with the stack's tags that its state does not know: left by a run that was cut off.

    And those that it knows and Kong has no longer, as a Kong that was restarted empty: `up` takes them for there.
    """
    tags = quote(",".join(sorted(needs.tags)), safe=":,")
    found = set()
    for collection in _COLLECTIONS:
        for entity in api.list(f"/{collection}?tags={tags}"):
            found.add(entity.get("id"))
            if entity.get("id") not in known.ids:
                name = entity.get("name") or entity.get("username") or ""
                message = f"{name} in {collection} carries this stack's tags, but its state does not know it"
                yield Finding(
                    "orphan", message, f"if no other deployment owns it, remove it (id {entity.get('id')})", "warning"
                )
    lost = [entity for entity in known.deployed if entity.id not in found and not _is_there(api, entity)]
    if lost:
        such_as = f"such as {lost[0].name} in {lost[0].collection}"
        message = (
            f"{len(lost)} of the {len(known.deployed)} entities that were deployed are not in this Kong, {such_as}"
        )
        fix = f"make refresh STACK={stack}, then make up STACK={stack}: up alone takes them for there"
        yield Finding("state", message, fix, "warning")


def _is_there(api: AdminApi, entity: KnownEntity) -> bool:
    """Somebody may have changed its tags."""
    return api.get(f"/{entity.collection}/{quote(entity.id, safe='')}") is not None
