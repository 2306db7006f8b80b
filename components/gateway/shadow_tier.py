"""ShadowTier: the way by which a node of the gateway asks a model again, past every cache."""

from typing import Optional, TypedDict

import pulumi
import pulumi_random as random

from .. import lua, naming
from ..pool.functions import Balancing
from ..prediction_key import KeySettings, header_lock_phases, post_function_phases
from ..verification.phases import SHADOW_HEADER, shadow_phases
from . import plugins
from .arguments import KongCachedRouteArgs
from .balancing import with_balancing
from .functions import Headers
from .service_plugins import ServicePlugins
from .services import exact_route, model_service

PATH_PREFIX = "/-/shadow/"
_SECRET_LENGTH = 48  # letters and digits: 285 bits


class ShadowTierArgs(TypedDict):
    route: KongCachedRouteArgs
    """The cached route."""
    settings: pulumi.Output[KeySettings]
    """What the key is made of."""
    upstream_headers: Optional[pulumi.Output[Headers]]
    """What Kong adds towards the model, a secret."""
    balancing: Optional[pulumi.Output[Balancing]]
    """How requests find a target of the model's pool."""


class ShadowTier(pulumi.ComponentResource):
    """A service and a route to the model that only the gateway's own nodes can use: no cache, no rate limit.

        tier = ShadowTier("digits-shadow", {"route": args, "settings": settings, "upstream_headers": None,
                                            "balancing": None})
        tier.path, tier.secret   # for Verification

    Each node asks itself there, so that pools, credentials and time-outs are those of every other request.
    """

    TYPE = "inference-edge:index:ShadowTier"

    path: pulumi.Output[str]
    """The exact path on every node."""
    secret: pulumi.Output[str]
    """What lets a node in, a secret."""

    def __init__(self, name: str, args: ShadowTierArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        route = args["route"]
        super().__init__(self.TYPE, name, {"model": route["model"]}, opts)
        kong_name = f"{naming.kong_name(route['model'])}_shadow"  # the name of no model
        path = f"{PATH_PREFIX}{naming.kong_name(route['model'])}"  # other stacks on this Kong have their own
        tags = naming.model_tags(route["model"])
        made = random.RandomPassword(
            f"{name}-secret", length=_SECRET_LENGTH, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        secret = pulumi.Output.secret(made.result)
        child = pulumi.ResourceOptions(parent=self)
        service = model_service(f"{name}-service", kong_name, route, tags, child)
        on_service = ServicePlugins(name, service, tags, parent=self)
        lock = secret.apply(lambda known: plugins.function(header_lock_phases(SHADOW_HEADER, known)))
        locked = on_service.add("pre-function", pulumi.Output.secret(lock), secret=True)
        known = [args[name] for name in ("settings", "upstream_headers", "balancing")]
        after = pulumi.Output.all(*known).apply(
            lambda known: plugins.function(
                with_balancing(lua.merged(shadow_phases(known[0]), post_function_phases(None, "", known[1])), known[2])
            )
        )
        on_service.add("post-function", pulumi.Output.secret(after), [locked], secret=True)
        opts = pulumi.ResourceOptions(parent=self, depends_on=on_service.made)
        exact_route(f"{name}-route", kong_name, service, path, ["POST"], tags=tags, opts=opts)
        self.path = pulumi.Output.from_input(path)
        self.secret = secret
        self.register_outputs({"path": self.path, "secret": self.secret})
