"""TLS between callers and an edge."""

import pulumi
from pulumi_gcp import compute

from .arguments import MINIMUM_TLS, TLS_PROFILE
from .protection import deletion_policy


def ssl_policy(name: str, protect: bool, opts: pulumi.ResourceOptions) -> compute.SSLPolicy:
    """TLS 1.2 at least; without a policy of its own an edge takes TLS 1.0."""
    return compute.SSLPolicy(
        f"{name}-tls",
        description=f"{name}: how callers connect",
        min_tls_version=MINIMUM_TLS,
        profile=TLS_PROFILE,
        deletion_policy=deletion_policy(protect),
        opts=opts,
    )
