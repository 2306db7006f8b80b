"""Firewalls of the edges: AWS WAF and Cloud Armor."""

from __future__ import annotations

from .reading import get, given, items
from .rule import Resource

WEB_ACL = "aws:wafv2/webAcl:WebAcl"
SECURITY_POLICY = "gcp:compute/securityPolicy:SecurityPolicy"
_LIMITING_ACTIONS = ("throttle", "rate_based_ban")


def limits_rates(resource: Resource) -> bool:
    """Whether a resource is a firewall that limits how often one caller may come."""
    if resource.resource_type == WEB_ACL:
        return any(given(get(rule, "statement"), "rateBasedStatement") for rule in items(resource.props, "rules"))
    if resource.resource_type == SECURITY_POLICY:
        return any(get(rule, "action") in _LIMITING_ACTIONS for rule in items(resource.props, "rules"))
    return False
