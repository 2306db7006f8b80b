"""Rules about models whose answers the edge shares among callers."""

from __future__ import annotations

from collections.abc import Iterator

from components.edge import limits

from .conflict import Conflict
from .edge_providers import EDGE_PROVIDERS, PRODUCTS, EdgeProduct
from .models import ModelSettings, Settings
from .problems import Path
from .wording import one_of

_EDGE = ("edge", "provider")
_MODE = ("edge", "authentication", "mode")


def sharing_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts about ``cache.shareable`` in the whole stack."""
    shared = [(index, model) for index, model in enumerate(settings.models) if model.cache.shareable]
    for index, model in shared:
        yield from _shareable(("models", index), model, settings)
        if settings.edge.provider != "none":
            yield from _fits_the_edge(("models", index), model, settings, PRODUCTS[settings.edge.provider])
    if settings.edge.provider == "cloudfront":
        yield from _fit_together_at_cloudfront(shared)
    if settings.edge.authentication.mode != "none" and not shared:
        message = (
            "must be none without a model with cache.shareable: it guards shared answers alone, "
            "and Kong guards all others by their model's access"
        )
        yield Conflict(_MODE, message, (_EDGE, ("models",)))


def _shareable(at: Path, model: ModelSettings, settings: Settings) -> Iterator[Conflict]:
    shareable, mode = (*at, "cache", "shareable"), (*at, "access", "mode")
    product = PRODUCTS.get(settings.edge.provider)
    if product is None:
        message = f"only with edge.provider {one_of(EDGE_PROVIDERS)}: there is no edge to share an answer"
        yield Conflict(shareable, message, (_EDGE,))
    if not model.cache.enabled:
        message = "must be false with the cache off: there is no answer to share"
        yield Conflict(shareable, message, ((*at, "cache", "enabled"),))
    elif not model.cache.get_twin:
        message = "only with cache.getTwin: no edge stores the answer to a POST"
        yield Conflict(shareable, message, ((*at, "cache", "getTwin"),))
    if model.access.mode == "upstream-credential":
        message = (
            "must be false with access.mode upstream-credential: the model checks each caller, "
            "and the edge would give its answers to callers that it has never seen"
        )
        yield Conflict(shareable, message, (mode,))
    elif model.access.mode == "key-auth" and product and settings.edge.authentication.mode == "none":
        yield Conflict(shareable, _open_to_all(product), (mode, _MODE, _EDGE))


def _open_to_all(product: EdgeProduct) -> str:
    why = "the edge would give the answers to callers without a key"
    if product.signatures:
        return f"needs edge.authentication ({product.signatures}) with access.mode key-auth: {why}"
    return (
        f"must be false with access.mode key-auth behind {product.name}, which lets nobody in one by one: {why}; "
        "use edge.provider media-cdn or cloudfront, or access.mode open"
    )


def _fits_the_edge(at: Path, model: ModelSettings, settings: Settings, product: EdgeProduct) -> Iterator[Conflict]:
    key_headers = (*at, "cache", "keyHeaders")
    shareable = (*at, "cache", "shareable")
    for position, name in enumerate(model.cache.key_headers):
        if name in limits.NO_KEY_HEADERS:
            message = f"{name} is not allowed here with cache.shareable: the edge cannot have it in its key"
            yield Conflict((*key_headers, position), message, (shareable, _EDGE))
    host = max((len(alias) for alias in settings.edge.aliases), default=limits.DOMAIN_CHARACTERS)
    room = limits.MAX_URL_BYTES - limits.MAX_INPUT_CHARACTERS - len("https://?input=") - host
    if len(model.route.path) > room:
        message = (
            f"must have at most {room} characters with cache.shareable: with an input of {limits.MAX_INPUT_BYTES} "
            f"bytes the URL would be longer than the {limits.MAX_URL_BYTES} bytes that {product.url_limit_owner} takes"
        )
        yield Conflict((*at, "route", "path"), message, (shareable, _EDGE, ("edge", "aliases"), (*at, "name")))


def _fit_together_at_cloudfront(shared: list[tuple[int, ModelSettings]]) -> Iterator[Conflict]:
    most = limits.MAX_SHAREABLE_ROUTES
    for index, _ in shared[most:]:
        message = (
            f"must be false: {most} models are shareable already, "
            f"and a distribution has {limits.MAX_CACHE_BEHAVIORS} cache behaviors, one of them for all others"
        )
        yield Conflict(("models", index, "cache", "shareable"), message, (_EDGE,))
        break
    most = limits.MAX_KEY_HEADERS
    union: set[str] = set()
    for index, model in shared:
        union |= set(model.cache.key_headers)
        if len(union) > most:
            message = (
                f"must have no more than {most} names in all shareable models together ({len(union)} up to here): "
                f"a cache policy has {limits.MAX_CACHE_POLICY_HEADERS} headers, one of them the model's version"
            )
            yield Conflict(("models", index, "cache", "keyHeaders"), message, (_EDGE,))
            break
    most = limits.MAX_RESPONSE_HEADERS_POLICIES - 1
    distinct = []
    for index, model in shared:
        if model.access.cors and model.access.cors not in distinct:
            distinct.append(model.access.cors)
        if len(distinct) > most:
            message = (
                f"must be one of the {most} different cors of the shareable models before it: "
                f"an AWS account has {limits.MAX_RESPONSE_HEADERS_POLICIES} response headers policies"
            )
            yield Conflict(("models", index, "access", "cors"), message, (_EDGE,))
            break
