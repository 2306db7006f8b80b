"""What a Memorystore for Redis instance is made of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.components.shared_cache.arguments import CHANNEL, CRYPTO_KEY, NETWORK, REGION, full_memorystore, memorystore
from tests.components.shared_cache.test_shared_cache import cache
from tests.components.trial_stack import TrialStack, changed

INSTANCE = "cache-redis"


def instance(stack: TrialStack, args: Any) -> dict[str, Any]:
    found = dict(stack.up(cache(args))[INSTANCE]["inputs"])
    found.pop("name", None)
    return found


def test_the_least(stack: TrialStack) -> None:
    assert instance(stack, memorystore()) == {
        "displayName": "Predictions for Kong",
        "region": REGION,
        "authorizedNetwork": NETWORK,
        "connectMode": "PRIVATE_SERVICE_ACCESS",
        "tier": "STANDARD_HA",
        "memorySizeGb": 1,
        "redisVersion": "REDIS_7_2",
        "redisConfigs": {"maxmemory-policy": "allkeys-lru"},
        "authEnabled": True,
        "transitEncryptionMode": "SERVER_AUTHENTICATION",
        "deletionProtection": False,
    }


def test_everything(stack: TrialStack) -> None:
    made = instance(stack, full_memorystore())
    assert (made["tier"], made["memorySizeGb"], made["customerManagedKey"]) == ("BASIC", 5, CRYPTO_KEY)
    assert (made["deletionProtection"], made["deletionPolicy"]) == (True, "PREVENT")


def test_the_password_and_the_authority_are_the_instances(stack: TrialStack) -> None:
    stack.up(cache(memorystore()))
    found = stack.outputs()
    assert len(found["password"]) == 36
    assert (found["username"], found["port"], found["tls"], found["database"]) == ("", 6378, True, 0)
    [authority] = found["ca_certificates"]
    assert authority.startswith("-----BEGIN CERTIFICATE-----\n")


@pytest.mark.parametrize(
    ("args", "ends"),
    [
        (memorystore(), {"memory": "> 80", "evictions": "> 0", "latency": "> 50000"}),
        (full_memorystore(), {"memory": "> 70.5", "evictions": "> 0", "latency": "> 4000"}),
    ],
)
def test_alert_policies(stack: TrialStack, args: Any, ends: dict[str, str]) -> None:
    graph = stack.up(cache(args))
    channels = [CHANNEL] if args["memorystore"].get("alarms") else []
    for suffix, end in ends.items():
        policy = graph[f"cache-{suffix}"]["inputs"]
        [condition] = policy["conditions"]
        query = condition["conditionPrometheusQueryLanguage"]["query"]
        assert query.endswith(end)
        assert 'instance_id="projects/shop/locations/europe-west3/instances/cache-redis-' in query
        assert "INSTANCE" not in query
        assert policy["notificationChannels"] == channels


def test_more_memory_changes_the_instance_where_it_is(stack: TrialStack) -> None:
    stack.up(cache(memorystore()))
    graph = stack.up(cache(memorystore(memory_gigabytes=2)))
    assert INSTANCE in changed(graph, "update")


def test_another_network_makes_another_instance(stack: TrialStack) -> None:
    stack.up(cache(memorystore()))
    graph = stack.up(cache(memorystore(network="projects/shop/global/networks/other")))
    assert INSTANCE in {step.name for step in graph.result.steps if "replace" in step.op}
