"""The shared cache of models with ``cache.store: redis``: an existing server, or one that this stack makes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, SecretStr

from components.shared_cache import limits

from .field_types import Choice, Decimal, Items, Whole
from .section import Section
from .values import (
    CACHE_PASSWORD,
    CACHE_URL,
    CACHE_USERNAME,
    CRYPTO_KEY,
    GOOGLE_REGION,
    KMS_KEY_ARN,
    NETWORK,
    NOTIFICATION_CHANNEL,
    SECURITY_GROUP_ID,
    SUBNET_ID,
    TOPIC_ARN,
    VPC_ID,
)

SharedCacheProvider = Literal["existing", "elasticache", "memorystore"]
SHARED_CACHE_PROVIDERS: tuple[SharedCacheProvider, ...] = ("existing", "elasticache", "memorystore")

_PERCENT = Decimal(1, 100, "percent")
_MILLISECONDS = Whole(1, 5_000, "milliseconds")
_MAX_NOTIFICATION_CHANNELS = 16  # monitoring/quotas: of an alert policy


class ElastiCacheAlarmSettings(Section):
    """CloudWatch alarms on memory, evictions, throttling and latency."""

    enabled: bool = True
    """Off: no alarms."""
    topic_arn: Annotated[str, TOPIC_ARN] | None = None
    """Whom an alarm tells; by default it only shows."""
    memory_percent: Annotated[float, _PERCENT] = 80
    """More of maxGigabytes in use raises the alarm."""
    latency_ms: Annotated[int, _MILLISECONDS] | None = None
    """The 99th percentile of reads that raises the alarm; by default half of timeoutSeconds."""


class ElastiCacheSettings(Section):
    """An ElastiCache Serverless cache for Valkey, in the VPC of the Kong nodes."""

    vpc_id: Annotated[str, VPC_ID]
    """The VPC of the Kong nodes."""
    subnet_ids: Annotated[
        tuple[Annotated[str, SUBNET_ID], ...], Items(limits.MIN_SUBNETS, limits.MAX_SUBNETS, "subnets")
    ]
    """Subnets of that VPC, each in another availability zone."""
    gateway_security_group_ids: Annotated[
        tuple[Annotated[str, SECURITY_GROUP_ID], ...],
        Items(1, limits.MAX_GATEWAY_SECURITY_GROUPS, "security groups"),
    ]
    """Security groups of the Kong nodes; nobody else is let in."""
    max_gigabytes: Annotated[int, Whole(limits.MIN_STORAGE_GIGABYTES, limits.MAX_STORAGE_GIGABYTES, "gigabytes")] = 10
    """How much is kept, and paid for, at most; then the oldest answers go."""
    max_ecpu_per_second: Annotated[
        int, Whole(limits.MIN_ECPU_PER_SECOND, limits.MAX_ECPU_PER_SECOND, "ECPU a second")
    ] = 20_000
    """How much is asked, and paid for, at most: a read or write is one ECPU for each kilobyte, a lookup about three."""
    kms_key_arn: Annotated[str, KMS_KEY_ARN] | None = None
    """The key that encrypts what is kept; by default one of AWS's."""
    snapshot_retention_days: Annotated[int, Whole(0, limits.MAX_SNAPSHOT_RETENTION_DAYS, "days")] = 0
    """How long daily snapshots are kept; 0 makes none, for every answer can be asked for again."""
    alarms: ElastiCacheAlarmSettings = Field(default_factory=ElastiCacheAlarmSettings)
    """CloudWatch alarms on memory, evictions, throttling and latency."""


class MemorystoreAlarmSettings(Section):
    """Alert policies of Cloud Monitoring on memory, evictions and latency."""

    enabled: bool = True
    """Off: no alert policies."""
    notification_channels: Annotated[
        tuple[Annotated[str, NOTIFICATION_CHANNEL], ...],
        Items(0, _MAX_NOTIFICATION_CHANNELS, "notification channels"),
    ] = ()
    """Whom an alarm tells; by default it only shows."""
    memory_percent: Annotated[float, _PERCENT] = 80
    """More of memoryGigabytes in use raises the alarm."""
    latency_ms: Annotated[int, _MILLISECONDS] | None = None
    """A mean time of a command that raises the alarm; by default half of timeoutSeconds."""


class MemorystoreSettings(Section):
    """A Memorystore for Redis instance, in the network of the Kong nodes."""

    region: Annotated[str, GOOGLE_REGION]
    """The region of the Kong nodes."""
    network: Annotated[str, NETWORK]
    """The network of the Kong nodes, with private services access; whoever is in it can connect, with the password."""
    memory_gigabytes: Annotated[int, Whole(limits.MIN_MEMORY_GIGABYTES, limits.MAX_MEMORY_GIGABYTES, "gigabytes")] = 1
    """How much is kept; then the oldest answers go."""
    highly_available: bool = True
    """Off: no replica in another zone, and all answers are lost when the one zone fails."""
    kms_key: Annotated[str, CRYPTO_KEY] | None = None
    """The key that encrypts what is kept; by default one of Google's."""
    alarms: MemorystoreAlarmSettings = Field(default_factory=MemorystoreAlarmSettings)
    """Alert policies of Cloud Monitoring on memory, evictions and latency."""


def _conditions() -> list[Any]:
    """What an editor is told: the key that each provider needs, and those of the others."""
    needs = {"existing": "url", "elasticache": "elasticache", "memorystore": "memorystore"}
    own = {
        "existing": ("url", "username", "password"),
        "elasticache": ("elasticache",),
        "memorystore": ("memorystore",),
    }
    return [
        {
            # Without a provider, it is the default's.
            "if": {
                "properties": {"provider": {"const": provider}},
                **({} if provider == "existing" else {"required": ["provider"]}),
            },
            "then": {
                "required": [needs[provider]],
                "properties": {key: False for other in own for key in own[other] if other != provider},
            },
        }
        for provider in SHARED_CACHE_PROVIDERS
    ]


class SharedCacheSettings(Section):
    """The Redis or Valkey server that all Kong nodes keep answers in."""

    model_config = ConfigDict(json_schema_extra={"allOf": _conditions()})

    provider: Annotated[SharedCacheProvider, Choice(SHARED_CACHE_PROVIDERS)] = "existing"
    """existing: the server at url; elasticache, memorystore: one that this stack makes."""
    url: Annotated[str, CACHE_URL] | None = None
    """existing only: where the server is; by default port 6379 and database 0."""
    username: Annotated[str, CACHE_USERNAME] | None = None
    """existing only: who Kong is there; by default the server's default user."""
    password: Annotated[SecretStr, CACHE_PASSWORD] | None = None
    """existing only: encrypted by `pulumi config set --secret`; by default none."""
    timeout_seconds: Annotated[float, Decimal(limits.MIN_TIMEOUT_SECONDS, limits.MAX_TIMEOUT_SECONDS, "seconds")] = 0.1
    """How long Kong waits for a connection, a write and a read, each; then the model is asked."""
    retry_seconds: Annotated[float, Decimal(limits.MIN_RETRY_SECONDS, limits.MAX_RETRY_SECONDS, "seconds")] = 5
    """How long nobody asks a server that failed."""
    elasticache: ElastiCacheSettings | None = None
    """elasticache only: an ElastiCache Serverless cache for Valkey."""
    memorystore: MemorystoreSettings | None = None
    """memorystore only: a Memorystore for Redis instance."""
    protect: bool = False
    """Not with existing: refuse to delete the cache."""
