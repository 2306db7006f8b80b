"""Which resource of a stack refers to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulumi_policy.policy import PolicyResource
from pulumi_policy.proxy import UnknownValueError

from .reading import get
from .rule import Stack


def of_type(stack: Stack, *types: str) -> list[PolicyResource]:
    """The resources of some types."""
    return [resource for resource in stack if resource.resource_type in types]


def is_set(resource: PolicyResource, name: str) -> bool:
    """Whether the program sets a property. In a preview what it does not set may be unknown, too."""
    try:
        return get(resource.props, name) is not None
    except UnknownValueError:
        return bool(resource.property_dependencies.get(name))


def refers(resource: PolicyResource, name: str, other: PolicyResource) -> bool:
    """Whether a property names another resource, by a reference of the program or by an id in the text."""
    if not is_set(resource, name):
        return False
    same_type = [found.urn for found in referred(resource, name) if found.resource_type == other.resource_type]
    return other.urn in same_type if same_type else get(resource.props, name) == get(other.props, "id", default="")


def referred(resource: PolicyResource, *names: str) -> Iterator[PolicyResource]:
    """The resources that some properties, or all, are made from."""
    for name in names or tuple(resource.property_dependencies):
        yield from resource.property_dependencies.get(name, [])


def origins(resources: Iterable[PolicyResource]) -> list[PolicyResource]:
    """Some resources and all that they are made from, at any distance."""
    found: dict[str, PolicyResource] = {}
    left = list(resources)
    while left:
        resource = left.pop()
        if resource.urn not in found:
            found[resource.urn] = resource
            left += referred(resource)
    return list(found.values())
