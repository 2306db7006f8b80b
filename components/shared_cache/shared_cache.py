"""SharedCache: the Redis or Valkey server in which all nodes of the gateway keep their answers."""

from typing import Any, Optional

import pulumi

from ..camel_case import camel_case
from . import arguments as defaults
from .arguments import SharedCacheArgs
from .checks import check_arguments, checked
from .existing import existing_server
from .server import Server


class SharedCache(pulumi.ComponentResource):
    """A Redis or Valkey server: one that exists, or one that is made in the gateway's network.

        cache = SharedCache("cache", {"elasticache": {"vpc_id": "vpc-0a", "subnet_ids": ["subnet-0a", "subnet-0b"],
                                                      "gateway_security_group_ids": ["sg-0a"]}})
        # the gateway: cache.host, cache.port, cache.username, cache.password

    `elasticache` lets in the gateway's security groups alone, by TLS and a user who may do no more than what the
    gateway does, on entries with the key prefix. `memorystore` is a Memorystore for Redis with TLS and a password: a
    Memorystore for Valkey asks nobody, or for tokens, of which those of IAM expire within the hour and the basic ones
    cannot be made by the provider. It has a certificate authority of its own, which the gateway must be given
    (`ca_certificates`). Every answer can be asked for again, so there are no backups by default. Raises ArgumentError
    when a known argument is wrong.
    """

    TYPE = "inference-edge:index:SharedCache"

    host: pulumi.Output[str]
    """The server's host name or address."""
    port: pulumi.Output[int]
    """The server's port."""
    tls: pulumi.Output[bool]
    """Whether it speaks TLS."""
    username: pulumi.Output[str]
    """Who the gateway is there; empty for the server's default user."""
    password: pulumi.Output[str]
    """The gateway's password, a secret; empty without one."""
    database: pulumi.Output[int]
    """The logical database."""
    ca_certificates: pulumi.Output[list[str]]
    """PEM certificates that lua_ssl_trusted_certificate of the gateway needs besides the public ones."""

    def __init__(self, name: str, args: SharedCacheArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        provider = check_arguments(name, args)
        super().__init__(self.TYPE, name, camel_case(_kept_secret(args)), opts)
        self.server = self._server(name, provider, args)
        nothing = pulumi.Output.from_input("")

        self.host, self.port = self.server.host, self.server.port
        self.tls = pulumi.Output.from_input(self.server.tls)
        self.username = self.server.username or nothing
        self.password = pulumi.Output.secret(self.server.password or nothing)
        self.database = self.server.database or pulumi.Output.from_input(0)
        self.ca_certificates = self.server.ca_certificates or pulumi.Output.from_input([])
        self.register_outputs(
            {
                "host": self.host,
                "port": self.port,
                "tls": self.tls,
                "username": self.username,
                "password": self.password,
                "database": self.database,
                "caCertificates": self.ca_certificates,
            }
        )

    def _server(self, name: str, provider: str, args: Any) -> Server:
        if provider == "existing":
            return existing_server(args["existing"])
        opts = pulumi.ResourceOptions(parent=self)
        timeout_seconds = float(args.get("timeout_seconds") or defaults.TIMEOUT_SECONDS)
        protect = bool(args.get("protect"))
        if provider == "elasticache":
            from .elasticache import ANY_ENTRY, elasticache_server, own_entries

            prefix = checked("key_prefix", args.get("key_prefix"), defaults.KEY_PREFIX)
            rights = pulumi.Output.from_input(ANY_ENTRY) if args.get("enterprise") else prefix.apply(own_entries)
            return elasticache_server(name, args["elasticache"], rights, timeout_seconds, protect, opts)
        from .memorystore import memorystore_server

        return memorystore_server(name, args["memorystore"], timeout_seconds, protect, opts)


def _kept_secret(args: SharedCacheArgs) -> Any:
    """The arguments as state and policies may have them."""
    existing = args.get("existing")
    if existing is None or existing.get("password") is None:
        return args
    return {**args, "existing": {**existing, "password": pulumi.Output.secret(existing["password"])}}
