"""Ways to break what one rule guards, one property of one resource at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from policies.rules.places import is_public
from tests.policies.cases.api_gateway import METHOD, STAGE
from tests.policies.cases.cloudfront import CACHE_POLICY, DISTRIBUTION, REQUEST_POLICY, VPC_ORIGIN
from tests.policies.cases.google import BACKEND, ENDPOINT, ORIGIN, PROXY, SSL_POLICY, URL_MAP
from tests.policies.cases.google import SERVICE as EDGE_CACHE_SERVICE
from tests.policies.cases.kong import PLUGIN, ROUTE, SERVICE
from tests.policies.resources import Res

Graph = Sequence[Res]
# Changes the properties in place; False where there is nothing to break.
Break = Callable[[Any], bool | None]
_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
_WEB_ACL = "aws:wafv2/webAcl:WebAcl"
_LOG_SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
_YEAR = 31536000


@dataclass(frozen=True)
class Mutation:
    """What is broken, the rule that guards it, and all graphs in which it is broken once."""

    rule: str
    what: str
    mutants: Callable[[Graph], Iterator[list[Res]]]


def _each(rule: str, what: str, type_: str, change: Break) -> Mutation:
    """One property of each resource of a type."""

    def mutants(graph: Graph) -> Iterator[list[Res]]:
        for item in graph:
            if item.type == type_:
                props = deepcopy(dict(item.props))
                if change(props) is not False:
                    yield [replace(other, props=props) if other is item else other for other in graph]

    return Mutation(rule, what, mutants)


def _plugin(rule: str, what: str, kind: str, change: Break) -> Mutation:
    """The config of each plugin of a kind."""

    def change_config(props: dict[str, Any]) -> bool | None:
        return change(props["configJson"]) if props["name"] == kind else False

    return _each(rule, what, PLUGIN, change_config)


def _removed(rule: str, what: str, gone: Callable[[Graph, Res], bool]) -> Mutation:
    """One resource is not there."""

    def mutants(graph: Graph) -> Iterator[list[Res]]:
        for item in graph:
            if gone(graph, item):
                yield [other for other in graph if other is not item]

    return Mutation(rule, what, mutants)


def _put(*path: str | int, value: Any) -> Break:
    """Sets what stands at a path; a value of None takes it away. Nothing to break where the path ends early."""

    def change(props: Any) -> bool | None:
        for key in path[:-1]:
            if not _holds(props, key):
                return False
            props = props[key]
        if value is None:
            return props.pop(path[-1], None) is not None
        props[path[-1]] = value
        return None

    return change


def _holds(value: Any, key: str | int) -> bool:
    return key in (range(len(value)) if isinstance(value, list) else value)


def _text(pattern: str, replacement: str) -> Break:
    """Rewrites every text."""

    def change(config: dict[str, Any]) -> bool | None:
        before = json.dumps(config)
        config.update(json.loads(re.sub(pattern, replacement, before, flags=re.IGNORECASE)))
        return json.dumps(config) != before

    return change


def _service_of(item: Res) -> str:
    return "".join(item.refs.get("serviceId", ()))


def _plugins(graph: Graph, item: Res) -> set[str]:
    """The kinds of plugins on the same service."""
    return {
        str(other.props["name"]) for other in graph if other.type == PLUGIN and _service_of(other) == _service_of(item)
    }


def _is_open(graph: Graph, item: Res) -> bool:
    return "key-auth" not in _plugins(graph, item)


def _second_cache(graph: Graph) -> Iterator[list[Res]]:
    for item in graph:
        if item.props.get("name") == "proxy-cache":
            yield [*graph, replace(item, name=f"{item.name}-2", urn_=f"{item.urn}-2")]


def _credentials_shared(graph: Graph) -> Iterator[list[Res]]:
    """An open route whose function has never heard of Authorization."""
    for item in graph:
        if (
            item.props.get("name") == "pre-function"
            and "proxy-cache" in _plugins(graph, item)
            and _is_open(graph, item)
        ):
            config = json.loads(re.sub("authorization", "x", json.dumps(item.props["configJson"]), flags=re.IGNORECASE))
            yield [item.but(configJson=config) if other is item else other for other in graph]


def _anonymous(graph: Graph) -> Iterator[list[Res]]:
    """A route that lets the anonymous in, without limits and without an edge that has some."""
    for item in graph:
        if item.props.get("name") == "key-auth" and "rate-limiting" not in _plugins(graph, item):
            changed = item.but(configJson={**item.props["configJson"], "anonymous": "somebody"})
            yield [changed if other is item else other for other in graph if other.type != _WEB_ACL]


def _origin(change: Break) -> Break:
    """The first origin, unless it is on this machine."""

    def change_origin(props: dict[str, Any]) -> bool | None:
        return False if props["origins"][0]["domainName"] == "localhost" else change(props["origins"][0])

    return change_origin


def _default_certificate(graph: Graph) -> Iterator[list[Res]]:
    """The same stack as production, where CloudFront's own certificate is not enough."""
    for item in graph:
        if item.type == DISTRIBUTION:
            changed = item.but(viewerCertificate={"cloudfrontDefaultCertificate": True})
            yield [replace(changed, urn_=_in_production(item)) if other is item else other for other in graph]


def _unprotected(graph: Graph) -> Iterator[list[Res]]:
    for item in graph:
        if item.protect and item.type in (DISTRIBUTION, EDGE_CACHE_SERVICE, URL_MAP):
            changed = replace(item, protect=False, urn_=_in_production(item))
            yield [changed if other is item else other for other in graph]


def _foreign_secret(graph: Graph) -> Iterator[list[Res]]:
    for item in graph:
        if item.type == DISTRIBUTION and any(
            urn.split("::")[2].rpartition("$")[2].startswith("random:") for urn in item.refs["origins"]
        ):
            own = Res("random:index/randomPassword:RandomPassword", "not-the-gateways", {})
            changed = replace(item, refs={**item.refs, "origins": [own.urn]})
            yield [own, *(changed if other is item else other for other in graph)]


def _in_production(item: Res) -> str:
    return re.sub(r"^urn:pulumi:[^:]+", "urn:pulumi:prod", item.urn)


def _other_host(graph: Graph) -> Iterator[list[Res]]:
    """An edge in front of something else, where the gateway's routes name their hosts."""
    if any(item.props.get("hosts") for item in graph if item.type == ROUTE):
        yield from _each("", "", DISTRIBUTION, _put("origins", 0, "domainName", value="other.example.net")).mutants(
            graph
        )
        yield from _each("", "", ORIGIN, _put("originAddress", value="other.example.net")).mutants(graph)
        yield from _each("", "", ENDPOINT, _put("fqdn", value="other.example.net")).mutants(graph)


def _kept_rules(change: Callable[[Any], bool | None], only_signed: bool = False) -> Break:
    """The first rule of Media CDN that keeps answers."""

    def change_rule(props: dict[str, Any]) -> bool | None:
        rules = [rule for matcher in props["routing"]["pathMatchers"] for rule in matcher["routeRules"]]
        kept = [rule for rule in rules if rule["routeAction"]["cdnPolicy"]["cacheMode"] != "BYPASS_CACHE"]
        signed = [rule for rule in kept if rule["routeAction"]["cdnPolicy"].get("signedRequestMode")]
        found = signed if only_signed else kept
        return change(found[0]) if found and (not only_signed or len(found) > 1) else False

    return change_rule


def _cdn(change: Break) -> Break:
    return lambda props: change(props) if props.get("enableCdn") else False


def _keep_authorization(props: dict[str, Any]) -> bool | None:
    """The first rule of a URL map that removes the credential."""
    for matcher in props.get("pathMatchers", []):
        for rule in matcher["routeRules"]:
            removed = rule.get("headerAction", {}).get("requestHeadersToRemoves", [])
            if "authorization" in removed:
                removed.remove("authorization")
                return None
    return False


def _public(props: dict[str, Any]) -> bool | None:
    if not is_public(props["host"]):
        return False
    props["protocol"] = "http"
    return None


_POLICY_HEADERS = ("headersConfig", "headers", "items")

MUTATIONS = [
    _plugin("kong-cache-body-in-key", "no digest", "proxy-cache", _put("vary_headers", value=None)),
    _plugin("kong-cache-body-in-key", "another header", "proxy-cache", _put("vary_headers", value=["accept"])),
    _plugin("kong-cache-key-header-name", "hyphen", "proxy-cache", _put("vary_headers", value=["x-body-digest"])),
    _plugin(
        "kong-cache-own-dictionary", "Kong's", "proxy-cache", _put("memory", "dictionary_name", value="kong_db_cache")
    ),
    _plugin("kong-cache-own-dictionary", "default", "proxy-cache", _put("memory", value=None)),
    _plugin("kong-cache-no-errors", "404", "proxy-cache", _put("response_code", value=[200, 404])),
    _plugin("kong-cache-no-errors", "503", "proxy-cache", _put("response_code", value=[503])),
    _plugin("kong-cache-no-errors", "default", "proxy-cache", _put("response_code", value=None)),
    _plugin("kong-cache-ttl", "a year", "proxy-cache", _put("cache_ttl", value=_YEAR)),
    _plugin("kong-cache-ttl", "storage for a year", "proxy-cache", _put("storage_ttl", value=_YEAR)),
    _plugin("kong-cache-content-types", "a text", "proxy-cache", _put("content_type", value="application/json")),
    _plugin("kong-cache-content-types", "a stream", "proxy-cache", _put("content_type", value=["text/event-stream"])),
    _removed(
        "kong-cache-one-key",
        "no key function",
        lambda graph, item: item.props.get("name") == "pre-function" and "proxy-cache" in _plugins(graph, item),
    ),
    Mutation("kong-cache-one-key", "two caches", _second_cache),
    _each(
        "kong-cache-one-key",
        "key function off",
        PLUGIN,
        lambda props: (
            _put("enabled", value=False)(props)
            if props["name"] == "pre-function" and "max_body_bytes" in json.dumps(props["configJson"])
            else False
        ),
    ),
    Mutation("kong-cache-isolation", "credentials shared", _credentials_shared),
    _plugin(
        "kong-cache-body-buffer",
        "bodies above the buffer",
        "pre-function",
        _text(r"(max_body_bytes\W+)\d+", r"\g<1>9999999"),
    ),
    _plugin("kong-cache-methods", "no method of the route", "proxy-cache", _put("request_method", value=["HEAD"])),
    Mutation("kong-open-route-rate-limit", "no key and no limit", _anonymous),
    _removed(
        "kong-open-route-size-limit",
        "no limit",
        lambda graph, item: item.props.get("name") == "request-size-limiting" and _is_open(graph, item),
    ),
    _each("kong-upstream-https", "http", SERVICE, _public),
    _each("cloudfront-min-ttl", "a minute", CACHE_POLICY, _put("minTtl", value=60)),
    _each("cloudfront-ttl", "a year", CACHE_POLICY, _put("maxTtl", value=_YEAR)),
    _each(
        "cloudfront-all-viewer",
        "all headers",
        REQUEST_POLICY,
        _put("headersConfig", "headerBehavior", value="allViewer"),
    ),
    _each(
        "cloudfront-all-viewer",
        "managed policy",
        DISTRIBUTION,
        _put("defaultCacheBehavior", "originRequestPolicyId", value="216adef6-6c7f-47e4-b989-5492eafa07d3"),
    ),
    _each(
        "cloudfront-authorization-not-shared",
        "passed on",
        REQUEST_POLICY,
        lambda props: (
            _put(*_POLICY_HEADERS, value=["host"])(props)
            if "authorization" in props["headersConfig"]["headers"]["items"]
            else False
        ),
    ),
    _each(
        "cloudfront-viewer-tls",
        "TLS 1.1",
        DISTRIBUTION,
        lambda props: (
            _put("viewerCertificate", "minimumProtocolVersion", value="TLSv1.1_2016")(props)
            if "acmCertificateArn" in props["viewerCertificate"]
            else False
        ),
    ),
    Mutation("cloudfront-default-certificate", "in production", _default_certificate),
    _each(
        "cloudfront-https-viewers",
        "default",
        DISTRIBUTION,
        _put("defaultCacheBehavior", "viewerProtocolPolicy", value="allow-all"),
    ),
    _each(
        "cloudfront-https-viewers",
        "ordered",
        DISTRIBUTION,
        _put("orderedCacheBehaviors", 0, "viewerProtocolPolicy", value="redirect-to-https"),
    ),
    _each(
        "cloudfront-https-origin",
        "http",
        DISTRIBUTION,
        _origin(_put("customOriginConfig", "originProtocolPolicy", value="match-viewer")),
    ),
    _each(
        "cloudfront-https-origin",
        "TLS 1.1",
        DISTRIBUTION,
        _origin(_put("customOriginConfig", "originSslProtocols", value=["TLSv1.1"])),
    ),
    _each(
        "cloudfront-https-origin",
        "VPC",
        VPC_ORIGIN,
        _put("vpcOriginEndpointConfig", "originProtocolPolicy", value="http-only"),
    ),
    _each("cloudfront-no-retries", "three", DISTRIBUTION, _put("origins", 0, "connectionAttempts", value=3)),
    _each("cloudfront-no-retries", "default", DISTRIBUTION, _put("origins", 0, "connectionAttempts", value=None)),
    _each(
        "cloudfront-origin-lock",
        "no header",
        DISTRIBUTION,
        lambda props: (
            _put("origins", 0, "customHeaders", value=None)(props)
            if not {"vpcOriginConfig"} & set(props["origins"][0])
            and "originMtlsConfig" not in props["origins"][0].get("customOriginConfig", {})
            else False
        ),
    ),
    _each("cloudfront-firewall", "none", DISTRIBUTION, _put("webAclId", value=None)),
    _removed("cloudfront-logs", "none", lambda _, item: item.type == _LOG_SOURCE),
    _each("api-gateway-authorization", "no key", METHOD, _put("apiKeyRequired", value=False)),
    _each("api-gateway-logs", "none", STAGE, _put("accessLogSettings", value=None)),
    _each("iam-one-endpoint", "all endpoints", _ROLE_POLICY, _put("policy", "Statement", 0, "Resource", value="*")),
    _each(
        "iam-one-endpoint", "all actions", _ROLE_POLICY, _put("policy", "Statement", 0, "Action", value="sagemaker:*")
    ),
    _each(
        "google-force-cache-all",
        "Media CDN",
        EDGE_CACHE_SERVICE,
        _kept_rules(
            lambda rule: (
                rule["routeAction"]["cdnPolicy"].update(cacheMode="FORCE_CACHE_ALL"),
                rule["headerAction"].pop("requestHeaderToRemoves", None),
                None,
            )[2]
        ),
    ),
    _each(
        "google-force-cache-all", "Cloud CDN", BACKEND, _cdn(_put("cdnPolicy", "cacheMode", value="FORCE_CACHE_ALL"))
    ),
    _each(
        "google-signatures",
        "one route without",
        EDGE_CACHE_SERVICE,
        _kept_rules(_put("routeAction", "cdnPolicy", "signedRequestMode", value="DISABLED"), only_signed=True),
    ),
    _each(
        "google-ttl",
        "Media CDN",
        EDGE_CACHE_SERVICE,
        _kept_rules(_put("routeAction", "cdnPolicy", "maxTtl", value=f"{_YEAR}s")),
    ),
    _each("google-ttl", "Cloud CDN", BACKEND, _cdn(_put("cdnPolicy", "maxTtl", value=_YEAR))),
    _each(
        "google-authorization-not-shared",
        "Media CDN",
        EDGE_CACHE_SERVICE,
        _kept_rules(_put("headerAction", "requestHeaderToRemoves", value=None)),
    ),
    _each("google-authorization-not-shared", "Cloud CDN", URL_MAP, _keep_authorization),
    _each("google-tls-floor", "version", SSL_POLICY, _put("minTlsVersion", value="TLS_1_0")),
    _each("google-tls-floor", "profile", SSL_POLICY, _put("profile", value="COMPATIBLE")),
    _each("google-tls-policy", "Media CDN", EDGE_CACHE_SERVICE, _put("sslPolicy", value=None)),
    _each("google-tls-policy", "in clear", EDGE_CACHE_SERVICE, _put("requireTls", value=False)),
    _each("google-tls-policy", "Cloud CDN", PROXY, _put("sslPolicy", value=None)),
    _each(
        "google-https-origin",
        "Media CDN",
        ORIGIN,
        lambda props: _put("protocol", value="HTTP")(props) if is_public(props["originAddress"]) else False,
    ),
    _each(
        "google-https-origin",
        "Cloud CDN",
        BACKEND,
        lambda props: _put("protocol", value="HTTP")(props) if props.get("backends") else False,
    ),
    _each("google-logs", "Media CDN", EDGE_CACHE_SERVICE, _put("logConfig", "enable", value=False)),
    _each("google-logs", "Cloud CDN", BACKEND, _cdn(_put("logConfig", "enable", value=False))),
    Mutation("edge-origin-is-gateway", "another host", _other_host),
    Mutation("edge-origin-is-gateway", "another secret", _foreign_secret),
    Mutation("production-protected", "unprotected", _unprotected),
    _each("owner-tags", "Kong", PLUGIN, _put("tags", value=["model:digits"])),
    _each("owner-tags", "Kong", SERVICE, _put("tags", value=None)),
]
