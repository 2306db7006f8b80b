"""SageMakerOrigin: a SageMaker endpoint behind an API Gateway that signs, throttles and asks for a key."""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from ..camel_case import camel_case
from . import arguments as defaults
from . import messages, policies
from .arguments import OriginLogsArgs, SageMakerOriginArgs, ThrottleArgs
from .checks import check_arguments, checked
from .endpoint import model_endpoint
from .endpoint_arn import EndpointArn
from .host_name import custom_domain
from .prediction_method import PredictionMethod
from .snapshot import Snapshot

_STAGE = "live"


class SageMakerOrigin(pulumi.ComponentResource):
    """A URL that takes plain POST requests with an API key, for an endpoint that takes signed ones alone.

        origin = SageMakerOrigin("digits", {"endpoint_arn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits"})
        # POST origin.url with the header x-api-key: origin.api_key

    The API's role may invoke this one endpoint. Nothing but a 200 of SageMaker comes back as a 200; errors are JSON:
    400, 413, 429 with Retry-After and 503 as SageMaker means them, the model's own failure and all else as 502, a
    time-out as 504. Another endpoint, variant or kind of API (private, custom domain) is a new URL, which stands
    before the old one goes. Raises ArgumentError when a known argument is wrong.
    """

    TYPE = "inference-edge:index:SageMakerOrigin"

    url: pulumi.Output[str]
    """Where to POST; known once requests get through."""
    api_key: pulumi.Output[str]
    """The value of the header x-api-key, a secret."""
    model_version: pulumi.Output[str]
    """The name of the made endpoint's configuration; empty for an existing endpoint, which may change unseen."""
    rest_api_id: pulumi.Output[str]
    """The API's id."""
    stage_name: pulumi.Output[str]
    """The API's stage."""

    def __init__(self, name: str, args: SageMakerOriginArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(args)
        super().__init__(self.TYPE, name, camel_case(args), opts)
        self._name, self._args = name, args
        self._domain, self._private = args.get("custom_domain"), args.get("private")
        self._logs: OriginLogsArgs = args.get("logs") or {}
        # Another kind of API is another API under another name: changed in place, it would refuse the gateway's
        # requests until the gateway knows the new URL.
        self._api_name = f"{name}-private" if self._private else f"{name}-domain" if self._domain else name
        self._snapshot = Snapshot(self)

        endpoint, self.model_version = self._endpoint()
        role, may_invoke = self._role(endpoint)
        api = self._rest_api()
        method = PredictionMethod(self._snapshot, self._api_name, api, endpoint, args.get("target_variant"))
        seconds = checked("timeout_seconds", args.get("timeout_seconds"), defaults.TIMEOUT_SECONDS)
        method.integrate(
            role.arn,
            args.get("content_types") or defaults.CONTENT_TYPES,
            seconds.apply(lambda seconds: round(seconds * 1000)),
        )
        stage = self._stage(api)
        settings = self._method_settings(api, stage)
        key, key_in_plan = self._key(api, stage)
        ready: list[pulumi.CustomResource] = [may_invoke, settings, key_in_plan]
        if self._domain:
            ready += custom_domain(self._name, self._domain, stage, self._child())

        self.url = _once(ready, pulumi.Output.concat(self._base_url(api, stage), method.path))
        self.api_key = pulumi.Output.secret(_once(ready, key.value))
        self.rest_api_id = api.id
        self.stage_name = stage.stage_name
        self.register_outputs(
            {
                "url": self.url,
                "apiKey": self.api_key,
                "modelVersion": self.model_version,
                "restApiId": self.rest_api_id,
                "stageName": self.stage_name,
            }
        )

    def _endpoint(self) -> tuple[pulumi.Output[EndpointArn], pulumi.Output[str]]:
        """The endpoint, its name as InvokeEndpoint wants it, and its version."""
        args = self._args.get("endpoint")
        if args is None:
            arn = checked("endpoint_arn", self._args.get("endpoint_arn"))
            return arn.apply(EndpointArn.parse), pulumi.Output.from_input("")
        made = model_endpoint(f"{self._name}-endpoint", args, self._child())
        endpoint = pulumi.Output.all(made.arn, made.name).apply(
            lambda both: EndpointArn.parse(both[0])._replace(name=both[1])  # the ARN has the name in lower case
        )
        return endpoint, made.endpoint_config_name

    def _role(self, endpoint: pulumi.Output[EndpointArn]) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(f"{self._name}-role", assume_role_policy=policies.trust_policy(), opts=self._child())
        policy = aws.iam.RolePolicy(
            f"{self._name}-role-policy",
            role=role.name,
            policy=endpoint.apply(lambda endpoint: policies.invoke_policy(endpoint.resource())),
            # The right to another endpoint comes before the right to the old one goes.
            opts=self._child(replace_on_changes=["policy"]),
        )
        return role, policy

    def _rest_api(self) -> aws.apigateway.RestApi:
        endpoint: dict[str, Any] = {"types": "PRIVATE" if self._private else "REGIONAL"}
        if self._private:
            endpoint["vpc_endpoint_ids"] = checked("private.vpc_endpoint_ids", self._private["vpc_endpoint_ids"])
        api = self._snapshot.add(
            aws.apigateway.RestApi,
            f"{self._api_name}-api",
            api_key_source="HEADER",
            endpoint_configuration=endpoint,
            disable_execute_api_endpoint=self._domain is not None,
        )
        if self._private:
            policy = pulumi.Output.all(api.execution_arn, endpoint["vpc_endpoint_ids"]).apply(
                lambda both: policies.vpc_endpoint_policy(both[0], both[1])
            )
            self._snapshot.add(
                aws.apigateway.RestApiPolicy, f"{self._api_name}-api-policy", rest_api_id=api.id, policy=policy
            )
        return api

    def _stage(self, api: aws.apigateway.RestApi) -> aws.apigateway.Stage:
        """What is deployed, where, and who came."""
        deployment = aws.apigateway.Deployment(
            f"{self._api_name}-deployment",
            rest_api=api.id,
            triggers=self._snapshot.triggers(),
            opts=self._child(depends_on=self._snapshot.parts),
        )
        access_log: Any = None
        if self._logs.get("enabled", True):
            group = self._log_group("access-log")
            access_log = {"destination_arn": group.arn, "format": messages.ACCESS_LOG_FORMAT}
        return aws.apigateway.Stage(
            f"{self._api_name}-stage",
            rest_api=api.id,
            deployment=deployment.id,
            stage_name=_STAGE,
            access_log_settings=access_log,
            cache_cluster_enabled=False,
            xray_tracing_enabled=self._args.get("tracing", False),
            opts=self._child(),
        )

    def _method_settings(
        self, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage
    ) -> aws.apigateway.MethodSettings:
        """Metrics, limits and the log of errors; never a body."""
        logs: list[pulumi.Resource] = []
        if self._logs.get("enabled", True):
            # API Gateway writes to the group of this name, and would make it itself: for ever, and outside the stack.
            group_name = api.id.apply(lambda id: f"API-Gateway-Execution-Logs_{id}/{_STAGE}")
            logs.append(self._log_group("execution-log", group_name))
        rate, burst = self._throttle()
        return aws.apigateway.MethodSettings(
            f"{self._api_name}-method-settings",
            rest_api=api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={
                "metrics_enabled": True,
                "logging_level": "ERROR" if logs else "OFF",
                "data_trace_enabled": False,
                "caching_enabled": False,
                "throttling_rate_limit": rate,
                "throttling_burst_limit": burst,
            },
            opts=self._child(depends_on=logs),
        )

    def _log_group(self, suffix: str, name: Optional[pulumi.Output[str]] = None) -> aws.cloudwatch.LogGroup:
        days = checked("logs.retention_days", self._logs.get("retention_days"), defaults.RETENTION_DAYS)
        return aws.cloudwatch.LogGroup(
            f"{self._api_name}-{suffix}", name=name, retention_in_days=days, opts=self._child()
        )

    def _key(
        self, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage
    ) -> tuple[aws.apigateway.ApiKey, aws.apigateway.UsagePlanKey]:
        """The gateway's key and how much may be asked with it."""
        key = aws.apigateway.ApiKey(f"{self._name}-api-key", opts=self._child())
        rate, burst = self._throttle()
        quota = self._args.get("quota_per_day")
        plan = aws.apigateway.UsagePlan(
            f"{self._api_name}-usage-plan",
            api_stages=[{"api_id": api.id, "stage": stage.stage_name}],
            throttle_settings={"rate_limit": rate, "burst_limit": burst},
            quota_settings=None if quota is None else {"limit": checked("quota_per_day", quota), "period": "DAY"},
            opts=self._child(),
        )
        in_plan = aws.apigateway.UsagePlanKey(
            f"{self._api_name}-usage-plan-key",
            key_id=key.id,
            key_type="API_KEY",
            usage_plan_id=plan.id,
            opts=self._child(),
        )
        return key, in_plan

    def _throttle(self) -> tuple[pulumi.Output[float], pulumi.Output[int]]:
        throttle: ThrottleArgs = self._args.get("throttle") or {}
        return (
            checked("throttle.rate_per_second", throttle.get("rate_per_second"), defaults.RATE_PER_SECOND),
            checked("throttle.burst", throttle.get("burst"), defaults.BURST),
        )

    def _base_url(self, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage) -> pulumi.Output[str]:
        if self._domain:
            return pulumi.Output.concat("https://", self._domain["name"])
        if self._private:
            # This host name leads to the VPC endpoint, whether or not that has private DNS.
            host = pulumi.Output.concat("https://", api.id, "-", self._private["vpc_endpoint_ids"][0], ".")
            return pulumi.Output.all(stage.invoke_url, host).apply(lambda both: both[1] + both[0].split(".", 1)[1])
        return stage.invoke_url

    def _child(
        self, depends_on: Optional[list[pulumi.Resource]] = None, replace_on_changes: Optional[list[str]] = None
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=depends_on, replace_on_changes=replace_on_changes)


def _once(ready: list[pulumi.CustomResource], value: pulumi.Output[str]) -> pulumi.Output[str]:
    """The value, for those who must not use it before all of these stand."""
    return pulumi.Output.all(value, *[each.id for each in ready]).apply(lambda known: known[0])
