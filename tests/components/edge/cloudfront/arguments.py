"""Arguments for the edge's components: the least, and everything."""

from __future__ import annotations

from typing import Any

TOKEN = "0123456789abcdef0123456789abcdef"
OTHER_TOKEN = "fedcba9876543210fedcba9876543210"
ORIGIN_SECRET = "origin-secret-of-the-tests-0123456789"
JWT_SECRETS = ["first-jwt-secret-of-the-tests-0123456789", "second-jwt-secret-of-the-tests-9876543210"]
BUCKET = "arn:aws:s3:::logs-of-the-tests"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"
LOAD_BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/kong/1"
TOPIC = "arn:aws:sns:us-east-1:111122223333:edge"


def public_key(body: str = "MIIB") -> str:
    """A text that looks like a PEM public key."""
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----"


def shareable_route(**more: Any) -> Any:
    """A route whose GET is kept at the edge."""
    return {
        "model": "digits",
        "path": "/digits/predict",
        "shareable": True,
        "version_token": TOKEN,
        "ttl_seconds": 300,
        **more,
    }


def private_route(**more: Any) -> Any:
    """A route that the edge only passes on."""
    return {"model": "words", "path": "/words/predict", "shareable": False, **more}


def minimal_args(**more: Any) -> Any:
    """What a CloudFrontEdge cannot do without."""
    return {
        "routes": [shareable_route()],
        "origin": {"domain": "kong.test"},
        "origin_secret": ORIGIN_SECRET,
        **more,
    }


def bare_args(**more: Any) -> Any:
    """Just the distribution: nothing to watch it or to protect it."""
    off = {"enabled": False}
    return minimal_args(firewall=off, logs=off, alarms=off, **more)


def full_args(**more: Any) -> Any:
    """Everything that can be used together, none of it at its default."""
    cors = {"origins": ["https://app.test"], "max_age_seconds": 30}
    return {
        "routes": [
            shareable_route(key_headers=["x-tenant", "prefer"], cors=cors, timeout_seconds=20.5),
            shareable_route(
                model="vectors",
                path="/v1/vectors.json",
                version_token=OTHER_TOKEN,
                ttl_seconds=86_400,
                cors=cors,
                timeout_seconds=30,
            ),
            private_route(cors={"origins": ["*"]}, timeout_seconds=40),
        ],
        "origin": {
            "domain": "kong.test",
            "port": 8443,
            "protocol": "https",
            "vpc": {"arn": LOAD_BALANCER, "name": "kong"},
            "shield_region": "eu-west-1",
            "read_timeout_seconds": 50,
        },
        "origin_secret": ORIGIN_SECRET,
        "aliases": ["predict.test.com", "*.predict.test.com"],
        "hosted_zone_id": "Z123",
        "price_class": "PriceClass_All",
        "http_version": "http2",
        "geo_restriction": {"deny": ["FR", "DE"]},
        "continuous_deployment_policy_id": "policy-1",
        "authentication": {"mode": "signed-url", "public_keys": [public_key(), public_key("MIIC")]},
        "firewall": {"enabled": True, "rate_limit_per_5_minutes": 500, "logging": True},
        "logs": {"enabled": True, "retention_days": 7},
        "alarms": {
            "enabled": True,
            "topic_arn": TOPIC,
            "minimum_hit_ratio_percent": 40,
            "minimum_requests": 50,
            "origin_latency_ms": 700,
            "error_rate_percent": 2.5,
        },
        "protect": True,
        "wait_for_deployment": False,
        **more,
    }


def jwt_args(**more: Any) -> Any:
    """Bearer tokens at the edge."""
    return minimal_args(
        authentication={"mode": "jwt", "secrets": JWT_SECRETS, "issuer": "https://id.test", "audience": "predictions"},
        **more,
    )
