"""Checks of ModelRouter's arguments: names, and every value that could lead a request to the wrong model.

Called when the component is made, for what is known then, and again with the resolved values of the services.
"""

import re
from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import urlsplit

from .. import validation
from ..gateway.arguments import AccessMode, KongCachedRouteArgs
from ..pool.arguments import AFFINITY_HEADER
from ..prediction_key import KEY_HEADER, KEY_HEADERS
from .arguments import (
    MODEL_POINTER,
    MODELS_PATH,
    FallbackArgs,
    ModelRouterArgs,
    RoutedModelArgs,
    RoutedServiceArgs,
    RoutedVersionArgs,
)
from .render import MODEL_HEADER

COMPONENT = "ModelRouter"

_NAME = re.compile(r"[A-Za-z0-9._:/@-]{1,128}")
_NAMED = "must be 1 to 128 letters, digits and . _ : / @ -"
_POINTER = re.compile(r'(?:/(?:[^~/"\\\x00-\x1f\x7f]|~[01]){1,64}){1,8}')
_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NOT_A_MODELS = {
    KEY_HEADER.lower(),
    MODEL_HEADER.lower(),
    AFFINITY_HEADER.lower(),
    *KEY_HEADERS,
    "accept-encoding",
    "apikey",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "kong-debug",
    "pragma",
    "proxy-authorization",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-model-version",
    "x-origin-verify",
}


def check_arguments(args: ModelRouterArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
    validation.check_known(COMPONENT, "", args, frozenset(ModelRouterArgs.__annotations__))
    if not args.get("services"):
        raise validation.ArgumentError(COMPONENT, "services", "must name at least one model")
    for model, service in args["services"].items():
        validation.check_name(COMPONENT, "services", model)
        validation.check_known(COMPONENT, f"services {model} ", service, frozenset(RoutedServiceArgs.__annotations__))
    _check_paths(args)
    _check_numbers("max_body_bytes", args.get("max_body_bytes"), 1, 1_048_576)
    if not _POINTER.fullmatch(args.get("model_pointer", MODEL_POINTER)):
        allowed = "must be a JSON pointer (RFC 6901) such as /model, of 1 to 8 names without quotes and backslashes"
        raise validation.ArgumentError(COMPONENT, "model_pointer", allowed)
    models = args.get("models")
    if models is not None and not models:
        raise validation.ArgumentError(COMPONENT, "models", "must have at least one name, or be left out")
    names = [model.get("name") for model in models or []]
    for model in models or []:
        _check_model(model, args)
    for twice in sorted({name for name in names if names.count(name) > 1}):
        raise validation.ArgumentError(COMPONENT, "models", f"has {twice} twice")
    _check_model_header(args)


def check_services(args: ModelRouterArgs, routed: set[str], known: Mapping[str, Mapping[str, Any]]) -> None:
    """The resolved `path`, `endpoint` and `upstream` of each service. Raises ArgumentError."""
    taken = {*args["paths"], args.get("models_path", MODELS_PATH)}
    for model, values in known.items():
        if values["path"] in taken:
            raise validation.ArgumentError(COMPONENT, "paths", f"has {values['path']}, the path of the model {model}")
    if args.get("model_header") is None:
        return
    on_server: dict[str, str] = {}
    for model in sorted(routed):
        server = known[model]["upstream"] or _server(known[model]["endpoint"])
        other = on_server.setdefault(server, model) if server else model
        if other != model and not _same_callers(args, other, model):
            raise validation.ArgumentError(
                COMPONENT,
                "model_header",
                f"cannot be used with {other} and {model}, which have one server and different callers: "
                "a body that is not looked into may name either",
            )


def path_of(route: KongCachedRouteArgs) -> Any:
    """The model's own path."""
    return route.get("path") or f"/{route['model']}/predict"


def is_keyed(route: KongCachedRouteArgs) -> bool:
    """Whether the model asks for a consumer's key."""
    return AccessMode((route.get("access") or {}).get("mode", AccessMode.KEY_AUTH)) is AccessMode.KEY_AUTH


def _check_paths(args: ModelRouterArgs) -> None:
    paths, models_path = args.get("paths"), args.get("models_path", MODELS_PATH)
    if not paths:
        raise validation.ArgumentError(COMPONENT, "paths", "must have at least one path")
    for path in (*paths, models_path):
        validation.check_path(COMPONENT, path)
        if path.startswith("/-/"):
            raise validation.ArgumentError(
                COMPONENT, "paths", "may not begin with /-/, where the gateway's nodes ask each other"
            )
    for twice in sorted({path for path in (*paths, models_path) if [*paths, models_path].count(path) > 1}):
        raise validation.ArgumentError(COMPONENT, "paths", f"has {twice} twice, or it is models_path, too")


def _check_model(model: RoutedModelArgs, args: ModelRouterArgs) -> None:
    name = model.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise validation.ArgumentError(COMPONENT, "models[].name", _NAMED)
    argument = f"models {name} "
    validation.check_known(COMPONENT, argument, model, frozenset(RoutedModelArgs.__annotations__))
    versions, fallback = model.get("versions") or [], model.get("fallback")
    if not versions:
        raise validation.ArgumentError(COMPONENT, f"{argument}versions", "must have at least one model")
    for version in versions:
        validation.check_known(
            COMPONENT, f"{argument}versions[].", version, frozenset(RoutedVersionArgs.__annotations__)
        )
        _check_numbers(f"{argument}versions[].weight", version.get("weight"), 0, 65_535)
    if fallback is not None:
        validation.check_known(COMPONENT, f"{argument}fallback.", fallback, frozenset(FallbackArgs.__annotations__))
    answering = [version.get("model") for version in versions]
    for part in (*versions, *([fallback] if fallback else [])):
        if part.get("model") not in args["services"]:
            raise validation.ArgumentError(COMPONENT, argument.strip(), f"names {part.get('model')}, which is no model")
        served = part.get("served_name")
        if served is not None and not _NAME.fullmatch(served):
            raise validation.ArgumentError(COMPONENT, f"{argument}served_name", _NAMED)
    for twice in sorted({each for each in answering if answering.count(each) > 1}, key=str):
        raise validation.ArgumentError(COMPONENT, f"{argument}versions", f"has {twice} twice")
    if all(version.get("weight") == 0 for version in versions):
        raise validation.ArgumentError(COMPONENT, f"{argument}versions", "must have one with a weight over 0")
    if fallback is not None:
        if fallback["model"] in answering:
            raise validation.ArgumentError(COMPONENT, f"{argument}fallback", "must be none of the versions")
        if not any("upstream" in args["services"][str(each)] for each in answering):
            needed = "needs a version with a pool: of other models the gateway does not know whether they are up"
            raise validation.ArgumentError(COMPONENT, f"{argument}fallback", needed)
    _check_alike(argument, [*answering, *([fallback["model"]] if fallback else [])], args)


def _check_alike(argument: str, models: list[Any], args: ModelRouterArgs) -> None:
    """A caller has no say in which of them it gets."""
    first, *others = models
    for other in others:
        a, b = args["services"][first]["route"], args["services"][other]["route"]
        is_alike = _same_callers(args, first, other) or (is_keyed(a) and is_keyed(b) and args.get("callers") is None)
        if not is_alike:
            raise validation.ArgumentError(
                COMPONENT, argument.strip(), f"has {first} and {other}, which have different callers"
            )
        for name, default in (("hosts", []), ("https_only", False)):
            if (a.get(name) or default) != (b.get(name) or default):
                raise validation.ArgumentError(
                    COMPONENT, argument.strip(), f"has {first} and {other}, whose {name} differ"
                )


def _check_model_header(args: ModelRouterArgs) -> None:
    header: Optional[str] = args.get("model_header")
    if header is None:
        return
    keyed = {
        str(name).lower()
        for service in args["services"].values()
        for names in (
            (service["route"].get("cache") or {}).get("key_headers") or [],
            (service["route"].get("access") or {}).get("credential_headers") or [],
        )
        for name in names
    }
    if not _HEADER.fullmatch(header) or header in _NOT_A_MODELS | keyed:
        allowed = "must be the name of a header in lower case, such as x-model, that has no other meaning already"
        raise validation.ArgumentError(COMPONENT, "model_header", allowed)


def _check_numbers(argument: str, value: Any, low: int, high: int) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (is_number and low <= value <= high and value == int(value)):
        raise validation.ArgumentError(COMPONENT, argument, f"must be a whole number from {low} to {high}")


def _same_callers(args: ModelRouterArgs, one: str, other: str) -> bool:
    routes = [args["services"][model]["route"] for model in (one, other)]
    modes = {AccessMode((route.get("access") or {}).get("mode", AccessMode.KEY_AUTH)) for route in routes}
    if len(modes) > 1 or modes != {AccessMode.KEY_AUTH}:
        return len(modes) == 1
    callers = args.get("callers")
    return callers is not None and all((one in models) == (other in models) for models in callers.values())


def _server(endpoint: Optional[str]) -> Optional[str]:
    return urlsplit(endpoint).netloc.lower() if endpoint else None
