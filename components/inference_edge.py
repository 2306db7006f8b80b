"""InferenceEdge: the models of a stack and the consumers that may call them, wired."""

from typing import NotRequired, Optional, TypedDict
from urllib.parse import urlsplit, urlunsplit

import pulumi

from . import validation
from .gateway import AccessMode, KongCachedRoute, KongCachedRouteArgs, KongConsumer, KongConsumerArgs

_NAME = "InferenceEdge"


class ConsumerArgs(TypedDict):
    name: str
    """The consumer's name: lower-case letters, digits and hyphens."""
    key: NotRequired[pulumi.Input[str]]
    """The API key, a secret; by default one is generated."""
    models: NotRequired[list[str]]
    """Names of the key-auth models that this consumer may call; by default all of them."""


class InferenceEdgeArgs(TypedDict):
    models: list[KongCachedRouteArgs]
    """The models behind the gateway."""
    consumers: NotRequired[list[ConsumerArgs]]
    """Who may call the models whose access is key-auth."""
    gateway_url: NotRequired[pulumi.Input[str]]
    """The gateway's own URL, the base of the predict URLs; by default http://localhost:8000."""


class ModelOutputs(TypedDict):  # names as other languages and the stack's outputs have them
    predictUrl: pulumi.Output[str]
    """Where to POST a prediction request."""
    serviceId: pulumi.Output[str]
    """Kong's id of the service."""
    routeId: pulumi.Output[str]
    """Kong's id of the route."""
    cachePluginId: pulumi.Output[str]
    """Kong's id of the proxy-cache plugin; empty when the cache is off."""
    keyHeader: pulumi.Output[str]
    """The internal header that carries the key."""
    keyGeneration: pulumi.Output[int]
    """The generation in the key."""
    version: pulumi.Output[str]
    """The model's version in the key."""


class InferenceEdge(pulumi.ComponentResource):
    """A prediction cache in front of one or more models.

        edge = InferenceEdge("edge", {"models": [{"model": "digits", "version": "1", "endpoint": "http://m:8080/invocations"}],
                                      "consumers": [{"name": "web"}]})
        pulumi.export("models", edge.models)

    Raises ArgumentError when a known argument is wrong: a name that stands twice, a consumer of an unknown model.
    """

    TYPE = "inference-edge:index:InferenceEdge"

    models: pulumi.Output[dict[str, ModelOutputs]]
    """What a caller or an operator needs, by model name."""
    consumer_keys: pulumi.Output[dict[str, str]]
    """The API keys by consumer name, a secret."""

    def __init__(self, name: str, args: InferenceEdgeArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        validation.check_known(_NAME, "", args, frozenset(InferenceEdgeArgs.__annotations__))
        models, consumers = args.get("models") or [], args.get("consumers") or []
        _check_wiring(models, consumers)
        super().__init__(self.TYPE, name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        gateway_url = pulumi.Output.from_input(args.get("gateway_url") or "http://localhost:8000")

        routes = {model["model"]: KongCachedRoute(f"{name}-{model['model']}", model, child) for model in models}
        keys: dict[str, pulumi.Output[str]] = {}
        for consumer in consumers:
            allowed = consumer.get("models")
            groups: dict[str, pulumi.Input[str]] = {
                model: routes[model].acl_group
                for model in _key_auth_models(models)
                if allowed is None or model in allowed
            }
            caller: KongConsumerArgs = {"consumer": consumer["name"], "groups": groups}
            if "key" in consumer:
                caller["key"] = consumer["key"]
            made = KongConsumer(f"{name}-{consumer['name']}", caller, child)
            keys[consumer["name"]] = made.key

        self.models = pulumi.Output.from_input(
            {model["model"]: _outputs(routes[model["model"]], model, gateway_url) for model in models}
        )
        self.consumer_keys = pulumi.Output.secret(pulumi.Output.all(**keys))
        self.register_outputs({"models": self.models, "consumerKeys": self.consumer_keys})


def _outputs(route: KongCachedRoute, model: KongCachedRouteArgs, gateway_url: pulumi.Output[str]) -> ModelOutputs:
    hosts = model.get("hosts") or []
    url = pulumi.Output.all(gateway_url, route.path, *hosts[:1]).apply(lambda known: predict_url(*known))
    return {
        "predictUrl": url,
        "serviceId": route.service_id,
        "routeId": route.route_id,
        "cachePluginId": route.cache_plugin_id,
        "keyHeader": route.key_header,
        "keyGeneration": route.key_generation,
        "version": route.model_version,
    }


def predict_url(gateway_url: str, path: str, host: Optional[str] = None) -> str:
    """The model's URL on the gateway; with `host`, that host on the gateway's port."""
    parts = urlsplit(gateway_url)
    where = parts.netloc
    if host:
        where = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, where, parts.path.rstrip("/") + path, "", ""))


def _key_auth_models(models: list[KongCachedRouteArgs]) -> list[str]:
    modes = {model["model"]: (model.get("access") or {}).get("mode", AccessMode.KEY_AUTH) for model in models}
    return [name for name, mode in modes.items() if mode == AccessMode.KEY_AUTH]


def _check_wiring(models: list[KongCachedRouteArgs], consumers: list[ConsumerArgs]) -> None:
    if not models:
        raise validation.ArgumentError(_NAME, "models", "must name at least one model")
    names = [validation.check_name(_NAME, "models[].model", model.get("model")) for model in models]
    callers = [validation.check_name(_NAME, "consumers[].name", consumer.get("name")) for consumer in consumers]
    for argument, given in (("models", names), ("consumers", callers)):
        for twice in sorted({name for name in given if given.count(name) > 1}):
            raise validation.ArgumentError(_NAME, argument, f"has {twice} twice")
    for both in sorted(set(names) & set(callers)):
        raise validation.ArgumentError(_NAME, "consumers", f"has {both}, which is a model's name")
    for consumer in consumers:
        validation.check_known(_NAME, "consumers[].", consumer, frozenset(ConsumerArgs.__annotations__))
        for unknown in sorted(set(consumer.get("models") or []) - set(_key_auth_models(models))):
            raise validation.ArgumentError(
                _NAME, f"consumers {consumer['name']}", f"names {unknown}, which is no model with key-auth"
            )
