"""The shared cache: who reads what goes there, who gets in, what it may cost, who is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .kong_types import PLUGIN
from .reading import all_text, get, given, items, number, texts, where_known
from .relations import of_type, referred
from .rule import Resource, Settings, Stack, resource_rule, stack_rule
from .shared_cache_types import (
    ALERT_POLICY,
    ENCRYPTED,
    INGRESS_RULE,
    METRIC_ALARM,
    PORTS,
    REDIS_INSTANCE,
    REPLICATION_GROUP,
    SECURITY_GROUP,
    SERVERLESS_CACHE,
    SHARED_CACHE,
    USER,
    VALKEY_INSTANCE,
    elsewhere,
    redis_of,
)

_EVERYWHERE = ("0.0.0.0/0", "::/0")
_EVERYTHING = re.compile(r"(?<!\S)(?:\+@all|allcommands|\+@dangerous|\+@admin)(?!\S)", re.IGNORECASE)


@resource_rule(
    "shared-cache-tls",
    *(PLUGIN, SHARED_CACHE, REPLICATION_GROUP, REDIS_INSTANCE, VALKEY_INSTANCE),
    description="A shared cache is asked by TLS, and its certificate is verified.",
    mend="turn TLS and the verification of certificates on (redis.ssl and redis.ssl_verify of a plugin, rediss://)",
    severity=Severity.HIGH,
)
def tls(resource: Resource, _: Settings) -> Iterator[str]:
    """Inputs, answers and the password would be read on the way."""
    server = redis_of(resource)
    if server is not None and elsewhere(server):
        if get(server, "ssl") is not True:
            yield "sends predictions in clear to its shared cache"
        elif get(server, "ssl_verify") is not True:
            yield "takes any certificate for its shared cache's"
    own = get(resource.props, "existing")
    if resource.resource_type == SHARED_CACHE and own is not None and elsewhere(own) and get(own, "tls") is False:
        yield "is asked in clear"
    if resource.resource_type == REPLICATION_GROUP and get(resource.props, "transitEncryptionEnabled") is not True:
        yield "takes connections in clear"
    google = resource.resource_type in (REDIS_INSTANCE, VALKEY_INSTANCE)
    if google and get(resource.props, "transitEncryptionMode") != ENCRYPTED:
        yield "takes connections in clear"


@resource_rule(
    "shared-cache-authentication",
    *(SHARED_CACHE, SERVERLESS_CACHE, REPLICATION_GROUP, USER, REDIS_INSTANCE, VALKEY_INSTANCE),
    description="A shared cache lets in nobody without a password or a token.",
    mend="give it a user group with passwords, an AUTH string or IAM authentication, and the gateway the password",
    severity=Severity.HIGH,
)
def authentication(resource: Resource, _: Settings) -> Iterator[str]:
    """Whoever gets in reads what others asked, and can empty the cache."""
    props, kind = resource.props, resource.resource_type
    own = get(props, "existing")
    if kind == SHARED_CACHE and own is not None and elsewhere(own) and not given(own, "password"):
        yield "is asked without a password"
    if kind == SERVERLESS_CACHE and not given(props, "userGroupId"):
        yield "lets in whoever reaches it"
    if kind == REPLICATION_GROUP and not given(props, "authToken") and not given(props, "userGroupIds"):
        yield "lets in whoever reaches it"
    if kind == USER:
        without = get(props, "authenticationMode", "type") == "no-password-required"
        if get(props, "noPasswordRequired") is True or without:
            yield "needs no password"
    if kind == REDIS_INSTANCE and get(props, "authEnabled") is not True:
        yield "lets in whoever reaches it"
    if kind == VALKEY_INSTANCE and get(props, "authorizationMode") in (None, "AUTH_DISABLED"):
        yield "lets in whoever reaches it"


@resource_rule(
    "shared-cache-rights",
    USER,
    description="A user of a shared cache may do no more than a cache needs.",
    mend="name the commands in accessString, as on ~edge:* -@all +get +set",
    severity=Severity.MEDIUM,
)
def rights(resource: Resource, _: Settings) -> Iterator[str]:
    """A gateway that is broken into could empty the cache, or change its users."""
    if _EVERYTHING.search(str(get(resource.props, "accessString", default=""))):
        yield "may do everything"


@resource_rule(
    "shared-cache-network",
    *(SECURITY_GROUP, INGRESS_RULE),
    description="Nobody reaches a Redis server from the internet.",
    mend="let in the gateway's security groups instead of addresses",
    severity=Severity.CRITICAL,
)
def network(resource: Resource, _: Settings) -> Iterator[str]:
    """A password is no reason to let everybody try."""
    for rule in items(resource.props, "ingress") if resource.resource_type == SECURITY_GROUP else [resource.props]:
        with where_known():
            sources = [
                *texts(rule, "cidrBlocks"),
                *texts(rule, "ipv6CidrBlocks"),
                *texts(rule, "cidrIpv4"),
                *texts(rule, "cidrIpv6"),
            ]
            if any(source in _EVERYWHERE for source in sources) and _is_for_redis(rule):
                yield "lets in the whole internet at a port of Redis"


@resource_rule(
    "shared-cache-encryption",
    REPLICATION_GROUP,
    description="What a shared cache keeps is encrypted.",
    mend="set atRestEncryptionEnabled to true; it makes a new cache",
    severity=Severity.MEDIUM,
)
def encryption(resource: Resource, _: Settings) -> Iterator[str]:
    """ElastiCache Serverless and Memorystore always do, a cluster of nodes only when it is told to."""
    if str(get(resource.props, "atRestEncryptionEnabled", default=False)).lower() != "true":
        yield "keeps predictions in clear"


@resource_rule(
    "shared-cache-cost-limits",
    SERVERLESS_CACHE,
    description="A serverless cache has a limit for what it keeps and for what it is asked.",
    mend="set the maximum of cacheUsageLimits.dataStorage and of cacheUsageLimits.ecpuPerSeconds",
    severity=Severity.MEDIUM,
)
def cost_limits(resource: Resource, _: Settings) -> Iterator[str]:
    """It grows with the traffic, and so does the bill."""
    limits = get(resource.props, "cacheUsageLimits", default={})
    if number(get(limits, "dataStorage", "maximum")) is None:
        yield "may keep any amount"
    if not any(number(get(limit, "maximum")) is not None for limit in items(limits, "ecpuPerSeconds")):
        yield "may be asked any amount"


@stack_rule(
    "shared-cache-alarms",
    description="Somebody is told when a shared cache is full or slow.",
    mend="add a MetricAlarm or an AlertPolicy about it (sharedCache.*.alarms in the stack config)",
    severity=Severity.MEDIUM,
)
def alarms(stack: Stack, _: Settings) -> Iterator[tuple[PolicyResource, str]]:
    """A cache that evicts or throttles looks like one that works: every miss is answered."""
    watchers = of_type(stack, METRIC_ALARM, ALERT_POLICY)
    for cache in of_type(stack, SERVERLESS_CACHE, REPLICATION_GROUP, REDIS_INSTANCE, VALKEY_INSTANCE):
        with where_known():
            if not any(_watches(watcher, cache) for watcher in watchers):
                yield cache, "has no alarm"


def _is_for_redis(rule: Any) -> bool:
    """Whether a rule of a firewall lets through what a Redis server takes."""
    protocol = str(get(rule, "protocol") or get(rule, "ipProtocol", default="tcp"))
    first, last = number(get(rule, "fromPort")), number(get(rule, "toPort"))
    if protocol == "-1" or first is None or last is None:
        return True
    return any(first <= port <= last for port in PORTS)


def _watches(watcher: PolicyResource, cache: PolicyResource) -> bool:
    if cache.urn in {resource.urn for resource in referred(watcher)}:
        return True
    name = str(get(cache.props, "name", default=""))
    return bool(name) and name in all_text(watcher.props)


RULES = [tls, authentication, rights, network, encryption, cost_limits, alarms]
