"""Renders the Lua of the model router, as Kong's pre-function and post-function take it.

    settings = RouterSettings(paths=("/v1/chat/completions",), names=(RoutedName("gpt-x", (Version("chat"),)),), ...)
    kong.Plugin(..., name="pre-function", config_json=json.dumps(entry_phases(settings, secret)))

Pure text in, text out.
"""

import dataclasses
from typing import Any

from .. import lua
from ..lua import Phases
from ..pool.arguments import AFFINITY_HEADER
from ..prediction_key.render import MAX_DEPTH
from .arguments import WEIGHT

MODEL_HEADER = "Xpredictionmodel"  # no '-' and no '_', so that no other spelling can stand beside it


def routing_value(model: str, secret: str) -> str:
    """What the header says for a model: nothing that a client could send where the function does not run.

    Kong compares it without case, and would read one that begins with ~* as a pattern.
    """
    return f"{model}.{secret}"


@dataclasses.dataclass(frozen=True)
class Version:
    """A model that answers for a name. `served_name`: what the body asks the model server for, None as it was sent."""

    model: str
    weight: int = WEIGHT
    served_name: str | None = None

    def lua_values(self) -> dict[str, Any]:
        """As the deployed Lua has it."""
        served = {} if self.served_name is None else {"served_name": self.served_name}
        return {"model": self.model, "weight": self.weight, **served}


@dataclasses.dataclass(frozen=True)
class RoutedName:
    """What callers ask for, and who answers."""

    name: str
    versions: tuple[Version, ...]
    fallback: Version | None = None

    def lua_values(self) -> dict[Any, Any]:
        """As the deployed Lua has it: those that get requests in a row, by model, whatever their order was."""
        weighty = sorted((each for each in self.versions if each.weight), key=lambda each: each.model)
        values: dict[Any, Any] = {at: each.lua_values() for at, each in enumerate(weighty, 1)}
        return values if self.fallback is None else {**values, "fallback": self.fallback.lua_values()}


@dataclasses.dataclass(frozen=True)
class RouterSettings:
    """What the deployed Lua needs to know. `upstreams`: Kong's upstreams by model; `keyed`: models with key-auth;
    `callers`: the keyed models of each consumer, None when nobody told."""

    paths: tuple[str, ...]
    models_path: str
    model_pointer: str
    model_header: str | None
    max_body_bytes: int
    names: tuple[RoutedName, ...]
    keyed: frozenset[str]
    upstreams: dict[str, str]
    callers: dict[str, list[str]] | None = None

    @property
    def pointer(self) -> list[str]:
        """The names on the way to the model's, unescaped (RFC 6901)."""
        return [name.replace("~1", "/").replace("~0", "~") for name in self.model_pointer.split("/")[1:]]


def entry_phases(settings: RouterSettings, secret: str) -> Phases:
    """The phases of the gateway's pre-function: names the model of a request for Kong's router. It holds the secret."""
    versions = [each for name in settings.names for each in (*name.versions, name.fallback) if each]
    models: dict[str, dict[str, Any]] = {}
    for model in sorted({each.model for each in versions}):
        models[model] = {"route": routing_value(model, secret)}
        if model in settings.keyed:
            models[model]["keyed"] = True
        if model in settings.upstreams:
            models[model]["upstream"] = settings.upstreams[model]
    values = {
        "routing_header": MODEL_HEADER,
        "affinity_header": AFFINITY_HEADER,
        "paths": {path: True for path in settings.paths},
        "models_path": settings.models_path,
        "pointer": settings.pointer,
        "max_body_bytes": settings.max_body_bytes,
        "max_depth": MAX_DEPTH,
        "exclude": {},
        "keyed": bool(settings.keyed),
        "names": {name.name: name.lua_values() for name in settings.names},
        "models": models,
    }
    sources = ["prediction_key/canonical", "router/value_at", "router/choose_version", "metrics/metric"]
    return {
        "rewrite": [lua.chunk(_with_header(values, settings), *sources, "router/route_by_model")],
        "access": [lua.chunk({"C": {"routing_header": MODEL_HEADER}}, "router/after_routing")],
    }


def directory_phases(settings: RouterSettings) -> Phases:
    """The phases of the directory's post-function: answers what was not routed, and lists the models."""
    lists, callers, others = _lists(settings)
    values = {
        "pointer_text": settings.model_pointer,
        "param": ".".join(settings.pointer),
        "max_body_bytes": settings.max_body_bytes,
        "lists": lists,
        "callers": callers,
        "others": others,
    }
    return {
        "access": [lua.chunk(_with_header(values, settings), "router/directory")],
        "log": [lua.chunk({"C": {}}, "metrics/metric", "router/directory_log")],
    }


def _with_header(values: dict[str, Any], settings: RouterSettings) -> dict[str, Any]:
    return {"C": values if settings.model_header is None else {**values, "header": settings.model_header}}


def _lists(settings: RouterSettings) -> tuple[list[list[str]], dict[str, int], int]:
    """The lists of names that callers are told, each once; by consumer, and for all others, which of them."""
    answering = {name.name: {each.model for each in name.versions if each.weight} for name in settings.names}

    def told(models: frozenset[str]) -> tuple[str, ...]:
        return tuple(sorted(name for name, used in answering.items() if used & settings.keyed <= models))

    others = told(settings.keyed if settings.callers is None else frozenset())
    by_caller = {caller: told(frozenset(models)) for caller, models in sorted((settings.callers or {}).items())}
    places = {names: at for at, names in enumerate(dict.fromkeys([others, *by_caller.values()]), 1)}
    return (
        [[*names] for names in places],
        {caller: places[names] for caller, names in by_caller.items()},
        places[others],
    )
