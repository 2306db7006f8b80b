"""Redis and Valkey servers as the providers have them, and as Kong's plugins and the components name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .kong_types import CACHES, is_plugin, plugin_config
from .places import is_loopback
from .reading import get
from .rule import Resource

SHARED_CACHE = "inference-edge:index:SharedCache"
SERVERLESS_CACHE = "aws:elasticache/serverlessCache:ServerlessCache"
REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
USER = "aws:elasticache/user:User"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
REDIS_INSTANCE = "gcp:redis/instance:Instance"
VALKEY_INSTANCE = "gcp:memorystore/instance:Instance"

METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ALERT_POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"

ENCRYPTED = "SERVER_AUTHENTICATION"  # transitEncryptionMode of both products of Google
PORTS = range(6378, 6381)  # Memorystore with TLS, Redis, ElastiCache Serverless for reads


def redis_of(resource: Resource) -> Mapping[str, Any] | None:
    """The Redis server that a cache plugin of Kong's keeps answers in; None where it keeps them elsewhere."""
    if not is_plugin(resource, *CACHES):
        return None
    config = plugin_config(resource)
    return get(config, "redis", default={}) if get(config, "strategy") == "redis" else None


def elsewhere(server: Mapping[str, Any]) -> bool:
    """Whether a server is reached over a network."""
    return not is_loopback(str(get(server, "host", default="")))
