"""How CloudFront is reached, and how it reaches origins."""

from __future__ import annotations

from dataclasses import replace

from tests.policies.cases.case import Case, Configured
from tests.policies.cases.cloudfront import VPC_ORIGIN, behavior, distribution, origin
from tests.policies.resources import UNKNOWN, Res

_PLAIN = {"originProtocolPolicy": "http-only", "originSslProtocols": ["TLSv1.2"], "originReadTimeout": 60}


_OLD = {**_PLAIN, "originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1", "TLSv1.1", "TLSv1.2"]}


_VPC = {"originProtocolPolicy": "http-only", "originSslProtocols": {"items": ["TLSv1.2"]}}


_DEFAULT = {"cloudfrontDefaultCertificate": True}

CASES = [
    Case(
        "cloudfront-viewer-tls",
        [[distribution()], [distribution(viewerCertificate=_DEFAULT)]],
        [
            (
                [
                    distribution(
                        viewerCertificate={"acmCertificateArn": "arn", "minimumProtocolVersion": "TLSv1.1_2016"}
                    )
                ],
                "lets viewers connect by TLSv1.1_2016, older than TLSv1.2_2021",
            ),
            (
                [distribution(viewerCertificate={"acmCertificateArn": "arn"})],
                "lets viewers connect by TLSv1, older than TLSv1.2_2021",
            ),
        ],
        [
            [distribution(viewerCertificate={"acmCertificateArn": "arn", "minimumProtocolVersion": UNKNOWN})],
            [distribution(viewerCertificate=UNKNOWN)],
        ],
        [Configured({"minimum": "TLSv1.2_2025"}, [distribution()], True)],
    ),
    Case(
        "cloudfront-default-certificate",
        [
            [distribution(viewerCertificate=_DEFAULT)],
            [replace(distribution(), stack="prod")],
            [replace(distribution(viewerCertificate=_DEFAULT), stack="reproduction")],
        ],
        [
            (
                [replace(distribution(viewerCertificate=_DEFAULT), stack="prod")],
                "has CloudFront's default certificate, with which viewers may connect by TLS 1.0",
            )
        ],
        [
            [replace(distribution(viewerCertificate=UNKNOWN), stack="prod")],
            [replace(distribution(viewerCertificate={"acmCertificateArn": UNKNOWN}), stack="prod")],
        ],
        [
            Configured(
                {"productionStacks": "^live"},
                [replace(distribution(viewerCertificate=_DEFAULT), stack="live-eu")],
                True,
            )
        ],
    ),
    Case(
        "cloudfront-https-viewers",
        [[distribution()]],
        [
            (
                [distribution(defaultCacheBehavior=behavior(viewerProtocolPolicy="redirect-to-https"))],
                "takes requests in clear (a redirect comes after the question was sent) by its default behavior",
            ),
            (
                [distribution(orderedCacheBehaviors=[behavior(viewerProtocolPolicy="allow-all")])],
                "takes requests in clear by its ordered behavior 1",
            ),
        ],
        [[distribution(defaultCacheBehavior=behavior(viewerProtocolPolicy=UNKNOWN))]],
        [
            Configured(
                {"allowed": ["https-only", "redirect-to-https"]},
                [distribution(defaultCacheBehavior=behavior(viewerProtocolPolicy="redirect-to-https"))],
                False,
            )
        ],
    ),
    Case(
        "cloudfront-https-origin",
        [
            [distribution()],
            [distribution(origins=[origin(customOriginConfig=_PLAIN, domainName="localhost")])],
            [Res(VPC_ORIGIN, "vpc", {"vpcOriginEndpointConfig": {**_VPC, "originProtocolPolicy": "https-only"}})],
        ],
        [
            (
                [distribution(origins=[origin(), origin(customOriginConfig=_PLAIN)])],
                "may send requests to origin 2 in clear",
            ),
            ([distribution(origins=[origin(customOriginConfig=_OLD)])], "may reach origin 1 by TLSv1 and TLSv1.1"),
            (
                [Res(VPC_ORIGIN, "vpc", {"vpcOriginEndpointConfig": _VPC})],
                "may send requests to its origin in clear",
            ),
        ],
        [
            [distribution(origins=[origin(customOriginConfig={**_PLAIN, "originProtocolPolicy": UNKNOWN})])],
            [distribution(origins=[origin(customOriginConfig=_PLAIN, domainName=UNKNOWN)])],
            [distribution(origins=UNKNOWN)],
        ],
    ),
    Case(
        "cloudfront-no-retries",
        [
            [distribution()],
            [distribution(origins=[origin(connectionAttempts=3, customOriginConfig={**_OLD, "originReadTimeout": 5})])],
            [distribution(origins=[origin(connectionAttempts=None, customOriginConfig=None)])],
        ],
        [
            (
                [distribution(origins=[origin(connectionAttempts=None)])],
                "asks origin 1 up to 3 times, each time for up to 60 seconds",
            ),
            (
                [
                    distribution(
                        origins=[
                            origin(connectionAttempts=2, customOriginConfig=None, vpcOriginConfig={"vpcOriginId": "v"})
                        ]
                    )
                ],
                "asks origin 1 up to 2 times, each time for up to 30 seconds",
            ),
        ],
        [[distribution(origins=[origin(connectionAttempts=UNKNOWN)])]],
        [Configured({"slowSeconds": 61}, [distribution(origins=[origin(connectionAttempts=3)])], False)],
    ),
    Case(
        "cloudfront-origin-lock",
        [
            [distribution()],
            [distribution(origins=[origin(customHeaders=None, vpcOriginConfig={"vpcOriginId": "v"})])],
            [distribution(origins=[origin(customHeaders=None, originAccessControlId="oac")])],
        ],
        [
            (
                [distribution(origins=[origin(customHeaders=None)])],
                "has nothing by which origin 1 could tell it from anybody else",
            ),
            (
                [distribution(origins=[origin(), origin(customHeaders=[{"name": "X-Region", "value": "eu"}])])],
                "has nothing by which origin 2 could tell it from anybody else",
            ),
        ],
        [
            [distribution(origins=[origin(customHeaders=UNKNOWN)])],
            [distribution(origins=[origin(customHeaders=None, vpcOriginConfig=UNKNOWN)])],
            [distribution(origins=UNKNOWN)],
        ],
        [Configured({"lockHeaders": "^x-door$"}, [distribution()], True)],
    ),
]
