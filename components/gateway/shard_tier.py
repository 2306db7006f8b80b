"""ShardTier: the part of a cached route that every node of the gateway has for its share of the answers."""

from typing import Any, Optional, TypedDict

import pulumi
import pulumi_kong as kong
import pulumi_random as random

from .. import lua, naming
from ..lua import Phases
from ..pool.functions import Balancing
from ..prediction_key import KEY_HEADER, SHARD_HEADER, KeySettings, header_lock_phases, shard_phases
from . import plugins
from .arguments import KongCachedRouteArgs
from .balancing import streams, with_balancing
from .functions import Headers
from .service_plugins import ServicePlugins
from .services import exact_route, model_service

PATH_PREFIX = "/-/shards/"
_SECRET_LENGTH = 48  # letters and digits: 285 bits
_SLOTS = 65_536  # of the ring; Kong gives each node 160 of them
_REFUSED = 403  # what the lock answers a health check with: the node is there, and has this model


class ShardTierArgs(TypedDict):
    route: KongCachedRouteArgs
    """The cached route; its `shards` are the nodes."""
    settings: pulumi.Output[KeySettings]
    """What the key is made of."""
    key_secret: pulumi.Output[str]
    """The key's secret."""
    upstream_headers: Optional[pulumi.Output[Headers]]
    """What Kong adds towards the model, a secret."""
    balancing: Optional[pulumi.Output[Balancing]]
    """How requests find a target of the model's pool."""
    verification: Optional[pulumi.Output[Phases]]
    """What verifies the answers that are kept, a secret."""


class ShardTier(pulumi.ComponentResource):
    """A service and a route that only the gateway's nodes can use, and an upstream that finds a key's node.

        tier = ShardTier("digits-shards", {"route": args, "settings": settings, "key_secret": secret,
                                           "upstream_headers": None})
        kong.Service(..., host=tier.upstream, path=tier.path)

    All nodes have all of it: one cluster, one configuration. A node that breaks or refuses a connection is left out at
    once, one that is silent after seconds, and it comes back when the shard's lock answers on it again. Time-outs of
    the model are nobody's fault here.
    """

    TYPE = "inference-edge:index:ShardTier"

    upstream: pulumi.Output[str]
    """The host name that stands for the nodes."""
    path: pulumi.Output[str]
    """The shard's path on every node."""
    secret: pulumi.Output[str]
    """What lets the nodes in, a secret."""

    def __init__(self, name: str, args: ShardTierArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        route = args["route"]
        nodes = route.get("shards") or []
        super().__init__(self.TYPE, name, {"model": route["model"], "nodes": nodes}, opts)
        self._name, self._args = name, args
        self._kong_name = f"{naming.kong_name(route['model'])}_shards"  # the name of no model and no public host
        self._tags = naming.model_tags(route["model"])
        self._path = f"{PATH_PREFIX}{naming.kong_name(route['model'])}"  # other stacks on this Kong have their own

        made = random.RandomPassword(
            f"{name}-secret", length=_SECRET_LENGTH, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        secret = pulumi.Output.secret(made.result)
        upstream = self._upstream(nodes, self._shard(secret))

        self.upstream = upstream.name
        self.path = pulumi.Output.from_input(self._path)
        self.secret = secret
        self.register_outputs({"upstream": self.upstream, "path": self.path, "secret": self.secret})

    def _shard(self, secret: pulumi.Output[str]) -> kong.Route:
        args, child = self._args, pulumi.ResourceOptions(parent=self)
        service = model_service(f"{self._name}-service", self._kong_name, args["route"], self._tags, child)
        on_service = ServicePlugins(self._name, service, self._tags, parent=self)
        lock = secret.apply(lambda known: plugins.function(header_lock_phases(SHARD_HEADER, known)))
        locked = on_service.add("pre-function", pulumi.Output.secret(lock), secret=True)
        known = [args[name] for name in ("verification", "balancing", "settings", "key_secret", "upstream_headers")]
        phases = pulumi.Output.all(*known).apply(
            lambda known: plugins.function(
                with_balancing(lua.merged(shard_phases(*known[2:]), known[0] or {}), known[1])
            )
        )
        on_service.add("post-function", pulumi.Output.secret(phases), [locked], secret=True)
        on_service.add("prometheus", plugins.prometheus())  # a hit has source "kong" here alone
        return exact_route(
            f"{self._name}-route",
            self._kong_name,
            service,
            self._path,
            ["POST", "PUT", "OPTIONS", "GET"],  # PUT: a question that may be asked again; GET: health checks
            streams=streams(args["route"]),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=on_service.made),
        )

    def _upstream(self, nodes: list[str], route: kong.Route) -> kong.Upstream:
        """After the route, without which a health check finds no shard."""
        upstream = kong.Upstream(
            f"{self._name}-upstream",
            name=self._kong_name,
            hash_on="header",
            hash_on_header=KEY_HEADER,
            hash_fallback="none",
            slots=_SLOTS,
            healthchecks=self._health_checks(),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[route]),
        )
        for node in nodes:
            kong.Target(
                f"{self._name}-node-{node.replace(':', '-')}",
                upstream_id=upstream.id,
                target=node,
                weight=100,
                tags=self._tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
        return upstream

    def _health_checks(self) -> Any:
        return {
            "active": {
                "type": "http",  # Kong runs those of type tcp for streams alone
                "http_path": self._path,
                "timeout": 1,
                "concurrency": 10,
                "https_verify_certificate": True,
                "healthy": {"interval": 3, "successes": 1, "http_statuses": [_REFUSED]},
                "unhealthy": {
                    "interval": 1,
                    "tcp_failures": 1,
                    "timeouts": 1,
                    "http_failures": 1,
                    "http_statuses": [404, 500, 502, 503, 504],
                },
            },
            "passive": {
                "type": "http",
                "healthy": {"successes": 0, "http_statuses": [200]},
                "unhealthy": {"tcp_failures": 1, "timeouts": 0, "http_failures": 0, "http_statuses": [500]},
            },
        }
