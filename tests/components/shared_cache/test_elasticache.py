"""What an ElastiCache Serverless cache is made of."""

from __future__ import annotations

from typing import Any

import pytest

from components import InferenceEdge
from components.shared_cache import limits
from components.shared_cache.elasticache import COMMANDS
from tests.components.arguments import minimal_route
from tests.components.recording import GENERATED_PASSWORD
from tests.components.shared_cache.arguments import GROUP, KMS_KEY, SUBNETS, TOPIC, VPC, elasticache, full_elasticache
from tests.components.shared_cache.test_shared_cache import cache
from tests.components.trial_stack import TrialStack, changed

ALARMS = {"cache-memory", "cache-evictions", "cache-throttling", "cache-latency"}


def inputs(stack: TrialStack, args: Any) -> dict[str, dict[str, Any]]:
    return {name: item["inputs"] for name, item in stack.up(cache(args)).items()}


def test_the_least(stack: TrialStack) -> None:
    made = inputs(stack, elasticache())
    assert set(made) - ALARMS == {
        "cache", "cache-cache", "cache-firewall", "cache-password", "cache-user", "cache-users",
    }  # fmt: skip
    assert {name: value for name, value in made["cache-cache"].items() if name != "securityGroupIds"} == {
        "engine": "valkey",
        "majorEngineVersion": "8",
        "description": "Predictions for Kong",
        "cacheUsageLimits": {
            "dataStorage": {"maximum": 10, "unit": "GB"},
            "ecpuPerSeconds": [{"maximum": 20_000}],
        },
        "snapshotRetentionLimit": 0,
        "subnetIds": SUBNETS,
        "userGroupId": made["cache-users"]["userGroupId"],
    }


def test_everything(stack: TrialStack) -> None:
    made = inputs(stack, full_elasticache())
    cache_inputs = made["cache-cache"]
    assert cache_inputs["kmsKeyId"] == KMS_KEY
    assert cache_inputs["snapshotRetentionLimit"] == 3
    assert cache_inputs["cacheUsageLimits"]["dataStorage"]["maximum"] == 50
    assert cache_inputs["cacheUsageLimits"]["ecpuPerSeconds"] == [{"maximum": 100_000}]
    assert made["cache-firewall"]["ingress"][0]["securityGroups"] == [GROUP, "sg-1123abcd"]


def test_only_the_gateway_gets_in_and_nothing_gets_out(stack: TrialStack) -> None:
    firewall = inputs(stack, elasticache())["cache-firewall"]
    assert firewall["vpcId"] == VPC
    assert firewall["ingress"] == [
        {"description": "Kong", "protocol": "tcp", "fromPort": 6379, "toPort": 6380, "securityGroups": [GROUP]}
    ]
    assert "egress" not in firewall


def test_the_only_user_may_do_what_the_gateway_does_on_its_own_entries(stack: TrialStack) -> None:
    made = inputs(stack, full_elasticache())
    user = made["cache-user"]
    assert user["accessString"] == (
        "on ~shop:test:* -@all +get +set +pttl +pexpire +del +unlink +scan +ping +cluster|slots"
    )
    assert user["passwords"] == [GENERATED_PASSWORD]
    assert user["userName"] == stack.outputs()["username"] == "inference-edge"
    assert stack.outputs()["password"] == GENERATED_PASSWORD
    assert made["cache-users"]["userIds"] == [user["userId"]]
    assert "flushall" not in COMMANDS


def test_the_user_of_enterprises_plugin_may_read_and_write_any_entry_and_no_more(stack: TrialStack) -> None:
    def program() -> None:
        models = [minimal_route(cache={"store": "redis"}, kong_edition="enterprise")]
        InferenceEdge("edge", {"models": models, "shared_cache": elasticache()})

    graph = stack.up(program)
    assert graph["edge-shared-cache-user"]["inputs"]["accessString"] == (
        "on ~* -@all +@read +@write +@connection +cluster|slots -@dangerous"
    )


def test_ids_are_short_enough_whatever_the_stack_is_called(stack: TrialStack) -> None:
    made = inputs(stack, elasticache())
    for identifier in (made["cache-user"]["userId"], made["cache-users"]["userGroupId"]):
        assert len(identifier) <= limits.ID_CHARACTERS
        assert identifier.startswith("cache-user")
        assert "--" not in identifier


@pytest.mark.parametrize(
    ("args", "thresholds"),
    [
        (elasticache(), {"memory": 8 * 10**9, "evictions": 0, "throttling": 0, "latency": 50_000}),
        (full_elasticache(), {"memory": 35_250_000_000, "evictions": 0, "throttling": 0, "latency": 4_000}),
        ({**elasticache(), "timeout_seconds": 1}, {"latency": 500_000}),
    ],
)
def test_alarms(stack: TrialStack, args: Any, thresholds: dict[str, int]) -> None:
    graph = stack.up(cache(args))
    topic = [TOPIC] if args["elasticache"].get("alarms") else []
    for suffix, threshold in thresholds.items():
        alarm = graph[f"cache-{suffix}"]["inputs"]
        assert alarm["threshold"] == threshold
        assert alarm["namespace"] == "AWS/ElastiCache"
        assert set(alarm["dimensions"]) == {"clusterId"}
        assert stack.outputs()["host"].startswith(alarm["dimensions"]["clusterId"])
        assert alarm["alarmActions"] == alarm["okActions"] == topic


def test_the_address_is_the_endpoints(stack: TrialStack) -> None:
    stack.up(cache(elasticache()))
    found = stack.outputs()
    assert found["host"].endswith(".serverless.eu-west-1.cache.amazonaws.com")
    assert (found["port"], found["tls"], found["database"], found["ca_certificates"]) == (6379, True, 0, [])


def test_other_limits_change_the_cache_where_it_is(stack: TrialStack) -> None:
    stack.up(cache(elasticache()))
    graph = stack.up(cache(elasticache(max_gigabytes=20, gateway_security_group_ids=[GROUP, "sg-1123abcd"])))
    assert changed(graph, "replace") == []
    assert {"cache-cache", "cache-firewall", "cache-memory"} <= set(changed(graph, "update"))


def test_other_subnets_make_another_cache(stack: TrialStack) -> None:
    stack.up(cache(elasticache()))
    graph = stack.up(cache(elasticache(subnet_ids=["subnet-0123abcd", "subnet-2123abcd"])))
    assert "cache-cache" in {step.name for step in graph.result.steps if "replace" in step.op}
