"""CloudFront: firewall and logs."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity
from pulumi_policy.policy import PolicyResource

from .cloudfront_types import DISTRIBUTION, behaviors
from .reading import get, given, where_known
from .relations import of_type
from .rule import Resource, Settings, Stack, resource_rule, stack_rule

_DELIVERY_SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"


@resource_rule(
    "cloudfront-firewall",
    DISTRIBUTION,
    description="A distribution has a firewall.",
    mend="set webAclId to a WebAcl of scope CLOUDFRONT with a rate-based rule",
    severity=Severity.HIGH,
)
def firewall(resource: Resource, _: Settings) -> Iterator[str]:
    """Questions that nobody asked before all reach the model; only a firewall limits them at the edge."""
    if not given(resource.props, "webAclId"):
        yield "has no firewall"


@stack_rule(
    "cloudfront-logs",
    description="A distribution writes access logs.",
    mend="add a LogDeliverySource of type ACCESS_LOGS for it with a LogDelivery, or set loggingConfig",
    severity=Severity.MEDIUM,
)
def logs(stack: Stack, _: Settings) -> Iterator[tuple[PolicyResource, str]]:
    """Without them nobody knows who asked what, nor why the hit ratio fell."""
    sources = of_type(stack, _DELIVERY_SOURCE)
    for distribution in of_type(stack, DISTRIBUTION):
        with where_known():
            delivered = any(_is_of(source, distribution) for source in sources)
            realtime = any(given(behavior, "realtimeLogConfigArn") for _, _, behavior in behaviors(distribution))
            if not (delivered or realtime or given(distribution.props, "loggingConfig")):
                yield distribution, "writes no access logs"


def _is_of(source: PolicyResource, distribution: PolicyResource) -> bool:
    made_from = source.property_dependencies.get("resourceArn", [])
    if made_from:
        return distribution.urn in {resource.urn for resource in made_from}
    return get(source.props, "resourceArn") == get(distribution.props, "arn", default="")


RULES = [firewall, logs]
