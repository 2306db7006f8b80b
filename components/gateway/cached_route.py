"""KongCachedRoute: one model behind Kong, with a cache that never gives one question another question's answer."""

from typing import Optional

import pulumi
import pulumi_kong as kong
import pulumi_random as random

from .. import lua, naming, validation
from ..lua import Phases
from ..prediction_key import KEY_HEADER, KeySettings, pre_function_phases, to_shard_phases
from . import plugins
from .arguments import AccessArgs, AccessMode, CacheArgs, KongCachedRouteArgs
from .balancing import balancing_of, streams
from .cache_plugin import ADVANCED, cache_plugin, cache_plugin_config
from .checks import COMPONENT, check_arguments
from .functions import (
    cache_value,
    edge_access,
    endpoint_url,
    key_settings,
    own_store,
    upstream_headers,
    version_token,
    with_upstream_headers,
)
from .guards import access_mode, add_guards, keyed_credentials
from .monitoring import after_functions, metrics_of, verification_of
from .properties import properties
from .service_plugins import ServicePlugins
from .services import entry_service, exact_route, model_service
from .shadow_tier import ShadowTier
from .shard_tier import ShardTier, ShardTierArgs


class KongCachedRoute(pulumi.ComponentResource):
    """A Kong service, its plugins and one route, in front of an inference endpoint.

        route = KongCachedRoute("digits", {"model": "digits", "version": "1", "endpoint": "http://model:8080/invocations"})
        pulumi.export("path", route.path)

    Plugins hang on the service and the route is made last and deleted first: no request gets through before
    authentication and the key are in place. proxy-cache is made after the function plugins that it relies on.
    With `shards`, a ShardTier keeps the answers and the service in front of it calls the node that has a key's.
    A change of `hosts` replaces the route (the provider cannot empty a list), which also empties its cache.
    Raises ArgumentError when a known argument is wrong.
    """

    TYPE = "inference-edge:index:KongCachedRoute"

    service_id: pulumi.Output[str]
    """Kong's id of the service."""
    route_id: pulumi.Output[str]
    """Kong's id of the route."""
    cache_plugin_id: pulumi.Output[str]
    """Kong's id of the plugin that keeps the answers; empty without one."""
    path: pulumi.Output[str]
    """The exact path on the gateway."""
    acl_group: pulumi.Output[str]
    """The ACL group whose consumers may call the model; empty unless access is key-auth."""
    key_header: pulumi.Output[str]
    """The internal header that carries the key from pre-function to proxy-cache."""
    key_generation: pulumi.Output[int]
    """The generation in the key."""
    model_version: pulumi.Output[str]
    """The model's version in the key."""
    version_token: pulumi.Output[str]
    """The X-Model-Version with which a shared cache asks for this version; empty unless answers are shareable."""

    def __init__(self, name: str, args: KongCachedRouteArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(args)
        super().__init__(self.TYPE, name, properties(args), opts)
        self._name, self._args = name, args
        self._cache: CacheArgs = args.get("cache") or {}
        self._access: AccessArgs = args.get("access") or {}
        self._store, self._balancing = own_store(args), balancing_of(args)
        self._kong_name = naming.kong_name(args["model"])
        self._tags = naming.model_tags(args["model"])

        cached = self._cache.get("enabled", True)
        sharded = cached and args.get("shards") is not None
        # Names of their own, so that no guard is missing while a route goes from one kind of service to the other.
        self._prefix = f"{name}-entry" if sharded else name
        self._methods = ["POST", "GET"] if cached and self._cache.get("get_twin", True) else ["POST"]

        settings, keyed, secret = None, None, pulumi.Output.from_input("")
        if cached:
            settings, secret = key_settings(args, keyed_credentials(self._access)), self._key_secret()
            keyed = with_upstream_headers(settings, upstream_headers(args))
        verification = self._verification(keyed, name) if keyed else None
        tier = self._shard_tier(keyed, secret, verification) if keyed and sharded else None
        service = self._service(tier)
        on_service = ServicePlugins(self._prefix, service, self._tags, parent=self)
        add_guards(on_service, self._access, self._kong_name, self._methods, has_targets="pool" in args)
        self._functions(on_service, keyed, secret, tier, verification)
        cache = self._proxy_cache(on_service, settings) if settings and self._store is None else None
        self.version_token = pulumi.Output.from_input("")
        if keyed and self._cache.get("shareable"):
            self.version_token = version_token(keyed, secret)
        route = self._route(service, on_service.made)

        # Known once the plugins are there: another route to the service is no way around them.
        self.service_id = pulumi.Output.all(service.id, *(plugin.id for plugin in on_service.made)).apply(
            lambda known: known[0]
        )
        self.route_id = route.id
        self.cache_plugin_id = cache.id if cache else pulumi.Output.from_input("")
        self.path = self._path()
        self.acl_group = pulumi.Output.from_input(
            self._kong_name if access_mode(self._access) is AccessMode.KEY_AUTH else ""
        )
        self.key_header = pulumi.Output.from_input(KEY_HEADER)
        self.key_generation = pulumi.Output.from_input(cache_value(self._cache, "generation")).apply(int)
        self.model_version = pulumi.Output.from_input(args["version"])
        self.register_outputs(
            {
                "serviceId": self.service_id,
                "routeId": self.route_id,
                "cachePluginId": self.cache_plugin_id,
                "path": self.path,
                "aclGroup": self.acl_group,
                "keyHeader": self.key_header,
                "keyGeneration": self.key_generation,
                "modelVersion": self.model_version,
                "versionToken": self.version_token,
            }
        )

    def _verification(self, settings: pulumi.Output[KeySettings], name: str) -> Optional[pulumi.Output[Phases]]:
        if self._cache.get("verify") is None:
            return None
        tier = ShadowTier(
            f"{name}-shadow",
            {
                "route": self._args,
                "settings": settings,
                "upstream_headers": upstream_headers(self._args),
                "balancing": self._balancing,
            },
            pulumi.ResourceOptions(parent=self),
        )
        known = pulumi.Output.all(verification_of(self._args, tier.path), settings, tier.secret)
        return pulumi.Output.secret(known.apply(lambda known: known[0].phases(known[1], known[2])))

    def _shard_tier(
        self,
        settings: pulumi.Output[KeySettings],
        secret: pulumi.Output[str],
        verification: Optional[pulumi.Output[Phases]],
    ) -> ShardTier:
        tier: ShardTierArgs = {
            "route": self._args,
            "settings": settings,
            "key_secret": secret,
            "upstream_headers": upstream_headers(self._args),
            "balancing": self._balancing,
            "verification": verification,
        }
        return ShardTier(f"{self._name}-shards", tier, pulumi.ResourceOptions(parent=self))

    def _service(self, tier: Optional[ShardTier]) -> kong.Service:
        if tier is None:
            child = pulumi.ResourceOptions(parent=self)
            return model_service(f"{self._prefix}-service", self._kong_name, self._args, self._tags, child)
        return entry_service(
            f"{self._prefix}-service",
            f"{self._kong_name}_entry",
            self._args,
            upstream=tier.upstream,
            path=tier.path,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[tier]),
        )

    def _functions(
        self,
        on_service: ServicePlugins,
        settings: Optional[pulumi.Output[KeySettings]],
        secret: pulumi.Output[str],
        tier: Optional[ShardTier],
        verification: Optional[pulumi.Output[Phases]],
    ) -> None:
        """pre-function, where it has something to do, and post-function."""
        edge, headers = edge_access(self._args), upstream_headers(self._args)
        first: list[kong.Plugin] = []
        own = settings is not None and self._store is not None
        if edge or (settings and not own):
            before = pulumi.Output.all(settings, secret, edge).apply(
                lambda known: plugins.function(pre_function_phases(*known))
            )
            first = [on_service.add("pre-function", pulumi.Output.secret(before), secret=True)]
        metrics = metrics_of(self._args)
        if tier:
            hop = pulumi.Output.all(metrics, settings, secret, endpoint_url(self._args), tier.secret).apply(
                lambda known: plugins.function(lua.merged(to_shard_phases(*known[1:]), known[0].phases()))
            )
            on_service.add("post-function", pulumi.Output.secret(hop), first, secret=True)
            return
        # With proxy-cache it answers 503 where pre-function is not.
        key_secret = secret if own else ""
        after = pulumi.Output.all(metrics, verification, self._balancing, settings, key_secret, headers).apply(
            lambda known: plugins.function(after_functions(*known))
        )
        is_secret = own or headers is not None or verification is not None
        after = pulumi.Output.secret(after) if is_secret else after
        on_service.add("post-function", after, first, secret=is_secret)

    def _key_secret(self) -> pulumi.Output[str]:
        # A new secret with every rollout: no key ever comes back, so a roll back cannot meet what a model that was
        # exchanged behind one URL has left under the old version's keys.
        return random.RandomBytes(
            f"{self._name}-key-secret",
            length=32,
            keepers={"version": self._args["version"], "endpoint": self._args["endpoint"]},
            opts=pulumi.ResourceOptions(parent=self),
        ).base64

    def _proxy_cache(self, on_service: ServicePlugins, settings: pulumi.Output[KeySettings]) -> kong.Plugin:
        """It must never stand without the function plugins."""
        plugin = cache_plugin(self._args)
        config = cache_plugin_config(self._args, settings)
        return on_service.add(plugin, config, [*on_service.made], secret=plugin == ADVANCED)

    def _route(self, service: kong.Service, plugins_first: list[kong.Plugin]) -> kong.Route:
        return exact_route(
            f"{self._name}-route",
            self._kong_name,
            service,
            self._path(),
            [*self._methods, "OPTIONS"] if self._access.get("cors") else self._methods,
            protocols=("https",) if self._args.get("https_only") else ("http", "https"),
            hosts=self._args.get("hosts"),
            streams=streams(self._args),
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=plugins_first, replace_on_changes=["hosts"], delete_before_replace=True
            ),
        )

    def _path(self) -> pulumi.Output[str]:
        path = self._args.get("path") or f"/{self._args['model']}/predict"
        return pulumi.Output.from_input(path).apply(lambda path: validation.check_path(COMPONENT, path))
