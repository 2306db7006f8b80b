"""The distributions of the registered resources, with all that they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from local.edge.cloudfront.behaviour import Parts
from local.edge.cloudfront.cache_policy import CachePolicy
from local.edge.cloudfront.distribution import Distribution
from local.edge.cloudfront.javascript import JavaScript
from local.edge.cloudfront.origin import vpc_endpoint
from local.edge.cloudfront.origin_request_policy import OriginRequestPolicy
from local.edge.cloudfront.response_headers import ResponseHeadersPolicy
from local.edge.cloudfront.signed_url import PublicKeys, public_key
from local.edge.fields import ConfigurationError
from local.edge.resource import Resource

_DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"
_CACHE_POLICY = "aws:cloudfront/cachePolicy:CachePolicy"
_KEY_GROUP = "aws:cloudfront/keyGroup:KeyGroup"
_ORIGIN_REQUEST_POLICY = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
_PUBLIC_KEY = "aws:cloudfront/publicKey:PublicKey"
_RESPONSE_HEADERS_POLICY = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
_VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
_Part = TypeVar("_Part")


class Distributions(Mapping[str, Distribution]):
    """Distributions by id; raises ConfigurationError when one cannot be served.

    Usage: ``Distributions(resources, functions)``; functions: compiled ones, by resource.
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
        self._distributions = {
            one.id: Distribution.read(one.id, one.output("domainName"), one.fields, parts, vpc_origins)
            for one in self._of(_DISTRIBUTION)
        }

    def __getitem__(self, distribution_id: str) -> Distribution:
        return self._distributions[distribution_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._distributions)

    def __len__(self) -> int:
        return len(self._distributions)

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
