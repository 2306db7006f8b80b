"""What ACM takes beyond its API model; source: docs.aws.amazon.com/acm/latest/userguide/acm-limits.html."""

from __future__ import annotations

from tests.aws_models.limits.rules import (
    DOMAIN,
    REGION,
    TAGS,
    Rules,
    Whole,
    always,
    arn,
    both,
    each,
    having,
    mapping,
    matching,
)

_REGION = matching(REGION)

PATHS: dict[str, Rules] = {
    "aws:acm/certificate:Certificate": {
        "region": _REGION,
        "domainName": matching(DOMAIN),
        "subjectAlternativeNames": each(matching(DOMAIN), most=100),
        "validationMethod": always("DNS"),
        "tags": TAGS,
    },
    "aws:acm/certificateValidation:CertificateValidation": {
        "": both(
            having("certificateArn"),
            mapping(r"region|certificateArn|validationRecordFqdns", lambda _: None),
        ),
        "region": _REGION,
        "certificateArn": arn("acm", r"certificate/[\w-]+"),
        "validationRecordFqdns": each(matching(DOMAIN.pattern + r"\.?"), most=100, least=1),
    },
}


WHOLE: dict[str, Whole] = {}
