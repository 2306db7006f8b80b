"""KongCachedRoute: one model behind Kong, with a cache that never gives one question another question's answer."""

from typing import Any, Optional

import pulumi
import pulumi_kong as kong
import pulumi_random as random

from .. import naming, validation
from ..prediction_key import KEY_HEADER, KeySettings, post_function_phases, pre_function_phases
from . import arguments as defaults
from . import plugins
from .arguments import AccessArgs, AccessMode, CacheArgs, KongCachedRouteArgs
from .cache_plugin import ADVANCED, cache_plugin, cache_plugin_config
from .checks import COMPONENT, check_arguments
from .functions import (
    cache_value,
    edge_access,
    key_settings,
    own_store,
    upstream_headers,
    version_token,
    with_upstream_headers,
)
from .properties import properties


class KongCachedRoute(pulumi.ComponentResource):
    """A Kong service, its plugins and one route, in front of an inference endpoint.

        route = KongCachedRoute("digits", {"model": "digits", "version": "1", "endpoint": "http://model:8080/invocations"})
        pulumi.export("path", route.path)

    Plugins hang on the service and the route is made last and deleted first: no request gets through before
    authentication and the key are in place. proxy-cache is made after the function plugins that it relies on.
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
        self._mode = AccessMode(self._access.get("mode", AccessMode.KEY_AUTH))
        self._store = own_store(args)
        self._kong_name = naming.kong_name(args["model"])
        self._tags = naming.model_tags(args["model"])

        cached = self._cache.get("enabled", True)
        self._methods = ["POST", "GET"] if cached and self._cache.get("get_twin", True) else ["POST"]

        service = self._service()
        first = self._guards(service)
        cache = None
        self.version_token = pulumi.Output.from_input("")
        if cached:
            settings, secret = key_settings(args, self._keyed_credentials()), self._key_secret()
            keyed = with_upstream_headers(settings, upstream_headers(args))
            first += self._functions(service, keyed, secret)
            if self._store is None:
                cache = self._proxy_cache(service, settings, first)
            if self._cache.get("shareable"):
                self.version_token = version_token(keyed, secret)
        else:
            first += self._functions(service, None, pulumi.Output.from_input(""))
        route = self._route(service, [*first, cache] if cache else first)

        self.service_id = service.id
        self.route_id = route.id
        self.cache_plugin_id = cache.id if cache else pulumi.Output.from_input("")
        self.path = self._path()
        self.acl_group = pulumi.Output.from_input(self._kong_name if self._mode is AccessMode.KEY_AUTH else "")
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

    def _service(self) -> kong.Service:
        endpoint = pulumi.Output.from_input(self._args["endpoint"]).apply(
            lambda url: validation.split_endpoint(COMPONENT, url)
        )
        timeouts = {**defaults.TIMEOUTS, **(self._args.get("timeouts") or {})}
        return kong.Service(
            f"{self._name}-service",
            name=self._kong_name,
            protocol=endpoint.apply(lambda parts: parts[0]),
            host=endpoint.apply(lambda parts: parts[1]),
            port=endpoint.apply(lambda parts: parts[2]),
            path=endpoint.apply(lambda parts: parts[3]),
            connect_timeout=_milliseconds(timeouts["connect_seconds"]),
            read_timeout=_milliseconds(timeouts["read_seconds"]),
            write_timeout=_milliseconds(timeouts["write_seconds"]),
            retries=self._retries(),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _guards(self, service: kong.Service) -> list[kong.Plugin]:
        """Who may ask, how often and how much; counts and names every request."""
        access = self._access
        limit = access.get("rate_limit")
        cors = access.get("cors")
        max_bytes = access.get("max_request_bytes", defaults.MAX_REQUEST_BYTES)
        found: list[kong.Plugin] = []
        if self._mode is AccessMode.KEY_AUTH:
            found.append(self._plugin(service, "key-auth", plugins.key_auth(preflight=cors is None)))
            found.append(self._plugin(service, "acl", plugins.acl(self._kong_name)))
        if limit:
            by_consumer = self._mode is AccessMode.KEY_AUTH
            limits: dict[str, Any] = {**limit}
            config = pulumi.Output.from_input(limits).apply(
                lambda limit: plugins.rate_limiting(
                    second=limit.get("per_second"),
                    minute=limit.get("per_minute"),
                    hour=limit.get("per_hour"),
                    by_consumer=by_consumer,
                )
            )
            found.append(self._plugin(service, "rate-limiting", config))
        if cors:
            methods = self._methods
            browser: dict[str, Any] = {**cors, "request_headers": self._cors_request_headers()}
            config = pulumi.Output.from_input(browser).apply(
                lambda cors: plugins.cors(
                    origins=cors["origins"],
                    max_age_seconds=cors.get("max_age_seconds", defaults.CORS_MAX_AGE_SECONDS),
                    methods=methods,
                    request_headers=cors["request_headers"],
                )
            )
            found.append(self._plugin(service, "cors", config))
        size = pulumi.Output.from_input(max_bytes).apply(plugins.request_size_limiting)
        found.append(self._plugin(service, "request-size-limiting", size))
        found.append(self._plugin(service, "correlation-id", plugins.correlation_id()))
        found.append(self._plugin(service, "prometheus", plugins.prometheus()))
        return found

    def _functions(
        self, service: kong.Service, settings: Optional[pulumi.Output[KeySettings]], secret: pulumi.Output[str]
    ) -> list[kong.Plugin]:
        """pre-function and post-function, where they have something to do."""
        edge, headers = edge_access(self._args), upstream_headers(self._args)
        found: list[kong.Plugin] = []
        own = settings is not None and self._store is not None
        if edge or (settings and not own):
            before = pulumi.Output.all(settings, secret, edge).apply(
                lambda known: plugins.function(pre_function_phases(*known))
            )
            found.append(self._plugin(service, "pre-function", pulumi.Output.secret(before), secret=True))
        if settings or headers:
            # With proxy-cache it answers 503 where pre-function is not.
            after = pulumi.Output.all(settings, secret if own else "", headers).apply(
                lambda known: plugins.function(post_function_phases(*known))
            )
            is_secret = own or headers is not None
            after = pulumi.Output.secret(after) if is_secret else after
            found.append(self._plugin(service, "post-function", after, [*found], secret=is_secret))
        return found

    def _key_secret(self) -> pulumi.Output[str]:
        # A new secret with every rollout: no key ever comes back, so a roll back cannot meet what a model that was
        # exchanged behind one URL has left under the old version's keys.
        return random.RandomBytes(
            f"{self._name}-key-secret",
            length=32,
            keepers={"version": self._args["version"], "endpoint": self._args["endpoint"]},
            opts=pulumi.ResourceOptions(parent=self),
        ).base64

    def _proxy_cache(
        self, service: kong.Service, settings: pulumi.Output[KeySettings], plugins_first: list[kong.Plugin]
    ) -> kong.Plugin:
        """It must never stand without the function plugins."""
        plugin = cache_plugin(self._args)
        config = cache_plugin_config(self._args, settings)
        return self._plugin(service, plugin, config, plugins_first, secret=plugin == ADVANCED)

    def _route(self, service: kong.Service, plugins_first: list[kong.Plugin]) -> kong.Route:
        protocols = ["https"] if self._args.get("https_only") else ["http", "https"]
        return kong.Route(
            f"{self._name}-route",
            name=self._kong_name,
            service_id=service.id,
            protocols=protocols,
            methods=[*self._methods, "OPTIONS"] if self._access.get("cors") else self._methods,
            paths=[self._path().apply(_exactly)],
            hosts=self._args.get("hosts") or None,
            strip_path=True,
            preserve_host=False,
            regex_priority=1,
            path_handling="v0",
            https_redirect_status_code=426,
            request_buffering=True,
            response_buffering=True,
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=plugins_first, replace_on_changes=["hosts"], delete_before_replace=True
            ),
        )

    def _plugin(
        self,
        service: kong.Service,
        plugin: str,
        config: Any,
        depends_on: Optional[list[kong.Plugin]] = None,
        *,
        secret: bool = False,
    ) -> kong.Plugin:
        return kong.Plugin(
            f"{self._name}-{plugin}",
            name=plugin,
            service_id=service.id,
            enabled=True,
            config_json=pulumi.Output.from_input(config).apply(plugins.canonical_json),
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=depends_on,
                # The provider repeats the whole config there, in clear.
                additional_secret_outputs=["computedConfig"] if secret else None,
            ),
        )

    def _retries(self) -> pulumi.Output[int]:
        given = self._args.get("retries")
        return pulumi.Output.from_input(defaults.RETRIES if given is None else given).apply(int)

    def _path(self) -> pulumi.Output[str]:
        path = self._args.get("path") or f"/{self._args['model']}/predict"
        return pulumi.Output.from_input(path).apply(lambda path: validation.check_path(COMPONENT, path))

    def _keyed_credentials(self) -> list[pulumi.Input[str]]:
        return self._credential_headers() if self._mode is AccessMode.UPSTREAM_CREDENTIAL else []

    def _credential_headers(self) -> list[pulumi.Input[str]]:
        return self._access.get("credential_headers") or [*defaults.CREDENTIAL_HEADERS]

    def _cors_request_headers(self) -> list[pulumi.Input[str]]:
        own = {
            AccessMode.KEY_AUTH: [*plugins.KEY_NAMES],
            AccessMode.UPSTREAM_CREDENTIAL: self._credential_headers(),
            AccessMode.OPEN: [],
        }
        return ["content-type", "accept", "cache-control", "x-request-id", *own[self._mode]]


def _milliseconds(seconds: pulumi.Input[float]) -> pulumi.Output[int]:
    return pulumi.Output.from_input(seconds).apply(lambda seconds: round(seconds * 1000))


def _exactly(path: str) -> str:
    return "~" + path.replace(".", "\\.") + "$"
