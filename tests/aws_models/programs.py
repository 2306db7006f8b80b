"""Programs that together register every AWS resource of the components, with everything on and with the minimum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from components.edge import AuthenticationMode, CloudFrontEdgeArgs, OriginSecret, limits
from components.edge.cloudfront import CloudFrontEdge
from components.origin import SageMakerOriginArgs
from components.origin.sagemaker import SageMakerOrigin
from components.shared_cache.arguments import ElastiCacheArgs, SharedCacheArgs
from components.shared_cache.shared_cache import SharedCache
from local.engine import EmbeddedEngine
from tests.aws_models.registered import Registered, aws_resources

_TOKEN = "0123456789abcdef0123456789abcdef"
_CERTIFICATE = "arn:aws:acm:{}:000000000000:certificate/12345678-1234-1234-1234-123456789012"
_NETWORK: ElastiCacheArgs = {
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-1123456789abcdef0"],
    "gateway_security_group_ids": ["sg-0123456789abcdef0"],
}
_CONFIG = {"aws:allowedAccountIds": ["000000000000"], "aws:region": "eu-west-1"}


def edge_with_the_minimum() -> None:
    """One model, nothing shareable, the options switched off."""
    _edge(
        {
            "routes": [{"model": "digits", "path": "/predict", "shareable": False}],
            "origin": {"domain": "kong.example.com"},
            "firewall": {"enabled": False},
            "logs": {"enabled": False},
            "alarms": {"enabled": False},
        }
    )


def edge_with_everything() -> None:
    """Own host names, signed URLs, private gateway, every option."""
    _edge(
        {
            "routes": [
                {
                    "model": "digits",
                    "path": "/digits",
                    "shareable": True,
                    "version_token": _TOKEN,
                    "ttl_seconds": 300,
                    "key_headers": ["x-locale"],
                    "cors": {"origins": ["https://app.example.com"], "max_age_seconds": 600},
                    "timeout_seconds": 65.0,
                },
                {
                    "model": "prices",
                    "path": "/prices",
                    "shareable": True,
                    "version_token": _TOKEN[::-1],
                    "ttl_seconds": 60,
                },
                {"model": "words", "path": "/words", "shareable": False},
            ],
            "origin": {
                "domain": "kong.internal.example.com",
                "vpc": {
                    "arn": "arn:aws:elasticloadbalancing:eu-west-1:000000000000:loadbalancer/app/kong/50dc6c495c0c9188"
                },
                "shield_region": "eu-west-1",
            },
            "aliases": ["predict.example.com", "*.predict.example.com"],
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
            "geo_restriction": {"allow": ["DE", "FR"]},
            "authentication": {"mode": AuthenticationMode.SIGNED_URL, "public_keys": [_public_key(), _public_key()]},
            "firewall": {"enabled": True, "logging": True},
            "logs": {"enabled": True, "retention_days": 30},
            "alarms": {"enabled": True, "topic_arn": "arn:aws:sns:us-east-1:000000000000:edge"},
            "protect": False,
            "wait_for_deployment": False,
        }
    )


def edge_in_other_ways() -> None:
    """A given certificate and bucket, a public gateway that asks for a client certificate, staged, JWT."""
    _edge(
        {
            "routes": [
                {
                    "model": "digits",
                    "path": "/digits",
                    "shareable": True,
                    "version_token": _TOKEN,
                    "ttl_seconds": 300,
                    "cors": {"origins": ["*"]},
                    "timeout_seconds": 25.0,
                }
            ],
            "origin": {
                "domain": "kong.example.com",
                "port": 8443,
                "client_certificate_arn": _CERTIFICATE.format("us-east-1"),
                "read_timeout_seconds": 30,
            },
            "aliases": ["predict.example.com"],
            "certificate_arn": _CERTIFICATE.format("us-east-1"),
            "geo_restriction": {"deny": ["AQ"]},
            "continuous_deployment_policy_id": "12345678-1234-1234-1234-123456789012",
            "authentication": {
                "mode": AuthenticationMode.JWT,
                "secrets": ["a" * 32, "b" * 32],
                "issuer": "shop",
                "audience": "edge",
            },
            "logs": {"bucket_arn": "arn:aws:s3:::edge-logs"},
            "price_class": "PriceClass_All",
        }
    )


def edge_at_its_limits() -> None:
    """As many routes, key headers and public keys as there may be, the longest lifetime and time-out."""
    headers = [f"x-part-{number}" for number in range(limits.MAX_KEY_HEADERS)]
    _edge(
        {
            "routes": [
                {
                    "model": f"model-{number}",
                    "path": f"/{number}",
                    "shareable": True,
                    "version_token": _TOKEN,
                    "ttl_seconds": limits.MAX_TTL_SECONDS,
                    "key_headers": headers if number == 0 else [],
                    "cors": {"origins": ["http://localhost:3000"], "max_age_seconds": 0},
                }
                for number in range(limits.MAX_SHAREABLE_ROUTES)
            ],
            "origin": {"domain": "localhost", "port": 8000, "protocol": "http", "read_timeout_seconds": 120},
            "authentication": {
                "mode": AuthenticationMode.SIGNED_URL,
                "public_keys": [_public_key() for _ in range(limits.MAX_PUBLIC_KEYS)],
            },
            "firewall": {"rate_limit_per_5_minutes": limits.MIN_RATE_LIMIT_REQUESTS, "logging": False},
            "alarms": {"minimum_hit_ratio_percent": 0.5, "error_rate_percent": 0.5, "origin_latency_ms": 1},
        }
    )


def origin_with_the_minimum() -> None:
    """An existing endpoint."""
    _origin({"endpoint_arn": "arn:aws:sagemaker:eu-west-1:000000000000:endpoint/digits", "logs": {"enabled": False}})


def origin_with_everything() -> None:
    """An endpoint of our own, a variant, a domain, every option."""
    _origin(
        {
            "endpoint": {
                "config_name": "digits-7",
                "deployment": {"canary_percent": 10, "bake_seconds": 60, "rollback_alarms": ["digits-errors"]},
            },
            "target_variant": "blue",
            "content_types": ["application/json", "text/csv"],
            "timeout_seconds": 60,
            "throttle": {"rate_per_second": 12.5, "burst": 20},
            "quota_per_day": 100_000,
            "tracing": True,
            "logs": {"retention_days": 14},
            "custom_domain": {
                "name": "models.example.com",
                "certificate_arn": _CERTIFICATE.format("eu-west-1"),
                "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
            },
        }
    )


def private_origin() -> None:
    """An API that only VPC endpoints reach."""
    _origin(
        {
            "endpoint_arn": "arn:aws:sagemaker:eu-west-1:000000000000:endpoint/digits",
            "private": {"vpc_endpoint_ids": ["vpce-0123456789abcdef0"]},
        }
    )


def shared_cache_with_the_minimum() -> None:
    """What ElastiCache cannot do without; no alarms."""
    _shared_cache({"elasticache": {**_NETWORK, "alarms": {"enabled": False}}})


def shared_cache_with_everything() -> None:
    """Every option, as much as there may be."""
    _shared_cache(
        {
            "elasticache": {
                **_NETWORK,
                "gateway_security_group_ids": [f"sg-{number:08x}" for number in range(50)],
                "max_gigabytes": 5_000,
                "max_ecpu_per_second": 15_000_000,
                "kms_key_arn": "arn:aws:kms:eu-west-1:000000000000:key/12345678-1234-1234-1234-123456789012",
                "snapshot_retention_days": 35,
                "alarms": {"topic_arn": "arn:aws:sns:eu-west-1:000000000000:alerts", "latency_ms": 5},
            },
            "key_prefix": "inference-edge:test",
        }
    )


def shared_cache_of_enterprise() -> None:
    """A user whose entries have no prefix."""
    _shared_cache({"elasticache": {**_NETWORK, "alarms": {"enabled": False}}, "enterprise": True})


PROGRAMS = (
    edge_with_the_minimum,
    edge_with_everything,
    edge_in_other_ways,
    edge_at_its_limits,
    origin_with_the_minimum,
    origin_with_everything,
    private_origin,
    shared_cache_with_the_minimum,
    shared_cache_with_everything,
    shared_cache_of_enterprise,
)


def registered_by(program: Any, folder: Path) -> list[Registered]:
    """Deploy a program on the embedded engine, for account 000000000000, and return what it registered at AWS."""
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "Pulumi.test.yaml").write_text("config: {}\n")
    engine = EmbeddedEngine(folder, "test", folder / ".state", config=_CONFIG, passphrase="", program=program)
    return aws_resources(engine.up().graph_with(show_secrets=True))


def _edge(args: dict[str, Any]) -> None:
    secret = OriginSecret("secret", {"rotation": 1})
    complete: Any = {**args, "origin_secret": secret.current}
    edge_args: CloudFrontEdgeArgs = complete
    CloudFrontEdge("edge", edge_args)


def _origin(args: SageMakerOriginArgs) -> None:
    origin = SageMakerOrigin("digits", args)
    pulumi.export("url", origin.url)


def _shared_cache(args: SharedCacheArgs) -> None:
    cache = SharedCache("edge-shared-cache", args)
    pulumi.export("host", cache.host)


def _public_key() -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()
