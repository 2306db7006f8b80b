"""What can be broken at an edge, at API Gateway and between the parts of a stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from policies.rules.places import is_public
from tests.policies.cases.api_gateway import METHOD, STAGE
from tests.policies.cases.cloudfront import CACHE_POLICY, DISTRIBUTION, REQUEST_POLICY, VPC_ORIGIN
from tests.policies.cases.google import BACKEND, ENDPOINT, ORIGIN, PROXY, SSL_POLICY, URL_MAP
from tests.policies.cases.google import SERVICE as EDGE_CACHE_SERVICE
from tests.policies.cases.kong import ROUTE
from tests.policies.cases.shared_cache import REDIS, SERVERLESS
from tests.policies.mutation import Break, Graph, Mutation, each, put, removed
from tests.policies.resources import Res

_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
_LOG_SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
_YEAR = 31536000
_POLICY_HEADERS = ("headersConfig", "headers", "items")


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
        if item.protect and item.type in (DISTRIBUTION, EDGE_CACHE_SERVICE, URL_MAP, SERVERLESS, REDIS):
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
        yield from each("", "", DISTRIBUTION, put("origins", 0, "domainName", value="other.example.net")).mutants(graph)
        yield from each("", "", ORIGIN, put("originAddress", value="other.example.net")).mutants(graph)
        yield from each("", "", ENDPOINT, put("fqdn", value="other.example.net")).mutants(graph)


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


MUTATIONS = [
    each("cloudfront-min-ttl", "a minute", CACHE_POLICY, put("minTtl", value=60)),
    each("cloudfront-ttl", "a year", CACHE_POLICY, put("maxTtl", value=_YEAR)),
    each(
        "cloudfront-all-viewer",
        "all headers",
        REQUEST_POLICY,
        put("headersConfig", "headerBehavior", value="allViewer"),
    ),
    each(
        "cloudfront-all-viewer",
        "managed policy",
        DISTRIBUTION,
        put("defaultCacheBehavior", "originRequestPolicyId", value="216adef6-6c7f-47e4-b989-5492eafa07d3"),
    ),
    each(
        "cloudfront-authorization-not-shared",
        "passed on",
        REQUEST_POLICY,
        lambda props: (
            put(*_POLICY_HEADERS, value=["host"])(props)
            if "authorization" in props["headersConfig"]["headers"]["items"]
            else False
        ),
    ),
    each(
        "cloudfront-viewer-tls",
        "TLS 1.1",
        DISTRIBUTION,
        lambda props: (
            put("viewerCertificate", "minimumProtocolVersion", value="TLSv1.1_2016")(props)
            if "acmCertificateArn" in props["viewerCertificate"]
            else False
        ),
    ),
    Mutation("cloudfront-default-certificate", "in production", _default_certificate),
    each(
        "cloudfront-https-viewers",
        "default",
        DISTRIBUTION,
        put("defaultCacheBehavior", "viewerProtocolPolicy", value="allow-all"),
    ),
    each(
        "cloudfront-https-viewers",
        "ordered",
        DISTRIBUTION,
        put("orderedCacheBehaviors", 0, "viewerProtocolPolicy", value="redirect-to-https"),
    ),
    each(
        "cloudfront-https-origin",
        "http",
        DISTRIBUTION,
        _origin(put("customOriginConfig", "originProtocolPolicy", value="match-viewer")),
    ),
    each(
        "cloudfront-https-origin",
        "TLS 1.1",
        DISTRIBUTION,
        _origin(put("customOriginConfig", "originSslProtocols", value=["TLSv1.1"])),
    ),
    each(
        "cloudfront-https-origin",
        "VPC",
        VPC_ORIGIN,
        put("vpcOriginEndpointConfig", "originProtocolPolicy", value="http-only"),
    ),
    each("cloudfront-no-retries", "three", DISTRIBUTION, put("origins", 0, "connectionAttempts", value=3)),
    each("cloudfront-no-retries", "default", DISTRIBUTION, put("origins", 0, "connectionAttempts", value=None)),
    each(
        "cloudfront-origin-lock",
        "no header",
        DISTRIBUTION,
        lambda props: (
            put("origins", 0, "customHeaders", value=None)(props)
            if not {"vpcOriginConfig"} & set(props["origins"][0])
            and "originMtlsConfig" not in props["origins"][0].get("customOriginConfig", {})
            else False
        ),
    ),
    each("cloudfront-firewall", "none", DISTRIBUTION, put("webAclId", value=None)),
    removed("cloudfront-logs", "none", lambda _, item: item.type == _LOG_SOURCE),
    each("api-gateway-authorization", "no key", METHOD, put("apiKeyRequired", value=False)),
    each("api-gateway-logs", "none", STAGE, put("accessLogSettings", value=None)),
    each("iam-one-endpoint", "all endpoints", _ROLE_POLICY, put("policy", "Statement", 0, "Resource", value="*")),
    each("iam-one-endpoint", "all actions", _ROLE_POLICY, put("policy", "Statement", 0, "Action", value="sagemaker:*")),
    each(
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
    each("google-force-cache-all", "Cloud CDN", BACKEND, _cdn(put("cdnPolicy", "cacheMode", value="FORCE_CACHE_ALL"))),
    each(
        "google-signatures",
        "one route without",
        EDGE_CACHE_SERVICE,
        _kept_rules(put("routeAction", "cdnPolicy", "signedRequestMode", value="DISABLED"), only_signed=True),
    ),
    each(
        "google-ttl",
        "Media CDN",
        EDGE_CACHE_SERVICE,
        _kept_rules(put("routeAction", "cdnPolicy", "maxTtl", value=f"{_YEAR}s")),
    ),
    each("google-ttl", "Cloud CDN", BACKEND, _cdn(put("cdnPolicy", "maxTtl", value=_YEAR))),
    each(
        "google-authorization-not-shared",
        "Media CDN",
        EDGE_CACHE_SERVICE,
        _kept_rules(put("headerAction", "requestHeaderToRemoves", value=None)),
    ),
    each("google-authorization-not-shared", "Cloud CDN", URL_MAP, _keep_authorization),
    each("google-tls-floor", "version", SSL_POLICY, put("minTlsVersion", value="TLS_1_0")),
    each("google-tls-floor", "profile", SSL_POLICY, put("profile", value="COMPATIBLE")),
    each("google-tls-policy", "Media CDN", EDGE_CACHE_SERVICE, put("sslPolicy", value=None)),
    each("google-tls-policy", "in clear", EDGE_CACHE_SERVICE, put("requireTls", value=False)),
    each("google-tls-policy", "Cloud CDN", PROXY, put("sslPolicy", value=None)),
    each(
        "google-https-origin",
        "Media CDN",
        ORIGIN,
        lambda props: put("protocol", value="HTTP")(props) if is_public(props["originAddress"]) else False,
    ),
    each(
        "google-https-origin",
        "Cloud CDN",
        BACKEND,
        lambda props: put("protocol", value="HTTP")(props) if props.get("backends") else False,
    ),
    each("google-logs", "Media CDN", EDGE_CACHE_SERVICE, put("logConfig", "enable", value=False)),
    each("google-logs", "Cloud CDN", BACKEND, _cdn(put("logConfig", "enable", value=False))),
    Mutation("edge-origin-is-gateway", "another host", _other_host),
    Mutation("edge-origin-is-gateway", "another secret", _foreign_secret),
    Mutation("production-protected", "unprotected", _unprotected),
]
