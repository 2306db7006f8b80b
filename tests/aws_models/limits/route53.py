"""What Route 53 takes beyond its API model.

Source: docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws_models.limits.rules import (
    DOMAIN,
    Rules,
    Whole,
    between,
    each,
    flag,
    matching,
    one_of,
)
from tests.aws_models.registered import Inputs

PATHS: dict[str, Rules] = {
    "aws:route53/record:Record": {
        "zoneId": matching(r"Z[A-Z0-9]{1,31}"),
        "name": matching(DOMAIN.pattern + r"\.?"),
        "type": one_of("A", "AAAA", "CNAME"),
        "ttl": between(0, 2_147_483_647),
        "records": each(matching(DOMAIN.pattern + r"\.?|[0-9a-f.:]{3,39}"), most=100, least=1),
        "allowOverwrite": flag,
        "aliases": each(lambda _: None, most=1, least=1),
        "aliases.name": matching(DOMAIN.pattern + r"\.?"),
        "aliases.zoneId": matching(r"Z[A-Z0-9]{1,31}"),
        "aliases.evaluateTargetHealth": flag,
    },
}


def record(inputs: Inputs) -> Iterator[str]:
    """An alias or values, not both."""
    if ("aliases" in inputs) == ("records" in inputs):
        yield "either aliases or records"
    if ("records" in inputs) != ("ttl" in inputs):
        yield "ttl belongs to records"


WHOLE: dict[str, Whole] = {
    "aws:route53/record:Record": record,
}
