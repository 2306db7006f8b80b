"""The registered resources, and the configuration that they make."""

from __future__ import annotations

from typing import Any

from local.edge import cloud_cdn, cloudfront, media_cdn
from local.edge.cloudfront.distributions import FUNCTION
from local.edge.cloudfront.javascript import JavaScript
from local.edge.configuration import Configuration
from local.edge.fields import ConfigurationError
from local.edge.resource import Resource

_TYPES = frozenset((*cloudfront.TYPES, *media_cdn.TYPES, *cloud_cdn.TYPES))


class InUse(Exception):
    """The resource cannot go: another one refers to it, as CloudFront answers CachePolicyInUse and the like."""


class Registry:
    """Resources by id; each change makes a new configuration, or is refused and changes nothing.

    Usage:
        registry = Registry()
        registry.put("E1", {"type": "aws:cloudfront/distribution:Distribution", "inputs": {...}, "outputs": {...}})
        registry.configuration.site("localhost")

    put raises ConfigurationError with what is wrong, delete raises InUse.
    """

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._functions: dict[str, JavaScript] = {}
        self.configuration = Configuration((), {})

    def put(self, resource_id: str, given: Any) -> None:
        resource = _resource(resource_id, given)
        known = self._resources.get(resource_id)
        if known is not None and known.type != resource.type:
            raise ConfigurationError(f"the id {resource_id} is taken by a resource of type {known.type}")
        functions = dict(self._functions)
        if resource.type == FUNCTION and (known is None or known.inputs != resource.inputs):
            functions[resource_id] = JavaScript.read(resource.fields)
        resources = {**self._resources, resource_id: resource}
        self.configuration = Configuration(resources.values(), functions)
        self._resources, self._functions = resources, functions

    def find(self, resource_id: str) -> Resource | None:
        return self._resources.get(resource_id)

    def delete(self, resource_id: str) -> bool:
        """Delete it; False: there is none."""
        gone = self._resources.get(resource_id)
        if gone is None:
            return False
        resources = {key: one for key, one in self._resources.items() if one is not gone}
        try:
            self.configuration = Configuration(resources.values(), self._functions)
        except ConfigurationError as error:
            raise InUse(f"{gone.fields.where} is in use: {error}") from None
        self._resources = resources
        self._functions = {key: one for key, one in self._functions.items() if key != resource_id}
        return True

    def __len__(self) -> int:
        return len(self._resources)


def _resource(resource_id: str, given: Any) -> Resource:
    if not isinstance(given, dict) or not isinstance(given.get("type"), str):
        raise ConfigurationError('the body must be a JSON object with "type", "id", "inputs" and "outputs"')
    if given.get("id", resource_id) != resource_id:
        raise ConfigurationError(f"the body is for the id {given['id']}, the path for {resource_id}")
    inputs, outputs = given.get("inputs") or {}, given.get("outputs") or {}
    if not isinstance(inputs, dict) or not isinstance(outputs, dict):
        raise ConfigurationError("inputs and outputs must be objects")
    if given["type"] not in _TYPES:
        raise ConfigurationError(f"the local edge does not serve {given['type']}; leave it out of a local stack")
    return Resource(given["type"], resource_id, inputs, outputs)
