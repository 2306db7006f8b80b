"""Arguments of a SharedCache: the least of each provider, and everything."""

from __future__ import annotations

from typing import Any

PASSWORD = "for-this-test-only"
VPC, SUBNETS, GROUP = "vpc-0123abcd", ["subnet-0123abcd", "subnet-1123abcd"], "sg-0123abcd"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f-1"
REGION, NETWORK = "europe-west3", "projects/shop/global/networks/kong"
CRYPTO_KEY = "projects/shop/locations/europe-west3/keyRings/cache/cryptoKeys/answers"
CHANNEL = "projects/shop/notificationChannels/1"


def existing(**changes: Any) -> Any:
    """A server that exists, with some of its arguments changed."""
    return {"existing": {"host": "cache.test", **changes}}


def elasticache(**changes: Any) -> Any:
    """ElastiCache with the least that it needs, and some arguments changed."""
    return {
        "elasticache": {"vpc_id": VPC, "subnet_ids": SUBNETS, "gateway_security_group_ids": [GROUP], **changes},
    }


def memorystore(**changes: Any) -> Any:
    """Memorystore with the least that it needs, and some arguments changed."""
    return {"memorystore": {"region": REGION, "network": NETWORK, **changes}}


def full_elasticache(**changes: Any) -> Any:
    """ElastiCache with every argument, none of them at its default."""
    return {
        **elasticache(
            gateway_security_group_ids=[GROUP, "sg-1123abcd"],
            max_gigabytes=50,
            max_ecpu_per_second=100_000,
            kms_key_arn=KMS_KEY,
            snapshot_retention_days=3,
            alarms={"enabled": True, "topic_arn": TOPIC, "memory_percent": 70.5, "latency_ms": 4},
            **changes,
        ),
        "key_prefix": "shop:test",
        "timeout_seconds": 0.25,
        "retry_seconds": 10,
        "protect": True,
    }


def full_memorystore(**changes: Any) -> Any:
    """Memorystore with every argument, none of them at its default."""
    return {
        **memorystore(
            memory_gigabytes=5,
            highly_available=False,
            kms_key=CRYPTO_KEY,
            alarms={"enabled": True, "notification_channels": [CHANNEL], "memory_percent": 70.5, "latency_ms": 4},
            **changes,
        ),
        "timeout_seconds": 0.25,
        "retry_seconds": 10,
        "protect": True,
    }
