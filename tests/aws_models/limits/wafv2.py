"""What AWS WAF takes beyond its API model.

Sources: docs.aws.amazon.com/waf/latest/developerguide (limits, web-acl-processing-order, waf-rule-statement-type-
rate-based, logging-destinations, web-acl-setting-body-inspection-limit) and the API reference.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws_models.limits.rules import (
    HEADER,
    TAGS,
    Rules,
    Whole,
    arn,
    between,
    both,
    each,
    flag,
    listed,
    matching,
    one_of,
    text,
)
from tests.aws_models.registered import Inputs, values_at

_NAME = matching(r"[\w-]{1,128}")
_MANAGED = "rules.statement.managedRuleGroupStatement"
_RATE = "rules.statement.rateBasedStatement"


def _visibility(path: str) -> Rules:
    return {
        f"{path}visibilityConfig.cloudwatchMetricsEnabled": flag,
        f"{path}visibilityConfig.sampledRequestsEnabled": flag,
        f"{path}visibilityConfig.metricName": matching(r"(?!All$|Default_Action$)[A-Za-z0-9_-]{1,128}"),
    }


PATHS: dict[str, Rules] = {
    "aws:wafv2/webAcl:WebAcl": {
        "name": _NAME,
        "description": matching(r"[\w+=:#@/,.-][\w+=:#@/,. -]{0,254}[\w+=:#@/,.-]"),
        "scope": one_of("CLOUDFRONT"),
        "region": one_of("us-east-1"),  # where web ACLs of CloudFront are
        "tags": TAGS,
        "rules": each(lambda _: None, most=100),
        "rules.name": _NAME,
        "rules.priority": between(0, 2_147_483_647),
        f"{_MANAGED}.vendorName": one_of("AWS"),
        f"{_MANAGED}.name": matching(r"AWSManagedRules[A-Za-z0-9]+RuleSet|AWSManagedRulesA\w+List"),
        f"{_MANAGED}.version": matching(r"Version_\d+\.\d+"),
        f"{_MANAGED}.ruleActionOverrides": each(lambda _: None, most=100),
        f"{_MANAGED}.ruleActionOverrides.name": matching(r"[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)*"),
        f"{_RATE}.limit": between(10, 2_000_000_000),
        f"{_RATE}.evaluationWindowSec": one_of(60, 120, 300, 600),
        "associationConfig.requestBodies.cloudfront.defaultSizeInspectionLimit": one_of(
            "KB_16", "KB_32", "KB_48", "KB_64"
        ),
        **_visibility(""),
        **_visibility("rules."),
    },
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {
        "region": one_of("us-east-1"),
        "resourceArn": arn("wafv2", r"global/webacl/[\w-]{1,128}/[0-9a-f-]{36}", region="us-east-1"),
        "logDestinationConfigs": each(
            matching(
                r"arn:aws[a-z-]*:(logs:us-east-1:\d{12}:log-group:aws-waf-logs-[\w./#-]+"
                r"|s3:::aws-waf-logs-[a-z0-9.-]+|firehose:us-east-1:\d{12}:deliverystream/aws-waf-logs-[\w.-]+)"
            ),
            most=1,
            least=1,
        ),
        "redactedFields": each(lambda _: None, most=100),
        "redactedFields.singleHeader.name": both(text(64, 1), matching(HEADER)),
    },
}


def web_acl(inputs: Inputs) -> Iterator[str]:
    """Rules that can stand beside each other, each with what its statement needs."""
    for name in ("rules.name", "rules.priority"):
        found = [str(value) for value in values_at(inputs, name)]
        if len(set(found)) < len(found):
            yield f"{name}: the same twice"
    if isinstance(default := inputs.get("defaultAction"), dict) and len(default) != 1:
        yield "defaultAction: either allow or block"
    for rule in listed(inputs.get("rules")):
        if isinstance(rule, dict):
            yield from _rule_problems(rule)


def _rule_problems(rule: Inputs) -> Iterator[str]:
    statement = rule.get("statement")
    if not isinstance(statement, dict) or len(statement) != 1:
        yield "a rule has one statement"
        return
    group = {"managedRuleGroupStatement", "ruleGroupReferenceStatement"} & set(statement)
    wanted, other = ("overrideAction", "action") if group else ("action", "overrideAction")
    action = rule.get(wanted)
    if not isinstance(action, dict) or len(action) != 1 or other in rule:
        yield f"a rule with {next(iter(statement))} has one {wanted}"
    for overrides in values_at(statement, "managedRuleGroupStatement.ruleActionOverrides"):
        for override in listed(overrides):
            used = override.get("actionToUse") if isinstance(override, dict) else None
            if isinstance(used, dict) and len(used) != 1:
                yield "actionToUse: one action"


WHOLE: dict[str, Whole] = {"aws:wafv2/webAcl:WebAcl": web_acl}
