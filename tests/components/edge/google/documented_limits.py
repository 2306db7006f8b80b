"""The products' documented limits and rules, held against registered inputs.

Sources: media-cdn/quotas, media-cdn/docs/caching, cdn/docs/caching, load-balancing/docs/quotas and
load-balancing/docs/https/custom-headers on docs.cloud.google.com; the schemas in GoogleCloudPlatform/magic-modules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

RFC_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
PULUMI_SUFFIX = "-1234567"
NO_KEY = {
    *("accept", "accept-encoding", "authority", "authorization", "cdn-loop", "connection", "content-md5"),
    *("content-type", "cookie", "date", "forwarded", "from", "host", "if-match", "if-modified-since", "if-none-match"),
    *("origin", "proxy-authorization", "range", "referer", "referrer", "user-agent", "want-digest", "x-csrf-token"),
    *("x-csrftoken", "x-forwarded-for", "x-user-ip"),
}
NO_KEY_PREFIXES = (
    "access-control-",
    "sec-fetch-",
    "sec-gfe-",
    "sec-google-",
    "x-amz-",
    "x-gfe-",
    "x-goog-",
    "x-google-",
)
HOP_BY_HOP = {"keep-alive", "transfer-encoding", "te", "connection", "trailer", "upgrade"}


def check_limits(resources: Mapping[str, Mapping[str, Any]]) -> None:
    """All resources of an edge. Raises AssertionError."""
    for name, item in resources.items():
        kind = item["type"].split(":")[-1]
        if kind not in ("RecordSet", "AlertPolicy", "Dashboard") and item["type"].startswith("gcp:"):
            assert RFC_1035.fullmatch(name + PULUMI_SUFFIX) and len(name + PULUMI_SUFFIX) <= 63, name
        check = {"EdgeCacheService": _service, "EdgeCacheOrigin": _origin, "EdgeCacheKeyset": _keyset}.get(kind)
        check = check or {"URLMap": _url_map, "BackendService": _backend_service, "SecurityPolicy": _policy}.get(kind)
        if check:
            check(item["inputs"])


def _service(inputs: Mapping[str, Any]) -> None:
    hosts, [matcher] = inputs["routing"]["hostRules"], inputs["routing"]["pathMatchers"]
    assert 1 <= len(hosts) <= 50 and all(1 <= len(rule["hosts"]) <= 10 for rule in hosts)
    assert 1 <= len(inputs["edgeSslCertificates"]) <= 5
    rules = matcher["routeRules"]
    assert 1 <= len(rules) <= 200
    priorities = [rule["priority"] for rule in rules]
    assert len(set(priorities)) == len(priorities) and all(1 <= int(each) <= 999 for each in priorities)
    for rule in rules:
        _edge_cache_rule(rule)


def _edge_cache_rule(rule: Mapping[str, Any]) -> None:
    assert 1 <= len(rule["matchRules"]) <= 5
    for match in rule["matchRules"]:
        assert 1 <= len(match.get("headerMatches", [0])) <= 3 and len(match.get("queryParameterMatches", [])) <= 5
    for actions in rule["headerAction"].values():
        assert 1 <= len(actions) <= 25
        names = [action["headerName"].lower() for action in actions]
        assert len(set(names)) == len(names)
    assert 1 <= len(rule["routeMethods"]["allowedMethods"]) <= 7
    policy = rule["routeAction"]["cdnPolicy"]
    assert policy["cacheMode"] in ("USE_ORIGIN_HEADERS", "BYPASS_CACHE")
    assert not {"defaultTtl", "maxTtl", "clientTtl"} & set(policy), "not with these modes"
    assert ("signedRequestKeyset" in policy) == (policy.get("signedRequestMode", "DISABLED") != "DISABLED")
    assert "signedTokenOptions" not in policy or policy["signedRequestMode"] == "REQUIRE_TOKENS"
    key = policy.get("cacheKeyPolicy", {})
    assert len(key.get("includedHeaderNames", [])) <= 5 and len(key.get("includedQueryParameters", [])) <= 20
    _key_names(key.get("includedHeaderNames", []))
    assert "negativeCachingPolicy" not in policy or policy["negativeCaching"]
    for code, seconds in policy.get("negativeCachingPolicy", {}).items():
        assert code in ("500", "502", "503", "504") and re.fullmatch(r"[12]s", seconds)


def _key_names(names: list[str]) -> None:
    assert len({name.lower() for name in names}) == len(names), "a header twice"
    assert not {name.lower() for name in names} & NO_KEY
    assert not any(name.lower().startswith(NO_KEY_PREFIXES) for name in names)


def _origin(inputs: Mapping[str, Any]) -> None:
    assert inputs["maxAttempts"] == 1 and inputs["retryConditions"] == ["CONNECT_FAILURE"]
    most = {"connectTimeout": 15, "maxAttemptsTimeout": 30, "readTimeout": 30, "responseTimeout": 120}
    given = {name: int(value.removesuffix("s")) for name, value in inputs["timeout"].items()}
    assert set(given) == set(most) and all(1 <= seconds <= most[name] for name, seconds in given.items())
    assert "/" not in inputs["originAddress"] and 1 <= inputs["port"] <= 65_535


def _keyset(inputs: Mapping[str, Any]) -> None:
    public, shared = inputs.get("publicKeys", []), inputs.get("validationSharedKeys", [])
    assert len(public) <= 3 and len(shared) <= 3 and public + shared
    assert len({key["id"] for key in public}) == len(public)
    assert all(re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", key["id"]) for key in public)


def _url_map(inputs: Mapping[str, Any]) -> None:
    assert ("defaultUrlRedirect" in inputs) != ("defaultService" in inputs)
    for matcher in inputs.get("pathMatchers", []):
        rules = matcher["routeRules"]
        assert len(rules) <= 1_000 and len({rule["priority"] for rule in rules}) == len(rules)
        matches = [match for rule in rules for match in rule["matchRules"]]
        predicates = [
            1 + len(match.get("headerMatches", [])) + len(match.get("queryParameterMatches", [])) for match in matches
        ]
        assert sum(predicates) <= 1_000
        assert "regexMatch" not in str(rules), "global load balancers know no regular expressions"


def _backend_service(inputs: Mapping[str, Any]) -> None:
    assert inputs["loadBalancingScheme"] == "EXTERNAL_MANAGED"
    assert 1 <= inputs.get("timeoutSec", 30) <= 86_400
    for headers in (inputs.get("customRequestHeaders", []), inputs.get("customResponseHeaders", [])):
        names = [header.split(":", 1)[0].lower() for header in headers]
        assert len(set(names)) == len(names) and not set(names) & HOP_BY_HOP
        assert not any(name.startswith(("x-google", "x-goog-", "x-gfe", "x-amz-")) for name in names)
    policy = inputs.get("cdnPolicy")
    assert (policy is not None) == bool(inputs.get("enableCdn"))
    if policy:
        assert policy["cacheMode"] == "USE_ORIGIN_HEADERS"
        assert not {"defaultTtl", "maxTtl", "clientTtl", "signedUrlCacheMaxAgeSec"} & set(policy)
        assert policy["serveWhileStale"] == 0 and policy["negativeCaching"] is False
        key = policy["cacheKeyPolicy"]
        assert key["queryStringWhitelists"] == ["input"] and "queryStringBlacklists" not in key
        assert "includeNamedCookies" not in key
        _key_names(key["includeHttpHeaders"])


def _policy(inputs: Mapping[str, Any]) -> None:
    priorities = [rule["priority"] for rule in inputs["rules"]]
    assert len(set(priorities)) == len(priorities) and 2_147_483_647 in priorities
    for rule in inputs["rules"]:
        assert len(rule["match"].get("expr", {}).get("expression", "")) <= 2_048
        if inputs["type"] == "CLOUD_ARMOR_EDGE":
            assert rule["action"] in ("allow", "deny(403)")
