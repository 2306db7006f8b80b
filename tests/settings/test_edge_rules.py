"""Settings of the edge that do not go together, or not with the models behind it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import CERTIFICATE_ARN, edge_stack, model, parsed, problems, stack, timed

ALIAS: dict[str, Any] = {"aliases": ["predict.example.com"]}
ZONE: dict[str, Any] = {"hostedZoneId": "Z0123456789ABCDEFGHIJ"}
POLICY: dict[str, Any] = {"continuousDeploymentPolicyId": "01234567-89ab-cdef-0123-456789abcdef"}
CLIENT: dict[str, Any] = {"clientCertificateArn": CERTIFICATE_ARN}
VPC: dict[str, Any] = {"vpc": {"arn": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"}}

BAD: list[tuple[dict[str, Any], str]] = [
    (
        stack(edge={"provider": "none", "aliases": ["predict.example.com"]}),
        "edge.aliases = a list: only with provider cloudfront, media-cdn or cloud-cdn (provider is none)",
    ),
    (
        stack(edge={"protect": True}),
        "edge.protect = true: only with provider cloudfront, media-cdn or cloud-cdn (provider is none)",
    ),
    (
        stack(edge={"priceClass": "PriceClass_All"}),
        'edge.priceClass = "PriceClass_All": only with provider cloudfront (provider is none)',
    ),
    (
        stack(edge={"origin": {"secretRotation": 2}}),
        "edge.origin = a mapping: only with provider cloudfront, media-cdn or cloud-cdn (provider is none)",
    ),
    # The origin
    (
        stack(edge={"provider": "cloudfront"}),
        "edge.origin.domain: required but missing; must be Kong's domain name in lower case, such as kong.example.com, "
        "without scheme and port; CloudFront takes no IP address "
        "(gatewayUrl has localhost, which CloudFront cannot reach)",
    ),
    (
        stack(edge={"provider": "cloudfront"}, gatewayUrl="https://10.0.0.1"),
        "edge.origin.domain: required but missing; must be Kong's domain name in lower case, such as kong.example.com, "
        "without scheme and port; CloudFront takes no IP address "
        "(gatewayUrl has 10.0.0.1, which CloudFront cannot reach)",
    ),
    (
        edge_stack(origin={"domain": "10.0.0.1"}),
        'edge.origin.domain = "10.0.0.1": must be Kong\'s domain name in lower case, such as kong.example.com, '
        "without scheme and port; CloudFront takes no IP address",
    ),
    (
        stack(edge={"provider": "cloudfront"}, gatewayUrl="https://kong.example.com/base"),
        'gatewayUrl = "https://kong.example.com/base": '
        "must have no path with this edge: CloudFront asks Kong for the routes' own paths",
    ),
    (
        stack(edge={"provider": "cloudfront"}, gatewayUrl="http://kong.example.com"),
        'edge.origin.protocol = "http": must be https unless domain is localhost: '
        "keys, inputs and the edge's own secret would be readable",
    ),
    (
        edge_stack(origin={"port": 80}),
        "edge.origin.port = 80: must not be 80 with protocol https: Kong speaks the other one there",
    ),
    (
        edge_stack(origin={"port": 8}),
        "edge.origin.port = 8: must be 80, 443 or a whole number from 1024 to 65535; CloudFront uses no other",
    ),
    (
        edge_stack(aliases=["kong.example.com"], **ZONE),
        'edge.origin.domain = "kong.example.com": '
        "must be none of aliases: the edge would ask itself; give Kong a name of its own",
    ),
    (
        edge_stack(origin={**VPC, **CLIENT}),
        f'edge.origin.clientCertificateArn = "{CERTIFICATE_ARN}": '
        "must be left out with vpc: CloudFront has no mutual TLS with VPC origins",
    ),
    (
        edge_stack(origin={"domain": "localhost", "protocol": "http", **CLIENT}),
        f'edge.origin.clientCertificateArn = "{CERTIFICATE_ARN}": '
        "only with protocol https: there is no certificate without TLS",
    ),
    # Names and certificates
    (
        edge_stack(**ALIAS),
        "edge.aliases = a list: needs certificateArn or hostedZoneId: "
        "CloudFront takes no name without a certificate for it",
    ),
    (
        edge_stack(**ALIAS, **ZONE, certificateArn=CERTIFICATE_ARN),
        f'edge.certificateArn = "{CERTIFICATE_ARN}": '
        "must be left out with hostedZoneId: a certificate is made there; give one of the two",
    ),
    (
        edge_stack(**ZONE),
        'edge.hostedZoneId = "Z0123456789ABCDEFGHIJ": '
        "only with aliases: the distribution's own domain name has a certificate",
    ),
    (
        edge_stack(**ALIAS, certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/0"),
        'edge.certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/0": '
        "must be the ARN of a certificate in us-east-1, such as arn:aws:acm:us-east-1:123456789012:certificate/...; "
        "CloudFront takes certificates from no other region",
    ),
    # Other settings of the distribution
    (
        edge_stack(geoRestriction={"allow": ["DE"], "deny": ["FR"]}),
        "edge.geoRestriction = a mapping: must have exactly one of allow and deny",
    ),
    (edge_stack(geoRestriction={}), "edge.geoRestriction = a mapping: must have exactly one of allow and deny"),
    (
        edge_stack(geoRestriction={"deny": ["UK"]}),
        'edge.geoRestriction.deny[0] = "UK": '
        "must be a country's two capital letters by ISO 3166-1, such as DE (the United Kingdom is GB)",
    ),
    (
        edge_stack(httpVersion="http2and3", **POLICY),
        'edge.httpVersion = "http2and3": must be http2 or http1.1 with continuousDeploymentPolicyId: '
        "CloudFront has no continuous deployment for HTTP/3",
    ),
    (
        edge_stack(logs={"bucketArn": "arn:aws:s3:::edge-logs", "retentionDays": 7}),
        "edge.logs.retentionDays = 7: must be left out with bucketArn: an existing bucket keeps its own lifecycle",
    ),
    # Models behind the edge
    (
        edge_stack(model(route={"hosts": ["predict.example.com"]})),
        "models[0].route.hosts = a list: must hold edge.origin.domain (kong.example.com): "
        "it is the Host of every request from the edge",
    ),
    (
        edge_stack(model(route={"httpsOnly": True}), origin={"domain": "localhost", "protocol": "http"}),
        "models[0].route.httpsOnly = true: must be false with edge.origin.protocol http: "
        "Kong would answer the edge with 426",
    ),
    (
        edge_stack(model(route={"path": "/" + "/".join(["b" * 99] * 3)})),
        f'models[0].route.path = "/{"b" * 59}...": '
        "must have at most 255 characters with an edge: CloudFront matches no longer one",
    ),
    (
        edge_stack(model(access={"mode": "upstream-credential"})),
        'models[0].access.credentialHeaders[0] = "authorization": authorization is not allowed here with an edge, '
        "which does not pass it on: the model would refuse everyone",
    ),
    (
        edge_stack(model(access={"mode": "upstream-credential", "credentialHeaders": ["x-user", "cookie"]})),
        'models[0].access.credentialHeaders[1] = "cookie": cookie is not allowed here with an edge, '
        "which does not pass it on: the model would refuse everyone",
    ),
    (
        edge_stack(model(cache={"keyHeaders": ["x-model-version"]})),
        'models[0].cache.keyHeaders[0] = "x-model-version": '
        "x-model-version is not allowed here with an edge, which sets it itself",
    ),
    (
        edge_stack(model(name="edge-cache")),
        'models[0].name = "edge-cache": must be another name: this one is the consumer of the edge\'s own requests',
    ),
    (
        {**edge_stack(), "consumers": [{"name": "edge-cache"}]},
        'consumers[0].name = "edge-cache": must be another name: this one is the consumer of the edge\'s own requests',
    ),
    # Time-outs
    (
        edge_stack(timed(5, 111)),
        "models[0].timeouts.readSeconds = 111.0: must be at most 110 behind CloudFront, "
        "which waits 120 seconds at most for Kong: retries + 1 times connectSeconds and readSeconds are 121",
    ),
    (
        edge_stack(timed(60, 10)),
        "models[0].timeouts.connectSeconds = 60.0: must be less: "
        "retries + 1 times connectSeconds alone use up the 120 seconds that CloudFront waits at most for Kong",
    ),
    (
        edge_stack(model(), timed(5, 61, name="slow"), origin={"readTimeoutSeconds": 70}),
        "edge.origin.readTimeoutSeconds = 70: must be at least 71, what Kong may wait for models[1] "
        "(retries + 1 times connectSeconds, and readSeconds): "
        "CloudFront would answer 504 to a prediction that is still on its way",
    ),
    (
        edge_stack(origin={"readTimeoutSeconds": 121}),
        "edge.origin.readTimeoutSeconds = 121: must be a whole number from 1 to 120 (seconds, CloudFront's)",
    ),
]


@pytest.mark.parametrize(("document", "problem"), BAD, ids=[problem.partition(":")[0][:60] for _, problem in BAD])
def test_refuses_with_these_words(document: dict[str, Any], problem: str) -> None:
    assert problems(document) == [problem]


@pytest.mark.parametrize(
    "document",
    [
        stack(edge={}),
        stack(edge={"provider": "none"}),
        edge_stack(),
        edge_stack(**ALIAS, **ZONE),
        edge_stack(**ALIAS, certificateArn=CERTIFICATE_ARN),
        edge_stack(origin={"domain": "localhost", "protocol": "http", "port": 8000}),
        edge_stack(origin={**VPC, "shieldRegion": "eu-west-1"}),
        edge_stack(origin=CLIENT),
        edge_stack(**POLICY),
        edge_stack(geoRestriction={"allow": ["DE", "GB"]}),
        edge_stack(logs={"bucketArn": "arn:aws:s3:::edge-logs"}),
        edge_stack(model(route={"hosts": ["predict.example.com", "kong.example.com"], "httpsOnly": True})),
        edge_stack(model(access={"mode": "upstream-credential", "credentialHeaders": ["x-user"]})),
        edge_stack(timed(5, 110)),
        edge_stack(timed(5, 60), origin={"readTimeoutSeconds": 70}),
        edge_stack(timed(5, 60, retries=0), origin={"readTimeoutSeconds": 65}),
        {**stack(), "consumers": [{"name": "edge-cache"}]},
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_without_a_domain_the_origin_is_where_the_gateway_url_says() -> None:
    origin = parsed(stack(edge={"provider": "cloudfront"}, gatewayUrl="https://Kong.example.com:8443")).edge.origin
    assert (origin.domain, origin.protocol, origin.port) == ("kong.example.com", "https", 8443)
    origin = parsed(edge_stack()).edge.origin
    assert (origin.domain, origin.protocol, origin.port) == ("kong.example.com", "https", 443)
    origin = parsed(
        stack(edge={"provider": "cloudfront", "origin": {"port": 9443}}, gatewayUrl="https://kong.example.com")
    ).edge.origin
    assert (origin.domain, origin.port) == ("kong.example.com", 9443)


def test_http_3_is_the_default_unless_a_continuous_deployment_forbids_it() -> None:
    assert parsed(edge_stack()).edge.http_version == "http2and3"
    assert parsed(edge_stack(**POLICY)).edge.http_version == "http2"
