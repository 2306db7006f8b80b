"""Arguments for SageMakerOrigin: the least, and everything."""

from __future__ import annotations

from typing import Any

from tests.components.origin.aws_stack import CERTIFICATE_ARN, ENDPOINT_ARN


def minimal(**more: Any) -> Any:
    """What a SageMakerOrigin cannot do without."""
    return {"endpoint_arn": ENDPOINT_ARN, **more}


def made(**more: Any) -> Any:
    """A SageMakerOrigin that makes its endpoint."""
    return {"endpoint": {"config_name": "digits-2025-11"}, **more}


def full(**more: Any) -> Any:
    """A SageMakerOrigin with everything that goes together, none of it at its default."""
    return {
        "endpoint": {
            "config_name": "digits-2025-11",
            "name": "Digits",
            "deployment": {
                "canary_percent": 10,
                "bake_seconds": 300,
                "termination_wait_seconds": 600,
                "rollback_alarms": ["digits-errors", "digits-latency"],
            },
        },
        "target_variant": "blue",
        "content_types": ["application/json", "text/csv"],
        "timeout_seconds": 12.5,
        "throttle": {"rate_per_second": 7.5, "burst": 20},
        "quota_per_day": 10_000,
        "tracing": True,
        "logs": {"retention_days": 90},
        "custom_domain": {
            "name": "models.example.com",
            "certificate_arn": CERTIFICATE_ARN,
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        },
        **more,
    }


def private(**more: Any) -> Any:
    """A SageMakerOrigin that only two VPC endpoints reach."""
    return minimal(private={"vpc_endpoint_ids": ["vpce-0a1b2c3d", "vpce-4e5f6071"]}, **more)
