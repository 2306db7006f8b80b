"""Arguments of a component as its state and policies see them."""

from typing import Any

import pulumi

from .arguments import KongCachedRouteArgs


def properties(args: KongCachedRouteArgs) -> Any:
    """Names in camelCase, as other languages give them, and every secret a secret."""
    hidden: dict[str, Any] = {**args}
    if "upstream_headers" in args:
        hidden["upstream_headers"] = pulumi.Output.secret({**args["upstream_headers"]})
    if "edge" in args:
        secrets = {
            name: pulumi.Output.secret(value) for name, value in args["edge"].items() if name != "client_certificate"
        }
        hidden["edge"] = {**args["edge"], **secrets}
    return _camel(hidden)


def _camel(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    words = {name: name.split("_") for name in value}
    return {
        first + "".join(word.capitalize() for word in rest): _camel(value[name])
        for name, (first, *rest) in words.items()
    }
