"""Small programs with AWS resources for the engine's tests."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

ORIGIN_SECRET = "an-origin-secret"


def edge(comment: str = "first", function_name: str = "shop-request", staging: bool = False) -> Any:
    """A distribution with policy, function and monitoring; exports what others would use."""

    def program() -> None:
        function = aws.cloudfront.Function(
            "request", name=function_name, runtime="cloudfront-js-2.0", code="function handler(e) { return e.request }"
        )
        policy = aws.cloudfront.CachePolicy(
            "policy",
            parameters_in_cache_key_and_forwarded_to_origin={
                "cookies_config": {"cookie_behavior": "none"},
                "headers_config": {"header_behavior": "none"},
                "query_strings_config": {"query_string_behavior": "whitelist", "query_strings": {"items": ["input"]}},
            },
        )
        distribution = aws.cloudfront.Distribution(
            "edge",
            enabled=True,
            staging=staging,
            comment=comment,
            origins=[
                {
                    "origin_id": "kong",
                    "domain_name": "kong.test",
                    "custom_headers": [{"name": "X-Origin-Verify", "value": pulumi.Output.secret(ORIGIN_SECRET)}],
                    "custom_origin_config": {
                        "http_port": 80,
                        "https_port": 443,
                        "origin_protocol_policy": "https-only",
                        "origin_ssl_protocols": ["TLSv1.2"],
                    },
                }
            ],
            default_cache_behavior={
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
                "target_origin_id": "kong",
                "viewer_protocol_policy": "https-only",
                "cache_policy_id": policy.id,
                "function_associations": [{"event_type": "viewer-request", "function_arn": function.arn}],
            },
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={"cloudfront_default_certificate": True},
        )
        aws.cloudfront.MonitoringSubscription(
            "monitoring",
            distribution_id=distribution.id,
            monitoring_subscription={
                "realtime_metrics_subscription_config": {"realtime_metrics_subscription_status": "Enabled"}
            },
        )
        for name in ("id", "arn", "domain_name", "hosted_zone_id", "etag"):
            pulumi.export(name, getattr(distribution, name))

    return program


def certificate(region: str = "us-east-1") -> Any:
    """A certificate with its validation records, in another region than the stack's."""

    def program() -> None:
        names = ["predict.example.com", "*.predict.example.com", "api.example.com"]
        one = aws.acm.Certificate(
            "cert",
            domain_name=names[0],
            subject_alternative_names=names[1:],
            validation_method="DNS",
            region=region,
        )
        options = one.domain_validation_options
        records = [
            aws.route53.Record(
                f"cert-{index}",
                zone_id="Z1",
                name=options[index].resource_record_name,
                type=options[index].resource_record_type,
                records=[options[index].resource_record_value],
                ttl=60,
            )
            for index in (0, 2)
        ]
        valid = aws.acm.CertificateValidation(
            "valid",
            certificate_arn=one.arn,
            validation_record_fqdns=[record.fqdn for record in records],
            region=region,
        )
        pulumi.export("arn", valid.certificate_arn)
        pulumi.export("options", options)
        pulumi.export("fqdn", records[0].fqdn)

    return program


def rest_api(
    *, credentials: str = "arn:aws:iam::000000000000:role/a", role_path: str = "/", role_name: str = ""
) -> Any:
    """A REST API with a key."""

    def program() -> None:
        role = aws.iam.Role("role", name=role_name or None, path=role_path, assume_role_policy="{}")
        api = aws.apigateway.RestApi("api", endpoint_configuration={"types": "REGIONAL"})
        resource = aws.apigateway.Resource(
            "resource", rest_api=api.id, parent_id=api.root_resource_id, path_part="predict"
        )
        method = aws.apigateway.Method(
            "method", rest_api=api.id, resource_id=resource.id, http_method="POST", authorization="NONE"
        )
        integration = aws.apigateway.Integration(
            "integration",
            rest_api=api.id,
            resource_id=resource.id,
            http_method=method.http_method,
            type="AWS",
            integration_http_method="POST",
            uri="arn:aws:apigateway:eu-west-1:runtime.sagemaker:path/endpoints/digits/invocations",
            credentials=credentials,
        )
        deployment = aws.apigateway.Deployment(
            "deployment", rest_api=api.id, triggers={"what": integration.credentials.apply(str)}
        )
        stage = aws.apigateway.Stage("stage", rest_api=api.id, deployment=deployment.id, stage_name="v1")
        key = aws.apigateway.ApiKey("key")
        for name, value in {
            "invokeUrl": stage.invoke_url,
            "executionArn": api.execution_arn,
            "apiKey": key.value,
            "path": resource.path,
            "roleArn": role.arn,
            "deployment": deployment.id,
            "integration": integration.id,
        }.items():
            pulumi.export(name, value)

    return program
