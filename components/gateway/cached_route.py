"""KongCachedRoute: one model behind Kong, with a cache that never gives one question another question's answer."""

from typing import Any, Optional

import pulumi
import pulumi_kong as kong
import pulumi_random as random

from .. import naming, validation
from ..prediction_key import KEY_HEADER, KEY_HEADERS, KeySettings, post_function_phases, pre_function_phases
from . import arguments as defaults
from . import plugins
from .arguments import AccessArgs, AccessMode, CacheArgs, CacheProfile, KongCachedRouteArgs
from .checks import CACHE_RULES, COMPONENT, check_arguments, check_values


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
    """Kong's id of the proxy-cache plugin; empty when the cache is off."""
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

    def __init__(self, name: str, args: KongCachedRouteArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(args)
        super().__init__(self.TYPE, name, _camel(args), opts)
        self._name, self._args = name, args
        self._cache: CacheArgs = args.get("cache") or {}
        self._access: AccessArgs = args.get("access") or {}
        self._mode = AccessMode(self._access.get("mode", AccessMode.KEY_AUTH))
        self._kong_name = naming.kong_name(args["model"])
        self._tags = naming.model_tags(args["model"])

        service = self._service()
        guards = self._guards(service)
        cache = self._prediction_cache(service, guards) if self._cache.get("enabled", True) else []
        route = self._route(service, [*guards, *cache])

        self.service_id = service.id
        self.route_id = route.id
        self.cache_plugin_id = cache[-1].id if cache else pulumi.Output.from_input("")
        self.path = self._path()
        self.acl_group = pulumi.Output.from_input(self._kong_name if self._mode is AccessMode.KEY_AUTH else "")
        self.key_header = pulumi.Output.from_input(KEY_HEADER)
        self.key_generation = pulumi.Output.from_input(self._cache_value("generation")).apply(int)
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
            retries=pulumi.Output.from_input(_default(self._args.get("retries"), defaults.RETRIES)).apply(int),
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
            browser: dict[str, Any] = {**cors, "request_headers": self._cors_request_headers()}
            config = pulumi.Output.from_input(browser).apply(
                lambda cors: plugins.cors(
                    origins=cors["origins"],
                    max_age_seconds=cors.get("max_age_seconds", defaults.CORS_MAX_AGE_SECONDS),
                    request_headers=cors["request_headers"],
                )
            )
            found.append(self._plugin(service, "cors", config))
        size = pulumi.Output.from_input(max_bytes).apply(plugins.request_size_limiting)
        found.append(self._plugin(service, "request-size-limiting", size))
        found.append(self._plugin(service, "correlation-id", plugins.correlation_id()))
        found.append(self._plugin(service, "prometheus", plugins.prometheus()))
        return found

    def _prediction_cache(self, service: kong.Service, guards: list[kong.Plugin]) -> list[kong.Plugin]:
        """The function plugins, then proxy-cache, which must never stand without them."""
        # A new secret with every rollout: no key ever comes back, so a roll back cannot meet what a model that was
        # exchanged behind one URL has left under the old version's keys.
        secret = random.RandomBytes(
            f"{self._name}-key-secret",
            length=32,
            keepers={"version": self._args["version"], "endpoint": self._args["endpoint"]},
            opts=pulumi.ResourceOptions(parent=self),
        )
        settings = self._key_settings()
        before = pulumi.Output.all(settings, secret.base64).apply(
            lambda both: plugins.function(pre_function_phases(both[0], both[1]))
        )
        after = settings.apply(lambda settings: plugins.function(post_function_phases(settings)))
        pre_function = self._plugin(service, "pre-function", pulumi.Output.secret(before))
        post_function = self._plugin(service, "post-function", after, [pre_function])  # answers 503 without the other
        functions = [pre_function, post_function]
        config = settings.apply(
            lambda key: plugins.proxy_cache(
                dictionary=key.dictionary,
                ttl_seconds=key.ttl_seconds,
                response_codes=key.response_codes,
                content_types=key.content_types,
                key_header=KEY_HEADER,
            )
        )
        return [*functions, self._plugin(service, "proxy-cache", config, [*guards, *functions])]

    def _key_settings(self) -> pulumi.Output[KeySettings]:
        profile = CacheProfile(self._cache.get("profile", CacheProfile.CLASSIC)).value
        upstream = self._mode is AccessMode.UPSTREAM_CREDENTIAL
        credentials = self._credential_headers() if upstream else []
        values = {
            **{key: self._cache_value(key) for key in defaults.CACHE},
            "model": self._args["model"],
            "version": self._args["version"],
            "dictionary": self._args.get("dictionary", defaults.DICTIONARY),
            "ttl_seconds": self._cache.get("ttl_seconds", defaults.TTL_SECONDS[profile]),
            "timeouts": {**defaults.TIMEOUTS, **(self._args.get("timeouts") or {})},
            "credentials": credentials,
        }
        credential = plugins.KEY_NAMES[0] if self._mode is AccessMode.KEY_AUTH else None

        def settings(known: dict[str, Any]) -> KeySettings:
            check_values("cache.", known, CACHE_RULES)
            named = (name.lower() for name in [*known["key_headers"], *known["credentials"]])
            more = [name for name in named if name not in KEY_HEADERS]
            return KeySettings(
                model=known["model"],
                version=known["version"],
                generation=int(known["generation"]),
                dictionary=known["dictionary"],
                profile=profile,
                ttl_seconds=int(known["ttl_seconds"]),
                lease_seconds=int(sum(known["timeouts"].values())) + 1,
                max_body_bytes=int(known["max_body_bytes"]),
                max_response_bytes=int(known["max_response_bytes"]),
                response_codes=tuple(int(code) for code in known["response_codes"]),
                content_types=tuple(known["content_types"]),
                exclude_fields=tuple(sorted(known["exclude_fields"])),
                headers=(*KEY_HEADERS, *dict.fromkeys(more)),
                credential_header=credential,
            )

        return pulumi.Output.from_input(values).apply(settings)

    def _route(self, service: kong.Service, plugins_first: list[kong.Plugin]) -> kong.Route:
        protocols = ["https"] if self._args.get("https_only") else ["http", "https"]
        return kong.Route(
            f"{self._name}-route",
            name=self._kong_name,
            service_id=service.id,
            protocols=protocols,
            methods=["POST", "OPTIONS"] if self._access.get("cors") else ["POST"],
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
        self, service: kong.Service, plugin: str, config: Any, depends_on: Optional[list[kong.Plugin]] = None
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
                additional_secret_outputs=["computedConfig"] if plugin == "pre-function" else None,
            ),
        )

    def _path(self) -> pulumi.Output[str]:
        path = self._args.get("path") or f"/{self._args['model']}/predict"
        return pulumi.Output.from_input(path).apply(lambda path: validation.check_path(COMPONENT, path))

    def _cache_value(self, key: str) -> Any:
        return _default(self._cache.get(key), defaults.CACHE[key])

    def _credential_headers(self) -> list[pulumi.Input[str]]:
        return self._access.get("credential_headers") or [*defaults.CREDENTIAL_HEADERS]

    def _cors_request_headers(self) -> list[pulumi.Input[str]]:
        own = {
            AccessMode.KEY_AUTH: [*plugins.KEY_NAMES],
            AccessMode.UPSTREAM_CREDENTIAL: self._credential_headers(),
            AccessMode.OPEN: [],
        }
        return ["content-type", "accept", "cache-control", "x-request-id", *own[self._mode]]


def _default(value: Any, default: Any) -> Any:
    return default if value is None else value


def _milliseconds(seconds: pulumi.Input[float]) -> pulumi.Output[int]:
    return pulumi.Output.from_input(seconds).apply(lambda seconds: round(seconds * 1000))


def _exactly(path: str) -> str:
    return "~" + path.replace(".", "\\.") + "$"


def _camel(value: Any) -> Any:
    """Arguments as state and policies see them: names in camelCase, as other languages give them."""
    if not isinstance(value, dict):
        return value
    words = {name: name.split("_") for name in value}
    return {
        first + "".join(word.capitalize() for word in rest): _camel(value[name])
        for name, (first, *rest) in words.items()
    }
