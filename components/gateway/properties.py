"""Arguments of a component as its state and policies see them."""

from typing import Any

import pulumi

from ..camel_case import camel_case
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
    return camel_case(hidden)
