"""Rules about models behind Google's edges, which take other requests, headers and numbers than CloudFront."""

from __future__ import annotations

from collections.abc import Iterator

from components.edge import limits
from components.edge.arguments import EdgeRouteArgs
from components.edge.google.rule_counts import predicate_count, route_rule_count

from .conflict import Conflict
from .edge_providers import PRODUCTS, EdgeProduct
from .models import ModelSettings, Settings
from .problems import Path

_PROVIDER = ("edge", "provider")
_MAX_KEY_HEADERS = {
    "media-cdn": limits.MEDIA_CDN_MAX_KEY_HEADERS,
    "cloud-cdn": limits.CLOUD_CDN_MAX_KEY_HEADERS,
}


def google_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts of models with the Google edge in front of them; none with another one."""
    provider = settings.edge.provider
    if provider not in _MAX_KEY_HEADERS:
        return
    product = PRODUCTS[provider]
    for index, model in enumerate(settings.models):
        at = ("models", index)
        if product.max_body_bytes is not None:
            yield from _bodies(at, model, product.name, product.max_body_bytes)
        if model.cache.shareable:
            yield from _key_headers(at, model, product, _MAX_KEY_HEADERS[provider])
        if model.cache.shareable and provider == "cloud-cdn" and model.cache.store == "proxy-cache":
            yield from _stale_if_error(at, model)
    yield from _fit_together(settings)


def _route(model: ModelSettings) -> EdgeRouteArgs:
    route: EdgeRouteArgs = {"model": model.name, "path": model.route.path, "shareable": model.cache.shareable}
    route["key_headers"] = list(model.cache.key_headers)
    if model.access.cors:
        route["cors"] = {"origins": list(model.access.cors.origins)}
    return route


def _bodies(at: Path, model: ModelSettings, name: str, most: int) -> Iterator[Conflict]:
    message = f"must be at most {most} behind {name}, which answers a larger request body with 413"
    if model.access.max_request_bytes > most:
        yield Conflict((*at, "access", "maxRequestBytes"), message, (_PROVIDER,))
    if model.cache.enabled and model.cache.max_body_bytes > most:
        yield Conflict((*at, "cache", "maxBodyBytes"), message, ((*at, "cache", "enabled"), _PROVIDER))


def _key_headers(at: Path, model: ModelSettings, product: EdgeProduct, most: int) -> Iterator[Conflict]:
    key_headers, shareable = (*at, "cache", "keyHeaders"), (*at, "cache", "shareable")
    for position, name in enumerate(model.cache.key_headers):
        if name in limits.GOOGLE_NO_KEY_HEADERS or name.startswith(limits.GOOGLE_NO_KEY_HEADER_PREFIXES):
            message = f"{name} is not allowed here with cache.shareable: {product.name} keeps no key by it"
            yield Conflict((*key_headers, position), message, (shareable, _PROVIDER))
    if len(model.cache.key_headers) > most:
        message = f"must have no more than {most} names with cache.shareable: {product.name} has no more in a key"
        yield Conflict(key_headers, message, (shareable, _PROVIDER))


def _stale_if_error(at: Path, model: ModelSettings) -> Iterator[Conflict]:
    if model.cache.stale_if_error_seconds:  # cdn/docs/serving-stale-content: "does not support the stale-if-error"
        message = "must be 0 behind Cloud CDN, which serves no stale answer for an error"
        decided_by = (_PROVIDER, (*at, "cache", "shareable"), (*at, "cache", "store"))
        yield Conflict((*at, "cache", "staleIfErrorSeconds"), message, decided_by)


def _fit_together(settings: Settings) -> Iterator[Conflict]:
    """The first model that is too many."""
    needed, most, what = route_rule_count, limits.MEDIA_CDN_ROUTE_RULES, "Media CDN takes {most} route rules"
    if settings.edge.provider == "cloud-cdn":
        needed, most, what = predicate_count, limits.CLOUD_CDN_PREDICATES, "a URL map takes {most} conditions"
    total = 0
    for index, model in enumerate(settings.models):
        total += needed(_route(model))
        if total > most:
            message = (
                f"must be behind another edge: {what.format(most=most)}, and the models up to this one need {total}"
            )
            shareable = tuple(("models", before, "cache", "shareable") for before in range(index))
            yield Conflict(("models", index), message, (_PROVIDER, *shareable))
            return
