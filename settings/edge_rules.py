"""Rules about the edge's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from components.edge import limits

from .conflict import Conflict
from .edge_authentication_models import EdgeAuthenticationSettings
from .edge_key_rules import key_conflicts, without_others
from .edge_models import EdgeSettings
from .edge_origin_models import EdgeOriginSettings
from .edge_providers import PRODUCTS, EdgeProduct, takes
from .field_types import Items
from .models import Settings
from .values import ORIGIN_DOMAIN

_PROVIDER = ("edge", "provider")
_ORIGIN = ("edge", "origin")


def edge_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts within ``edge`` and with the gateway's URL."""
    yield from key_conflicts(settings.edge)
    if settings.edge.provider == "none":
        return
    edge, product = without_others(settings.edge), PRODUCTS[settings.edge.provider]
    yield from _origin(edge, settings.gateway_url, product)
    yield from _names(edge, product)
    yield from _authentication(edge.authentication, edge.provider)
    if edge.provider == "media-cdn":
        yield from _counts_of_media_cdn(edge)
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


def _origin(edge: EdgeSettings, gateway_url: str, product: EdgeProduct) -> Iterator[Conflict]:
    origin, gateway, domain = edge.origin, urlsplit(gateway_url), (*_ORIGIN, "domain")
    if origin.domain is None:
        why = f"gatewayUrl has {gateway.hostname}, which {product.name} cannot reach"
        must = ORIGIN_DOMAIN.types[edge.provider].must
        yield Conflict(domain, f"required but missing; {must} ({why})", (_PROVIDER, ("gatewayUrl",)))
        return
    if origin.domain == gateway.hostname and gateway.path.strip("/"):
        message = f"must have no path with this edge: {product.name} asks Kong for the routes' own paths"
        yield Conflict(("gatewayUrl",), message, (domain, _PROVIDER))
    if origin.domain in edge.aliases:
        message = "must be none of aliases: the edge would ask itself; give Kong a name of its own"
        yield Conflict(domain, message, (("edge", "aliases"), ("gatewayUrl",)))
    yield from _transport(origin)


def _transport(origin: EdgeOriginSettings) -> Iterator[Conflict]:
    domain, protocol = (*_ORIGIN, "domain"), (*_ORIGIN, "protocol")
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


def _names(edge: EdgeSettings, product: EdgeProduct) -> Iterator[Conflict]:
    existing, made = product.certificate_keys
    aliases, certificate, zone = (("edge", name) for name in ("aliases", existing, made))
    has_certificate = bool(edge.certificate_arn or edge.certificate_ids)
    has_zone = bool(edge.hosted_zone_id or edge.dns_zone)
    if has_certificate and has_zone:
        message = f"must be left out with {made}: a certificate is made there; give one of the two"
        yield Conflict(certificate, message, (zone,))
    elif edge.aliases and not has_certificate and not has_zone:
        message = f"needs {existing} or {made}: {product.name} takes no name without a certificate for it"
        yield Conflict(aliases, message, (certificate, zone))
    elif not edge.aliases and not product.own_domain:
        message = (
            f"must hold at least one name with provider {edge.provider}: "
            "Google has no domain name and no certificate of its own for an edge"
        )
        yield Conflict(aliases, message, (_PROVIDER,))
    elif not edge.aliases and (has_certificate or has_zone):
        message = "only with aliases: the distribution's own domain name has a certificate"
        yield Conflict(certificate if has_certificate else zone, message, (aliases,))


def _counts_of_media_cdn(edge: EdgeSettings) -> Iterator[Conflict]:
    counts = {
        ("certificateIds",): (edge.certificate_ids, Items(0, limits.MEDIA_CDN_CERTIFICATES, "certificates")),
        ("authentication", "publicKeys"): (
            edge.authentication.public_keys,
            Items(0, limits.MEDIA_CDN_KEYS, "public keys"),
        ),
    }
    for path, (found, allowed) in counts.items():
        if len(found) > allowed.most:
            yield Conflict(("edge", *path), f"{allowed.must}; Media CDN takes no more", (_PROVIDER,))


def _authentication(given: EdgeAuthenticationSettings, provider: str) -> Iterator[Conflict]:
    at, mode = ("edge", "authentication"), ("edge", "authentication", "mode")
    signatures = given.public_keys or given.shared_key_secret_versions
    a_key = "must hold at least one key with mode signed-url"
    if takes(provider, ("authentication", "sharedKeySecretVersions")):
        a_key += ", or sharedKeySecretVersions one"
    needed = {
        "signed-url": ("publicKeys", signatures, a_key),
        "jwt": ("secrets", given.secrets, "must hold at least one secret with mode jwt"),
    }
    if given.mode in needed:
        name, value, message = needed[given.mode]
        if not value:
            others = ((*at, "sharedKeySecretVersions"), _PROVIDER)
            yield Conflict((*at, name), f"{message}: no signature could count", (mode, *others))
    if len({key.strip().rstrip("=") for key in given.public_keys}) < len(given.public_keys):
        yield Conflict((*at, "publicKeys"), "must have each key once: white space and = at the end make no other key")
    owners = {
        "publicKeys": (given.public_keys, "signed-url"),
        "sharedKeySecretVersions": (given.shared_key_secret_versions, "signed-url"),
        "secrets": (given.secrets, "jwt"),
        "issuer": (given.issuer, "jwt"),
        "audience": (given.audience, "jwt"),
    }
    for name, (value, owner) in owners.items():
        if value and given.mode != owner:
            yield Conflict((*at, name), f"only with mode {owner} (mode is {given.mode})", (mode,))
