"""A host name of one's own in front of the API."""

import pulumi
import pulumi_aws as aws

from .arguments import CustomDomainArgs
from .checks import checked


def custom_domain(
    name: str, args: CustomDomainArgs, stage: aws.apigateway.Stage, opts: pulumi.ResourceOptions
) -> list[pulumi.CustomResource]:
    """The regional domain name at the stage's root, with its record when there is a zone: all that has to stand."""
    host = checked("custom_domain.name", args["name"])
    domain = aws.apigateway.DomainName(
        f"{name}-domain-name",
        domain_name=host,
        regional_certificate_arn=checked("custom_domain.certificate_arn", args["certificate_arn"]),
        endpoint_configuration={"types": "REGIONAL"},
        security_policy="TLS_1_2",
        opts=opts,
    )
    mapping = aws.apigateway.BasePathMapping(
        f"{name}-base-path-mapping",
        domain_name=domain.domain_name,
        rest_api=stage.rest_api,
        stage_name=stage.stage_name,
        opts=opts,
    )
    zone = args.get("hosted_zone_id")
    if zone is None:
        return [mapping]
    record = aws.route53.Record(
        f"{name}-record",
        zone_id=checked("custom_domain.hosted_zone_id", zone),
        name=host,
        type="A",
        aliases=[
            {
                "name": domain.regional_domain_name,
                "zone_id": domain.regional_zone_id,
                "evaluate_target_health": False,
            }
        ],
        opts=opts,
    )
    return [mapping, record]
