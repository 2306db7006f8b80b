"""The SageMaker endpoint, when the stack makes it."""

from typing import Any

import pulumi
import pulumi_aws as aws

from . import arguments as defaults
from .arguments import EndpointArgs, EndpointDeploymentArgs
from .checks import checked


def model_endpoint(name: str, args: EndpointArgs, opts: pulumi.ResourceOptions) -> aws.sagemaker.Endpoint:
    """An endpoint with this configuration. Another configuration is deployed blue/green onto the same endpoint."""
    deployment: EndpointDeploymentArgs = args.get("deployment") or {}
    return aws.sagemaker.Endpoint(
        name,
        endpoint_config_name=checked("endpoint.config_name", args["config_name"]),
        name=args.get("name"),
        deployment_config=_blue_green(deployment) if deployment.get("enabled", True) else None,
        opts=opts,
    )


def _blue_green(args: EndpointDeploymentArgs) -> Any:
    prefix = "endpoint.deployment."
    canary, alarms = args.get("canary_percent"), args.get("rollback_alarms")
    routing: dict[str, Any] = {
        "type": "ALL_AT_ONCE" if canary is None else "CANARY",
        "wait_interval_in_seconds": checked(f"{prefix}bake_seconds", args.get("bake_seconds"), defaults.BAKE_SECONDS),
    }
    if canary is not None:
        percent = checked(f"{prefix}canary_percent", canary)
        routing["canary_size"] = {"type": "CAPACITY_PERCENT", "value": percent}
    wait = checked(
        f"{prefix}termination_wait_seconds", args.get("termination_wait_seconds"), defaults.TERMINATION_WAIT_SECONDS
    )
    config: dict[str, Any] = {
        "blue_green_update_policy": {"traffic_routing_configuration": routing, "termination_wait_in_seconds": wait}
    }
    if alarms:
        config["auto_rollback_configuration"] = {"alarms": [{"alarm_name": alarm} for alarm in alarms]}
    return config
