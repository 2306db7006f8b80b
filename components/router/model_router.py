"""ModelRouter: many models behind one path, chosen by the name in the request's body."""

from typing import Any, Optional

import pulumi
import pulumi_kong as kong
import pulumi_random as random

from .. import naming
from ..camel_case import camel_case
from ..gateway import plugins
from ..gateway.arguments import MAX_REQUEST_BYTES, CacheProfile, KongCachedRouteArgs
from ..gateway.service_plugins import ServicePlugins
from ..gateway.services import exact_path
from . import arguments as defaults
from .arguments import ModelRouterArgs, RoutedModelArgs
from .checks import check_arguments, check_services, is_keyed, path_of
from .render import (
    MODEL_HEADER,
    RoutedName,
    RouterSettings,
    Version,
    directory_phases,
    entry_phases,
    routing_value,
)

_SECRET_LENGTH = 48  # letters and digits, which Kong compares without case: over 240 bits


class ModelRouter(pulumi.ComponentResource):
    """Kong's routes from the entry paths to the models, and what chooses between them.

        router = ModelRouter("router", {"paths": ["/v1/chat/completions"],
                                        "services": {"chat": {"service_id": chat.service_id, "route": chat_args}}})
        pulumi.export("models", router.model_names)

    A pre-function of the whole gateway names the model before Kong routes, so a gateway has one ModelRouter. Its routes
    come after it and go before it, and it after and before the models' own plugins. Kong's workers learn of that one by
    one and not in order, so a model's route matches a secret that only the function knows: where it does not run (yet),
    the directory answers. A version with weight 0 has its route already, so that its first requests find it: deploy it
    so, then give it weight.
    What no model takes, the directory answers, which also lists the models.
    Raises ArgumentError when a known argument is wrong: an unknown model, versions with different callers.
    """

    TYPE = "inference-edge:index:ModelRouter"

    paths: pulumi.Output[list[str]]
    """The entry paths."""
    model_names: pulumi.Output[list[str]]
    """What callers may ask for, sorted."""

    def __init__(self, name: str, args: ModelRouterArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(args)
        super().__init__(self.TYPE, name, _properties(args), opts)
        self._name, self._services = name, args["services"]
        self._paths = [*args["paths"]]
        self._names = _routed_names(args)
        self._routed = sorted({each.model for one in self._names for each in (*one.versions, one.fallback) if each})
        settings, secret = self._settings(args), self._secret()
        entry = self._entry(settings, secret)
        self._directory(settings, args.get("models_path", defaults.MODELS_PATH), entry)
        for model in self._routed:
            self._route(model, secret, entry)

        self.paths = pulumi.Output.from_input(self._paths)
        self.model_names = pulumi.Output.from_input(sorted(one.name for one in self._names))
        self.register_outputs({"paths": self.paths, "modelNames": self.model_names})

    def _secret(self) -> pulumi.Output[str]:
        made = random.RandomPassword(
            f"{self._name}-secret", length=_SECRET_LENGTH, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        return pulumi.Output.secret(made.result)

    def _entry(self, settings: pulumi.Output[RouterSettings], secret: pulumi.Output[str]) -> kong.Plugin:
        """The function of the whole gateway."""
        # The ids are known once the models' own plugins are there, so it comes after those and goes before them.
        guarded = [self._services[model]["service_id"] for model in self._routed]
        config = pulumi.Output.all(settings, secret, *guarded).apply(
            lambda known: plugins.canonical_json(plugins.function(entry_phases(known[0], known[1])))
        )
        return kong.Plugin(
            f"{self._name}-pre-function",
            name="pre-function",
            enabled=True,
            config_json=pulumi.Output.secret(config),
            tags=naming.stack_tags(),
            # The provider repeats the whole config there, in clear.
            opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["computedConfig"]),
        )

    def _settings(self, args: ModelRouterArgs) -> pulumi.Output[RouterSettings]:
        """What the functions hold. Raises ArgumentError."""
        keyed = frozenset(model for model in self._routed if is_keyed(self._services[model]["route"]))
        services: dict[str, Any] = {
            model: {
                "path": path_of(service["route"]),
                "endpoint": service["route"].get("endpoint"),
                "upstream": service.get("upstream"),
            }
            for model, service in self._services.items()
        }

        def settings(known: dict[str, Any]) -> RouterSettings:
            check_services(args, {*self._routed}, known)
            return RouterSettings(
                paths=tuple(self._paths),
                models_path=args.get("models_path", defaults.MODELS_PATH),
                model_pointer=args.get("model_pointer", defaults.MODEL_POINTER),
                model_header=args.get("model_header"),
                max_body_bytes=int(args.get("max_body_bytes", defaults.MAX_BODY_BYTES)),
                names=self._names,
                keyed=keyed,
                upstreams={model: known[model]["upstream"] for model in self._routed if known[model]["upstream"]},
                callers=args.get("callers"),
            )

        return pulumi.Output.from_input(services).apply(settings)

    def _directory(self, settings: pulumi.Output[RouterSettings], models_path: str, entry: kong.Plugin) -> None:
        """The service that answers what no model takes, and its route."""
        name = naming.kong_name("models_directory")
        service = kong.Service(
            f"{self._name}-directory-service",
            name=name,
            protocol="http",
            host="directory.invalid",  # never called: its post-function answers
            port=80,
            path="/",
            connect_timeout=1000,
            read_timeout=1000,
            write_timeout=1000,
            retries=0,
            tags=naming.stack_tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        on_service = ServicePlugins(f"{self._name}-directory", service, naming.stack_tags(), parent=self)
        routes = [self._services[model]["route"] for model in self._routed]
        if any(map(is_keyed, routes)):
            on_service.add("key-auth", plugins.key_auth(preflight=True))
        limits = [(route.get("access") or {}).get("max_request_bytes", MAX_REQUEST_BYTES) for route in routes]
        size = pulumi.Output.all(*limits).apply(lambda known: plugins.request_size_limiting(max(map(int, known))))
        on_service.add("request-size-limiting", size)
        on_service.add("correlation-id", plugins.correlation_id())
        on_service.add("prometheus", plugins.prometheus())
        on_service.add("post-function", settings.apply(lambda known: plugins.function(directory_phases(known))))
        kong.Route(
            f"{self._name}-directory-route",
            name=name,
            service_id=service.id,
            protocols=["http", "https"],
            paths=[exact_path(path) for path in (*self._paths, models_path)],
            regex_priority=1,
            tags=naming.stack_tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[entry, *on_service.made]),
            **_DEFAULTS,
        )

    def _route(self, model: str, secret: pulumi.Output[str], entry: kong.Plugin) -> None:
        """From the entry paths to a model's own service, for requests that the pre-function has named it for."""
        route: KongCachedRouteArgs = self._services[model]["route"]
        profile = CacheProfile((route.get("cache") or {}).get("profile", CacheProfile.CLASSIC))
        kong.Route(
            f"{self._name}-{model}-route",
            name=naming.kong_name(f"{model}_routed"),
            service_id=self._services[model]["service_id"],
            protocols=["https"] if route.get("https_only") else ["http", "https"],
            methods=["POST"],
            paths=[exact_path(path) for path in self._paths],
            headers=secret.apply(
                lambda known: [kong.RouteHeaderArgs(name=MODEL_HEADER, values=[routing_value(model, known)])]
            ),
            hosts=route.get("hosts") or None,
            regex_priority=1,
            tags=naming.model_tags(model),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[entry],
                replace_on_changes=["hosts"],
                delete_before_replace=True,
                additional_secret_outputs=["headers"],
            ),
            **{**_DEFAULTS, "response_buffering": profile is not CacheProfile.LLM},
        )


_DEFAULTS: dict[str, Any] = {
    "strip_path": True,
    "preserve_host": False,
    "path_handling": "v0",
    "https_redirect_status_code": 426,
    "request_buffering": True,
    "response_buffering": True,
}


def _routed_names(args: ModelRouterArgs) -> tuple[RoutedName, ...]:
    own: list[RoutedModelArgs] = [{"name": model, "versions": [{"model": model}]} for model in args["services"]]
    return tuple(_routed_name(model) for model in args.get("models") or own)


def _routed_name(model: RoutedModelArgs) -> RoutedName:
    versions = tuple(
        Version(each["model"], _weight(each.get("weight")), each.get("served_name")) for each in model["versions"]
    )
    fallback = model.get("fallback")
    return RoutedName(
        model["name"],
        versions,
        Version(fallback["model"], served_name=fallback.get("served_name")) if fallback else None,
    )


def _weight(given: Optional[int]) -> int:
    return defaults.WEIGHT if given is None else int(given)


def _properties(args: ModelRouterArgs) -> Any:
    """Names in camelCase, without the services: each has a component of its own."""
    return camel_case({name: value for name, value in args.items() if name not in ("services", "callers")})
