"""Arguments of the shared cache, and their defaults in one place."""

from typing import NotRequired, TypedDict

import pulumi


class ExistingCacheArgs(TypedDict):
    host: pulumi.Input[str]
    """Host name or IPv4 address of a Redis or Valkey server, or of any node of a cluster."""
    port: NotRequired[pulumi.Input[int]]
    """By default 6379."""
    tls: NotRequired[bool]
    """Speak TLS, and verify the certificate; by default on, off for localhost alone."""
    username: NotRequired[pulumi.Input[str]]
    """Who the gateway is there; by default the server's default user."""
    password: NotRequired[pulumi.Input[str]]
    """A secret; by default none."""
    database: NotRequired[pulumi.Input[int]]
    """By default 0, the only one of a cluster."""


class ElastiCacheAlarmArgs(TypedDict):
    enabled: NotRequired[bool]
    """By default on."""
    topic_arn: NotRequired[pulumi.Input[str]]
    """SNS topic that is told; by default nobody is."""
    memory_percent: NotRequired[float]
    """Of `max_gigabytes` in use; by default 80."""
    latency_ms: NotRequired[int]
    """Of the slowest hundredth of the reads; by default half of the time-out."""


class ElastiCacheArgs(TypedDict):
    vpc_id: pulumi.Input[str]
    """The VPC of the gateway's nodes."""
    subnet_ids: list[pulumi.Input[str]]
    """2 or 3 subnets of that VPC, each in another availability zone."""
    gateway_security_group_ids: list[pulumi.Input[str]]
    """Security groups of the gateway's nodes; nobody else is let in."""
    max_gigabytes: NotRequired[pulumi.Input[int]]
    """How much is kept, and paid for, at most; by default 10."""
    max_ecpu_per_second: NotRequired[pulumi.Input[int]]
    """How much is asked, and paid for, at most: a read or write is one ECPU for each kilobyte. By default 20000."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """The key that encrypts what is kept; by default one of AWS's."""
    snapshot_retention_days: NotRequired[pulumi.Input[int]]
    """How long daily snapshots are kept; by default none are made, for every answer can be asked for again."""
    alarms: NotRequired[ElastiCacheAlarmArgs]
    """Alarms on memory, evictions, throttling and latency."""


class MemorystoreAlarmArgs(TypedDict):
    enabled: NotRequired[bool]
    """By default on."""
    notification_channels: NotRequired[list[pulumi.Input[str]]]
    """Cloud Monitoring's channels that are told; by default nobody is."""
    memory_percent: NotRequired[float]
    """Of the memory in use; by default 80."""
    latency_ms: NotRequired[int]
    """Mean time of a command; by default half of the time-out."""


class MemorystoreArgs(TypedDict):
    region: pulumi.Input[str]
    """The region of the gateway's nodes."""
    network: pulumi.Input[str]
    """The network of the gateway's nodes, projects/<project>/global/networks/<network>, with private services access.
    Whoever is in it can connect, and needs the password."""
    memory_gigabytes: NotRequired[pulumi.Input[int]]
    """By default 1."""
    highly_available: NotRequired[bool]
    """A replica in another zone; by default on."""
    kms_key: NotRequired[pulumi.Input[str]]
    """The key that encrypts what is kept; by default one of Google's."""
    alarms: NotRequired[MemorystoreAlarmArgs]
    """Alert policies on memory, evictions and latency."""


class SharedCacheArgs(TypedDict):  # exactly one of the first three
    existing: NotRequired[ExistingCacheArgs]
    """A Redis or Valkey server that exists already."""
    elasticache: NotRequired[ElastiCacheArgs]
    """An ElastiCache Serverless cache for Valkey."""
    memorystore: NotRequired[MemorystoreArgs]
    """A Memorystore for Redis instance."""
    key_prefix: NotRequired[pulumi.Input[str]]
    """What the names of all entries begin with; by default inference-edge."""
    timeout_seconds: NotRequired[float]
    """How long the gateway waits for a connection, a write and a read, each; by default 0.1."""
    retry_seconds: NotRequired[float]
    """How long nobody asks a cache that failed; by default 5."""
    enterprise: NotRequired[bool]
    """Kong Enterprise's own plugin keeps the answers, whose names have no prefix: the user of `elasticache` may then
    read and write any. InferenceEdge sets it."""
    protect: NotRequired[bool]
    """Refuse to delete the cache; not with `existing`."""


REDIS_PORT = 6_379
KEY_PREFIX = "inference-edge"
TIMEOUT_SECONDS = 0.1
MAX_GIGABYTES = 10
MAX_ECPU_PER_SECOND = 20_000
MEMORY_GIGABYTES = 1
MEMORY_PERCENT = 80
