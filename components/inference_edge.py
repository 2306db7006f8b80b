"""InferenceEdge: the models of a stack, the consumers that may call them, and the edge in front, wired."""

from typing import Any, Optional, TypedDict
from urllib.parse import urlsplit, urlunsplit

import pulumi
import pulumi_random as random

from .gateway import EdgeAccessArgs, KongCachedRoute, KongCachedRouteArgs, KongConsumer, KongConsumerArgs
from .gateway.arguments import GENERATED_KEY_LENGTH, RedisArgs
from .naming import kong_name
from .pool.inference_pool import InferencePool
from .pool_wiring import callers_of, pool_route
from .router.arguments import RoutedServiceArgs, RouterArgs
from .router.model_router import ModelRouter
from .shared_cache.arguments import SharedCacheArgs
from .shared_cache.shared_cache import SharedCache
from .wiring import (
    EDGE_CONSUMER,
    ConsumerArgs,
    EdgeArgs,
    InferenceEdgeArgs,
    check_wiring,
    edge_route,
    is_shareable,
    key_auth_models,
    product_args,
    redis_of,
    route_of,
    shared_cache_of,
    uses_redis,
)

_MEDIA_CDN, _CLOUD_CDN = "inference-edge:index:MediaCdnEdge", "inference-edge:index:CloudCdnEdge"


class ModelOutputs(TypedDict):  # names as other languages and the stack's outputs have them
    predictUrl: pulumi.Output[str]
    """Where to POST a prediction request."""
    edgeUrl: pulumi.Output[str]
    """The same at the edge; empty without one."""
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
    versionToken: pulumi.Output[str]
    """What a shared cache must send as X-Model-Version to be given answers that it may keep; empty otherwise."""


class InferenceEdge(pulumi.ComponentResource):
    """A prediction cache in front of one or more models, and optionally a CDN in front of it.

        edge = InferenceEdge("edge", {"models": [{"model": "digits", "version": "1", "endpoint": "http://m:8080/invocations"}],
                                      "consumers": [{"name": "web"}]})
        pulumi.export("models", edge.models)

    The edge is made after the gateway's routes: it must not ask for a version that the gateway does not have yet.
    Raises ArgumentError when a known argument is wrong: a name that stands twice, a consumer of an unknown model.
    """

    TYPE = "inference-edge:index:InferenceEdge"

    models: pulumi.Output[dict[str, ModelOutputs]]
    """What a caller or an operator needs, by model name."""
    consumer_keys: pulumi.Output[dict[str, str]]
    """The API keys by consumer name, a secret."""
    edge_id: pulumi.Output[str]
    """What a purge names: CloudFront's distribution, Media CDN's service or Cloud CDN's URL map; else empty."""
    edge_domain_name: pulumi.Output[str]
    """What the DNS of your own names must point at: CloudFront's host name or Google's address; else empty."""
    edge_public_key_ids: pulumi.Output[list[str]]
    """With signed URLs, by which name the edge knows each public key, in the order given."""
    router_urls: pulumi.Output[list[str]]
    """The paths on which the request's body chooses the model, below the gateway's URL."""
    shared_cache_address: pulumi.Output[str]
    """host:port of the shared cache; else empty."""
    shared_cache_ca_certificates: pulumi.Output[list[str]]
    """PEM certificates by which the gateway's lua_ssl_trusted_certificate must know the shared cache, too."""

    def __init__(self, name: str, args: InferenceEdgeArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_wiring(args)
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._models = name, args["models"]
        self._sagemaker = args.get("sagemaker") or {}
        self._child = pulumi.ResourceOptions(parent=self)
        gateway_url = pulumi.Output.from_input(args.get("gateway_url") or "http://localhost:8000")
        self.edge_id = self.edge_domain_name = edge_url = pulumi.Output.from_input("")
        self.edge_public_key_ids = pulumi.Output.from_input([])
        self._redis = self._shared_cache(shared_cache_of(args))
        self._pool_args, self._pooled = args.get("pools") or [], args.get("pooled") or {}
        self._pools = {
            pool["name"]: InferencePool(f"{name}-{pool['name']}-pool", pool, self._child) for pool in self._pool_args
        }

        edge, shared = args.get("edge"), [model["model"] for model in self._models if is_shareable(model)]
        keyed = [model for model in key_auth_models(self._models) if model in shared]
        edge_key = self._edge_key() if edge and keyed else None
        secret = self._edge_secret(edge) if edge else None
        self._routes = {
            model["model"]: self._route(model, edge, secret, edge_key if model["model"] in keyed else None)
            for model in self._models
        }
        self.router_urls = pulumi.Output.from_input([])
        if "router" in args:
            self.router_urls = self._router(args["router"], args.get("consumers") or [], gateway_url)
        callers = [
            self._consumer(caller["name"], caller.get("models"), caller.get("key"))
            for caller in args.get("consumers") or []
        ]
        ready: list[pulumi.Resource] = [*self._routes.values()]
        if edge_key is not None:
            ready.append(self._consumer(EDGE_CONSUMER, keyed, edge_key))
        if edge and secret is not None:
            made = self._edge(edge, secret.current, ready)
            self.edge_id, self.edge_domain_name, edge_url = made.edge_id, made.domain_name, made.url
            self.edge_public_key_ids = made.public_key_ids

        names = [caller["name"] for caller in args.get("consumers") or []]
        keys = {caller: made.key for caller, made in zip(names, callers, strict=True)}
        self.models = pulumi.Output.from_input(
            {
                model["model"]: _outputs(model, self._routes[model["model"]], gateway_url, edge_url)
                for model in self._models
            }
        )
        self.consumer_keys = pulumi.Output.secret(pulumi.Output.all(**keys))
        self.register_outputs(
            {
                "models": self.models,
                "consumerKeys": self.consumer_keys,
                "edgeId": self.edge_id,
                "edgeDomainName": self.edge_domain_name,
                "edgePublicKeyIds": self.edge_public_key_ids,
                "routerUrls": self.router_urls,
                "sharedCacheAddress": self.shared_cache_address,
                "sharedCacheCaCertificates": self.shared_cache_ca_certificates,
            }
        )

    def _shared_cache(self, args: Optional[SharedCacheArgs]) -> Optional[RedisArgs]:
        if args is None:
            self.shared_cache_address = pulumi.Output.from_input("")
            self.shared_cache_ca_certificates = pulumi.Output.from_input([])
            return None
        cache = SharedCache(f"{self._name}-shared-cache", args, self._child)
        self.shared_cache_address = pulumi.Output.all(cache.host, cache.port).apply(lambda both: f"{both[0]}:{both[1]}")
        self.shared_cache_ca_certificates = cache.ca_certificates
        return redis_of(args, cache.server)

    def _edge_key(self) -> pulumi.Output[str]:
        """The API key by which the gateway lets in what the edge asks for all callers."""
        made = random.RandomPassword(
            f"{self._name}-edge-key", length=GENERATED_KEY_LENGTH, special=False, opts=self._child
        )
        return pulumi.Output.secret(made.result)

    def _edge_secret(self, edge: EdgeArgs) -> Any:
        from .edge.origin_secret import OriginSecret

        return OriginSecret(f"{self._name}-edge-secret", {"rotation": edge.get("secret_rotation", 1)}, self._child)

    def _route(
        self, model: KongCachedRouteArgs, edge: Optional[EdgeArgs], secret: Any, edge_key: Optional[pulumi.Output[str]]
    ) -> KongCachedRoute:
        child_name, child = f"{self._name}-{model['model']}", self._child
        more: dict[str, Any] = {}
        if model["model"] in self._sagemaker:
            from .origin.sagemaker import SageMakerOrigin

            origin = SageMakerOrigin(f"{child_name}-origin", self._sagemaker[model["model"]], self._child)
            more = {
                "endpoint": origin.url,
                "upstream_headers": {"x-api-key": origin.api_key},
                # Also a version given here waits for the endpoint: its key must not be filled by the one before.
                "version": pulumi.Output.all(model.get("version"), origin.model_version).apply(
                    lambda known: known[0] or known[1]
                ),
            }
        if model["model"] in self._pooled:
            use = self._pooled[model["model"]]
            pool = next(pool for pool in self._pool_args if pool["name"] == use["pool"])
            more = pool_route(use, pool, self._pools[use["pool"]].url)
            child = pulumi.ResourceOptions(parent=self, depends_on=[self._pools[use["pool"]]])
        if uses_redis(model):
            more["redis"] = self._redis
        if edge:
            lock: EdgeAccessArgs = {"secrets": [secret.accepted[0], secret.accepted[1]]}
            if product_args(edge)["origin"].get("client_certificate_arn"):
                lock["client_certificate"] = True
            if edge_key is not None:
                lock["key"] = edge_key
            more["edge"] = lock
        return KongCachedRoute(child_name, route_of(model, **more), child)

    def _router(
        self, router: RouterArgs, consumers: list[ConsumerArgs], gateway_url: pulumi.Output[str]
    ) -> pulumi.Output[list[str]]:
        services: dict[str, RoutedServiceArgs] = {}
        for model in self._models:
            name = model["model"]
            services[name] = {"service_id": self._routes[name].service_id, "route": model}
            if name in self._pooled:
                services[name]["upstream"] = self._pools[self._pooled[name]["pool"]].upstream
        callers = callers_of([*consumers], key_auth_models(self._models), kong_name)
        made = ModelRouter(f"{self._name}-router", {**router, "services": services, "callers": callers}, self._child)
        return pulumi.Output.all(gateway_url, made.paths).apply(
            lambda known: [predict_url(known[0], path) for path in known[1]]
        )

    def _consumer(self, consumer: str, allowed: Optional[list[str]], key: Optional[pulumi.Input[str]]) -> KongConsumer:
        groups: dict[str, pulumi.Input[str]] = {
            model: self._routes[model].acl_group
            for model in key_auth_models(self._models)
            if allowed is None or model in allowed
        }
        caller: KongConsumerArgs = {"consumer": consumer, "groups": groups}
        if key is not None:
            caller["key"] = key
        return KongConsumer(f"{self._name}-{consumer}", caller, self._child)

    def _edge(self, edge: EdgeArgs, secret: pulumi.Output[str], ready: list[pulumi.Resource]) -> Any:
        routes = [
            edge_route(model, self._routes[model["model"]], pooled=model["model"] in self._pooled)
            for model in self._models
        ]
        args: Any = {**product_args(edge), "routes": routes, "origin_secret": secret}
        # Last: the edge may not ask for a version, or send a secret, that the gateway does not know yet.
        opts = pulumi.ResourceOptions(parent=self, depends_on=ready)
        if edge.get("cloudfront"):
            from .edge.cloudfront import CloudFrontEdge

            return CloudFrontEdge(f"{self._name}-cloudfront", args, opts)
        # Google's products have one name, and each is the alias of the other: what they share, such as the records of
        # the host names, stays when one replaces the other. Made by one and deleted by the other, it would be gone.
        if edge.get("media_cdn"):
            from .edge.media_cdn import MediaCdnEdge

            opts.aliases = [pulumi.Alias(type_=_CLOUD_CDN)]
            return MediaCdnEdge(f"{self._name}-google", args, opts)
        from .edge.cloud_cdn import CloudCdnEdge

        opts.aliases = [pulumi.Alias(type_=_MEDIA_CDN)]
        return CloudCdnEdge(f"{self._name}-google", args, opts)


def _outputs(
    model: KongCachedRouteArgs, route: KongCachedRoute, gateway_url: pulumi.Output[str], edge_url: pulumi.Output[str]
) -> ModelOutputs:
    hosts = model.get("hosts") or []
    return {
        "predictUrl": pulumi.Output.all(gateway_url, route.path, *hosts[:1]).apply(lambda known: predict_url(*known)),
        "edgeUrl": pulumi.Output.all(edge_url, route.path).apply(
            lambda known: predict_url(known[0], known[1]) if known[0] else ""
        ),
        "serviceId": route.service_id,
        "routeId": route.route_id,
        "cachePluginId": route.cache_plugin_id,
        "keyHeader": route.key_header,
        "keyGeneration": route.key_generation,
        "version": route.model_version,
        "versionToken": route.version_token,
    }


def predict_url(base_url: str, path: str, host: Optional[str] = None) -> str:
    """The model's URL below a base; with `host`, that host on the base's port."""
    parts = urlsplit(base_url)
    where = parts.netloc
    if host:
        where = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, where, parts.path.rstrip("/") + path, "", ""))
