"""The gateway as a distribution's origin: public, or inside a VPC."""

from typing import Optional

import pulumi
from pulumi_aws import cloudfront

from .. import limits
from ..arguments import ORIGIN_VERIFY_HEADER, PORTS, ROUTE_TIMEOUT_SECONDS, TIMEOUT_MARGIN_SECONDS, CloudFrontEdgeArgs

ORIGIN_ID = "gateway"
_TLS = "TLSv1.2"
_CONNECTION_ATTEMPTS = 1  # CloudFront repeats a GET that takes too long: the model would work several times
_CONNECTION_TIMEOUT_SECONDS = 5
_KEEPALIVE_SECONDS = 60  # below the gateway's own 75, so that it is never CloudFront that meets a closed connection


def read_timeout_seconds(args: CloudFrontEdgeArgs) -> int:
    """How long the edge waits: longer than the slowest route, so that the gateway's own error gets through."""
    given = args["origin"].get("read_timeout_seconds")
    if given is not None:
        return int(given)
    slowest = max(route.get("timeout_seconds", ROUTE_TIMEOUT_SECONDS) for route in args["routes"])
    return min(int(slowest + TIMEOUT_MARGIN_SECONDS), limits.MAX_READ_TIMEOUT_SECONDS)


def vpc_origin(name: str, args: CloudFrontEdgeArgs, opts: pulumi.ResourceOptions) -> Optional[cloudfront.VpcOrigin]:
    """The private way to the gateway's load balancer or instance; None when the gateway has a public address."""
    given = args["origin"].get("vpc")
    if not given:
        return None
    protocol, http_port, https_port = _endpoint(args)
    return cloudfront.VpcOrigin(
        f"{name}-vpc-origin",
        vpc_origin_endpoint_config={
            "arn": given["arn"],
            "name": given.get("name") or f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}",
            "http_port": http_port,
            "https_port": https_port,
            "origin_protocol_policy": protocol,
            "origin_ssl_protocols": {"items": [_TLS], "quantity": 1},
        },
        opts=opts,
    )


def origin(args: CloudFrontEdgeArgs, private: Optional[cloudfront.VpcOrigin]) -> cloudfront.DistributionOriginArgsDict:
    """The distribution's one origin, which is sent the secret that the gateway asks for."""
    given, read = args["origin"], read_timeout_seconds(args)
    made: cloudfront.DistributionOriginArgsDict = {
        "origin_id": ORIGIN_ID,
        "domain_name": given["domain"],
        "connection_attempts": _CONNECTION_ATTEMPTS,
        "connection_timeout": _CONNECTION_TIMEOUT_SECONDS,
        "response_completion_timeout": read + TIMEOUT_MARGIN_SECONDS,
        "custom_headers": [{"name": ORIGIN_VERIFY_HEADER, "value": pulumi.Output.secret(args["origin_secret"])}],
    }
    shield_region = given.get("shield_region")
    if shield_region:
        made["origin_shield"] = {"enabled": True, "origin_shield_region": shield_region}
    if private:
        made["vpc_origin_config"] = {
            "vpc_origin_id": private.id,
            "origin_read_timeout": read,
            "origin_keepalive_timeout": _KEEPALIVE_SECONDS,
        }
    else:
        made["custom_origin_config"] = _public(args)
    return made


def _public(args: CloudFrontEdgeArgs) -> cloudfront.DistributionOriginCustomOriginConfigArgsDict:
    protocol, http_port, https_port = _endpoint(args)
    made: cloudfront.DistributionOriginCustomOriginConfigArgsDict = {
        "http_port": http_port,
        "https_port": https_port,
        "origin_protocol_policy": protocol,
        "origin_ssl_protocols": [_TLS],
        "origin_read_timeout": read_timeout_seconds(args),
        "origin_keepalive_timeout": _KEEPALIVE_SECONDS,
    }
    certificate = args["origin"].get("client_certificate_arn")
    if certificate is not None:
        made["origin_mtls_config"] = {"client_certificate_arn": certificate}
    return made


def _endpoint(args: CloudFrontEdgeArgs) -> tuple[str, int, int]:
    """Protocol policy, and the ports for http and https; the one that is not used has to be given, too."""
    protocol = args["origin"].get("protocol", "https")
    ports = {**PORTS, protocol: int(args["origin"].get("port", PORTS[protocol]))}
    return f"{protocol}-only", ports["http"], ports["https"]
