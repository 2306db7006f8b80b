"""Whatever valid arguments are given, what is registered is what the SDKs know and what the clouds' limits allow."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components import SharedCache
from components.shared_cache import limits
from local.engine.providers.stand_in.inputs import check_inputs as check_names
from tests.components.edge.google.sdk_types import check_inputs
from tests.components.shared_cache.arguments import CHANNEL, CRYPTO_KEY, KMS_KEY, NETWORK, TOPIC
from tests.components.trial_stack import Graph, TrialStack

# Memorystore's Instance in GoogleCloudPlatform/magic-modules; CreateServerlessCache and CreateUser of ElastiCache.
_GOOGLE_NAME, _AWS_ID = re.compile(r"[a-z][a-z0-9-]{0,39}[a-z0-9]"), re.compile(r"[a-z](-?[a-z0-9]){0,39}")
_PULUMI_SUFFIX = "-1234567"

IDS = st.from_regex(r"[0-9a-f]{8,17}", fullmatch=True)
NAMES = st.from_regex(r"[a-z](-?[a-z0-9]){0,12}", fullmatch=True)
ALARMS = {"enabled": st.booleans(), "memory_percent": st.floats(1, 100), "latency_ms": st.integers(1, 5_000)}
COMMON = {
    "key_prefix": st.from_regex(r"[A-Za-z0-9._:-]{1,100}", fullmatch=True),
    "timeout_seconds": st.floats(limits.MIN_TIMEOUT_SECONDS, limits.MAX_TIMEOUT_SECONDS),
    "retry_seconds": st.floats(limits.MIN_RETRY_SECONDS, limits.MAX_RETRY_SECONDS),
    "protect": st.booleans(),
}
ELASTICACHE = st.fixed_dictionaries(
    {
        "vpc_id": IDS.map("vpc-{}".format),
        "subnet_ids": st.lists(IDS.map("subnet-{}".format), min_size=2, max_size=3, unique=True),
        "gateway_security_group_ids": st.lists(IDS.map("sg-{}".format), min_size=1, max_size=50, unique=True),
    },
    optional={
        "max_gigabytes": st.integers(1, 5_000) | st.integers(1, 5_000).map(float),
        "max_ecpu_per_second": st.integers(1_000, 15_000_000),
        "kms_key_arn": st.just(KMS_KEY),
        "snapshot_retention_days": st.integers(0, 35),
        "alarms": st.fixed_dictionaries({}, optional={**ALARMS, "topic_arn": st.just(TOPIC)}),
    },
)
MEMORYSTORE = st.fixed_dictionaries(
    {"region": st.from_regex(r"[a-z]{2,12}-[a-z]{4,9}[0-9]", fullmatch=True), "network": st.just(NETWORK)},
    optional={
        "memory_gigabytes": st.integers(1, 300) | st.integers(1, 300).map(float),
        "highly_available": st.booleans(),
        "kms_key": st.just(CRYPTO_KEY),
        "alarms": st.fixed_dictionaries({}, optional={**ALARMS, "notification_channels": st.just([CHANNEL])}),
    },
)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made(name: str, args: Any) -> Graph:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
        environment.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
        stack = TrialStack(Path(folder))
        config = "config: {aws:region: eu-west-1, gcp:project: shop}\n"
        (Path(folder) / "Pulumi.test.yaml").write_text(config)
        return stack.up(lambda: SharedCache(name, args))


@few
@given(name=NAMES, memorystore=MEMORYSTORE, common=st.fixed_dictionaries({}, optional=COMMON))
def test_of_memorystore(name: str, memorystore: Any, common: Any) -> None:
    graph = made(name, {"memorystore": memorystore, **common})
    google = {each: item for each, item in graph.items() if item["type"].startswith("gcp:")}
    for item in google.values():
        check_inputs(item["type"], item["inputs"])
    instance = graph[f"{name}-redis"]["inputs"]
    assert _GOOGLE_NAME.fullmatch(f"{name}-redis{_PULUMI_SUFFIX}")
    assert 1 <= instance["memorySizeGb"] <= 300
    assert instance["tier"] in ("BASIC", "STANDARD_HA")
    for each, item in google.items():
        if item["type"].endswith(":AlertPolicy"):
            [condition] = item["inputs"]["conditions"]
            query = condition["conditionPrometheusQueryLanguage"]["query"]
            assert re.search(r" > [0-9.]+(e[+-][0-9]+)?$", query), each


@few
@given(name=NAMES, elasticache=ELASTICACHE, common=st.fixed_dictionaries({}, optional=COMMON))
def test_of_elasticache(name: str, elasticache: Any, common: Any) -> None:
    graph = made(name, {"elasticache": elasticache, **common})
    aws = {each: item for each, item in graph.items() if item["type"].startswith("aws:")}
    for item in aws.values():
        check_names(item["type"], item["inputs"])
    assert _AWS_ID.fullmatch(f"{name}-cache{_PULUMI_SUFFIX}")
    user, users = graph[f"{name}-user"]["inputs"], graph[f"{name}-users"]["inputs"]
    assert all(_AWS_ID.fullmatch(each) for each in (user["userId"], users["userGroupId"]))
    assert user["accessString"].startswith(f"on ~{common.get('key_prefix', 'inference-edge')}:* -@all +")
    assert len(graph[f"{name}-firewall"]["inputs"]["ingress"]) == 1
    for item in aws.values():
        if item["type"].endswith(":MetricAlarm"):
            threshold = item["inputs"]["threshold"]
            assert isinstance(threshold, int | float) and threshold >= 0
