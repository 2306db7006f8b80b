"""Cloud Armor: policies in front of the cache, and between the cache and the gateway."""

from typing import Optional

import pulumi
from pulumi_gcp import compute

from ..arguments import RATE_LIMIT_PER_5_MINUTES, GeoRestrictionArgs
from .arguments import GoogleFirewallArgs

_EDGE = "CLOUD_ARMOR_EDGE"
_BACKEND = "CLOUD_ARMOR"
_COUNTRIES_PRIORITY, _RATE_PRIORITY, _DEFAULT_PRIORITY = 1_000, 2_000, 2_147_483_647
_WINDOW_SECONDS = 300


def edge_policy(
    name: str, countries: GeoRestrictionArgs, opts: pulumi.ResourceOptions
) -> Optional[compute.SecurityPolicy]:
    """Who may ask at all, kept answers included; None when everybody may. Edge policies know no rate limit."""
    rules = _country_rules(countries)
    if not rules:
        return None
    return compute.SecurityPolicy(
        f"{name}-edge-firewall",
        description=f"{name}: what may reach the cache",
        type=_EDGE,
        rules=[*rules, _allow_all()],
        opts=opts,
    )


def backend_policy(
    name: str, args: GoogleFirewallArgs, countries: GeoRestrictionArgs, opts: pulumi.ResourceOptions
) -> Optional[compute.SecurityPolicy]:
    """Who may get past the cache, where no edge policy was asked, and how often one address may; None without rules."""
    rules: list[compute.SecurityPolicyRuleArgsDict] = [
        *_country_rules(countries),
        *([_rate_rule(args)] if args.get("enabled", True) else []),
    ]
    if not rules:
        return None
    return compute.SecurityPolicy(
        f"{name}-firewall",
        description=f"{name}: what may reach the gateway",
        type=_BACKEND,
        rules=[*rules, _allow_all()],
        opts=opts,
    )


def _rate_rule(args: GoogleFirewallArgs) -> compute.SecurityPolicyRuleArgsDict:
    return {
        "action": "throttle",
        "priority": _RATE_PRIORITY,
        "description": "A limit for each address",
        "match": _everybody(),
        "rate_limit_options": {
            "conform_action": "allow",
            "exceed_action": "deny(429)",
            "enforce_on_key": "IP",
            "rate_limit_threshold": {
                "count": int(args.get("rate_limit_per_5_minutes", RATE_LIMIT_PER_5_MINUTES)),
                "interval_sec": _WINDOW_SECONDS,
            },
        },
    }


def _country_rules(given: GeoRestrictionArgs) -> list[compute.SecurityPolicyRuleArgsDict]:
    allowed, denied = given.get("allow"), given.get("deny")
    codes = ",".join(sorted(set(allowed or denied or [])))
    if not codes:
        return []
    expression = f"{'!' if allowed else ''}'[{codes}]'.contains(origin.region_code)"
    return [
        {
            "action": "deny(403)",
            "priority": _COUNTRIES_PRIORITY,
            "description": "Countries that are not served",
            "match": {"expr": {"expression": expression}},
        }
    ]


def _allow_all() -> compute.SecurityPolicyRuleArgsDict:
    return {
        "action": "allow",
        "priority": _DEFAULT_PRIORITY,
        "description": "Everybody else",
        "match": _everybody(),
    }


def _everybody() -> compute.SecurityPolicyRuleMatchArgsDict:
    return {"versioned_expr": "SRC_IPS_V1", "config": {"src_ip_ranges": ["*"]}}
