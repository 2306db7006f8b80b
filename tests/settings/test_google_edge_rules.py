"""Settings of an edge of Google that do not go together, and keys of other providers."""

from __future__ import annotations

from typing import Any

import pytest

from components.edge import limits
from tests.settings.support import (
    ED25519,
    SECRET_VERSION,
    cloud_cdn,
    edge_stack,
    google_stack,
    media_cdn,
    parsed,
    problems,
    quick_model,
    quick_shared_model,
    signed,
    stack,
)
from tests.settings.test_edge_authentication import PUBLIC_KEY
from tests.settings.test_google_values import CERTIFICATE_ID

ZONE = "Z0123456789ABCDEFGHIJ"
ON_CALL = "projects/shop/notificationChannels/1"
VPC: dict[str, Any] = {"vpc": {"arn": "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"}}


def certificates(count: int) -> dict[str, Any]:
    return {"dnsZone": None, "certificateIds": [f"{CERTIFICATE_ID}-{number}" for number in range(count)]}


BAD: list[tuple[dict[str, Any], list[str]]] = [
    # Keys of another product or cloud
    (media_cdn(priceClass="PriceClass_100"), [
        'edge.priceClass = "PriceClass_100": only with provider cloudfront (provider is media-cdn)',
    ]),
    (cloud_cdn(httpVersion="http2"), [
        'edge.httpVersion = "http2": only with provider cloudfront (provider is cloud-cdn)',
    ]),
    (cloud_cdn(waitForDeployment=True), [
        "edge.waitForDeployment = true: only with provider cloudfront (provider is cloud-cdn)",
    ]),
    (media_cdn(origin=VPC), [
        "edge.origin.vpc = a mapping: only with provider cloudfront (provider is media-cdn)",
    ]),
    (cloud_cdn(origin={"shieldRegion": "europe-west3"}), [
        'edge.origin.shieldRegion = "europe-west3": '
        "only with provider cloudfront or media-cdn (provider is cloud-cdn)",
    ]),
    (media_cdn(firewall={"rateLimitPer5Minutes": 100, "logging": True}), [
        "edge.firewall = a mapping: only with provider cloudfront or cloud-cdn (provider is media-cdn)",
    ]),
    (cloud_cdn(firewall={"rateLimitPer5Minutes": 100, "logging": True}), [
        "edge.firewall.logging = true: only with provider cloudfront (provider is cloud-cdn)",
    ]),
    (media_cdn(logs={"retentionDays": 30}), [
        "edge.logs.retentionDays = 30: only with provider cloudfront (provider is media-cdn)",
    ]),
    (edge_stack(logs={"sampleRate": 1}), [
        "edge.logs.sampleRate = 1.0: only with provider media-cdn or cloud-cdn (provider is cloudfront)",
    ]),
    (edge_stack(alarms={"notificationChannels": [ON_CALL]}), [
        "edge.alarms.notificationChannels = a list: "
        "only with provider media-cdn or cloud-cdn (provider is cloudfront)",
    ]),
    (edge_stack(dnsZone="example-com"), [
        'edge.dnsZone = "example-com": only with provider media-cdn or cloud-cdn (provider is cloudfront)',
    ]),
    (media_cdn(dnsZone=None, hostedZoneId=ZONE), [
        f'edge.hostedZoneId = "{ZONE}": only with provider cloudfront (provider is media-cdn)',
        "edge.aliases = a list: needs certificateIds or dnsZone: "
        "Media CDN takes no name without a certificate for it",
    ]),
    (stack(edge={"provider": "none", "dnsZone": "example-com"}), [
        'edge.dnsZone = "example-com": only with provider media-cdn or cloud-cdn (provider is none)',
    ]),
    # The origin
    (stack(quick_model(), edge={"provider": "media-cdn", "aliases": ["a.example.com"], "dnsZone": "z"}), [
        "edge.origin.domain: required but missing; must be Kong's domain name in lower case, such as "
        "kong.example.com, without scheme and port; its certificate is for a name, not an IP address "
        "(gatewayUrl has localhost, which Media CDN cannot reach)",
    ]),
    ({**cloud_cdn(), "gatewayUrl": "https://kong.example.com/base"}, [
        'gatewayUrl = "https://kong.example.com/base": '
        "must have no path with this edge: Cloud CDN asks Kong for the routes' own paths",
    ]),
    (cloud_cdn(origin={"protocol": "http"}), [
        'edge.origin.protocol = "http": must be https unless domain is localhost: '
        "keys, inputs and the edge's own secret would be readable",
    ]),
    (media_cdn(origin={"port": 0}), [
        "edge.origin.port = 0: must be a whole number from 1 to 65535",
    ]),
    (media_cdn(origin={"shieldRegion": "us-east-1"}), [
        'edge.origin.shieldRegion = "us-east-1": must be a region of Google Cloud such as europe-west3',
    ]),
    (edge_stack(origin={"shieldRegion": "europe-west3"}), [
        'edge.origin.shieldRegion = "europe-west3": must be '
        f"{', '.join(limits.ORIGIN_SHIELD_REGIONS[:-1])} or {limits.ORIGIN_SHIELD_REGIONS[-1]}; "
        "CloudFront has Origin Shield there",
    ]),
    # Names and certificates
    (media_cdn(aliases=[], dnsZone=None), [
        "edge.aliases = an empty list: must hold at least one name with provider media-cdn: "
        "Google has no domain name and no certificate of its own for an edge",
    ]),
    (cloud_cdn(certificateIds=[CERTIFICATE_ID]), [
        "edge.certificateIds = a list: "
        "must be left out with dnsZone: a certificate is made there; give one of the two",
    ]),
    (media_cdn(**certificates(6)), [
        "edge.certificateIds = a list: must be a list of 0 to 5 certificates; Media CDN takes no more",
    ]),
    (cloud_cdn(**certificates(16)), [
        "edge.certificateIds = a list: must be a list of 0 to 15 certificates",
    ]),
    (cloud_cdn(geoRestriction={"allow": ["DE"], "deny": ["FR"]}), [
        "edge.geoRestriction = a mapping: must have exactly one of allow and deny",
    ]),
    # Who may read shared answers
    (media_cdn(quick_shared_model(), authentication=signed(PUBLIC_KEY)), [
        "edge.authentication.publicKeys[0] = [secret]: must be an Ed25519 public key, "
        "32 bytes as 43 or 44 characters of base64url; Media CDN takes no other",
    ]),
    (edge_stack(quick_shared_model(), authentication=signed(ED25519)), [
        "edge.authentication.publicKeys[0] = [secret]: must be a public key in PEM form (BEGIN PUBLIC KEY), "
        "RSA of 2048 bits or ECDSA P-256; CloudFront takes no other",
    ]),
    (media_cdn(quick_shared_model(), authentication=signed(*(f"{number}{ED25519[1:]}" for number in range(4)))), [
        "edge.authentication.publicKeys = a list: must be a list of 0 to 3 public keys; Media CDN takes no more",
    ]),
    (media_cdn(quick_shared_model(), authentication=signed(ED25519, ED25519 + "=")), [
        "edge.authentication.publicKeys = a list: "
        "must have each key once: white space and = at the end make no other key",
    ]),
    (media_cdn(quick_shared_model(), authentication=signed()), [
        "edge.authentication.publicKeys = an empty list: must hold at least one key with mode signed-url, "
        "or sharedKeySecretVersions one: no signature could count",
    ]),
    (media_cdn(authentication={"sharedKeySecretVersions": [SECRET_VERSION]}), [
        "edge.authentication.sharedKeySecretVersions = a list: only with mode signed-url (mode is none)",
    ]),
    (media_cdn(quick_shared_model(), authentication={"mode": "jwt"}), [
        'edge.authentication.mode = "jwt": must be none or signed-url; Media CDN reads no JWT, CloudFront does',
    ]),
    (cloud_cdn(quick_shared_model(), authentication={"mode": "signed-url"}), [
        'edge.authentication.mode = "signed-url": must be none; Cloud CDN lets unsigned requests pass, '
        "and keeps answers to signed ones that Kong forbids to keep; use provider media-cdn or cloudfront",
    ]),
    (cloud_cdn(quick_shared_model(), authentication={"publicKeys": [ED25519]}), [
        "edge.authentication.publicKeys = a list: "
        "only with provider cloudfront or media-cdn (provider is cloud-cdn)",
    ]),
    (edge_stack(quick_shared_model(), authentication={"sharedKeySecretVersions": [SECRET_VERSION]}), [
        "edge.authentication.sharedKeySecretVersions = a list: "
        "only with provider media-cdn (provider is cloudfront)",
    ]),
    (media_cdn(authentication=signed(ED25519)), [
        'edge.authentication.mode = "signed-url": must be none without a model with cache.shareable: '
        "it guards shared answers alone, and Kong guards all others by their model's access",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "found"), BAD, ids=[found[0].partition(":")[0][:60] for _, found in BAD])
def test_refuses_with_these_words(document: dict[str, Any], found: list[str]) -> None:
    assert problems(document) == found


@pytest.mark.parametrize(
    "document",
    [
        media_cdn(),
        cloud_cdn(),
        media_cdn(**certificates(5)),
        cloud_cdn(**certificates(15)),
        media_cdn(hostedZoneId=ZONE),
        edge_stack(aliases=["predict.example.com"], hostedZoneId=ZONE, dnsZone="example-com"),
        edge_stack(aliases=["predict.example.com"], hostedZoneId=ZONE, certificateIds=[CERTIFICATE_ID]),
        media_cdn(origin={"domain": "localhost", "protocol": "http", "port": 8000}),
        media_cdn(quick_shared_model(), authentication=signed(ED25519, f"A{ED25519[1:]}=")),
        cloud_cdn(authentication={"mode": "none"}),
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_without_a_domain_the_origin_is_where_the_gateway_url_says() -> None:
    document = media_cdn(origin={"domain": None}) | {"gatewayUrl": "https://Kong.example.com:8443"}
    origin = parsed(document).edge.origin
    assert (origin.domain, origin.protocol, origin.port) == ("kong.example.com", "https", 8443)


def test_a_misspelt_provider_is_told_alone() -> None:
    document = google_stack("media_cdn", priceClass="PriceClass_All", origin={"port": 22})
    assert problems(document) == ['edge.provider = "media_cdn": must be none, cloudfront, media-cdn or cloud-cdn']


@pytest.mark.parametrize("secret_sections", [frozenset(), frozenset({"edge"})])
def test_a_secret_where_its_name_belongs_is_not_shown(secret_sections: frozenset[str]) -> None:
    secret = "only-for-these-tests-0123456789-abcdef"
    document = media_cdn(quick_shared_model(), authentication={
        "mode": "signed-url", "sharedKeySecretVersions": [secret],
    })  # fmt: skip
    (problem,) = problems(document, secret_sections=secret_sections)
    assert problem == (
        "edge.authentication.sharedKeySecretVersions[0] = [secret]: must be the name of a version in Secret Manager, "
        "such as projects/shop/secrets/edge/versions/1, never the secret itself"
    )
