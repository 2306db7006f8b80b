"""Every wrong argument of a SharedCache, and of its place in an InferenceEdge, ends with these words."""

from __future__ import annotations

from typing import Any

import pulumi_random as random
import pytest

from components import ArgumentError, InferenceEdge, SharedCache
from local.engine import EngineError
from tests.components.arguments import minimal_route
from tests.components.shared_cache.arguments import PASSWORD, elasticache, existing, memorystore
from tests.components.trial_stack import TrialStack

NUMBER = "must be a whole number from"
WRONG: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "arguments must have exactly one of existing, elasticache, memorystore"),
    "two": (
        {**existing(), **memorystore()},
        "arguments must have exactly one of existing, elasticache, memorystore",
    ),
    "unknown": (
        {**existing(), "url": ""},
        "url is not an argument; known are elasticache, enterprise, existing, key_prefix, memorystore, protect, "
        "retry_seconds, timeout_seconds",
    ),
    "unknown of existing": (
        existing(ssl=True),
        "existing.ssl is not an argument; known are database, host, password, port, tls, username",
    ),
    "no group": ({"existing": "cache.test"}, "existing must be a group of arguments"),
    "no host": ({"existing": {}}, "existing.host is missing"),
    "a URL": (
        existing(host="rediss://cache.test"),
        "existing.host must be a host name or an IPv4 address, without scheme, port and credentials",
    ),
    "port": (existing(port=0), f"existing.port {NUMBER} 1 to 65535"),
    "database": (existing(database=16), f"existing.database {NUMBER} 0 to 15"),
    "password": (existing(password="a b"), "existing.password must be printable ASCII characters without spaces"),
    "username alone": (existing(username="app"), "existing.username needs password"),
    "no TLS": (
        existing(tls=False),
        "existing.tls may be off for localhost alone: predictions and the password would be readable",
    ),
    "protect": ({**existing(), "protect": True}, "protect cannot be used with existing, which is not made here"),
    "prefix": ({**existing(), "key_prefix": "a*"}, "key_prefix must be 1 to 100 letters, digits and . _ : -"),
    "time-out": ({**existing(), "timeout_seconds": 0}, "timeout_seconds must be a number from 0.01 to 5"),
    "retry": ({**existing(), "retry_seconds": True}, "retry_seconds must be a number from 1 to 300"),
    "no VPC": ({"elasticache": {}}, "elasticache.gateway_security_group_ids is missing"),
    "VPC": (elasticache(vpc_id="10.0.0.0/8"), "elasticache.vpc_id must be the id of a VPC (vpc-...)"),
    "one subnet": (
        elasticache(subnet_ids=["subnet-0a"]),
        "elasticache.subnet_ids must be 2 to 3 ids of subnets (subnet-...)",
    ),
    "everybody": (
        elasticache(gateway_security_group_ids=["0.0.0.0/0"]),
        "elasticache.gateway_security_group_ids must be 1 to 50 ids of security groups (sg-...)",
    ),
    "gigabytes": (elasticache(max_gigabytes=0.5), f"elasticache.max_gigabytes {NUMBER} 1 to 5000"),
    "ECPU": (elasticache(max_ecpu_per_second=1), f"elasticache.max_ecpu_per_second {NUMBER} 1000 to 15000000"),
    "KMS": (elasticache(kms_key_arn="alias/a"), "elasticache.kms_key_arn must be the ARN of a KMS key"),
    "snapshots": (
        elasticache(snapshot_retention_days=36),
        f"elasticache.snapshot_retention_days {NUMBER} 0 to 35",
    ),
    "topic": (elasticache(alarms={"topic_arn": "a"}), "elasticache.alarms.topic_arn must be the ARN of an SNS topic"),
    "alarm": (
        elasticache(alarms={"cpu_percent": 1}),
        "elasticache.alarms.cpu_percent is not an argument; known are enabled, latency_ms, memory_percent, topic_arn",
    ),
    "region": (
        memorystore(region="eu-west-1"),
        "memorystore.region must be a region of Google Cloud such as europe-west3",
    ),
    "network": (
        memorystore(network="default"),
        "memorystore.network must be the id of a network, such as projects/shop/global/networks/default",
    ),
    "memory": (memorystore(memory_gigabytes=301), f"memorystore.memory_gigabytes {NUMBER} 1 to 300"),
    "key": (memorystore(kms_key="a"), "memorystore.kms_key must be the id of a key in Cloud KMS"),
    "percent": (
        memorystore(alarms={"memory_percent": 0}),
        "memorystore.alarms.memory_percent must be a number from 1 to 100",
    ),
}
REDIS = {"store": "redis"}
WIRING: dict[str, tuple[Any, str]] = {
    "no shared cache": (
        {"models": [minimal_route(), minimal_route(model="words", cache=REDIS)]},
        "models words cache.store redis needs shared_cache",
    ),
    "no model": (
        {"models": [minimal_route(cache={"store": "memory"})], "shared_cache": existing()},
        "shared_cache cannot be used without a model with cache.store redis",
    ),
    "a model's own": (
        {"models": [minimal_route(cache=REDIS, redis={"host": "cache.test", "port": 6379})]},
        "models digits redis is set by InferenceEdge, of shared_cache",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_shared_cache_refuses(stack: TrialStack, case: str) -> None:
    args, message = WRONG[case]
    with pytest.raises(ArgumentError) as found:
        _raised(stack, lambda: SharedCache("cache", args))
    assert str(found.value) == f"SharedCache: {message}"


@pytest.mark.parametrize("name", ["Cache", "a--b", "a-", "c" * 27])
def test_a_shared_cache_has_a_name_that_the_clouds_take(stack: TrialStack, name: str) -> None:
    with pytest.raises(ArgumentError) as found:
        _raised(stack, lambda: SharedCache(name, existing()))
    assert str(found.value) == (
        "SharedCache: name must be 1 to 26 lower-case letters, digits and single hyphens, letter first"
    )


@pytest.mark.parametrize("case", WIRING)
def test_an_edge_refuses(stack: TrialStack, case: str) -> None:
    args, message = WIRING[case]
    with pytest.raises(ArgumentError) as found:
        _raised(stack, lambda: InferenceEdge("edge", args))
    assert str(found.value) == f"InferenceEdge: {message}"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"host": "late.test", "tls": False}, "existing.tls may be off for localhost alone"),
        ({"host": "rediss://late.test"}, "existing.host must be a host name or an IPv4 address"),
    ],
)
def test_what_is_known_late_is_refused_then(stack: TrialStack, args: dict[str, Any], message: str) -> None:
    def program() -> None:
        host = random.RandomString("host", length=8).result.apply(lambda _: args["host"])
        models = [minimal_route(cache=REDIS)]
        InferenceEdge("edge", {"models": models, "shared_cache": existing(**{**args, "host": host})})

    assert stack.preview(program)
    with pytest.raises(EngineError) as found:
        stack.up(program)
    assert message in str(found.value)


def test_a_message_shows_no_password(stack: TrialStack) -> None:
    with pytest.raises(ArgumentError) as found:
        _raised(stack, lambda: SharedCache("cache", existing(password=f"{PASSWORD} {PASSWORD}")))
    assert PASSWORD not in str(found.value)


def _raised(stack: TrialStack, make: Any) -> None:
    """Raise what the component raised in a program, without the engine's words around it."""
    caught: list[BaseException] = []

    def program() -> None:
        try:
            make()
        except ArgumentError as error:
            caught.append(error)

    stack.preview(program)
    raise caught[0]
