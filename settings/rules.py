"""Rules about several values of a stack config, as pure functions over parsed settings that yield ``Conflict``s.

Here are those about models, routes and consumers in general; ``origin_rules.py`` has those about what answers a model,
``pool_rules.py`` about pools, ``router_rules.py`` about the router, ``sharing_rules.py`` about answers shared at the
edge, ``edge_rules.py`` about the edge, ``edge_model_rules.py`` about what is behind it, ``edge_key_rules.py`` about
keys that its provider does not take, ``google_rules.py`` about what Google's edges take, ``store_rules.py`` about where
answers are kept, ``shared_cache_rules.py`` about the shared cache, ``verification_rules.py`` about costs and
verification.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from .access_models import AccessSettings, RateLimitSettings
from .cache_models import CacheSettings
from .conflict import Conflict
from .edge_model_rules import edge_model_conflicts
from .edge_providers import PRODUCTS
from .edge_rules import edge_conflicts
from .google_rules import google_conflicts
from .models import ModelSettings, Settings
from .origin_rules import origin_conflicts
from .pool_rules import pool_conflicts
from .problems import Path
from .router_rules import router_conflicts
from .shared_cache_rules import shared_cache_conflicts
from .sharing_rules import sharing_conflicts
from .store_rules import store_conflicts
from .verification_rules import verification_conflicts


def conflicts(settings: Settings) -> Iterator[Conflict]:
    """Every conflict between values of the stack config."""
    yield from _unique_names("pools", [p.name for p in settings.pools])
    yield from _unique_names("models", [m.name for m in settings.models])
    yield from _unique_names("consumers", [c.name for c in settings.consumers])
    for index, model in enumerate(settings.models):
        yield from _model(("models", index), model, settings)
    yield from _shared_routes(settings)
    yield from pool_conflicts(settings)
    yield from router_conflicts(settings)
    yield from store_conflicts(settings)
    yield from verification_conflicts(settings)
    yield from shared_cache_conflicts(settings)
    yield from sharing_conflicts(settings)
    yield from _consumers(settings)
    yield from edge_conflicts(settings)
    yield from edge_model_conflicts(settings)
    yield from google_conflicts(settings)


def _unique_names(section: str, names: list[str]) -> Iterator[Conflict]:
    for index, name in enumerate(names):
        first = names.index(name)
        if first != index:
            message = f"must be unique; {section}[{first}] has this name too"
            yield Conflict((section, index, "name"), message, ((section, first, "name"),))


def _model(at: Path, model: ModelSettings, settings: Settings) -> Iterator[Conflict]:
    yield from origin_conflicts(at, model)
    yield from _cache((*at, "cache"), model.cache)
    yield from _access((*at, "access"), model.access)
    product = PRODUCTS.get(settings.edge.provider)
    most = product.max_body_bytes if product else None  # above it, google_rules.py tells
    body_bytes = model.cache.max_body_bytes if most is None else min(model.cache.max_body_bytes, most)
    if model.cache.enabled and model.access.max_request_bytes < body_bytes:
        yield Conflict(
            (*at, "access", "maxRequestBytes"),
            f"must be at least cache.maxBodyBytes ({model.cache.max_body_bytes})",
            ((*at, "cache", "maxBodyBytes"), (*at, "cache", "enabled")),
        )


def _cache(at: Path, cache: CacheSettings) -> Iterator[Conflict]:
    if cache.profile == "llm" and "temperature" in cache.exclude_fields:
        yield Conflict(
            (*at, "excludeFields", cache.exclude_fields.index("temperature")),
            "temperature is not allowed with profile llm: it decides whether the answer is one of many",
            ((*at, "profile"),),
        )


def _access(at: Path, access: AccessSettings) -> Iterator[Conflict]:
    upstream = access.mode == "upstream-credential"
    if upstream and not access.credential_headers:
        yield Conflict((*at, "credentialHeaders"), "must name at least one header", ((*at, "mode"),))
    if not upstream and access.credential_headers:
        yield Conflict(
            (*at, "credentialHeaders"), f"only with mode upstream-credential (mode is {access.mode})", ((*at, "mode"),)
        )
    if access.rate_limit:
        yield from _rate_limit((*at, "rateLimit"), access.rate_limit)
    if access.cors and "*" in access.cors.origins:
        origins = (*at, "cors", "origins")
        if len(access.cors.origins) > 1:
            yield Conflict(origins, '"*" must stand alone; it allows any origin')
        if upstream:
            message = '"*" is not allowed with mode upstream-credential: any site could use its visitor\'s credential'
            yield Conflict(origins, message, ((*at, "mode"),))


def _rate_limit(at: Path, limit: RateLimitSettings) -> Iterator[Conflict]:
    periods = (("perSecond", limit.per_second), ("perMinute", limit.per_minute), ("perHour", limit.per_hour))
    given = [(name, value) for name, value in periods if value is not None]
    if not given:
        yield Conflict(at, "must have at least one of perSecond, perMinute and perHour")
    for (shorter, less), (longer, more) in combinations(given, 2):
        if more < less:
            yield Conflict((*at, longer), f"must be at least {shorter} ({less})", ((*at, shorter),))


def _shared_routes(settings: Settings) -> Iterator[Conflict]:
    for (i, one), (j, other) in combinations(enumerate(settings.models), 2):
        if one.route.path != other.route.path or one.route.path == f"/{one.name}/predict" == f"/{other.name}/predict":
            continue  # the latter is told as a name given twice
        hosts, more = set(one.route.hosts), set(other.route.hosts)
        if not hosts or not more or hosts & more:
            yield Conflict(
                ("models", j, "route", "path"),
                f"must differ from the path of models[{i}], which takes the same hosts; give each its own",
                (("models", i, "route"), ("models", j, "route"), ("models", i, "name"), ("models", j, "name")),
            )


def _consumers(settings: Settings) -> Iterator[Conflict]:
    by_name = {model.name: index for index, model in enumerate(settings.models)}
    names = tuple(("models", index, "name") for index in by_name.values())
    keys: dict[str, int] = {}
    for index, consumer in enumerate(settings.consumers):
        at = ("consumers", index)
        if consumer.name in by_name:
            message = f"must differ from the models' names; models[{by_name[consumer.name]}] has this name"
            yield Conflict((*at, "name"), message, names)
        for position, name in enumerate(consumer.models or ()):
            model = by_name.get(name)
            if model is None:
                yield Conflict((*at, "models", position), "must be the name of a model of this stack", names)
            elif (mode := settings.models[model].access.mode) != "key-auth":
                message = f"must be a model with access.mode key-auth; models[{model}] has {mode}"
                yield Conflict((*at, "models", position), message, (("models", model, "access", "mode"), *names))
        if consumer.key:
            first = keys.setdefault(consumer.key.get_secret_value(), index)
            if first != index:
                yield Conflict((*at, "key"), f"must be unique; consumers[{first}] has this key too")
