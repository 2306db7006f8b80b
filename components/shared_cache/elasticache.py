"""An ElastiCache Serverless cache for Valkey, which lets in the gateway alone."""

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from . import arguments as defaults
from . import limits
from .arguments import ElastiCacheArgs
from .checks import checked
from .elasticache_alarms import alarms
from .names import physical_id
from .server import Server

ENGINE = "valkey"
MAJOR_ENGINE_VERSION = "8"
USER_NAME = "inference-edge"
COMMANDS = ("get", "set", "pttl", "pexpire", "del", "unlink", "scan", "ping", "cluster|slots")  # AUTH is always allowed
# Kong Enterprise's plugin names its entries by digests alone; the cache is this stack's own.
ANY_ENTRY = "on ~* -@all +@read +@write +@connection +cluster|slots -@dangerous"
_PASSWORD_LENGTH = 64  # letters and digits: 381 bits; a password has 16 to 128


def elasticache_server(
    name: str,
    args: ElastiCacheArgs,
    access_string: pulumi.Output[str],
    timeout_seconds: float,
    protect: bool,
    opts: pulumi.ResourceOptions,
) -> Server:
    """The cache, its only user and the way to it. A serverless cache is always encrypted, on disk and on the wire."""
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=protect or None))
    password = random.RandomPassword(f"{name}-password", length=_PASSWORD_LENGTH, special=False, opts=opts)
    group = _user_group(name, access_string, password.result, opts)
    gigabytes = checked("elasticache.max_gigabytes", args.get("max_gigabytes"), defaults.MAX_GIGABYTES)
    ecpu = checked("elasticache.max_ecpu_per_second", args.get("max_ecpu_per_second"), defaults.MAX_ECPU_PER_SECOND)
    days = checked("elasticache.snapshot_retention_days", args.get("snapshot_retention_days"), 0)
    key = args.get("kms_key_arn")
    cache = aws.elasticache.ServerlessCache(
        f"{name}-cache",
        engine=ENGINE,
        major_engine_version=MAJOR_ENGINE_VERSION,
        description="Predictions for Kong",
        cache_usage_limits={
            "data_storage": {"maximum": gigabytes, "unit": "GB"},
            "ecpu_per_seconds": [{"maximum": ecpu}],
        },
        kms_key_id=None if key is None else checked("elasticache.kms_key_arn", key),
        security_group_ids=[_security_group(name, args, opts).id],
        snapshot_retention_limit=days,
        subnet_ids=checked("elasticache.subnet_ids", args["subnet_ids"]),
        user_group_id=group.user_group_id,
        opts=kept,
    )
    watch = args.get("alarms") or {}
    if watch.get("enabled", True):
        alarms(name, watch, cache.name, gigabytes, timeout_seconds, opts)
    endpoint = cache.endpoints[0]
    return Server(
        host=endpoint.address,
        port=endpoint.port.apply(int),
        tls=True,
        username=pulumi.Output.from_input(USER_NAME),
        password=pulumi.Output.secret(password.result),
    )


def own_entries(key_prefix: str) -> str:
    """The access string of a gateway that may do what its functions do, on entries with its prefix."""
    return f"on ~{key_prefix}:* -@all {' '.join(f'+{command}' for command in COMMANDS)}"


def _user_group(
    name: str, access_string: pulumi.Output[str], password: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> aws.elasticache.UserGroup:
    """One user. A group for Valkey needs no default user, so nobody gets in without the password."""
    user = aws.elasticache.User(
        f"{name}-user",
        user_id=physical_id(f"{name}-user"),
        user_name=USER_NAME,
        engine=ENGINE,
        access_string=access_string,
        passwords=[pulumi.Output.secret(password)],
        opts=opts,
    )
    return aws.elasticache.UserGroup(
        f"{name}-users",
        user_group_id=physical_id(f"{name}-users"),
        engine=ENGINE,
        user_ids=[user.user_id],
        opts=opts,
    )


def _security_group(name: str, args: ElastiCacheArgs, opts: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
    """Connections from the gateway's security groups, and none to anywhere."""
    first, last = limits.PORTS
    return aws.ec2.SecurityGroup(
        f"{name}-firewall",
        description="Kong to its shared cache",
        vpc_id=checked("elasticache.vpc_id", args["vpc_id"]),
        ingress=[
            {
                "description": "Kong",
                "protocol": "tcp",
                "from_port": first,
                "to_port": last,
                "security_groups": checked(
                    "elasticache.gateway_security_group_ids", args["gateway_security_group_ids"]
                ),
            }
        ],
        opts=opts,
    )
