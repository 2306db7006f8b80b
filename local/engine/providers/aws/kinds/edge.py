"""The types of an edge: CloudFront, WAF, certificates, DNS."""

from __future__ import annotations

import string
from collections.abc import Mapping

from local.engine.providers.aws.kind import Kind
from local.engine.providers.stand_in.kind import Computed, Values, derive

_HEXADECIMAL = "0123456789abcdef"
_LOWER = string.ascii_lowercase + string.digits
# The hosted zone of every distribution (Route 53, AliasTarget).
_CLOUDFRONT_ZONE_ID = "Z2FDTNDATAQYW2"


def _validation_options(values: Values) -> list[dict[str, str]]:
    """One CNAME for each name; a wildcard shares that of the name below it."""
    names: list[str] = [values["domainName"], *(values["subjectAlternativeNames"] or [])]
    options = []
    for name in dict.fromkeys(names):
        base = name.removeprefix("*.")
        label, target = (derive(32, _HEXADECIMAL, values["id"], what, base) for what in ("name", "value"))
        options.append(
            {
                "domainName": name,
                "resourceRecordName": f"_{label}.{base}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{target}.{derive(10, _LOWER, base)}.acm-validations.aws.",
            }
        )
    return options


def _web_acl_arn(values: Values) -> str:
    level = "global" if values["scope"] == "CLOUDFRONT" else "regional"
    place = f"{values['region']}:{values['account']}"
    return f"arn:aws:wafv2:{place}:{level}/webacl/{values['name']}/{values['id']}"


def _cloudfront_policy(kind: str) -> Kind:
    return Kind(
        "{uuid}",
        {"arn": f"arn:aws:cloudfront::{{account}}:{kind}/{{id}}", "etag": "E{fresh}"},
        auto_name="name",
    )


KINDS: Mapping[str, Kind] = {
    "aws:acm/certificate:Certificate": Kind(
        "arn:aws:acm:{region}:{account}:certificate/{uuid}",
        {
            "arn": "{id}",
            "domainValidationOptions": Computed(_validation_options),
            "status": "ISSUED",
            "type": "AMAZON_ISSUED",
        },
        replaces="certificateAuthorityArn domainName keyAlgorithm subjectAlternativeNames validationMethod "
        "validationOptions",
    ),
    "aws:acm/certificateValidation:CertificateValidation": Kind(
        "{uuid}", replaces="certificateArn validationRecordFqdns"
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": _cloudfront_policy("cache-policy"),
    "aws:cloudfront/distribution:Distribution": Kind(
        "E{upper13}",
        {
            "arn": "arn:aws:cloudfront::{account}:distribution/{id}",
            "callerReference": "{uuid}",
            "domainName": "d{lower13}.cloudfront.net",
            "etag": "E{fresh}",
            "hostedZoneId": _CLOUDFRONT_ZONE_ID,
            "status": "Deployed",
        },
        replaces="staging",
    ),
    "aws:cloudfront/function:Function": Kind(
        "{name}",
        {
            "arn": "arn:aws:cloudfront::{account}:function/{name}",
            "etag": "E{fresh}",
            "liveStageEtag": "E{fresh}",
            "status": "UNASSOCIATED",
        },
        replaces="name",
        auto_name="name",
    ),
    "aws:cloudfront/keyGroup:KeyGroup": Kind("{uuid}", {"etag": "E{fresh}"}, auto_name="name"),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": Kind("{distributionId}", replaces="distributionId"),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": _cloudfront_policy("origin-request-policy"),
    "aws:cloudfront/publicKey:PublicKey": Kind(
        "K{upper13}",
        {"callerReference": "{uuid}", "etag": "E{fresh}"},
        replaces="encodedKey name namePrefix",
        auto_name="name",
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _cloudfront_policy("response-headers-policy"),
    "aws:cloudfront/vpcOrigin:VpcOrigin": Kind(
        "vo_{mixed22}", {"arn": "arn:aws:cloudfront::{account}:vpcorigin/{id}", "etag": "E{fresh}"}
    ),
    "aws:route53/record:Record": Kind(
        "{zoneId}_{name}_{type}",
        {"fqdn": Computed(lambda values: values["name"].rstrip("."), frozenset({"name"}))},
        replaces="name zoneId",
    ),
    "aws:wafv2/webAcl:WebAcl": Kind(
        "{uuid}",
        {"arn": Computed(_web_acl_arn, frozenset({"name", "scope"}))},
        replaces="name namePrefix scope",
        auto_name="name",
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Kind(
        "{resourceArn}", replaces="logDestinationConfigs resourceArn"
    ),
}
