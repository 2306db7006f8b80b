"""Rules about the router: its paths, and the names that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from .callers import caller_of_one_alone
from .conflict import Conflict
from .models import ModelSettings, Settings
from .problems import Path
from .router_models import RoutedModelSettings, RouterSettings

_ROUTER = ("router",)
_EDGE = ("edge", "provider")
_AT_NAMES = ("router", "models")
_OWN_PATHS = "/-/"
_CONSUMERS: Path = ("consumers",)


def router_conflicts(settings: Settings) -> Iterator[Conflict]:
    """Conflicts within ``router``, and with the models, consumers and edge of the stack."""
    router = settings.router
    if router is None:
        return
    if settings.edge.provider != "none":
        message = (
            f"must be left out with edge.provider {settings.edge.provider}: the router's entry path is not behind "
            "an edge: callers would reach the models past it; give the router a stack of its own"
        )
        yield Conflict(_ROUTER, message, (_EDGE,))
    yield from _paths(router, settings)
    by_name = {model.name: model for model in settings.models}
    for index, routed in enumerate(router.models or ()):
        yield from _name((*_AT_NAMES, index), routed, by_name, settings)
    yield from _unique_names(router)
    yield from _model_header(router, settings)


def _paths(router: RouterSettings, settings: Settings) -> Iterator[Conflict]:
    paths, models_path = ("router", "paths"), ("router", "modelsPath")
    if router.models_path in router.paths:
        message = f"must be none of paths; paths[{router.paths.index(router.models_path)}] is the same"
        yield Conflict(models_path, message, (paths,))
    own = {(*paths, index): path for index, path in enumerate(router.paths)} | {models_path: router.models_path}
    for at, path in own.items():
        if path.startswith(_OWN_PATHS):
            yield Conflict(at, "may not begin with /-/, where the gateway's nodes ask each other")
    for index, model in enumerate(settings.models):
        for at, path in own.items():
            if path == model.route.path:
                message = f"must differ from the paths of the models; models[{index}] has this one for itself"
                yield Conflict(at, message, (("models", index, "route"), ("models", index, "name")))


def _unique_names(router: RouterSettings) -> Iterator[Conflict]:
    names = [routed.name for routed in router.models or ()]
    for index, name in enumerate(names):
        if (first := names.index(name)) != index:
            message = f"must be unique; router.models[{first}] has this name too"
            yield Conflict((*_AT_NAMES, index, "name"), message, ((*_AT_NAMES, first, "name"),))


def _name(
    at: Path, routed: RoutedModelSettings, by_name: dict[str, ModelSettings], settings: Settings
) -> Iterator[Conflict]:
    versions, fallback = (*at, "versions"), (*at, "fallback", "model")
    chosen = [version.model for version in routed.versions]
    if not any(version.weight for version in routed.versions):
        yield Conflict(versions, "must have a weight above 0: no caller would get a version")
    for index, name in enumerate(chosen):
        if (first := chosen.index(name)) != index:
            message = f"must be unique; versions[{first}] is this model too"
            yield Conflict((*versions, index, "model"), message, ((*versions, first, "model"),))
    answering: dict[Path, str] = {(*versions, index, "model"): name for index, name in enumerate(chosen)}
    if routed.fallback is not None:
        answering[fallback] = routed.fallback.model
        if routed.fallback.model in by_name:
            yield from _fallback(fallback, routed.fallback.model, chosen, settings)
    for place, name in answering.items():
        if name not in by_name:
            at_models = tuple(("models", index, "name") for index in range(len(settings.models)))
            yield Conflict(place, "must be the name of a model of this stack", at_models)
    known = {place: by_name[name] for place, name in answering.items() if name in by_name}
    yield from _alike(known, settings)


def _fallback(at: Path, name: str, chosen: list[str], settings: Settings) -> Iterator[Conflict]:
    versions = (*at[:-2], "versions")
    pooled = {model.name: model.pool is not None for model in settings.models}
    if name in chosen:
        message = f"must be none of versions; versions[{chosen.index(name)}] is this model"
        yield Conflict(at, message, (versions,))
    elif not any(pooled.get(version, True) for version in chosen):
        message = "needs a version with a pool: only of pools it is known whether a replica is healthy"
        models = tuple(("models", index) for index in range(len(settings.models)))
        yield Conflict(at, message, (versions, *models))


def _alike(answering: dict[Path, ModelSettings], settings: Settings) -> Iterator[Conflict]:
    """A caller has no say in which of them it gets: all of them let it in, or none."""
    first = next(iter(answering.values()), None)
    for at, other in answering.items():
        if first is None or other is first:
            continue
        if other.access.mode != first.access.mode:
            what = f"access.mode {first.access.mode}, as {first.name} has"
        elif (alone := caller_of_one_alone(first, other, settings)) is not None:
            what = f"the callers of {first.name}, but consumers[{alone}] may call only one of them"
        elif other.route.hosts != first.route.hosts:
            what = f"the route.hosts of {first.name}"
        elif other.route.https_only != first.route.https_only:
            what = f"the route.httpsOnly of {first.name}"
        else:
            continue
        message = f"must be a model with {what}: a caller has no say in which of them it gets"
        places = [index for index, model in enumerate(settings.models) if model is first or model is other]
        decided_by = [path for index in places for path in _decides(index)]
        yield Conflict(at, message, (*decided_by, _CONSUMERS, (*at[:3], "versions")))


def _model_header(router: RouterSettings, settings: Settings) -> Iterator[Conflict]:
    header, at = router.model_header, ("router", "modelHeader")
    if header is None:
        return
    for index, model in enumerate(settings.models):
        found = {"keyHeaders": model.cache.key_headers, "credentialHeaders": model.access.credential_headers}
        for key, names in found.items():
            if header in names:
                message = f"must be none of the models' headers; {key} of models[{index}] has it"
                yield Conflict(at, message, (("models", index),))
    routed = {version.model for name in router.models or () for version in (*name.versions, name.fallback) if version}
    models = [one for one in enumerate(settings.models) if not router.models or one[1].name in routed]
    on_server: dict[tuple[str, str], tuple[int, ModelSettings]] = {}
    for index, model in models:
        server = _server(model)
        first, one = on_server.setdefault(server, (index, model)) if server else (index, model)
        if one.access.mode != model.access.mode or caller_of_one_alone(one, model, settings) is not None:
            message = (
                f"must be left out with models[{first}] and models[{index}], which have one server and different "
                "callers: a body that is not looked into may name either"
            )
            yield Conflict(at, message, (*_decides(first), *_decides(index), _CONSUMERS))


def _decides(index: int) -> tuple[Path, ...]:
    return tuple(("models", index, section) for section in ("name", "access", "route", "endpoint", "pool"))


def _server(model: ModelSettings) -> tuple[str, str] | None:
    if model.pool is not None:
        return "pool", model.pool.name
    return ("server", urlsplit(model.endpoint).netloc.lower()) if model.endpoint else None
