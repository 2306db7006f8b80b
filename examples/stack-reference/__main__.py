"""A rate limit of our own on a model of another stack, which is known by its outputs alone."""

import json

import pulumi
import pulumi_kong as kong

inference = pulumi.StackReference(pulumi.Config().require("inferenceStack"))
models = inference.require_output("models")
route_id = models.apply(lambda models: models["digits"]["routeId"])

kong.Plugin(
    "digits-limit",
    name="rate-limiting",
    route_id=route_id,
    config_json=json.dumps({"hour": 1000, "limit_by": "ip", "policy": "local"}),
)

pulumi.export("predictUrl", models.apply(lambda models: models["digits"]["predictUrl"]))
pulumi.export("consumerKeys", inference.require_output("consumerKeys"))
