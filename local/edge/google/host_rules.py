"""Which host rule of a service or URL map a request is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from local.edge.fields import Fields

_Matcher = TypeVar("_Matcher")


def read_host_rules(fields: Fields, matchers: Mapping[str, _Matcher]) -> dict[str, _Matcher]:
    """Read hostRules: hosts in lower case, and their path matchers by name."""
    found: dict[str, _Matcher] = {}
    for rule in fields.children("hostRules"):
        rule.without_effect("description")
        hosts, matcher = rule.texts("hosts", required=True), rule.text("pathMatcher")
        rule.end()
        if matcher not in matchers:
            raise rule.error(f"names the path matcher {matcher}, which does not exist")
        for host in hosts:
            name = host.lower()
            if name in found or "*" in name[1:]:
                raise rule.error(f"has the host {host}, which is there twice or has a wildcard not at its beginning")
            found[name] = matchers[matcher]
    return found


def host_rule(rules: Mapping[str, _Matcher], host: str) -> _Matcher | None:
    """Return what the most specific host rule names: an exact host, the longest `*.example.com`, `*`.

    The port of the request does not count. Sources: External Application Load Balancer, "URL maps overview" (host
    rules); Media CDN, "Configure service routes" (host matching).
    """
    name = host.lower().partition(":")[0]
    if name in rules:
        return rules[name]
    wildcards = sorted((one for one in rules if one.startswith("*")), key=len, reverse=True)
    return next((rules[one] for one in wildcards if name.endswith(one[1:])), None)
