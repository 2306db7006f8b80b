"""Pools: replicas behind one address, how the gateway chooses among them, and how it knows which are well."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from components.pool.arguments import AFFINITY_HEADER
from components.pool.checks import MAX_COUNT, MAX_TARGETS
from components.pool.use_checks import MAX_CHARACTERS, MAX_MESSAGES

from .field_types import Choice, Decimal, Items, Text, Whole
from .section import Section
from .values import (
    FRAMING_HEADERS,
    HEADER,
    HEADER_ALLOWED,
    HOP_BY_HOP_HEADERS,
    NAME,
    REPLICA_HOST_HEADER,
    REPLICA_PATH,
    REPLICAS_NAME,
    TARGET_ADDRESS,
    URL_PATH,
)

PoolAlgorithm = Literal["round-robin", "least-connections", "consistent-hashing"]
POOL_ALGORITHMS: tuple[PoolAlgorithm, ...] = ("round-robin", "least-connections", "consistent-hashing")
AffinityKind = Literal["prompt", "session", "key"]
PoolProtocol = Literal["http", "https"]

AFFINITY_KINDS: dict[str, AffinityKind] = {"messages": "prompt", "characters": "prompt", "header": "session"}
"""What only one kind of affinity has."""

_IN_A_ROW = Whole(0, MAX_COUNT, "in a row")


class TargetSettings(Section):
    """One replica."""

    address: Annotated[str, TARGET_ADDRESS]
    """Where the gateway reaches it."""
    weight: Annotated[int, Whole(0, 65_535)] = 100
    """Its share of the requests. 0 drains: it answers what it has and gets no more. A small one is a slow start."""


class DiscoverySettings(Section):
    """One DNS name whose records are the replicas."""

    name: Annotated[str, REPLICAS_NAME]
    """Kong follows its A and AAAA records, or its SRV records with their own ports and weights."""
    port: Annotated[int, Whole(1, 65_535)]
    """The replicas' port, where no SRV record says another."""


class AffinitySettings(Section):
    """What requests have in common that go to the same replica, so that it finds its prefix cache warm."""

    by: Annotated[AffinityKind, Choice(("prompt", "session", "key"))] = "prompt"
    """prompt: the beginning of the prompt; session: the value of a header; key: the key of the prediction cache."""
    messages: Annotated[int, Whole(1, MAX_MESSAGES, "messages")] = 2
    """prompt only: how many messages of a conversation count, from the first."""
    characters: Annotated[int, Whole(1, MAX_CHARACTERS, "characters")] = 1_024
    """prompt only: how many characters of a text count, from the first."""
    header: Annotated[
        str,
        Text(
            HEADER,
            HEADER_ALLOWED,
            (*HOP_BY_HOP_HEADERS, *FRAMING_HEADERS, AFFINITY_HEADER.lower()),
            "it belongs to the connection or the gateway, not the session",
        ),
    ] = "x-session-id"
    """session only: the header that names the session."""
    max_load_factor: Annotated[float, Decimal(1, 10, "times the mean")] = 1.25
    """No replica gets more than this times the mean of the requests in flight."""


class PoolHealthSettings(Section):
    """Active checks: every replica is asked again and again whether it is well."""

    path: Annotated[str, REPLICA_PATH] = "/ping"
    """What is asked by GET."""
    interval_seconds: Annotated[int, Whole(1, 3_600, "seconds")] = 2
    """How often."""
    timeout_seconds: Annotated[int, Whole(1, 60, "seconds")] = 1
    """How long an answer may take."""
    successes: Annotated[int, Whole(1, MAX_COUNT, "in a row")] = 1
    """Good answers until a replica is taken back."""
    failures: Annotated[int, Whole(1, MAX_COUNT, "in a row")] = 2
    """Bad answers, time-outs or failed connections until a replica is left out."""


class CircuitBreakerSettings(Section):
    """Passive checks: what the requests themselves show. An active check takes the replica back."""

    connection_failures: Annotated[int, _IN_A_ROW] = 1
    """Failed connections until a replica is left out; 0 for never."""
    timeouts: Annotated[int, _IN_A_ROW] = 0
    """Time-outs until a replica is left out; 0 for never."""
    errors: Annotated[int, _IN_A_ROW] = 0
    """Answers with one of statuses until a replica is left out; 0 for never."""
    statuses: Annotated[tuple[Annotated[int, Whole(400, 599)], ...], Items(1, 50, "status codes")] = (
        500,
        502,
        503,
        504,
    )
    """Status codes that count as errors."""


class PoolSettings(Section):
    """Replicas of the same thing; exactly one of targets and discovery."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["targets"]}, {"required": ["discovery"]}]})

    name: Annotated[str, NAME]
    """The pool's name, unique in the stack."""
    targets: Annotated[tuple[TargetSettings, ...], Items(1, MAX_TARGETS, "targets")] | None = None
    """The replicas; or discovery."""
    discovery: DiscoverySettings | None = None
    """One DNS name whose records are the replicas."""
    protocol: Annotated[PoolProtocol, Choice(("http", "https"))] = "http"
    """What the gateway speaks with the replicas."""
    host_header: Annotated[str, REPLICA_HOST_HEADER] | None = None
    """Host, and the name in the TLS certificate, of every replica; by default each one's own."""
    affinity: AffinitySettings | None = None
    """By default requests have nothing in common."""
    algorithm: Annotated[PoolAlgorithm, Choice(POOL_ALGORITHMS)] | None = None
    """How the next replica is chosen; by default consistent-hashing with affinity, else round-robin."""
    health: PoolHealthSettings = Field(default_factory=PoolHealthSettings)
    """Active checks: every replica is asked again and again whether it is well."""
    circuit_breaker: CircuitBreakerSettings = Field(default_factory=CircuitBreakerSettings)
    """Passive checks: what the requests themselves show."""


class ModelPoolSettings(Section):
    """The pool that answers for a model."""

    name: Annotated[str, NAME]
    """One of pools."""
    path: Annotated[str, URL_PATH] = "/invocations"
    """Where the replicas take the predictions' POST requests."""
