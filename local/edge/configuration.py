"""Everything that is registered, ready to answer requests: one consistent, unchanging whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from local.edge.behaviour import Parts
from local.edge.cache_policy import CachePolicy
from local.edge.distribution import Distribution
from local.edge.fields import ConfigurationError, Fields
from local.edge.javascript import JavaScript
from local.edge.origin import vpc_endpoint
from local.edge.origin_request_policy import OriginRequestPolicy
from local.edge.response_headers import ResponseHeadersPolicy
from local.edge.signed_url import PublicKeys, public_key

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"
_CACHE_POLICY = "aws:cloudfront/cachePolicy:CachePolicy"
_KEY_GROUP = "aws:cloudfront/keyGroup:KeyGroup"
_ORIGIN_REQUEST_POLICY = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
_PUBLIC_KEY = "aws:cloudfront/publicKey:PublicKey"
_RESPONSE_HEADERS_POLICY = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
_VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
# Taken and kept, but without effect on any answer here: log settings and the weights of a staged rollout.
WITHOUT_EFFECT = (
    "aws:cloudfront/continuousDeploymentPolicy:ContinuousDeploymentPolicy",
    "aws:cloudfront/realtimeLogConfig:RealtimeLogConfig",
)
SERVED = (
    _PUBLIC_KEY,
    _KEY_GROUP,
    FUNCTION,
    _CACHE_POLICY,
    _ORIGIN_REQUEST_POLICY,
    _RESPONSE_HEADERS_POLICY,
    _VPC_ORIGIN,
    DISTRIBUTION,
)
_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Resource:
    """One registered resource, with resolved inputs and outputs (camelCase)."""

    type: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def fields(self) -> Fields:
        return Fields(f"{self.type.rpartition(':')[2]} {self.id}", self.inputs)

    def output(self, name: str) -> str:
        value = self.outputs.get(name)
        if not isinstance(value, str) or not value:
            raise ConfigurationError(f"{self.fields.where} has no output {name}")
        return value


class Configuration:
    """The distributions that a set of resources makes; raises ConfigurationError when one cannot be served.

    Usage:
        configuration = Configuration(resources, functions)    # functions: compiled ones, by resource
        distribution = configuration.distribution("predict.example.com:443")
    """

    def __init__(self, resources: Iterable[Resource], functions: Mapping[str, JavaScript]) -> None:
        self._resources = list(resources)
        keys = self._read(_PUBLIC_KEY, _public_key)
        vpc_origins = self._read(_VPC_ORIGIN, lambda one: vpc_endpoint(one.fields))
        parts = Parts(
            cache_policies=self._read(_CACHE_POLICY, lambda one: CachePolicy.read(one.fields)),
            origin_request_policies=self._read(
                _ORIGIN_REQUEST_POLICY, lambda one: OriginRequestPolicy.read(one.fields)
            ),
            response_headers_policies=self._read(
                _RESPONSE_HEADERS_POLICY, lambda one: ResponseHeadersPolicy.read(one.fields)
            ),
            functions={one.output("arn"): functions[one.id] for one in self._of(FUNCTION)},
            key_groups=self._read(_KEY_GROUP, lambda one: _key_group(one, keys)),
        )
        self.distributions = {
            one.id: Distribution.read(one.id, one.output("domainName"), one.fields, parts, vpc_origins)
            for one in self._of(DISTRIBUTION)
        }
        self._by_name: dict[str, Distribution] = {}
        for one in self.distributions.values():
            for name in one.names:
                if name in self._by_name:
                    raise ConfigurationError(f"two distributions are called {name} (aliases must be unique)")
                self._by_name[name] = one

    def distribution(self, host: str) -> Distribution | None:
        """Return the distribution that has this name (with or without a port); a single one takes every host.

        An alias such as *.example.com covers one level (Developer Guide, "Alternate domain names").
        """
        if len(self.distributions) == 1:
            found = next(iter(self.distributions.values()))
        else:
            name = host.partition(":")[0].lower()
            found = self._by_name.get(name) or self._by_name.get(f"*.{name.partition('.')[2]}")
        return found if found is not None and found.enabled else None

    def _of(self, kind: str) -> list[Resource]:
        return [one for one in self._resources if one.type == kind]

    def _read(self, kind: str, read: Callable[[Resource], _Part]) -> dict[str, _Part]:
        return {one.id: read(one) for one in self._of(kind)}


def _public_key(resource: Resource) -> Any:
    fields = resource.fields
    fields.without_effect("name", "namePrefix", "comment")
    encoded = fields.text("encodedKey")
    fields.end()
    try:
        return public_key(encoded)
    except ConfigurationError as error:
        raise ConfigurationError(f"{fields.where}.{error}") from None


def _key_group(resource: Resource, keys: Mapping[str, Any]) -> PublicKeys:
    fields = resource.fields
    fields.without_effect("name", "comment")
    items = fields.texts("items", required=True)
    fields.end()
    unknown = [item for item in items if item not in keys]
    if unknown:
        raise fields.error(f"has {', '.join(unknown)}, which are not registered public keys")
    return PublicKeys({item: keys[item] for item in items})
