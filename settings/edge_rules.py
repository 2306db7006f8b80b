"""Rules about the edge's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from .conflict import Conflict
from .edge_models import EdgeAuthenticationSettings, EdgeSettings
from .models import Settings
from .values import ORIGIN_DOMAIN

_PROVIDER = ("edge", "provider")
_ORIGIN = ("edge", "origin")


def edge_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts within ``edge`` and with the gateway's URL."""
    edge = settings.edge
    if edge.provider == "none":
        yield from _nothing_given(edge)
        return
    yield from _origin(settings)
    yield from _names(edge)
    yield from _authentication(edge.authentication)
    if edge.geo_restriction and (edge.geo_restriction.allow is None) == (edge.geo_restriction.deny is None):
        yield Conflict(("edge", "geoRestriction"), "must have exactly one of allow and deny")
    if edge.continuous_deployment_policy_id and edge.http_version in ("http3", "http2and3"):
        message = (
            "must be http2 or http1.1 with continuousDeploymentPolicyId: "
            "CloudFront has no continuous deployment for HTTP/3"
        )
        yield Conflict(("edge", "httpVersion"), message, (("edge", "continuousDeploymentPolicyId"),))
    if edge.logs.bucket_arn and edge.logs.retention_days is not None:
        message = "must be left out with bucketArn: an existing bucket keeps its own lifecycle"
        yield Conflict(("edge", "logs", "retentionDays"), message, (("edge", "logs", "bucketArn"),))


def _nothing_given(edge: EdgeSettings) -> Iterator[Conflict]:
    default = EdgeSettings()
    for name, field in EdgeSettings.model_fields.items():
        if getattr(edge, name) != getattr(default, name):
            yield Conflict(
                ("edge", field.alias or name), "only with provider cloudfront (provider is none)", (_PROVIDER,)
            )


def _origin(settings: Settings) -> Iterator[Conflict]:
    origin, gateway = settings.edge.origin, urlsplit(settings.gateway_url)
    domain, protocol = (*_ORIGIN, "domain"), (*_ORIGIN, "protocol")
    if origin.domain is None:
        why = f"gatewayUrl has {gateway.hostname}, which CloudFront cannot reach"
        yield Conflict(domain, f"required but missing; {ORIGIN_DOMAIN.must} ({why})", (_PROVIDER, ("gatewayUrl",)))
        return
    if origin.domain == gateway.hostname and gateway.path.strip("/"):
        message = "must have no path with this edge: CloudFront asks Kong for the routes' own paths"
        yield Conflict(("gatewayUrl",), message, (domain, _PROVIDER))
    if origin.domain in settings.edge.aliases:
        message = "must be none of aliases: the edge would ask itself; give Kong a name of its own"
        yield Conflict(domain, message, (("edge", "aliases"), ("gatewayUrl",)))
    if origin.protocol == "http" and origin.domain != "localhost":
        message = "must be https unless domain is localhost: keys, inputs and the edge's own secret would be readable"
        yield Conflict(protocol, message, (domain, ("gatewayUrl",)))
    elif (origin.protocol, origin.port) in (("https", 80), ("http", 443)):
        message = f"must not be {origin.port} with protocol {origin.protocol}: Kong speaks the other one there"
        yield Conflict((*_ORIGIN, "port"), message, (protocol, ("gatewayUrl",)))
    if origin.client_certificate_arn:
        at = (*_ORIGIN, "clientCertificateArn")
        if origin.vpc:
            message = "must be left out with vpc: CloudFront has no mutual TLS with VPC origins"
            yield Conflict(at, message, ((*_ORIGIN, "vpc"),))
        if origin.protocol == "http":
            message = "only with protocol https: there is no certificate without TLS"
            yield Conflict(at, message, (protocol, ("gatewayUrl",)))


def _names(edge: EdgeSettings) -> Iterator[Conflict]:
    aliases, certificate, zone = (("edge", name) for name in ("aliases", "certificateArn", "hostedZoneId"))
    if edge.certificate_arn and edge.hosted_zone_id:
        message = "must be left out with hostedZoneId: a certificate is made there; give one of the two"
        yield Conflict(certificate, message, (zone,))
    elif edge.aliases and not edge.certificate_arn and not edge.hosted_zone_id:
        message = "needs certificateArn or hostedZoneId: CloudFront takes no name without a certificate for it"
        yield Conflict(aliases, message, (certificate, zone))
    elif not edge.aliases and (edge.certificate_arn or edge.hosted_zone_id):
        message = "only with aliases: the distribution's own domain name has a certificate"
        yield Conflict(certificate if edge.certificate_arn else zone, message, (aliases,))


def _authentication(given: EdgeAuthenticationSettings) -> Iterator[Conflict]:
    at, mode = ("edge", "authentication"), ("edge", "authentication", "mode")
    needed = {
        "signed-url": ("publicKeys", given.public_keys, "must hold at least one key with mode signed-url"),
        "jwt": ("secrets", given.secrets, "must hold at least one secret with mode jwt"),
    }
    if given.mode in needed:
        name, value, message = needed[given.mode]
        if not value:
            yield Conflict((*at, name), f"{message}: no signature could count", (mode,))
    owners = {
        "publicKeys": (given.public_keys, "signed-url"),
        "secrets": (given.secrets, "jwt"),
        "issuer": (given.issuer, "jwt"),
        "audience": (given.audience, "jwt"),
    }
    for name, (value, owner) in owners.items():
        if value and given.mode != owner:
            yield Conflict((*at, name), f"only with mode {owner} (mode is {given.mode})", (mode,))
