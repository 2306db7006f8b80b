"""AWS WAF in front of the cache."""

import json

import pulumi
from pulumi_aws import cloudwatch, wafv2

from ..arguments import RATE_LIMIT_PER_5_MINUTES, RETENTION_DAYS, US_EAST_1, CloudFrontEdgeArgs

# Managed rule group -> its rules that would refuse predictions, which are only counted.
# SizeRestrictions_BODY blocks bodies above 8 KB and SizeRestrictions_QUERYSTRING queries above 2 KB, whatever a web ACL
# inspects; a GET carries up to 8,000 characters of input. Sizes are limited by the Function and by the gateway.
# The other body rules look for markup, paths and addresses, which are rightly in the text that a model is asked about;
# what attacks a server itself (Log4j, deserialization) is still blocked. Programs need not send a User-Agent.
_MANAGED_RULE_GROUPS: dict[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesCommonRuleSet": (
        *("SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING", "CrossSiteScripting_BODY", "EC2MetaDataSSRF_BODY"),
        *("GenericLFI_BODY", "GenericRFI_BODY", "NoUserAgent_HEADER"),
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
}
_RATE_WINDOW_SECONDS = 300
_REDACTED_HEADERS = ("apikey", "authorization", "cookie")


def web_acl(name: str, args: CloudFrontEdgeArgs, opts: pulumi.ResourceOptions) -> wafv2.WebAcl:
    """The rules: a limit for each address, then AWS's groups; and, unless switched off, a log of what they did."""
    given = args.get("firewall") or {}
    rate = int(given.get("rate_limit_per_5_minutes", RATE_LIMIT_PER_5_MINUTES))
    acl = wafv2.WebAcl(
        f"{name}-firewall",
        description=f"{name}: what may reach the cache",
        scope="CLOUDFRONT",
        region=US_EAST_1,
        default_action={"allow": {}},
        rules=[_rate_rule(rate), *(_group_rule(i, group) for i, group in enumerate(_MANAGED_RULE_GROUPS, start=1))],
        visibility_config=_visibility(f"{name}-firewall"),
        opts=opts,
    )
    if given.get("logging", True):
        _logging(name, acl, int((args.get("logs") or {}).get("retention_days", RETENTION_DAYS)), opts)
    return acl


def _rate_rule(limit: int) -> wafv2.WebAclRuleArgsDict:
    return {
        "name": "rate-limit",
        "priority": 0,
        "action": {"block": {}},
        "statement": {
            "rate_based_statement": {
                "aggregate_key_type": "IP",
                "limit": limit,
                "evaluation_window_sec": _RATE_WINDOW_SECONDS,
            }
        },
        "visibility_config": _visibility("rate-limit"),
    }


def _group_rule(priority: int, group: str) -> wafv2.WebAclRuleArgsDict:
    statement: wafv2.WebAclRuleStatementManagedRuleGroupStatementArgsDict = {"name": group, "vendor_name": "AWS"}
    if _MANAGED_RULE_GROUPS[group]:
        statement["rule_action_overrides"] = [
            {"name": rule, "action_to_use": {"count": {}}} for rule in _MANAGED_RULE_GROUPS[group]
        ]
    return {
        "name": group,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {"managed_rule_group_statement": statement},
        "visibility_config": _visibility(group),
    }


def _visibility(metric: str) -> wafv2.WebAclRuleVisibilityConfigArgsDict:
    """Metrics, but no samples: a sample holds the whole request."""
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": False}


def _logging(name: str, acl: wafv2.WebAcl, retention_days: int, opts: pulumi.ResourceOptions) -> None:
    group = cloudwatch.LogGroup(
        f"{name}-firewall-logs",
        name=f"aws-waf-logs-{pulumi.get_project()}-{pulumi.get_stack()}-{name}",  # WAF asks for the prefix
        region=US_EAST_1,
        retention_in_days=retention_days,
        opts=opts,
    )
    permission = cloudwatch.LogResourcePolicy(
        f"{name}-firewall-logs-permission",
        region=US_EAST_1,
        resource_arn=group.arn,
        policy_document=pulumi.Output.all(group.arn, acl.arn).apply(lambda arns: _permission(*arns)),
        opts=opts,
    )
    wafv2.WebAclLoggingConfiguration(
        f"{name}-firewall-logging",
        region=US_EAST_1,
        resource_arn=acl.arn,
        log_destination_configs=[group.arn],
        redacted_fields=[{"query_string": {}}, *({"single_header": {"name": name}} for name in _REDACTED_HEADERS)],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[permission])),
    )


def _permission(log_group_arn: str, acl_arn: str) -> str:
    statement = {
        "Sid": "FirewallLogs",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{log_group_arn}:*",
        "Condition": {"StringEquals": {"aws:SourceAccount": acl_arn.split(":")[4]}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
