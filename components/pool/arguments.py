"""Arguments of InferencePool, and their defaults in one place."""

from enum import Enum
from typing import Any, NotRequired, TypedDict

import pulumi

AFFINITY_HEADER = "Xpredictionaffinity"  # no '-' and no '_': Kong 3.9 hashes such a name to one target for all requests


class BalancingAlgorithm(str, Enum):
    """How the next target is chosen; the last two by the header that a KongCachedRoute with this pool sets."""

    ROUND_ROBIN = "round-robin"
    LEAST_CONNECTIONS = "least-connections"
    CONSISTENT_HASHING = "consistent-hashing"


class PoolProtocol(str, Enum):
    """What the gateway speaks with the targets."""

    HTTP = "http"
    HTTPS = "https"


class AffinityKind(str, Enum):
    """What requests of one target have in common: the prompt's beginning, a session's header, or the cache key."""

    PROMPT = "prompt"
    SESSION = "session"
    KEY = "key"


class TargetArgs(TypedDict):
    address: pulumi.Input[str]
    """host:port of a replica, such as 10.0.3.7:8080; an IPv6 address in brackets."""
    name: NotRequired[str]
    """What the target is called in the stack; needed when the address is an output. By default its address."""
    weight: NotRequired[int]
    """Its share of the requests, 0 to 65535, by default 100. 0 drains: the requests that it has are answered, and no
    other comes. A small one is a slow start."""


class DiscoveryArgs(TypedDict):
    name: pulumi.Input[str]
    """A DNS name whose records are the replicas: A and AAAA with `port`, or SRV with ports and weights of their own."""
    port: pulumi.Input[int]
    """The replicas' port."""


class AffinityArgs(TypedDict):
    by: NotRequired[AffinityKind]
    """What requests of one target have in common; by default prompt."""
    messages: NotRequired[pulumi.Input[int]]
    """by prompt: how many messages of a conversation count, from the first; by default 2."""
    characters: NotRequired[pulumi.Input[int]]
    """by prompt: how many characters of a text count, from the first; by default 1024."""
    header: NotRequired[pulumi.Input[str]]
    """by session: the request header that names the session; by default x-session-id."""
    max_load_factor: NotRequired[pulumi.Input[float]]
    """No target gets more than this times the mean of the requests in flight, 1 to 10; by default 1.25."""


class HealthArgs(TypedDict):
    path: NotRequired[pulumi.Input[str]]
    """Where every target is asked whether it is well, by GET; by default /ping."""
    interval_seconds: NotRequired[pulumi.Input[int]]
    """How often, in whole seconds; by default 2."""
    timeout_seconds: NotRequired[pulumi.Input[int]]
    """How long an answer may take, in whole seconds; by default 1."""
    successes: NotRequired[pulumi.Input[int]]
    """Answers 200 or 204 in a row until a target is taken back; by default 1."""
    failures: NotRequired[pulumi.Input[int]]
    """Answers 404, 429 or 5xx, time-outs, or failed connections in a row until a target is left out; by default 2."""


class CircuitBreakerArgs(TypedDict):
    connection_failures: NotRequired[pulumi.Input[int]]
    """Requests whose connection failed, since the last good check, until the target is left out; 0 for never. By
    default 1."""
    timeouts: NotRequired[pulumi.Input[int]]
    """The same for requests whose connection or answer took too long; by default 0."""
    errors: NotRequired[pulumi.Input[int]]
    """The same for answers with one of `statuses`; by default 0."""
    statuses: NotRequired[list[pulumi.Input[int]]]
    """Status codes that count as errors; by default 500, 502, 503 and 504."""


class InferencePoolArgs(TypedDict):  # exactly one of targets and discovery
    name: str
    """The pool's name: lower-case letters, digits and hyphens."""
    targets: NotRequired[list[TargetArgs]]
    """The replicas."""
    discovery: NotRequired[DiscoveryArgs]
    """The DNS name that stands for the replicas."""
    protocol: NotRequired[PoolProtocol]
    """What the gateway speaks with the targets; by default http."""
    host_header: NotRequired[pulumi.Input[str]]
    """Host, and the name of the TLS certificate, that every target is called with; by default each one's own."""
    algorithm: NotRequired[BalancingAlgorithm]
    """How the next target is chosen; by default consistent-hashing with affinity, else round-robin."""
    affinity: NotRequired[AffinityArgs]
    """Keeps requests that have something in common at one target; by default nothing does."""
    health: NotRequired[HealthArgs]
    """The active checks, which leave out a target that is ill and take back one that is well."""
    circuit_breaker: NotRequired[CircuitBreakerArgs]
    """The passive checks: what the requests themselves show. An active check takes the target back."""


WEIGHT = 100
AFFINITY: dict[str, Any] = {
    "by": AffinityKind.PROMPT,
    "messages": 2,
    "characters": 1024,
    "header": "x-session-id",
    "max_load_factor": 1.25,
}
HEALTH: dict[str, Any] = {
    "path": "/ping",
    "interval_seconds": 2,
    "timeout_seconds": 1,
    "successes": 1,
    "failures": 2,
}
CIRCUIT_BREAKER: dict[str, Any] = {
    "connection_failures": 1,
    "timeouts": 0,
    "errors": 0,
    "statuses": [500, 502, 503, 504],
}
SLOTS = 65_536  # of the ring, the most there are: Kong gives each target 160 of them
