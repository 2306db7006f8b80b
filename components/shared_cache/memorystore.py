"""A Memorystore for Redis instance: TLS by a certificate authority of its own, and a password."""

import pulumi
from pulumi_gcp import redis

from ..edge.google.protection import deletion_policy
from . import arguments as defaults
from .arguments import MemorystoreArgs
from .checks import checked
from .memorystore_alarms import alarms
from .server import Server

REDIS_VERSION = "REDIS_7_2"


def memorystore_server(
    name: str, args: MemorystoreArgs, timeout_seconds: float, protect: bool, opts: pulumi.ResourceOptions
) -> Server:
    """The instance. Google encrypts what it keeps, and makes the password."""
    key = args.get("kms_key")
    instance = redis.Instance(
        f"{name}-redis",
        display_name="Predictions for Kong",
        region=checked("memorystore.region", args["region"]),
        authorized_network=checked("memorystore.network", args["network"]),
        connect_mode="PRIVATE_SERVICE_ACCESS",
        tier="STANDARD_HA" if args.get("highly_available", True) else "BASIC",
        memory_size_gb=checked("memorystore.memory_gigabytes", args.get("memory_gigabytes"), defaults.MEMORY_GIGABYTES),
        redis_version=REDIS_VERSION,
        redis_configs={"maxmemory-policy": "allkeys-lru"},
        auth_enabled=True,
        transit_encryption_mode="SERVER_AUTHENTICATION",
        customer_managed_key=None if key is None else checked("memorystore.kms_key", key),
        deletion_protection=protect,
        deletion_policy=deletion_policy(protect),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=protect or None)),
    )
    watch = args.get("alarms") or {}
    if watch.get("enabled", True):
        alarms(name, watch, instance.id, timeout_seconds, opts)
    return Server(
        host=instance.host,
        port=instance.port.apply(int),
        tls=True,
        password=pulumi.Output.secret(instance.auth_string),
        ca_certificates=instance.server_ca_certs.apply(lambda found: [str(one["cert"]) for one in found]),
    )
