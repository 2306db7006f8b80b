"""Each value of `kong`, `sharedCache` and the store of a model by itself."""

from __future__ import annotations

from typing import Any

import pytest

from settings import parse_settings
from settings.cache_models import ANSWER_HEADERS
from tests.settings.support import (
    GATEWAY_GROUP,
    elasticache,
    model,
    problems,
    redis_stack,
    sealed_problems,
    stack,
)
from tests.settings.test_values import at as model_at

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f-1"
CRYPTO_KEY = "projects/shop/locations/europe-west3/keyRings/cache/cryptoKeys/answers"
CHANNEL = "projects/shop/notificationChannels/1"
NAMES = "a header name in lower-case letters, digits and hyphens"
URL = (
    "must be rediss://, a host, and optionally a port and a database from 0 to 15; "
    "redis:// for localhost and 127.0.0.1 alone; no user, password or query, which have keys of their own"
)


def cache_at(path: str, value: Any) -> dict[str, Any]:
    """A document with a value at a dotted path of ``sharedCache``, whose provider is the path's first word."""
    provider, _, key = path.partition(".")
    if provider not in ("elasticache", "memorystore"):
        return redis_stack(**{path: value})
    sections, changes = key.split("."), value
    for section in reversed(sections):
        changes = {section: changes}
    if provider == "elasticache":
        return redis_stack(provider=provider, elasticache=elasticache(**changes))
    network = {"region": "europe-west3", "network": "projects/shop/global/networks/default"}
    return redis_stack(provider=provider, memorystore={**network, **changes})


STORE_ACCEPTED = [
    ("cache.store", "memory"),
    ("cache.store", "proxy-cache"),
    ("^kong", {}),
    ("^kong", {"edition": "enterprise"}),
    ("^kong", {"topology": "replicated", "nodes": []}),
    ("^sharedCache", None),
]
STORE_REFUSED = [
    ("cache.store", "valkey", "must be proxy-cache, memory or redis"),
    ("cache.store", None, "must be proxy-cache, memory or redis"),
    ("cache.answerHeaders", "etag", "must be a list of 0 to 20 header names"),
    ("cache.answerHeaders", ["X-A"], f"must be {NAMES}, none that Kong sets itself"),
    ("cache.answerHeaders", ["x-kong-upstream-latency"], f"must be {NAMES}, none that Kong sets itself"),
    ("cache.answerHeaders", ["access-control-allow-origin"], f"must be {NAMES}, none that Kong sets itself"),
    ("cache.answerHeaders", ["set-cookie"], "set-cookie is not allowed here: it belongs to one answer or one caller"),
    ("cache.answerHeaders", ["transfer-encoding"], "transfer-encoding is not allowed here: it belongs to one answer"),
    ("cache.answerHeaders", ["age"], "age is not allowed here: it belongs to one answer or one caller"),
    ("^kong", "sharded", "must be a mapping"),
    ("^kong", {"edition": "Enterprise"}, "must be community or enterprise"),
    ("^kong", {"topology": "cluster"}, "must be replicated or sharded"),
    ("^kong", {"nodes": ["kong-1"]}, "must be the host and port of a Kong node's proxy, such as kong-1.internal:8000"),
    ("^kong", {"nodes": ["http://kong-1:8000"]}, "must be the host and port of a Kong node's proxy"),
    ("^kong", {"nodes": ["kong-1:0"]}, "must be the host and port of a Kong node's proxy"),
    ("^kong", {"nodes": ["a:1", "a:1"]}, "must be a list of 0 to 64 nodes, each once"),
]
CACHE_ACCEPTED = [
    ("url", "rediss://cache.example.com"),
    ("url", "rediss://10.0.0.1:6380/15"),
    ("url", "redis://localhost:6379/0"),
    ("url", "redis://127.0.0.1/"),
    ("timeoutSeconds", 0.01),
    ("timeoutSeconds", 5),
    ("retrySeconds", 1),
    ("retrySeconds", 300),
    ("elasticache.subnetIds", ["subnet-0123abcd", "subnet-1123abcd", "subnet-2123abcd"]),
    ("elasticache.maxGigabytes", 5_000),
    ("elasticache.maxEcpuPerSecond", 1_000),
    ("elasticache.kmsKeyArn", KMS_KEY),
    ("elasticache.snapshotRetentionDays", 35),
    ("elasticache.alarms", {"enabled": False, "topicArn": TOPIC, "memoryPercent": 1, "latencyMs": 5_000}),
    ("memorystore.memoryGigabytes", 300),
    ("memorystore.highlyAvailable", False),
    ("memorystore.kmsKey", CRYPTO_KEY),
    ("memorystore.alarms", {"enabled": False, "notificationChannels": [CHANNEL], "memoryPercent": 99.5}),
]
CACHE_REFUSED = [
    ("url", "redis://cache.example.com", URL),
    ("url", "http://cache.example.com", URL),
    ("url", "cache.example.com:6379", URL),
    ("url", "rediss://cache.example.com:70000", URL),
    ("url", "rediss://cache.example.com/16", URL),
    ("url", "rediss://cache.example.com/0?ssl=no", URL),
    ("url", "rediss://my_cache", URL),
    ("provider", "redis", "must be existing, elasticache or memorystore"),
    ("username", "a b", "must be 1 to 128 printable ASCII characters without spaces"),
    ("timeoutSeconds", 0.001, "must be a number from 0.01 to 5 (seconds)"),
    ("retrySeconds", 301, "must be a number from 1 to 300 (seconds)"),
    ("protect", "yes", "must be true or false"),
    ("elasticache.vpcId", "vpc", "must be the id of a VPC, such as vpc-0123456789abcdef0"),
    ("elasticache.subnetIds", ["subnet-0123abcd"], "must be a list of 2 to 3 subnets"),
    (
        "elasticache.subnetIds",
        ["10.0.0.0/8", "subnet-0123abcd"],
        "must be the id of a subnet, such as subnet-0123456789abcdef0",
    ),
    ("elasticache.gatewaySecurityGroupIds", [], "must be a list of 1 to 50 security groups"),
    ("elasticache.gatewaySecurityGroupIds", ["0.0.0.0/0"], "must be the id of a security group, such as sg-0123456789"),
    ("elasticache.maxGigabytes", 0, "must be a whole number from 1 to 5000 (gigabytes)"),
    ("elasticache.maxEcpuPerSecond", 999, "must be a whole number from 1000 to 15000000 (ECPU a second)"),
    ("elasticache.kmsKeyArn", "alias/cache", "must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1"),
    ("elasticache.snapshotRetentionDays", 36, "must be a whole number from 0 to 35 (days)"),
    ("elasticache.alarms.topicArn", "alerts", "must be the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456"),
    ("elasticache.alarms.memoryPercent", 101, "must be a number from 1 to 100 (percent)"),
    ("elasticache.alarms.latencyMs", 0, "must be a whole number from 1 to 5000 (milliseconds)"),
    ("memorystore.region", "eu-west-1", "must be a region of Google Cloud such as europe-west3"),
    ("memorystore.network", "default", "must be the id of a VPC network, such as projects/shop/global/networks/defaul"),
    ("memorystore.memoryGigabytes", 301, "must be a whole number from 1 to 300 (gigabytes)"),
    ("memorystore.kmsKey", "answers", "must be the id of a key in Cloud KMS, such as projects/shop/locations/europe-"),
    ("memorystore.alarms.notificationChannels", ["a"], "must be the name of a notification channel, such as projects"),
]


@pytest.mark.parametrize(("path", "value"), STORE_ACCEPTED)
def test_accepts_of_a_store(path: str, value: Any) -> None:
    assert problems(model_at(path, value)) == []


@pytest.mark.parametrize(("path", "value", "message"), STORE_REFUSED)
def test_refuses_of_a_store(path: str, value: Any, message: str) -> None:
    (problem,) = problems(model_at(path, value))
    assert message in problem


@pytest.mark.parametrize(("path", "value"), CACHE_ACCEPTED)
def test_accepts_of_a_shared_cache(path: str, value: Any) -> None:
    assert problems(cache_at(path, value)) == []


@pytest.mark.parametrize(("path", "value", "message"), CACHE_REFUSED)
def test_refuses_of_a_shared_cache(path: str, value: Any, message: str) -> None:
    (problem,) = problems(cache_at(path, value))
    assert message in problem


@pytest.mark.parametrize(
    "url", ["rediss://app:for-this-test-only@cache.example.com", "redis://:for-this-test-only@localhost"]
)
def test_a_url_with_credentials_is_refused_and_they_are_not_shown(url: str) -> None:
    (problem,) = problems(redis_stack(url=url))
    assert URL in problem
    assert "for-this-test-only" not in problem


def test_a_password_is_encrypted_and_never_shown() -> None:
    document = redis_stack(password="for-this-test-only")
    (problem,) = problems(document)
    assert problem == (
        "sharedCache.password: must be encrypted; take a new password and run: "
        "pulumi config set --secret --path 'inference-edge:sharedCache.password'"
    )
    assert sealed_problems(document) == []
    (problem,) = sealed_problems(redis_stack(password="for this test only"))
    assert "for this test only" not in problem


def test_nothing_of_an_encrypted_shared_cache_is_shown() -> None:
    (problem,) = sealed_problems(redis_stack(url="for-this-test-only"))
    assert problem.startswith("sharedCache.url = [secret]: must be rediss://")


def test_the_defaults() -> None:
    settings = parse_settings(redis_stack(url="redis://localhost"))
    cache = settings.shared_cache
    assert cache is not None
    assert (cache.provider, cache.timeout_seconds, cache.retry_seconds) == ("existing", 0.1, 5)
    assert (settings.kong.edition, settings.kong.topology, settings.kong.nodes) == ("community", "replicated", ())
    assert parse_settings(stack()).models[0].cache.store == "proxy-cache"
    assert settings.models[0].cache.answer_headers == ANSWER_HEADERS


def test_a_section_without_its_required_keys_names_them_all() -> None:
    found = problems(redis_stack(provider="elasticache", elasticache={"gatewaySecurityGroupIds": [GATEWAY_GROUP]}))
    assert found == [
        "sharedCache.elasticache.vpcId: required but missing; must be the id of a VPC, such as vpc-0123456789abcdef0",
        "sharedCache.elasticache.subnetIds: required but missing; must be a list of 2 to 3 subnets",
    ]


def test_a_problem_of_the_shared_cache_does_not_hide_those_of_models() -> None:
    document = redis_stack(model(cache={"store": "redis", "staleIfErrorSeconds": -1}), provider="elasticache", url="x")
    document["sharedCache"]["elasticache"] = {}
    assert [problem.split(" ")[0].rstrip(":") for problem in problems(document)] == [
        "sharedCache.url",
        "sharedCache.elasticache.vpcId",
        "sharedCache.elasticache.subnetIds",
        "sharedCache.elasticache.gatewaySecurityGroupIds",
        "models[0].cache.staleIfErrorSeconds",
    ]
