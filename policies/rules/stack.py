"""What holds for a stack as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .cloudfront_types import DISTRIBUTION
from .google_types import EDGE_CACHE_ORIGIN, EDGE_CACHE_SERVICE, ENDPOINT
from .kong_types import KEY_FUNCTION, PLUGIN, ROUTE, is_plugin
from .owner_tags import TAGGED, missing_keys
from .places import PRODUCTION, is_production
from .reading import get, items, texts, where_known
from .relations import of_type, origins, referred
from .rule import Resource, Settings, Stack, resource_rule, stack_rule
from .shared_cache_types import REDIS_INSTANCE, SERVERLESS_CACHE

_RANDOM = "random:"
PROTECTED = (
    DISTRIBUTION,
    EDGE_CACHE_SERVICE,
    REDIS_INSTANCE,
    SERVERLESS_CACHE,
    "aws:acm/certificate:Certificate",
    "aws:dynamodb/table:Table",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "gcp:compute/globalAddress:GlobalAddress",
    "gcp:compute/uRLMap:URLMap",
    "gcp:storage/bucket:Bucket",
)


@stack_rule(
    "edge-origin-is-gateway",
    description="The origin of an edge is this stack's Kong, and the two know each other by one secret.",
    mend="name a host that Kong's routes take as the edge's origin, and give both the secret of one resource",
    severity=Severity.HIGH,
    config={
        "gatewayHosts": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Host names of Kong; by default the hosts of its routes, if they have any.",
        }
    },
)
def edge_origin_is_gateway(stack: Stack, settings: Settings) -> Iterator[tuple[PolicyResource, str]]:
    """Otherwise the edge keeps answers of something else, or is locked out; a stack without Kong is not asked."""
    gateway = of_type(stack, ROUTE)
    if not gateway:
        return
    hosts = set(texts(settings, "gatewayHosts"))
    if not hosts:
        hosts = {host for route in gateway for host in texts(route.props, "hosts")}
    for edge, what, domain in _origin_domains(stack):
        with where_known():
            if hosts and domain() not in hosts:
                yield edge, f"has as {what} a host that is none of the gateway's"
    known = _secrets(plugin for plugin in of_type(stack, PLUGIN) if _is_key_function(plugin))
    for edge in of_type(stack, DISTRIBUTION):
        own = _secrets([edge], "origins")
        if own and not own & known:
            yield edge, "proves itself by a secret that no plugin of the gateway is made from"


@resource_rule(
    "production-protected",
    *PROTECTED,
    description="What holds data or an address is protected in production.",
    mend="set the protect option (edge.protect in the stack config)",
    severity=Severity.HIGH,
    config={"productionStacks": PRODUCTION},
)
def production_protected(resource: Resource, settings: Settings) -> Iterator[str]:
    """A mistaken destroy takes minutes, and getting back the name, the address or the data may take days."""
    if is_production(resource.urn, settings["productionStacks"]) and not resource.opts.protect:
        yield "is not protected"


@resource_rule(
    "owner-tags",
    *TAGGED,
    description="Everything says whose it is.",
    mend="add the tags to it, or to all by aws:defaultTags or gcp:defaultLabels",
    severity=Severity.LOW,
    config={
        "keys": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["project", "stack"],
            "description": "Keys of tags or labels; Kong's tags have the form key:value.",
        }
    },
)
def owner_tags(resource: Resource, settings: Settings) -> Iterator[str]:
    """Whoever finds it must know whom to ask."""
    missing = missing_keys(resource, [str(key) for key in settings["keys"]])
    if missing:
        yield f"has no tag {' and no tag '.join(missing)}"


def _origin_domains(stack: Stack) -> Iterator[tuple[PolicyResource, str, Any]]:
    """Every edge's origins: the resource, what to call it, and what tells its host."""
    for distribution in of_type(stack, DISTRIBUTION):
        with where_known():
            for place, origin in enumerate(items(distribution.props, "origins"), start=1):
                yield (
                    distribution,
                    f"origin {place}",
                    lambda origin=origin: get(origin, "domainName", default="").lower(),
                )
    for origin in of_type(stack, EDGE_CACHE_ORIGIN):
        yield origin, "address", lambda origin=origin: get(origin.props, "originAddress", default="").lower()
    for endpoint in of_type(stack, ENDPOINT):
        yield endpoint, "address", lambda endpoint=endpoint: get(endpoint.props, "fqdn", default="").lower()


def _is_key_function(plugin: PolicyResource) -> bool:
    with where_known():
        return is_plugin(plugin, KEY_FUNCTION)
    return False


def _secrets(resources: Any, *names: str) -> set[str]:
    """The generated values that some resources, or some of their properties, are made from."""
    made_from = [found for resource in resources for found in referred(resource, *names)]
    return {found.urn for found in origins(made_from) if found.resource_type.startswith(_RANDOM)}


RULES = [edge_origin_is_gateway, production_protected, owner_tags]
